// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import Testing

@Suite struct LiveAnalysisTests {
  @Test(arguments: [Meter.common, Meter(3, 4), Meter(7, 8), Meter(6, 8)])
  func `a take fed event by event gives the facts of its file`(_ meter: Meter?) throws {
    let take = LiveTake.band(bars: 20, meter: try #require(meter))
    var live = take.live()
    let facts = live.context()
    #expect(facts == (try take.fileContext()))
    #expect(facts.chords.count > 10)
    #expect(facts.localKeys.isEmpty == false)
    #expect(facts.kit?.kick.isEmpty == false)
    #expect(live.counts.late == 0)
  }

  @Test(arguments: [ChordEstimate.Resolution.bar, .halfBar, .pulse])
  func `coarser chords are those of the file`(_ resolution: ChordEstimate.Resolution) throws {
    let take = LiveTake.band(bars: 8, seed: 5)
    var live = take.live()
    #expect(live.context(resolution) == (try take.fileContext(resolution)))
  }

  @Test func `at every bar the facts are those of the notes until then`() {
    let take = LiveTake.band(bars: 12, seed: 2)
    var live = LiveAnalysis(names: take.names)
    var due = 3_840
    for event in take.events {
      if event.tick >= due {
        #expect(
          live.context()
            == MusicContext(tracks: live.patterns, meter: .common, resolution: .halfBeat))
        due += 3_840
      }
      live.hear(event.message, track: event.track, at: event.tick)
    }
    #expect(due >= 12 * 3_840)
    #expect(live.settledWindows > 11 * 8)
  }

  @Test(arguments: [UInt64(3), 4, 5])
  func `tracks may come in any order within a beat`(_ seed: UInt64) throws {
    let take = LiveTake.band(bars: 10, seed: seed)
    var state = seed
    var shuffled = take
    shuffled.events = []
    for (beat, events) in Dictionary(grouping: take.events, by: { $0.tick / 960 }).sorted(by: {
      $0.key < $1.key
    }) {
      var order = [0, 1, 2, 3]
      for index in order.indices {
        order.swapAt(index, Int(Sketch.next(&state) % UInt64(order.count)))
      }
      #expect(beat >= 0)
      for track in order { shuffled.events += events.filter { $0.track == track } }
    }
    var live = shuffled.live()
    #expect(live.context() == (try take.fileContext()))
    #expect(live.counts.late == 0)
  }

  @Test func `a track that lags by bars is put in its place and counted`() throws {
    let take = LiveTake.band(bars: 10, seed: 6)
    var lagging = take
    lagging.events = take.events.filter { $0.track != 1 }
    let bass = take.events.filter { $0.track == 1 }
    let middle = try #require(lagging.events.firstIndex { $0.tick > 6 * 3_840 })
    lagging.events.insert(contentsOf: bass.filter { $0.tick < 4 * 3_840 }, at: middle)
    lagging.events += bass.filter { $0.tick >= 4 * 3_840 }
    var live = lagging.live()
    #expect(live.context() == (try take.fileContext()))
    #expect(live.counts.late > 0)
  }

  @Test func `hanging notes end with their track, as in a file`() throws {
    var take = LiveTake.band(bars: 8, seed: 7)
    take.add(0x92, 81, 80, track: 3, at: 2_000)
    take.add(0x90, 28, 80, track: 1, at: 9_600)
    take.add(0x90, 28, 80, track: 1, at: 9_600)
    take.sort()
    var live = take.live()
    #expect(live.context() == (try take.fileContext()))
    for track in take.names.indices { live.end(track: track, at: take.end) }
    #expect(live.context() == (try take.fileContext()))
  }

  @Test func `the window's facts are those of a file of its notes`() throws {
    let take = LiveTake.band(bars: 61, seed: 8)
    var live = take.live(asking: 3, keptBars: 16)
    let facts = live.context()
    #expect(live.origin % 3_840 == 0)
    #expect((16 * 3_840...24 * 3_840).contains(take.end - live.origin))
    #expect(facts == (try take.since(live.origin).fileContext()))
    #expect(live.counts.forgotten > 0)
  }

  @Test func `a track that turns out to be a tune has the harmony heard anew`() throws {
    var take = LiveTake.band(bars: 16, seed: 9)
    take.names[3] = "Track 4"
    var live = LiveAnalysis(names: take.names)
    for event in take.events where event.tick < 6_000 {
      live.hear(event.message, track: event.track, at: event.tick)
    }
    let before = live.context().tracks.map(\.role.role)
    for event in take.events where event.tick >= 6_000 {
      live.hear(event.message, track: event.track, at: event.tick)
    }
    live.advance(to: take.end)
    live.roles = ["Keys": .melody]
    let said = live.context()
    #expect(said.tracks.map(\.role.role) != before)
    #expect(
      said
        == MusicContext(
          tracks: try take.filePatterns(), meter: .common, resolution: .halfBeat,
          roles: ["Keys": .melody]))
  }

  @Test func `what sounds now is told before any delay`() {
    var take = LiveTake(names: ["Keys"], bars: 2)
    for pitch in [48, 64, 67, 72] { take.note(pitch, track: 0, at: 0, for: 3_840) }
    for pitch in [43, 62, 67, 71] { take.note(pitch, track: 0, at: 3_840, for: 3_840) }
    take.sort()
    var live = LiveAnalysis(names: take.names)
    #expect(live.reading().chord == nil)
    for event in take.events where event.tick <= 3_840 {
      live.hear(event.message, track: event.track, at: event.tick)
    }
    #expect(live.reading().chord == Chord(root: 0, quality: .major))
    // Two half quarters into the next chord it is told, which `context` holds open for longer.
    live.advance(to: 3_840 + 960)
    #expect(live.reading().chord == Chord(root: 7, quality: .major))
    #expect(live.reading().key != nil)
  }

  @Test func `an hour of eight tracks is held in a window's memory`() {
    var live = LiveAnalysis(names: (1...8).map { "Track \($0)" })
    var most = 0
    var windows = 0
    // 25 notes a second at 120 a minute: 50 events, 180,000 in the hour.
    for index in 0..<90_000 {
      let tick = index * 1_920 / 25
      let pitch = UInt8(40 + index * 7 % 40)
      if let on = ChannelMessage(0x90, pitch, 80), let off = ChannelMessage(0x80, pitch, 0) {
        live.hear(on, track: index % 8, at: tick)
        live.hear(off, track: index % 8, at: tick + 70)
      }
      most = max(most, live.noteCount)
      if index % 15_000 == 14_999 {
        windows = max(windows, live.context().chords.isEmpty ? 0 : live.settledWindows)
      }
    }
    #expect(live.counts.notes == 90_000)
    #expect(live.counts.forgotten + live.noteCount == 90_000)
    #expect(most <= 97 * 50)
    #expect((1...97 * 8).contains(windows))
    #expect((64 * 3_840...97 * 3_840).contains(live.now - live.origin))
  }
}
