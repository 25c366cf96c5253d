// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation
import Testing

/// `continuo play` on a real server, with the witness as timebase master and as listener.
@Suite(.serialized) struct PlaybackIntegrationTests {
  /// A constant tempo and metre, told by one kind of master.
  struct Case: CustomTestStringConvertible, Sendable {
    var hundredths: Int
    var beats: Int
    var unit: Int
    var mode: TimebaseMode
    var rate: Int
    var period: Int

    var testDescription: String {
      "\(Double(hundredths) / 100) BPM \(beats)/\(unit), \(mode), \(rate) Hz, \(period) frames"
    }
  }

  /// Every tempo with every metre; every kind of master meets every rate and period.
  static let cases: [Case] = {
    let tempi = [6000, 9730, 12_000, 17_461]
    let meters = [(4, 4), (7, 8), (5, 4)]
    let modes = TimebaseMode.allCases
    return tempi.indices.flatMap { tempo in
      meters.indices.map { meter in
        Case(
          hundredths: tempi[tempo], beats: meters[meter].0, unit: meters[meter].1,
          mode: modes[(tempo + meter) % 3],
          rate: [48_000, 44_100, 96_000][(tempo + 2 * meter) % 3],
          period: [64, 256, 1024][(tempo / 2 + meter) % 3])
      }
    }
  }()

  @Test(arguments: cases) func `every event leaves at the frame of the master's line`(
    _ test: Case
  ) async throws {
    let song = ExactSong(
      [.init(hundredths: test.hundredths, beats: test.beats, unit: test.unit)], rate: test.rate)
    let tune = TestTune.random(
      ticks: song.tick(ofBar: test.hundredths < 11_000 ? 3 : 4), seed: UInt64(test.hundredths))
    try await PlaybackStage.with(song, mode: test.mode, period: test.period) { stage in
      let (program, log) = try await stage.play(tune)
      let begun = try await stage.timebase.start()
      #expect(try await program.reply().ended == true)
      let heard = try await log.stop()
      // Before bar 2 a master's whole ticks may leave half a tick open.
      let secondBar = begun.frame + UInt64(song.frame(ofTick: song.tick(ofBar: 2)))
      let tick = song.frame(ofTick: 480) / 480 / 4 + 2
      let expected = ExpectedPerformance(tune, song, try stage.stretches())
      let worst = expected.expect(
        heard,
        leeways: test.mode == .double ? [] : [.init(frames: 0..<secondBar, by: tick)])
      expectWholeNotes(heard)
      print(
        "MEASURED play \(test.testDescription): \(heard.count) events, at most \(worst) frames",
        "off in bar 1, xruns \(stage.server.xruns)")
    }
  }

  /// Three tempi in three metres.
  static let changes: [ExactSong.Piece] = [
    .init(bar: 1, hundredths: 12_000, beats: 4, unit: 4),
    .init(bar: 2, hundredths: 9730, beats: 7, unit: 8),
    .init(bar: 4, hundredths: 17_461, beats: 5, unit: 4),
  ]

  @Test(arguments: TimebaseMode.allCases)
  func `tempo and metre may change, and only the cycle that learns of it may be off`(
    mode: TimebaseMode
  ) async throws {
    let song = ExactSong(Self.changes, rate: 48_000)
    var tune = TestTune.random(ticks: song.tick(ofBar: 6), seed: 7)
    // In the cycle of each change and around it.
    for bar in [2, 4] {
      for offset in -12...12 {
        let tick = song.tick(ofBar: bar) + offset
        tune.controls.append(.init(tick: tick, bytes: [0xB0, UInt8(bar), UInt8(offset + 12)]))
      }
    }
    let period = 1024
    try await PlaybackStage.with(song, mode: mode, period: period) { stage in
      let (program, log) = try await stage.play(tune)
      let begun = try await stage.timebase.start()
      #expect(try await program.reply().ended == true)
      let heard = try await log.stop()
      // Bar, beat and tick are told at a cycle's start: a change inside one is known at the next.
      let leeways = [2, 4].map { bar in
        let change = begun.frame + UInt64(song.frame(ofTick: song.tick(ofBar: bar)))
        return ExpectedPerformance.Leeway(
          frames: change..<change + UInt64(2 * period), by: period)
      }
      let expected = ExpectedPerformance(tune, song, try stage.stretches())
      let worst = expected.expect(heard, leeways: leeways)
      expectWholeNotes(heard)
      print("MEASURED play changes, \(mode): \(heard.count) events, at most \(worst) frames off")
    }
  }

  @Test(arguments: TimebaseMode.allCases)
  func `a locate while rolling ends what sounds and goes on exactly from there`(
    mode: TimebaseMode
  ) async throws {
    let song = ExactSong([.init(hundredths: 17_461)], rate: 44_100)
    let tune = TestTune.random(ticks: song.tick(ofBar: 11), seed: 11, plainReleases: true)
    try await PlaybackStage.with(song, mode: mode) { stage in
      let (program, log) = try await stage.play(tune)
      try await stage.timebase.start()
      for (bar, target) in [(2, 7), (8, 4), (5, 10)] {
        try await stage.reach(tick: song.tick(ofBar: bar) + 700)
        try await stage.timebase.locate(song.frame(ofTick: song.tick(ofBar: target) + 333) + 1)
      }
      #expect(try await program.reply().ended == true)
      let heard = try await log.stop()
      let stretches = try stage.stretches()
      #expect(stretches.count == 4)
      ExpectedPerformance(tune, song, stretches).expect(heard)
      expectWholeNotes(heard)
      print("MEASURED play locates, \(mode): \(heard.count) events")
    }
  }

  @Test(arguments: [(TimebaseMode.int, 96_000, 192_000), (.round, 96_000, 144_128)])
  func `a loop of the master's neither doubles nor misses what lies at its ends`(
    mode: TimebaseMode, start: Int, end: Int
  ) async throws {
    let song = ExactSong([.init(hundredths: 12_000)], rate: 48_000)
    var tune = TestTune.random(ticks: song.tick(ofBar: 4), seed: 13, plainReleases: true)
    // On the loop's very ends, and across them.
    let edges = [start, end].map { $0 * 480 / 24_000 }
    for (index, tick) in edges.enumerated() {
      let slot = UInt8(index)
      tune.notes.removeAll { $0.channel == 0 && $0.key < 4 }
      tune.notes += [
        .init(on: tick, off: tick + 100, channel: 0, key: slot, velocity: 1, release: 64),
        .init(on: tick - 300, off: tick + 50, channel: 0, key: slot + 2, velocity: 2, release: 64),
      ]
    }
    try await PlaybackStage.with(song, mode: mode) { stage in
      let (program, log) = try await stage.play(tune)
      try await stage.timebase.loop(start, end)
      try await stage.timebase.start()
      try await eventually("three passes", within: .seconds(30)) {
        try stage.stretches().count >= 4
      }
      try await stage.timebase.loopOff()
      #expect(try await program.reply().ended == true)
      let heard = try await log.stop()
      let stretches = try stage.stretches()
      ExpectedPerformance(tune, song, stretches).expect(heard)
      expectWholeNotes(heard)
      print(
        "MEASURED play master's loop, \(mode): \(heard.count) events, \(stretches.count) passes")
    }
  }

  @Test func `the buffer size may change while the song rolls`() async throws {
    let song = ExactSong([.init(hundredths: 12_000)], rate: 48_000)
    let tune = TestTune.random(ticks: song.tick(ofBar: 5), seed: 17, plainReleases: true)
    try await PlaybackStage.with(song, mode: .int) { stage in
      let (program, log) = try await stage.play(tune)
      try await stage.timebase.start()
      for (bar, size) in [(2, 1024), (3, 64), (4, 4096)] {
        try await stage.reach(tick: song.tick(ofBar: bar) + 700)
        try await stage.timebase.bufferSize(size)
      }
      #expect(try await program.reply().ended == true)
      let heard = try await log.stop()
      let stretches = try stage.stretches()
      #expect(stretches.count == 1)
      ExpectedPerformance(tune, song, stretches).expect(heard)
      expectWholeNotes(heard)
      print("MEASURED play buffer sizes: \(heard.count) events, \(stretches[0].pieces)")
    }
  }

  @Test func `ten minutes on, nothing has drifted by a frame`() async throws {
    let song = ExactSong([.init(hundredths: 9730, beats: 7, unit: 8)], rate: 44_100)
    let tune = TestTune.random(ticks: song.tick(ofBar: 281), seed: 19)
    try await PlaybackStage.with(song, mode: .round, period: 1024) { stage in
      let (program, log) = try await stage.play(tune)
      try await stage.timebase.freewheel(true)
      try await stage.timebase.start()
      #expect(try await program.reply(within: .seconds(60)).ended == true)
      let heard = try await log.stop()
      ExpectedPerformance(tune, song, try stage.stretches()).expect(heard)
      expectWholeNotes(heard)
      print("MEASURED play 10 minutes freewheeling: \(heard.count) events")
    }
  }
}
