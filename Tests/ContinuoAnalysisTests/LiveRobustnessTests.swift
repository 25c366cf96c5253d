// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import Testing

/// Whatever is fed, there is a stated answer, and stores stay within their bounds.
@Suite(.timeLimit(.minutes(3))) struct LiveRobustnessTests {
  private func message(_ status: UInt8, _ pitch: Int, _ velocity: Int = 80) throws -> ChannelMessage
  {
    try #require(ChannelMessage(status, UInt8(pitch % 128), UInt8(velocity)))
  }

  /// The same facts as the notes that were kept give in one go.
  private func expectWhole(_ live: inout LiveAnalysis) {
    let patterns = live.patterns
    #expect(
      live.context() == MusicContext(tracks: patterns, meter: live.meter, resolution: .halfBeat))
  }

  @Test func `silence is one bar without facts`() {
    var live = LiveAnalysis(names: ["A", "B"])
    let facts = live.context()
    #expect(facts.length == 4)
    #expect(facts.key.key == nil)
    #expect(facts.chords.map(\.chord) == [nil])
    #expect(facts.localKeys.isEmpty)
    #expect(facts.kit == nil)
    #expect(live.reading().chord == nil)
    live.advance(to: 3_840 * 1_000)
    #expect(live.context().length <= 97 * 4)
    expectWhole(&live)
  }

  @Test func `no tracks are no facts`() throws {
    var live = LiveAnalysis(names: [])
    live.hear(try message(0x90, 60), track: 0, at: 0)
    #expect(live.counts.outOfRange == 1)
    #expect(live.context().tracks.isEmpty)
  }

  @Test func `one note is a pitch, no key and no role`() throws {
    var live = LiveAnalysis(names: ["A"])
    live.hear(try message(0x90, 60), track: 0, at: 960)
    live.hear(try message(0x80, 60), track: 0, at: 1_920)
    let facts = live.context()
    #expect(facts.key.key == nil)
    #expect(facts.tracks.map(\.role.role) == [.unknown])
    #expect(facts.tracks.map(\.lowest) == [60])
    expectWhole(&live)
  }

  @Test func `shuffled events give the facts of the notes they pair into`() {
    var take = LiveTake.band(bars: 8, seed: 11)
    var state: UInt64 = 12
    for index in take.events.indices {
      take.events.swapAt(index, Int(Sketch.next(&state) % UInt64(take.events.count)))
    }
    var live = LiveAnalysis(names: take.names)
    for (index, event) in take.events.enumerated() {
      live.hear(event.message, track: event.track, at: event.tick)
      if index % 100 == 99 { expectWhole(&live) }
    }
    expectWhole(&live)
    #expect(live.counts.stray > 0)
    #expect(live.counts.late > 0)
  }

  @Test func `a truncated take ends its notes where it broke off`() throws {
    var take = LiveTake.band(bars: 8, seed: 13)
    take.events = Array(take.events.prefix(take.events.count * 2 / 3))
    take.end = try #require(take.events.last?.tick)
    var live = take.live()
    #expect(live.context() == (try take.fileContext()))
  }

  @Test func `a million notes within a beat are refused beyond the bound`() throws {
    var live = LiveAnalysis(names: ["A", "B", "C", "D"])
    for index in 0..<1_000_000 {
      live.hear(try message(0x90, index), track: index % 4, at: index / 1_100)
    }
    let counts = live.counts
    #expect(counts.notes == 1_000_000)
    #expect(counts.closed == 1_000_000 - 4 * LiveAnalysis.mostSounding)
    #expect(counts.refused == counts.closed - LiveAnalysis.mostNotes)
    #expect(live.noteCount == LiveAnalysis.mostNotes + 4 * LiveAnalysis.mostSounding)
    expectWhole(&live)
  }

  @Test func `a hundred thousand notes in bars forget the older bars first`() throws {
    var live = LiveAnalysis(names: ["A", "B"])
    for index in 0..<100_000 {
      live.hear(try message(0x90, index), track: index % 2, at: index * 2)
      live.hear(try message(0x80, index), track: index % 2, at: index * 2 + 1)
    }
    #expect(live.counts.refused == 0)
    #expect(live.noteCount <= LiveAnalysis.mostNotes)
    #expect(live.noteCount >= LiveAnalysis.mostNotes / 2 - 1_920)
    #expect(live.counts.forgotten == 100_000 - live.noteCount)
  }

  @Test func `everything at one tick is one onset`() throws {
    var live = LiveAnalysis(names: ["A"])
    for pitch in 0..<128 { live.hear(try message(0x90, pitch), track: 0, at: 0) }
    for pitch in 0..<128 { live.hear(try message(0x80, pitch), track: 0, at: 0) }
    #expect(live.context().tracks.map(\.groove.onsetCount) == [1])
    expectWhole(&live)
  }

  @Test func `hanging notes leave the facts with the window`() throws {
    var live = LiveAnalysis(names: ["A"], keptBars: 4)
    for pitch in 30..<60 { live.hear(try message(0x90, pitch), track: 0, at: 0) }
    live.advance(to: 3_840 * 3)
    #expect(live.context().tracks.map(\.groove.noteCount) == [30])
    live.advance(to: 3_840 * 40)
    #expect(live.context().tracks.map(\.groove.noteCount) == [0])
    live.hear(try message(0x80, 30), track: 0, at: 3_840 * 40)
    #expect(live.counts.stray == 0)
    #expect(live.counts.forgotten == 1)
    expectWhole(&live)
  }

  @Test func `ticks beyond all bounds are counted, not taken`() throws {
    var live = LiveAnalysis(names: ["A"], ticksPerQuarter: 0)
    live.hear(try message(0x90, 60), track: 0, at: .max)
    live.hear(try message(0x90, 60), track: 0, at: .min)
    live.hear(try message(0x90, 60), track: 9, at: 0)
    live.hear(try message(0x90, 60), track: 0, at: -5)
    #expect(live.counts.outOfRange == 3)
    #expect(live.counts.forgotten == 1)
    live.hear(try message(0x90, 60), track: 0, at: LiveAnalysis.furthestTick)
    #expect(live.now == LiveAnalysis.furthestTick)
    expectWhole(&live)
  }
}
