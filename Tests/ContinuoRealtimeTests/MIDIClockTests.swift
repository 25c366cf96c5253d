// SPDX-License-Identifier: MIT
import ContinuoRealtime
import Testing

@Suite struct MIDIClockTests {
  /// A sender of MIDI Clock: frame k of its song falls on the clocks of `bpm`, nearest frame.
  struct Sender {
    let bpm: Double
    var framesPerClock: Double { 60 * 48_000 / bpm / 24 }

    /// The clocks in [`from`, `to`) of the song.
    func clocks(_ from: Int, _ to: Int) -> [Int] {
      let first = max(Int(Double(from) / framesPerClock) - 1, 0)
      let last = Int(Double(to) / framesPerClock) + 1
      return (first...last).map { Int((Double($0) * framesPerClock).rounded()) }
        .filter { $0 >= from && $0 < to }
    }
  }

  private func roll(
    _ rig: CycleRig, _ sender: Sender, _ clock: FakePort, from: Int, to: Int, period: Int = 256,
    transport: Transport = Transport(), settled: Int = 24
  ) -> Double {
    var worst = 0.0
    for at in stride(from: from, to: to, by: period) {
      for tick in sender.clocks(at, at + period) { clock.add(UInt32(tick - at), [0xF8]) }
      rig.run(UInt32(period), transport)
      clock.clear()
      let song = rig.engine.snapshot().song
      guard song.isKnown, at - from > settled * Int(sender.framesPerClock) else { continue }
      let truth = Double(at) / sender.framesPerClock / 24
      worst = max(worst, abs(song.quarters - truth) * sender.framesPerClock * 24)
    }
    return worst
  }

  @Test(arguments: [120, 97.3, 174.61, 33], [64, 256, 1024])
  func `a started clock places the song to a frame from the second beat on`(
    _ bpm: Double, _ period: Int
  ) {
    let (rig, clock) = CycleRig.withClock()
    let sender = Sender(bpm: bpm)
    clock.add(0, [0xFA])
    let worst = roll(rig, sender, clock, from: 0, to: 480_000, period: period)
    let snapshot = rig.engine.snapshot()
    #expect(snapshot.source == .midiClock && snapshot.song.isKnown && snapshot.song.rolling)
    #expect(worst < 1, "\(worst) frames")
    #expect(abs(snapshot.song.quartersPerMinute - bpm) < bpm * 1e-3)
  }

  @Test(arguments: [120, 97.3, 174.61, 33])
  func `two clocks place the song to two frames`(_ bpm: Double) {
    let (rig, clock) = CycleRig.withClock()
    let sender = Sender(bpm: bpm)
    clock.add(0, [0xFA])
    let worst = roll(rig, sender, clock, from: 0, to: Int(24 * sender.framesPerClock), settled: 2)
    #expect(worst > 0 && worst < 2, "\(worst) frames")
  }

  @Test(arguments: [true, false])
  func `a continued song is placed in Ardour's clocks or in sixteenths`(_ countsClocks: Bool) {
    let (rig, clock) = CycleRig.withClock()
    #expect(rig.engine.send(.songPositions(countClocks: countsClocks)))
    // Quarter 40.
    let position = countsClocks ? 960 : 160
    clock.add(0, [0xF2, UInt8(position & 0x7F), UInt8(position >> 7)])
    clock.add(0, [0xFB])
    let worst = roll(rig, Sender(bpm: 120), clock, from: 960_000, to: 1_056_000)
    #expect(worst < 1, "\(worst) frames")
    clock.add(10, [0xFC])
    rig.run(256)
    clock.clear()
    let song = rig.engine.snapshot().song
    #expect(song.isKnown && !song.rolling)
    #expect(abs(song.quarters - 44) < 0.05)
    #expect(rig.records(.transportStopped).count == 1)
  }

  @Test func `a clock joined while it rolls does not guess the place`() {
    let (rig, clock) = CycleRig.withClock()
    clock.add(0, [0xFB])
    _ = roll(rig, Sender(bpm: 120), clock, from: 0, to: 96_000)
    #expect(!rig.engine.snapshot().song.isKnown)
  }

  @Test func `clocks lost in an xrun of ours are counted`() {
    let (rig, clock) = CycleRig.withClock()
    let sender = Sender(bpm: 120)
    clock.add(0, [0xFA])
    _ = roll(rig, sender, clock, from: 0, to: 48_128)
    rig.miss(256 * 20)
    let worst = roll(rig, sender, clock, from: 48_128 + 256 * 20, to: 96_000)
    #expect(worst < 1, "\(worst) frames")
    #expect(rig.engine.snapshot().song.isKnown)
  }

  @Test func `a sender that goes without a stop stops the song`() {
    let (rig, clock) = CycleRig.withClock()
    clock.add(0, [0xFA])
    _ = roll(rig, Sender(bpm: 120), clock, from: 0, to: 48_128)
    for _ in 0..<60 { rig.run(256) }
    #expect(!rig.engine.snapshot().song.rolling)
  }

  @Test func `JACK's bars come before the clock, and the clock waits after them`() {
    let (rig, clock) = CycleRig.withClock()
    let sender = Sender(bpm: 120)
    let ardour = FakeArdour([(1, 4, 4)], bpm: 120)
    clock.add(0, [0xFA])
    var at = 0
    func cycle(_ transport: Transport) {
      for tick in sender.clocks(at, at + 256) { clock.add(UInt32(tick - at), [0xF8]) }
      rig.run(256, transport)
      clock.clear()
      at += 256
    }
    while at < 24_000 { cycle(ardour.transport(at: UInt32(at))) }
    #expect(rig.engine.snapshot().source == .jack)
    var stopped = ardour.transport(at: UInt32(at))
    stopped.rolling = false
    cycle(stopped)
    #expect(rig.engine.snapshot().source == .jack && !rig.engine.snapshot().song.rolling)
    let stop = at
    while at < stop + 13_000 { cycle(stopped) }
    #expect(rig.engine.snapshot().source == .midiClock && rig.engine.snapshot().song.rolling)
    cycle(ardour.transport(at: UInt32(at)))
    let back = rig.engine.snapshot()
    #expect(back.source == .jack && back.song.rolling)
    #expect(abs(back.song.quarters - Double(at - 256) / 24_000) < 1 / 1920)
  }

  @Test func `a pattern plays on the clock's frames, and every note ends when the source changes`()
    throws
  {
    let (rig, clock) = CycleRig.withClock()
    let note = PatternProgram.Event(
      at: 0, end: 3.9, noteOn: ShortMessage(0x90, 60, 100), release: 64)
    #expect(rig.engine.load(try PatternProgram(identity: 1, length: 4, events: [note]), into: 0))
    #expect(rig.engine.send(.start(slot: 0, at: .bar, anchor: 0, loops: true)))
    clock.add(0, [0xFA])
    _ = roll(rig, Sender(bpm: 120), clock, from: 0, to: 216_064)
    let starts = rig.sent.filter { $0.bytes[0] == 0x90 }.map(\.frame)
    #expect(starts.contains(96_000) && starts.contains(192_000))
    let ardour = FakeArdour([(1, 4, 4)], bpm: 120)
    rig.run(256, ardour.transport(at: 216_064))
    let on = rig.sent.filter { $0.bytes[0] == 0x90 && $0.bytes[2] > 0 }.count
    let off = rig.sent.filter { $0.bytes[0] == 0x80 }.count
    #expect(rig.engine.counters[.sounding] == UInt64(on - off))
    #expect(rig.sent.contains { $0.frame >= 216_064 && $0.bytes[0] == 0x80 })
  }
}
