// SPDX-License-Identifier: MIT
import CRealtime
import ContinuoRealtime
import Foundation
import Testing

/// The whole callback, from the trampoline that JACK calls, on every path: under RealtimeSanitizer
/// (`make rtsan`) anything that may block ends the run with its stack. Elsewhere these are tests of
/// what each path does.
@Suite struct RealtimeSafetyTests {
  @Test func `the sanitizer watches exactly when it was asked for`() {
    let isWanted = ProcessInfo.processInfo.environment["CONTINUO_SANITIZER"] == "realtime"
    #expect(continuo_has_realtime_sanitizer() == (isWanted ? 1 : 0))
  }

  @Test func `locking in the callback ends the run exactly under the sanitizer`() async {
    let expected: ExitTest.Condition = continuo_has_realtime_sanitizer() == 1 ? .failure : .success
    await #expect(processExitsWith: expected) {
      let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
      pthread_mutex_init(lock, nil)
      var context = continuo_process_context(
        cycle: { _, lock in pthread_mutex_lock(lock.assumingMemoryBound(to: pthread_mutex_t.self))
        },
        context: lock)
      _ = continuo_process(64, &context)
      exit(0)
    }
  }

  @Test func `eight ports, a pattern, thru and a moving song`() throws {
    let rig = CycleRig(ports: 8)
    try load(rig, notes: 200)
    #expect(rig.engine.send(.thru(.always, ports: 0xFF)))
    let master = FakeTimebase([(1, 120, 4, 4), (3, 97.3, 7, 8)], ticks: .rounded, rate: 48_000)
    for cycle in 0..<400 {
      for port in rig.inputs.indices {
        rig.inputs[port].add(UInt32(port), [0x90, UInt8(cycle % 128), 1])
        rig.inputs[port].add(UInt32(port + 9), [0x80, UInt8(cycle % 128), 1])
      }
      rig.inputs[3].add(40, [0xF0] + [UInt8](repeating: 9, count: 3000) + [0xF7])
      rig.turn(1024, master.transport(at: UInt32(cycle * 1024)))
      step(rig, 1024)
      if cycle % 10 == 0 { _ = rig.captured() }
    }
    #expect(rig.engine.counters[.played] > 400)
    #expect(rig.engine.counters[.captured] == 400 * 17)
  }

  @Test func `a capture ring that overflows`() {
    let rig = CycleRig(captureCapacity: 16)
    for _ in 0..<50 {
      for key in 0..<40 { rig.inputs[0].add(UInt32(key), [0x90, UInt8(key), 1]) }
      rig.inputs[0].add(50, [0xF0] + [UInt8](repeating: 9, count: 5000) + [0xF7])
      rig.turn(64, Transport())
      step(rig, 64)
    }
    #expect(rig.engine.counters[.captureDropped] == 50 * 41 - 16)
  }

  @Test func `a port that is full, missing, or too small for a message`() throws {
    let rig = CycleRig()
    try load(rig, notes: 400)
    #expect(rig.engine.send(.thru(.always, ports: 1)))
    let master = FakeTimebase([(1, 120, 4, 4)], ticks: .truncated, rate: 48_000)
    var cycle: UInt32 = 0
    for room in [0, 2, 3, 10, 100, 5000, 0] {
      rig.output.room = room
      for _ in 0..<20 {
        for key in UInt8(0)..<64 { rig.inputs[0].add(1, [0x91, key, 1]) }
        rig.inputs[0].add(2, [0xF0] + [UInt8](repeating: 9, count: 2000) + [0xF7])
        rig.inputs[0].add(3, [0xB0, 64, 127])
        for key in UInt8(0)..<64 { rig.inputs[0].add(4, [0x81, key, 1]) }
        rig.hasOutput = cycle % 7 != 0
        rig.turn(1024, master.transport(at: cycle * 1024))
        step(rig, 1024)
        cycle += 1
      }
    }
    #expect(rig.engine.counters[.playDelayed] > 0)
    #expect(rig.engine.counters[.playLost] > 0)
  }

  @Test func `more notes than can sound, and more events than a cycle takes`() throws {
    let rig = CycleRig()
    try load(rig, notes: 20_000)
    let master = FakeTimebase([(1, 120, 4, 4)], ticks: .double, rate: 48_000)
    for cycle in 0..<40 {
      for key in 0..<9000 { rig.inputs[0].add(0, [0x90, UInt8(key % 128), 1]) }
      rig.turn(4096, master.transport(at: UInt32(cycle * 4096)))
      step(rig, 4096)
      _ = rig.captured()
    }
    #expect(rig.engine.counters[.playRefused] > 0)
  }

  @Test func `every command, also when no more can be retired`() throws {
    let rig = CycleRig()
    let master = FakeTimebase([(1, 120, 4, 4)], ticks: .double, rate: 48_000)
    for cycle in 0..<60 {
      let commands: [RealtimeCommand] = [
        .start(slot: cycle % 8, at: .now, anchor: nil, loops: true),
        .start(slot: cycle % 8, at: .patternEnd, anchor: 0, loops: false), .stop(at: .bar),
        .thru(.unlessPlaying, ports: 1), .endThru, .timebase(.ardour), .timebase(.unknown),
        .silence, .runFree(start: 1, quartersPerMinute: 99, beatsPerBar: 3, beatUnit: 8),
        .followTransport,
      ]
      #expect(rig.engine.send(commands[cycle % commands.count]))
      for slot in 0..<8 { try load(rig, notes: 3, slot: slot, starts: false) }
      rig.turn(256, master.transport(at: UInt32(cycle * 256)))
      step(rig, 256)
      // Never collected while 60 × 8 loadings come: 1024 fit, the rest would wait.
    }
    #expect(rig.engine.collectRetired() == 60 * 8 - 8)
  }

  @Test func `xruns, other servers, jumps, loops and masters that make no sense`() throws {
    let rig = CycleRig()
    try load(rig, notes: 100)
    var random = Seeded(1)
    let ardour = FakeArdour([(1, 4, 4), (3, 6, 8)], bpm: 100)
    for cycle in 0..<600 {
      var transport = ardour.transport(at: UInt32(cycle * 256))
      switch random.below(12) {
      case 0: rig.miss(256)
      case 1: rig.engine.serverRestarted()
      case 2: transport = ardour.transport(at: UInt32(random.below(1_000_000)))
      case 3: transport.beatsPerMinute = .nan
      case 4: transport.bar = .max
      case 5: transport.hasBBT = false
      case 6: transport.rolling = false
      case 7: rig.sampleRate = [48_000, 44_100][random.below(2)]
      case 8: rig.counter &-= 1000
      default: break
      }
      rig.turn(256, transport, freewheel: cycle % 50 == 0)
      step(rig, 256)
    }
    #expect(rig.engine.counters[.cycles] == 600)
  }

  private func step(_ rig: CycleRig, _ frames: UInt32) {
    for port in rig.inputs { port.clear() }
    rig.counter &+= frames
    rig.frame += UInt64(frames)
  }

  private func load(_ rig: CycleRig, notes: Int, slot: Int = 0, starts: Bool = true) throws {
    let events = (0..<notes).map { index in
      let at = 4 * Double(index) / Double(notes)
      let note = ShortMessage(0x90 | UInt8(index % 16), UInt8(index % 128), 90)
      return PatternProgram.Event(at: at, end: at + 3, noteOn: note, release: 64)
    }
    let pedal = PatternProgram.Event(at: 0, message: ShortMessage(0xB0, 64, 127))
    let program = try PatternProgram(
      identity: UInt64(slot + 1), length: 4, events: events + [pedal],
      longMessages: [(0.5, [0xF0] + [UInt8](repeating: 3, count: 300) + [0xF7])])
    #expect(rig.engine.load(program, into: slot))
    if starts {
      #expect(rig.engine.send(.start(slot: slot, at: .now, anchor: 0, loops: true)))
    }
  }
}
