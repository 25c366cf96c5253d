// SPDX-License-Identifier: MIT
import ContinuoRealtime
import Testing

/// Patterns for a listener that hears us a period late.
@Suite struct PlayAheadTests {
  private func load(_ rig: CycleRig, bars: Int) throws {
    let events = (0..<bars * 16).map { index in
      PatternProgram.Event(
        at: Double(index) / 4, end: Double(index) / 4 + 0.1,
        noteOn: ShortMessage(0x90, UInt8(36 + index % 60), 100), release: 64)
    }
    let program = try PatternProgram(identity: 3, length: Double(bars) * 4, events: events)
    #expect(rig.engine.load(program, into: 0))
  }

  private func roll(_ rig: CycleRig, from: Int, to: Int, period: Int) -> Int {
    let ardour = FakeArdour([(1, 4, 4)], bpm: 120)
    let zero = Int(rig.frame) - from
    for at in stride(from: from, to: to, by: period) {
      rig.run(UInt32(period), ardour.transport(at: UInt32(at)))
    }
    return zero
  }

  private func onsets(_ rig: CycleRig, _ zero: Int) -> [Int] {
    rig.sent.filter { $0.bytes[0] == 0x90 }.map { Int($0.frame) - zero }
  }

  @Test(arguments: [64, 256, 1024])
  func `every event leaves a period before its frame`(_ period: Int) throws {
    let rig = CycleRig()
    try load(rig, bars: 2)
    #expect(rig.engine.send(.timebase(.ardour)))
    #expect(rig.engine.send(.playAhead(by: 0, andPeriod: true)))
    // From bar 2 on: the song rolls when it begins.
    #expect(rig.engine.send(.start(slot: 0, at: .bar, anchor: 4, loops: false)))
    let zero = roll(rig, from: 0, to: 300_032, period: period)
    #expect(onsets(rig, zero) == (0..<32).map { 96_000 + $0 * 6000 - period })
    #expect(rig.engine.counters[.playLate] == 0 && rig.engine.counters[.sounding] == 0)
  }

  @Test func `what was due before the transport rolled is played at once, in order`() throws {
    let rig = CycleRig()
    try load(rig, bars: 1)
    #expect(rig.engine.send(.timebase(.ardour)))
    #expect(rig.engine.send(.playAhead(by: 0, andPeriod: true)))
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: 0, loops: false)))
    let zero = roll(rig, from: 0, to: 110_000, period: 256)
    #expect(onsets(rig, zero) == [0] + (1..<16).map { $0 * 6000 - 256 })
    #expect(rig.engine.counters[.playLate] == 1 && rig.engine.counters[.sounding] == 0)
  }

  @Test func `turning it on and off while a pattern plays loses and doubles nothing`() throws {
    let rig = CycleRig()
    try load(rig, bars: 4)
    #expect(rig.engine.send(.timebase(.ardour)))
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: 0, loops: false)))
    for part in 0..<8 {
      #expect(rig.engine.send(.playAhead(by: part * 100, andPeriod: part % 2 == 1)))
      _ = roll(rig, from: part * 51_200, to: (part + 1) * 51_200, period: 1024)
    }
    let pitches = rig.sent.filter { $0.bytes[0] == 0x90 }.map { Int($0.bytes[1]) }
    #expect(pitches == (0..<64).map { 36 + $0 % 60 })
    #expect(rig.engine.counters[.sounding] == 0)
  }

  @Test func `a tempo of our own is nobody's transport and is not played ahead of`() throws {
    let rig = CycleRig()
    try load(rig, bars: 1)
    #expect(rig.engine.send(.playAhead(by: 0, andPeriod: true)))
    #expect(
      rig.engine.send(.runFree(start: 0, quartersPerMinute: 120, beatsPerBar: 4, beatUnit: 4)))
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: 0, loops: false)))
    for _ in 0..<400 { rig.run(256) }
    #expect(onsets(rig, 0) == (0..<16).map { $0 * 6000 })
  }

  @Test func `a latency is made up for with and without the period`() throws {
    for andPeriod in [false, true] {
      let rig = CycleRig()
      try load(rig, bars: 2)
      #expect(rig.engine.send(.timebase(.ardour)))
      #expect(rig.engine.send(.playAhead(by: 528, andPeriod: andPeriod)))
      #expect(rig.engine.send(.start(slot: 0, at: .bar, anchor: 4, loops: false)))
      let zero = roll(rig, from: 0, to: 300_032, period: 256)
      let early = 528 + (andPeriod ? 256 : 0)
      #expect(onsets(rig, zero) == (0..<32).map { 96_000 + $0 * 6000 - early })
      #expect(rig.engine.counters[.playLate] == 0)
    }
  }

  @Test func `what a program sent ahead is stamped with its place, the other ports with theirs`() {
    let rig = CycleRig(ports: 2)
    #expect(rig.engine.send(.timebase(.ardour)))
    #expect(rig.engine.send(.sentAhead(by: 528, ports: 0b10)))
    let ardour = FakeArdour([(1, 4, 4)], bpm: 120)
    for at in stride(from: 0, to: 25_600, by: 256) {
      if at == 23_552 {
        for port in rig.inputs { port.add(176, [0x90, 60, 100]) }
      }
      rig.run(256, ardour.transport(at: UInt32(at)))
    }
    let heard = rig.captured().filter { $0.event.kind == .midi }.map(\.event)
    #expect(heard.map(\.port) == [1, 2])
    #expect(heard.map(\.frame) == [23_728, 23_728])
    #expect(abs(heard[0].quarters - 23_728 / 24_000) < 1e-9)
    #expect(abs(heard[1].quarters - 24_256 / 24_000) < 1e-9)
  }
}
