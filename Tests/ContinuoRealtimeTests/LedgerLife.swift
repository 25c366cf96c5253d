// SPDX-License-Identifier: MIT
import ContinuoRealtime

/// An engine, a port with a watch on it, and random events for both.
struct LedgerLife {
  private let rig = CycleRig(ports: 2, captureCapacity: 1024, slots: 1 << 14, bytes: 1 << 17)
  private let programs: [PatternProgram]
  private(set) var watch = PortWatch()
  private var random = Seeded(0)
  private var at: UInt32 = 0
  private var rolling = false
  private var masters: [FakeTimebase]
  private var master = 0
  private var period: UInt32 = 256
  /// Cycles for which nothing leaves while more comes in than can wait.
  private var floods = 0

  init(_ programs: [PatternProgram]) {
    self.programs = programs
    masters = FakeTimebase.Ticks.allCases.flatMap { ticks in
      [120.0, 97.3, 260].map {
        FakeTimebase([(1, $0, 4, 4), (3, $0 * 0.7, 3, 4)], ticks: ticks, rate: 48_000)
      }
    }
  }

  /// Patterns with everything that can hang: unisons, notes past the end, pedals, bends, SysEx.
  static func programs() throws -> [PatternProgram] {
    var random = Seeded(4711)
    return try (0..<24).map { number in
      let length = [0.25, 1, 2, 4][random.below(4)]
      var events: [PatternProgram.Event] = []
      for _ in 0..<random.below(number % 5 == 0 ? 300 : 24) {
        let at = length * Double(random.below(64)) / 64
        let channel = UInt8(random.below(3))
        switch random.below(8) {
        case 0:
          let pedal = [UInt8(64), 66, 69][random.below(3)]
          events.append(
            .init(
              at: at, message: ShortMessage(0xB0 | channel, pedal, UInt8(random.below(2) * 127))))
        case 1:
          events.append(
            .init(
              at: at,
              message: ShortMessage(0xE0 | channel, 0, UInt8([0, 0x40, 0x7F][random.below(3)]))))
        default:
          events.append(
            .init(
              at: at, end: at + Double(random.below(40)) / 8,
              noteOn: ShortMessage(0x90 | channel, UInt8(60 + random.below(6)), 90), release: 64))
        }
      }
      let long: [(at: Double, bytes: [UInt8])] =
        number % 4 == 0 ? [(0, [0xF0] + [UInt8](repeating: 1, count: 40) + [0xF7])] : []
      return try PatternProgram(
        identity: UInt64(number + 1), length: length, events: events, longMessages: long)
    }
  }

  /// Lives `steps` cycles from `seed`, then falls silent; what was wrong, or nil.
  mutating func live(seed: UInt64, steps: Int) -> String? {
    random = Seeded(seed)
    for _ in 0..<steps {
      if random.below(3) == 0 { command() }
      if random.below(4) == 0 { happen() }
      play()
      rig.output.room = [.max, .max, .max, 0, 2, 3, 7, 30][random.below(8)]
      if random.below(500) == 0 { floods = 6 }
      if floods > 0 { flood() }
      turn()
      if let fault = watch.fault { return fault }
    }
    rig.output.room = .max
    rig.hasOutput = true
    guard rig.engine.send(.silence) else { return "the command ring is full" }
    floods = 0
    for _ in 0..<6 { turn() }
    watch.expectRest()
    while rig.engine.nextCaptured() != nil {}
    rig.engine.collectRetired()
    if let fault = watch.fault { return fault }
    if rig.engine.counters[.pending] != 0 { return "something still waits" }
    if rig.engine.counters[.sounding] != 0 { return "the engine believes that notes sound" }
    return nil
  }

  private mutating func turn() {
    let transport = masters[master].transport(at: at, rolling: rolling)
    rig.turn(period, transport)
    watch.take(rig.output, at: rig.frame)
    for port in rig.inputs { port.clear() }
    rig.output.clear()
    rig.counter &+= period
    rig.frame += UInt64(period)
    if rolling { at &+= period }
  }

  private mutating func command() {
    let slot = random.below(8)
    let quantum = Quantum.allCases[random.below(4)]
    let engine = rig.engine
    switch random.below(14) {
    case 0...3: _ = engine.load(programs[random.below(programs.count)], into: slot)
    case 4...6:
      let anchor: Double? = [nil, 0, 1.5, -3][random.below(4)]
      _ = engine.send(
        .start(slot: slot, at: quantum, anchor: anchor, loops: random.below(4) != 0))
    case 7: _ = engine.send(.stop(at: quantum))
    case 8: _ = engine.clear(slot)
    case 9, 10:
      let mode = ThruMode.allCases[random.below(3)]
      _ = engine.send(.thru(mode, ports: UInt64(random.below(4))))
    case 11: _ = engine.send([.silence, .endThru][random.below(2)])
    case 12:
      _ = engine.send(
        .runFree(
          start: Double(random.below(8)), quartersPerMinute: 90 + Double(random.below(200)),
          beatsPerBar: 1 + random.below(7), beatUnit: 4))
    default:
      _ = engine.send([.followTransport, .timebase(.ardour), .timebase(.unknown)][random.below(3)])
    }
  }

  /// Something happens to the transport or the server.
  private mutating func happen() {
    switch random.below(12) {
    case 0...3: rolling = random.below(4) != 0
    case 4: at = UInt32(random.below(400_000))
    case 5: at = at > 100_000 ? at - 96_000 : 0
    case 6: master = random.below(masters.count)
    case 7: period = [16, 64, 256, 1024][random.below(4)]
    case 8:
      rig.miss(period)
      if random.below(2) == 0 { at &+= period }
    case 9:
      rig.engine.serverRestarted()
      rig.counter = UInt32(truncatingIfNeeded: random.next())
    case 10: rig.hasOutput.toggle()
    default: rig.sampleRate = [48_000, 44_100][random.below(2)]
    }
    if random.below(2) == 0 { rig.hasOutput = true }
  }

  /// Fills the waiting queue: a port that takes nothing, and hands that do not stop.
  private mutating func flood() {
    floods -= 1
    rig.output.room = 0
    for _ in 0..<1500 {
      let status = [UInt8(0x90), 0x90, 0x80, 0x80, 0xB0, 0xB0, 0xE0][random.below(7)]
      let number = status == 0xB0 ? UInt8(64 + random.below(3)) : UInt8(60 + random.below(6))
      rig.inputs[0].add(
        period - 1, [status | UInt8(random.below(3)), number, UInt8(random.below(128))])
    }
  }

  /// The musician's hands and feet.
  private mutating func play() {
    for port in rig.inputs where random.below(3) == 0 {
      var time: UInt32 = 0
      for _ in 0..<random.below(8) {
        time = min(time + UInt32(random.below(Int(period) / 2 + 1)), period - 1)
        let channel = UInt8(random.below(3))
        let key = UInt8(60 + random.below(6))
        switch random.below(10) {
        case 0...3: port.add(time, [0x90 | channel, key, 99])
        case 4...6: port.add(time, [[0x80, 0x90][random.below(2)] | channel, key, 0])
        case 7:
          port.add(
            time, [0xB0 | channel, [64, 66, 69][random.below(3)], UInt8(random.below(128))])
        case 8:
          port.add(time, [0xE0 | channel, UInt8(random.below(128)), UInt8(random.below(128))])
        default: port.add(time, [0xF0, 1, 2, 3, 4, 5, 6, 7, 0xF7])
        }
      }
    }
  }
}
