// SPDX-License-Identifier: MIT
import ContinuoRealtime
import Testing

/// Sixteenths with odd places in between: every tick grid meets the rounding rule.
private func program(bars: Int, barLength: Double, identity: UInt64 = 1) throws -> PatternProgram {
  var events: [PatternProgram.Event] = []
  var at = 0.0
  var key: UInt8 = 36
  let steps = [0.25, 1.0 / 3, 0.125, 7.0 / 48, 0.5]
  var index = 0
  while at < Double(bars) * barLength - 1e-9 {
    events.append(
      .init(
        at: at, end: at + 0.1, noteOn: ShortMessage(0x90, key, 100), release: 64))
    at += steps[index % steps.count]
    index += 1
    key = 36 + UInt8(index % 40)
  }
  return try PatternProgram(
    identity: identity, length: Double(bars) * barLength, events: events)
}

private struct Scenario: CustomTestStringConvertible {
  var bpm: Double
  var beats: Int
  var unit: Int
  var ticks: FakeTimebase.Ticks
  var period: UInt32
  var rate: Double
  var testDescription: String { "\(bpm) BPM \(beats)/\(unit) \(ticks) \(period)@\(rate)" }

  static let all: [Scenario] = {
    var all: [Scenario] = []
    for bpm in [60, 97.3, 120, 174.61] {
      for (beats, unit) in [(4, 4), (7, 8), (5, 4)] {
        for ticks in FakeTimebase.Ticks.allCases {
          for (period, rate) in [(64, 48000.0), (256, 44100), (1024, 48000), (1000, 96000)] {
            all.append(
              Scenario(
                bpm: bpm, beats: beats, unit: unit, ticks: ticks, period: UInt32(period),
                rate: rate))
          }
        }
      }
    }
    return all
  }()
}

@Suite struct PlaybackTests {
  @Test(arguments: Scenario.all)
  fileprivate func `every event leaves at exactly the frame the rounding rule names`(
    _ scenario: Scenario
  ) throws {
    let rig = CycleRig(startingAt: 4_000_000_000)
    rig.sampleRate = scenario.rate
    let barLength = Double(scenario.beats) * 4 / Double(scenario.unit)
    let master = FakeTimebase(
      [(1, scenario.bpm, scenario.beats, scenario.unit)], ticks: scenario.ticks,
      rate: scenario.rate)
    let pattern = try program(bars: 2, barLength: barLength)
    #expect(rig.engine.load(pattern, into: 0))
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: 0, loops: true)))
    let zero = rig.frame
    let length = UInt32(master.frame(of: 6 * barLength))
    var at: UInt32 = 0
    while at < length {
      rig.run(scenario.period, master.transport(at: at))
      at += scenario.period
    }
    let ons = rig.sent.filter { $0.bytes[0] == 0x90 }.map { Int($0.frame - zero) }
    var expected: [Int] = []
    for round in 0..<4 {
      for index in 0..<pattern.count {
        let place = Double(round) * pattern.length + patternPlace(index)
        let frame = master.roundedFrame(of: place)
        if frame < Int(at) { expected.append(frame) }
      }
    }
    #expect(ons == expected)
    #expect(rig.engine.counters[.playLate] == 0)
  }

  @Test(arguments: FakeTimebase.Ticks.allCases)
  func `tempo and metre changes, locates and loop wraps double and lose nothing`(
    _ ticks: FakeTimebase.Ticks
  ) throws {
    let rig = CycleRig()
    let master = FakeTimebase(
      [(1, 120, 4, 4), (3, 97.3, 4, 4), (5, 174.61, 7, 8), (8, 60, 5, 4)], ticks: ticks,
      rate: 48000)
    var events: [PatternProgram.Event] = []
    for index in 0..<400 {
      events.append(
        .init(
          at: Double(index) * 0.125, end: Double(index) * 0.125 + 0.1,
          noteOn: ShortMessage(
            0x90 | UInt8(index / 100), UInt8(index % 100), 100), release: 64))
    }
    let pattern = try PatternProgram(identity: 1, length: 50, events: events)
    #expect(rig.engine.load(pattern, into: 0))
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: 0, loops: false)))
    var at: UInt32 = 0
    let end = UInt32(master.frame(of: 40))
    var period: UInt32 = 256
    while at < end {
      if at > end / 2 { period = 64 }
      rig.run(period, master.transport(at: at))
      at += period
    }
    let heard = rig.sent.filter { $0.bytes[0] & 0xF0 == 0x90 }.map {
      Int($0.bytes[0] & 15) * 100 + Int($0.bytes[1])
    }
    let due = (0..<400).filter { master.roundedFrame(of: Double($0) * 0.125) < Int(at) }
    #expect(heard == due)
    // Away from the joints, where a master can only tell after the fact, frames are exact.
    for output in rig.sent where output.bytes[0] & 0xF0 == 0x90 {
      let index = Int(output.bytes[0] & 15) * 100 + Int(output.bytes[1])
      let exact = master.roundedFrame(of: Double(index) * 0.125)
      let joints = [8.0, 16.0, 26.5].map { master.frame(of: $0) }
      let nearJoint = joints.contains { Double(exact) >= $0 - 1 && Double(exact) < $0 + 512 }
      if !nearJoint { #expect(Int(output.frame) == exact, "event \(index)") }
    }
    // A locate back to bar 2, then a loop over bar 1.
    rig.sent = []
    at = UInt32(master.frame(of: 4).rounded(.up))
    let jumped = rig.frame
    for _ in 0..<40 {
      rig.run(256, master.transport(at: at))
      at += 256
    }
    let first = try #require(rig.sent.first { $0.bytes[0] & 0xF0 == 0x90 })
    #expect(Int(first.bytes[1]) == 32)
    #expect(first.frame == jumped)
    for pass in 0..<3 {
      rig.sent = []
      at = 0
      let start = rig.frame
      while at < 96000 {
        rig.run(256, master.transport(at: at))
        at += 256
      }
      let keys = rig.sent.filter { $0.bytes[0] == 0x90 }
      #expect(keys.map { Int($0.bytes[1]) } == Array(0..<32), "pass \(pass)")
      #expect(
        keys.map { Int($0.frame - start) }
          == (0..<32).map { master.roundedFrame(of: Double($0) * 0.125) })
    }
    rig.run(256)
    #expect(rig.engine.counters[.sounding] == 0)
  }

  @Test func `a start waits for the bar line, the beat, or the pattern's end`() throws {
    let master = FakeTimebase([(1, 120, 4, 4)], ticks: .double, rate: 48000)
    for (quantum, expected) in [
      (Quantum.beat, 48000), (.bar, 96000), (.patternEnd, 96000),
    ] {
      let rig = CycleRig()
      let pattern = try program(bars: 1, barLength: 4)
      #expect(rig.engine.load(pattern, into: 3))
      var at: UInt32 = 0
      while at < 30000 {
        rig.run(256, master.transport(at: at))
        at += 256
      }
      #expect(rig.engine.send(.start(slot: 3, at: quantum, anchor: nil, loops: true)))
      while at < 200_000 {
        rig.run(256, master.transport(at: at))
        at += 256
      }
      let first = try #require(rig.sent.first)
      #expect(first.frame == UInt64(expected), "\(quantum)")
    }
  }

  @Test func `a switch at the bar ends the old pattern's notes at exactly that frame`() throws {
    let master = FakeTimebase([(1, 120, 4, 4)], ticks: .double, rate: 48000)
    let rig = CycleRig()
    let long = try PatternProgram(
      identity: 1, length: 8,
      events: [.init(at: 1, end: 7.5, noteOn: ShortMessage(0x90, 40, 90), release: 30)])
    let other = try PatternProgram(
      identity: 2, length: 4,
      events: [.init(at: 0, end: 1, noteOn: ShortMessage(0x90, 50, 90), release: 30)])
    #expect(rig.engine.load(long, into: 0) && rig.engine.load(other, into: 1))
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: 0, loops: true)))
    var at: UInt32 = 0
    while at < 150_000 {
      if at == 40 * 256 {
        #expect(rig.engine.send(.start(slot: 1, at: .bar, anchor: 0, loops: true)))
      }
      rig.run(256, master.transport(at: at))
      at += 256
    }
    #expect(
      rig.sent.prefix(3) == [
        .init(frame: 24000, bytes: [0x90, 40, 90]), .init(frame: 96000, bytes: [0x80, 40, 64]),
        .init(frame: 96000, bytes: [0x90, 50, 90]),
      ])
    let kinds = rig.captured().map(\.event.kind)
    #expect(kinds.filter { $0 == .patternStarted }.count == 2)
    #expect(kinds.filter { $0 == .patternStopped }.count == 1)
  }

  @Test func `a revision goes on from the same place and ends what it no longer holds`() throws {
    let master = FakeTimebase([(1, 120, 4, 4)], ticks: .truncated, rate: 48000)
    let rig = CycleRig()
    let first = try PatternProgram(
      identity: 1, length: 4,
      events: [.init(at: 0, end: 3, noteOn: ShortMessage(0x90, 40, 90), release: 30)])
    let revised = try PatternProgram(
      identity: 2, length: 4,
      events: [
        .init(at: 0, end: 0.5, noteOn: ShortMessage(0x90, 41, 90), release: 30),
        .init(at: 2, end: 2.5, noteOn: ShortMessage(0x90, 40, 80), release: 31),
      ])
    #expect(rig.engine.load(first, into: 0))
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: 0, loops: true)))
    var at: UInt32 = 0
    while at < 95_000 {
      if at == 100 * 256 { #expect(rig.engine.load(revised, into: 0)) }
      rig.run(256, master.transport(at: at))
      at += 256
    }
    #expect(
      rig.sent == [
        .init(frame: 0, bytes: [0x90, 40, 90]), .init(frame: 48000, bytes: [0x80, 40, 30]),
        .init(frame: 48000, bytes: [0x90, 40, 80]), .init(frame: 60000, bytes: [0x80, 40, 31]),
      ])
    #expect(rig.engine.collectRetired() == 1)
  }

  @Test func `a free clock plays without any transport`() throws {
    let rig = CycleRig()
    let pattern = try program(bars: 1, barLength: 4)
    #expect(
      rig.engine.send(.runFree(start: 0, quartersPerMinute: 97.3, beatsPerBar: 4, beatUnit: 4)))
    #expect(rig.engine.load(pattern, into: 0))
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: 0, loops: true)))
    for _ in 0..<2000 { rig.run(128) }
    let ons = rig.sent.filter { $0.bytes[0] == 0x90 }.map { Int($0.frame) }
    let expected = (0..<200).map { index in
      let place = Double(index / pattern.count) * 4 + patternPlace(index % pattern.count)
      return Int((place * 60 * 48000 / 97.3 + 0.5 + 1e-6).rounded(.down))
    }
    #expect(ons == expected.filter { $0 < 2000 * 128 })
  }

  private func patternPlace(_ index: Int) -> Double {
    let steps = [0.25, 1.0 / 3, 0.125, 7.0 / 48, 0.5]
    return (0..<index).reduce(0.0) { at, step in at + steps[step % steps.count] }
  }
}
