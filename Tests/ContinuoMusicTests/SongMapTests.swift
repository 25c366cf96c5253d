// SPDX-License-Identifier: MIT

import Testing

@testable import ContinuoMusic

@Suite struct SongMapTests {
  private func map(_ events: [Event], division: StandardMIDIFile.Division = .ticksPerQuarter(480))
    throws -> SongMap
  {
    SongMap(StandardMIDIFile(format: .single, division: division, tracks: [events]))
  }

  private func tempo(_ tick: Int, _ perMinute: Double) throws -> Event {
    Event(tick: tick, .meta(.tempo(try #require(Tempo(perMinute)))))
  }

  private func meter(_ tick: Int, _ beats: Int, _ unit: Int) throws -> Event {
    Event(tick: tick, .meta(.meter(try #require(Meter(beats, unit)))))
  }

  @Test func `a file that says nothing is 120 and 4-4`() throws {
    let map = try map([end(0)])
    #expect(map.tempo(at: .zero) == .standard)
    #expect(map.meter(at: Beats(1e9)) == .common)
    #expect(map.seconds(at: Beats(4)) == 2)
    #expect(map.pickup == nil)
  }

  @Test func `seconds follow every tempo`() throws {
    let map = try map([try tempo(0, 60), try tempo(960, 120), try tempo(1920, 240)])
    #expect(map.seconds(atTick: 960) == 2)
    #expect(map.seconds(at: Beats(3)) == 2.5)
    #expect(map.seconds(at: Beats(4)) == 3)
    #expect(map.seconds(at: Beats(8)) == 4)
    #expect(map.beats(atSeconds: 2.25) == Beats(2.5))
    #expect(map.beats(atSeconds: 4) == Beats(8))
    #expect(map.seconds(at: Beats(-1)) == -1)
    #expect(map.tempo(at: Beats(2)).quartersPerMinute == 120)
    #expect(map.tempo(at: Beats(1.999)).quartersPerMinute == 60)
    #expect(map.tempos.map(\.at) == [Beats(0), Beats(2), Beats(4)])
  }

  @Test func `the last change at one tick counts and a repetition is none`() throws {
    let map = try map([
      try tempo(0, 60), try tempo(0, 90), try tempo(480, 90), try meter(0, 3, 4),
      try meter(0, 7, 8), try meter(480, 7, 8),
    ])
    #expect(map.tempos.count == 1)
    #expect(map.tempo(at: .zero).quartersPerMinute.rounded() == 90)
    #expect(map.meters.map(\.meter) == [Meter(7, 8)])
  }

  @Test func `impossible changes are passed over and told`() throws {
    let map = try map([
      Event(tick: 5, .meta(try #require(MetaEvent(type: 0x51, bytes: [0, 0, 0])))),
      Event(tick: 6, .meta(try #require(MetaEvent(type: 0x58, bytes: [0, 2, 24, 8])))),
      Event(tick: 7, .meta(try #require(MetaEvent(type: 0x58, bytes: [])))),
    ])
    #expect(
      map.repairs == [
        .unusableTempo(tick: 5), .unusableMeter(tick: 6), .unusableMeter(tick: 7),
      ])
    let fastest = try self.map([
      Event(tick: 0, .meta(try #require(MetaEvent(type: 0x51, bytes: [0, 0, 1]))))
    ])
    #expect(fastest.tempo(at: .zero).quartersPerMinute == 1000)
    #expect(fastest.seconds(at: Beats(1_000_000)) == 1)
  }

  @Test func `bars count on through a change of metre`() throws {
    // Two bars of 4/4, three of 7/8, then 3/4.
    let map = try map([try meter(0, 4, 4), try meter(3840, 7, 8), try meter(8880, 3, 4)])
    #expect(map.meters.map(\.bar) == [1, 3, 6])
    #expect((1...8).map { map.barStart($0).quarters } == [0, 4, 8, 11.5, 15, 18.5, 21.5, 24.5])
    let place = map.position(at: Beats(12.75))
    #expect((place.bar, place.beat, place.tick) == (4, 3, 960))
    #expect(map.beats(bar: 4, beat: 3, tick: 960) == Beats(12.75))
    #expect(map.beats(bar: 4, beat: 8) == nil)
    #expect(map.beats(bar: 4, beat: 0) == nil)
    #expect(map.beats(bar: 4, beat: 1, tick: 1920) == nil)
    #expect(
      map.barStarts(in: Beats(7)..<Beats(15.5)).map(\.quarters) == [4, 8, 11.5, 15])
  }

  @Test func `a change inside a bar cuts the bar short`() throws {
    let map = try map([try meter(0, 4, 4), try meter(2400, 3, 4)])
    #expect(map.meters.map(\.bar) == [1, 3])
    #expect(map.barStart(2) == Beats(4))
    #expect(map.barStart(3) == Beats(5))
    #expect(map.position(at: Beats(4.5)).bar == 2)
    #expect(map.position(at: Beats(5)).bar == 3)
    #expect(map.beats(bar: 2, beat: 2) == nil, "beat 2 of the cut bar does not exist")
    #expect(map.pickup == nil)
  }

  @Test func `a short first bar is a pick-up`() throws {
    #expect(try map([try meter(0, 1, 4), try meter(480, 4, 4)]).pickup == Beats(1))
    #expect(try map([try meter(0, 4, 4), try meter(480, 3, 4)]).pickup == Beats(1))
    #expect(try map([try meter(0, 4, 4), try meter(1920, 3, 4)]).pickup == nil)
    #expect(try map([try meter(0, 1, 4), try meter(960, 4, 4)]).pickup == nil)
  }

  @Test func `before the start bars count backwards`() {
    let map = SongMap()
    let place = map.position(at: Beats(-1))
    #expect((place.bar, place.beat, place.tick) == (0, 4, 0))
    #expect(map.position(at: Beats(-4.5)).bar == -1)
    #expect(map.beats(bar: 0, beat: 4) == Beats(-1))
  }

  @Test func `a place that rounding put a hair before a bar line is on it`() throws {
    let map = SongMap(meter: try #require(Meter(3, 8)))
    for bar in 1...2000 {
      let start = map.barStart(bar)
      for nudge in [-1e-12, 0, 1e-12] {
        let place = map.position(at: Beats(start.quarters + nudge))
        #expect((place.bar, place.beat) == (bar, 1))
        #expect(place.tick < 1e-6)
      }
    }
  }

  @Test(arguments: 0..<20) func `random maps turn every place back into itself`(seed: UInt64) throws
  {
    var random = SeededGenerator(seed: seed)
    let ppq = [24, 96, 480, 960, 32767][random.number(0...4)]
    var events: [Event] = []
    var tick = 0
    for _ in 0..<30 {
      events.append(try tempo(tick, Double(random.number(20...400))))
      if random.chance(2) {
        events.append(try meter(tick, random.number(1...13), 1 << random.number(0...4)))
      }
      tick += random.number(1...(ppq * 20))
    }
    let timeCode = random.chance(3)
    let map = try map(
      events, division: timeCode ? .timeCode(.fps30Drop, ticksPerFrame: 100) : .ticksPerQuarter(ppq)
    )
    for _ in 0..<500 {
      let tick = random.number(0...(ppq * 500))
      let beats = map.beats(atTick: tick)
      try #require(map.tick(at: beats) == tick)
      try #require(abs(map.seconds(at: beats) - map.seconds(atTick: tick)) < 1e-6)
      try #require(abs((map.beats(atSeconds: map.seconds(at: beats)) - beats).quarters) < 1e-6)
      let place = map.position(at: beats)
      try #require((0..<SongPosition.ticksPerBeat).contains(place.tick))
      try #require((1...map.meter(at: beats).beatsPerBar).contains(place.beat))
      let back = try #require(map.beats(bar: place.bar, beat: place.beat, tick: place.tick))
      try #require(abs((back - beats).quarters) < 1e-6)
      try #require(map.barStart(place.bar).quarters <= beats.quarters + 1e-9)
      try #require(map.barStart(place.bar + 1).quarters > beats.quarters)
    }
  }

  @Test func `time code counts in seconds`() throws {
    let map = try map([try tempo(0, 60)], division: .timeCode(.fps25, ticksPerFrame: 40))
    #expect(map.seconds(atTick: 1000) == 1)
    #expect(map.beats(atTick: 2500) == Beats(2.5))
    #expect(map.tick(at: Beats(2.5)) == 2500)
    let drop = try self.map([], division: .timeCode(.fps30Drop, ticksPerFrame: 1))
    #expect(abs(drop.seconds(atTick: 30_000) - 1001) < 1e-9)
  }

  @Test func `no number traps`() {
    let map = SongMap(
      tempos: [(Beats(.infinity), .standard), (Beats(-5), .standard)],
      meters: [(Beats(.nan), .common), (Beats(1e300), .common)])
    for value in [Double.nan, .infinity, -.infinity, 1e300, -1e300, .leastNonzeroMagnitude] {
      let place = map.position(at: Beats(value))
      #expect(place.tick >= 0)
      _ = map.tick(at: Beats(value))
      _ = map.beats(atSeconds: value)
      _ = map.beats(bar: 1, beat: 1, tick: value)
    }
    for bar in [Int.min, .max, 0] {
      _ = map.barStart(bar)
      _ = map.beats(bar: bar)
    }
    #expect(map.barStarts(in: Beats(0)..<Beats(.infinity), limit: 5).count == 5)
    #expect(map.barStarts(in: Beats(0)..<Beats(1e300), limit: 5).count == 5)
  }

  @Test func `a gliding tempo puts every beat on Ardour's frame`() {
    // 120, 90 from quarter 8, from 16 gliding 60 to 120, 120 from 24; frames at 48 kHz as Ardour
    // 7.3's own interpreter tells them.
    let map = SongMap(
      gliding: [
        .init(at: .zero, tempo: Tempo(120)!), .init(at: Beats(8), tempo: Tempo(90)!),
        .init(at: Beats(16), tempo: Tempo(60)!, glidesTo: Tempo(120)!),
        .init(at: Beats(24), tempo: Tempo(120)!),
      ], meters: [])
    let ardour = [
      0: 0, 6: 144_000, 8: 192_000, 10: 256_000, 16: 448_000, 18: 533_687, 20: 603_698,
      22: 662_892, 24: 714_168, 26: 762_168, 30: 858_168,
    ]
    for (quarter, frame) in ardour {
      let seconds = map.seconds(at: Beats(Double(quarter)))
      #expect(abs(seconds * 48_000 - Double(frame)) <= 1, "quarter \(quarter)")
      #expect(abs(map.beats(atSeconds: seconds).quarters - Double(quarter)) < 1e-9)
    }
    #expect(abs(map.tempo(at: Beats(20)).quartersPerMinute - 90) < 1e-9)
    #expect(map.tempo(at: Beats(40)).quartersPerMinute == 120)
    // A glide without an end is a steady tempo.
    let endless = SongMap(
      gliding: [.init(at: .zero, tempo: Tempo(60)!, glidesTo: Tempo(120)!)], meters: [])
    #expect(endless.seconds(at: Beats(8)) == 8)
  }
}
