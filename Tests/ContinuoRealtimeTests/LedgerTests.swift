// SPDX-License-Identifier: MIT
import ContinuoRealtime
import Foundation
import Testing

/// Random lives of the engine: whatever is asked for, played, jumped over or refused by the port,
/// each note-on that leaves gets exactly one note-off, and after silence everything is at rest.
///
/// `CONTINUO_LEDGER_SEQUENCES` sets how many; 10⁵ belong into a release build.
@Suite struct LedgerTests {
  static let chunks = 16
  private static let sequences: Int = {
    let words = ProcessInfo.processInfo.environment["CONTINUO_LEDGER_SEQUENCES"]
    return words.flatMap { Int($0) } ?? 4_000
  }()

  @Test(arguments: 0..<LedgerTests.chunks)
  func `whatever happens, every note-on that leaves gets exactly one note-off`(_ chunk: Int)
    throws
  {
    let programs = try LedgerLife.programs()
    let count = max(1, Self.sequences / Self.chunks)
    var life = LedgerLife(programs)
    var noteOns = 0
    for index in 0..<count {
      let seed = UInt64(chunk) << 32 | UInt64(index)
      if index % 200 == 0 {
        noteOns += life.watch.noteOns
        life = LedgerLife(programs)
      }
      guard let fault = life.live(seed: seed, steps: 40) else { continue }
      Issue.record("\(shrunk(seed, programs, fault))")
      return
    }
    noteOns += life.watch.noteOns
    // A test of silence would pass too.
    #expect(noteOns > count)
  }

  /// The shortest life of `seed` that fails on its own.
  private func shrunk(_ seed: UInt64, _ programs: [PatternProgram], _ fault: String) -> String {
    for steps in 1...40 {
      var life = LedgerLife(programs)
      if let fault = life.live(seed: seed, steps: steps) {
        return "seed \(seed), \(steps) steps: \(fault)"
      }
    }
    return "seed \(seed), only after the lives before it: \(fault)"
  }

  @Test func `what finds the port and the queue full is counted, note-offs and pedals excepted`() {
    let rig = CycleRig(slots: 1 << 15)
    #expect(rig.engine.send(.thru(.always, ports: 1)))
    var watch = PortWatch()
    rig.inputs[0].add(0, [0xB0, 64, 127])
    rig.inputs[0].add(0, [0xE0, 0, 0])
    for key in UInt8(0)..<100 { rig.inputs[0].add(0, [0x90, key, 1]) }
    cycle(rig, &watch)
    #expect(watch.sounding == 100)
    rig.output.room = 0
    for _ in 0..<7 {
      for value in 0..<1000 { rig.inputs[0].add(0, [0xB0, 1, UInt8(value % 128)]) }
      cycle(rig, &watch)
    }
    // Three quarters of the queue take what is no note-off: 6144 of 7000.
    #expect(rig.engine.counters[.playLost] == 7000 - 6144)
    for key in UInt8(0)..<100 { rig.inputs[0].add(0, [0x91, key, 1]) }
    for key in UInt8(0)..<100 { rig.inputs[0].add(1, [0x81, key, 1]) }
    for key in UInt8(0)..<100 { rig.inputs[0].add(1, [0x80, key, 1]) }
    rig.inputs[0].add(1, [0xB0, 64, 0])
    rig.inputs[0].add(1, [0xE0, 0, 0x40])
    cycle(rig, &watch)
    #expect(rig.engine.counters[.playLost] == 7000 - 6144 + 100)
    #expect(rig.engine.counters[.pending] == 1)
    rig.output.room = .max
    cycle(rig, &watch)
    watch.expectRest()
    #expect(watch.fault == nil)
    #expect(watch.noteOns == 100)
    #expect(rig.engine.counters[.pending] == 0)
  }

  @Test func `when not even note-offs fit the queue, their note-ons are taken back, and counted`()
    throws
  {
    let master = FakeTimebase([(1, 120, 4, 4)], ticks: .double, rate: 48_000)
    let rig = CycleRig(slots: 1 << 15)
    var watch = PortWatch()
    let notes = (0..<256).map { index in
      PatternProgram.Event(
        at: 0, end: 4, noteOn: ShortMessage(0x9E | UInt8(index / 128), UInt8(index % 128), 1),
        release: 64)
    }
    #expect(rig.engine.load(try PatternProgram(identity: 1, length: 64, events: notes), into: 0))
    #expect(rig.engine.send(.thru(.always, ports: 1)))
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: 0, loops: true)))
    rig.output.room = 0
    // 256 notes of the pattern and 2048 by hand wait, and controls up to the queue's share.
    for note in 0..<2048 {
      rig.inputs[0].add(0, [0x90 | UInt8(note % 14), UInt8(note / 14 % 128), 1])
    }
    cycle(rig, &watch, master.transport(at: 0))
    for index in UInt32(1)..<5 {
      for value in 0..<1000 { rig.inputs[0].add(0, [0xB0, 1, UInt8(value % 128)]) }
      cycle(rig, &watch, master.transport(at: index * 64))
    }
    let lost = rig.engine.counters[.playLost]
    #expect(lost == 4000 - (6144 - 256 - 2048))
    // The transport stops: the pattern's 256 note-offs wait, and 1792 of these 2048.
    for note in 0..<2048 {
      rig.inputs[0].add(0, [0x80 | UInt8(note % 14), UInt8(note / 14 % 128), 1])
    }
    cycle(rig, &watch, master.transport(at: 320, rolling: false))
    #expect(rig.engine.counters[.playLost] == lost + 2 * 256)
    rig.output.room = .max
    cycle(rig, &watch, master.transport(at: 320, rolling: false))
    watch.expectRest()
    #expect(watch.fault == nil)
    #expect(watch.noteOns == 2048)
    #expect(rig.engine.counters[.pending] == 0)
  }

  @Test func `without a port buffer nothing is lost and nothing stale is read`() {
    let rig = CycleRig()
    #expect(rig.engine.send(.thru(.always, ports: 1)))
    rig.hasOutput = false
    rig.inputs[0].add(3, [0x90, 60, 100])
    rig.inputs[0].add(4, [0xF0, 1, 2, 3, 4, 5, 6, 0xF7])
    rig.run(64)
    // These overwrite the bytes of the cycle before.
    rig.inputs[0].add(1, [0xB0, 1, 2])
    rig.inputs[0].add(1, [0xB0, 1, 3])
    rig.inputs[0].add(3, [0x80, 60, 100])
    rig.run(64)
    rig.hasOutput = true
    rig.run(64)
    #expect(
      rig.sent.map(\.bytes) == [
        [0x90, 60, 100], [0xF0, 1, 2, 3, 4, 5, 6, 0xF7], [0xB0, 1, 2], [0xB0, 1, 3],
        [0x80, 60, 100],
      ])
    #expect(rig.engine.counters[.playLost] == 0)
  }

  @Test func `other ports, a cut connection and missed cycles end what came in`() {
    for end in 0..<4 {
      let rig = CycleRig(ports: 2)
      #expect(rig.engine.send(.thru(.always, ports: 0b01)))
      rig.inputs[0].add(3, [0xB0, 64, 127])
      rig.inputs[0].add(3, [0x90, 60, 100])
      rig.run(64)
      var expected: [[UInt8]] = [[0x80, 60, 64], [0xB0, 64, 0]]
      switch end {
      case 0: #expect(rig.engine.send(.thru(.always, ports: 0b10)))
      case 1: #expect(rig.engine.send(.endThru))
      case 2:
        // The pedal may still be down: only notes could hang.
        rig.miss(64)
        expected = [[0x80, 60, 64]]
      default:
        rig.engine.serverRestarted()
        expected = [[0x80, 60, 64]]
      }
      #expect(rig.run(64).map(\.bytes) == expected, "case \(end)")
      #expect(rig.run(64).isEmpty)
    }
  }

  @Test func `silence and a start in one cycle keep the order of time`() throws {
    let master = FakeTimebase([(1, 120, 4, 4)], ticks: .double, rate: 48_000)
    let rig = CycleRig()
    let note = PatternProgram.Event(
      at: 0, end: 0.5, noteOn: ShortMessage(0x90, 60, 90), release: 64)
    let late = PatternProgram.Event(
      at: 0.04, end: 3, noteOn: ShortMessage(0x90, 61, 90), release: 64)
    #expect(
      rig.engine.load(try PatternProgram(identity: 1, length: 4, events: [note, late]), into: 0))
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: 0, loops: true)))
    rig.run(1024, master.transport(at: 0))
    #expect(rig.engine.send(.silence))
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: nil, loops: true)))
    let out = rig.run(64, master.transport(at: 1024))
    #expect(out.map(\.bytes) == [[0x80, 60, 64], [0x80, 61, 64], [0x90, 60, 90]])
    #expect(out.allSatisfy { $0.frame == 1024 })
    #expect(rig.output.memory.pointee.offences == 0)
  }

  @Test func `a program loaded twice lives until both loadings are retired`() throws {
    let rig = CycleRig()
    weak var watched: PatternProgram?
    do {
      let note = PatternProgram.Event(
        at: 0, end: 0.5, noteOn: ShortMessage(0x90, 60, 90), release: 64)
      let program = try PatternProgram(identity: 9, length: 4, events: [note])
      watched = program
      #expect(rig.engine.load(program, into: 0) && rig.engine.load(program, into: 1))
    }
    rig.run(64)
    #expect(rig.engine.clear(0))
    rig.run(64)
    #expect(rig.engine.collectRetired() == 1)
    #expect(watched != nil)
    #expect(rig.engine.clear(1))
    rig.run(64)
    #expect(rig.engine.collectRetired() == 1)
    #expect(watched == nil)
  }

  @Test func `the original passes again once a pattern that does not repeat is over`() throws {
    let master = FakeTimebase([(1, 120, 4, 4)], ticks: .double, rate: 48_000)
    let rig = CycleRig()
    #expect(rig.engine.load(try PatternProgram(identity: 1, length: 1, events: []), into: 0))
    #expect(rig.engine.send(.thru(.unlessPlaying, ports: 1)))
    // It waits for quarter 1, sounds until quarter 2.
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: 1, loops: false)))
    var heard: [UInt64] = []
    for cycle in 0..<300 {
      for offset in [0, 100, 200] {
        rig.inputs[0].add(UInt32(offset), [0xF8])
      }
      heard += rig.run(256, master.transport(at: UInt32(cycle * 256))).map(\.frame)
    }
    var due: [UInt64] = []
    for cycle in UInt64(0)..<300 {
      for offset in [UInt64(0), 100, 200] { due.append(cycle * 256 + offset) }
    }
    due.removeAll { $0 >= 24_000 && $0 < 48_000 }
    #expect(heard == due)
  }

  @Test func `a pattern that stops does not lift the musician's foot`() throws {
    let master = FakeTimebase([(1, 120, 4, 4)], ticks: .double, rate: 48_000)
    let rig = CycleRig()
    let pedal = PatternProgram.Event(at: 0, message: ShortMessage(0xB0, 64, 100))
    let pattern = try PatternProgram(identity: 1, length: 4, events: [pedal])
    #expect(rig.engine.load(pattern, into: 0))
    #expect(rig.engine.send(.thru(.always, ports: 1)))
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: 0, loops: true)))
    rig.inputs[0].add(5, [0xB0, 64, 127])
    rig.run(256, master.transport(at: 0))
    #expect(rig.engine.send(.stop(at: .now)))
    let out = rig.run(256, master.transport(at: 256))
    #expect(out.map(\.bytes) == [[0xB0, 64, 0], [0xB0, 64, 127]])
  }

  @Test func `half a message does not pass`() {
    let rig = CycleRig()
    #expect(rig.engine.send(.thru(.always, ports: 1)))
    rig.inputs[0].add(0, [0x90, 60])
    rig.inputs[0].add(1, [0xC0])
    rig.inputs[0].add(2, [0xC0, 5])
    rig.inputs[0].add(3, [0xC0, 5, 6])
    #expect(rig.run(64).map(\.bytes) == [[0xC0, 5]])
    #expect(rig.engine.counters[.playLost] == 3)
    #expect(rig.captured().count == 4)
  }

  private func cycle(
    _ rig: CycleRig, _ watch: inout PortWatch, _ transport: Transport = Transport()
  ) {
    rig.turn(64, transport)
    watch.take(rig.output, at: rig.frame)
    rig.inputs[0].clear()
    rig.counter &+= 64
    rig.frame += 64
  }
}
