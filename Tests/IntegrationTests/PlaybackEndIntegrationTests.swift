// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Glibc
import Testing

/// How `continuo play` begins and ends: its options, stops and signals, heard by the witness.
@Suite(.serialized) struct PlaybackEndIntegrationTests {
  private let song = ExactSong([.init(hundredths: 17_461)], rate: 48_000)

  /// Two notes that sound from tick 100 on for eight bars, a pedal held down and a bent pitch.
  private let held: TestTune = {
    var tune = TestTune(end: 8 * 4 * 480)
    for key: UInt8 in [60, 67] {
      tune.notes.append(
        .init(on: 100, off: tune.end, channel: 2, key: key, velocity: 99, release: 20))
    }
    tune.controls = [
      .init(tick: 50, bytes: [0xB2, 64, 127]), .init(tick: 60, bytes: [0xE2, 0, 0x60]),
    ]
    return tune
  }()
  /// What ends them.
  private let rest: Set<[UInt8]> = [
    [0x82, 60, 64], [0x82, 67, 64], [0xB2, 64, 0], [0xE2, 0, 0x40],
  ]

  @Test func `a stop of the transport ends notes, pedal and bend in its very first cycle`()
    async throws
  {
    try await PlaybackStage.with(song) { stage in
      let (program, log) = try await stage.play(held)
      try await stage.timebase.start()
      _ = try await log.events(atLeast: 4)
      let stopped = try await stage.timebase.stop()
      let heard = try await log.events(atLeast: 8)
      #expect(Set(heard.dropFirst(4).map(\.bytes)) == rest)
      #expect(heard.dropFirst(4).allSatisfy { $0.frame == stopped.frame })
      // It goes on after its long note's beginning, which is not struck again.
      try await stage.timebase.start()
      try await stage.reach(tick: 4 * 480)
      program.process.signal(SIGINT)
      #expect(try await program.reply().ended == false)
      #expect(try await log.stop().count == 8)
    }
  }

  @Test(arguments: [(SIGINT, 4096), (SIGTERM, 64), (SIGHUP, 1024)])
  func `a signal in mid-note lets the note-offs leave before the program ends`(
    signal: Int32, period: Int
  ) async throws {
    try await PlaybackStage.with(song, period: period) { stage in
      let (program, log) = try await stage.play(held)
      try await stage.timebase.start()
      _ = try await log.events(atLeast: 4)
      let sent = ContinuousClock.now
      program.process.signal(signal)
      let reply = try await program.reply()
      let took = ContinuousClock.now - sent
      #expect(reply.ended == false)
      let heard = try await log.stop()
      #expect(heard.count == 8)
      #expect(Set(heard.dropFirst(4).map(\.bytes)) == rest)
      print("MEASURED play ended by signal \(signal) at \(period) frames in \(took)")
    }
  }

  @Test func `a looped file comes round at its bar line, exactly, until it is told to stop`()
    async throws
  {
    var tune = TestTune.random(ticks: song.tick(ofBar: 2), seed: 23, plainReleases: true)
    tune.notes.removeAll { $0.channel == 0 && $0.key < 2 }
    // Into the bar line, and on it.
    tune.notes.append(
      .init(on: tune.end - 99, off: tune.end, channel: 0, key: 0, velocity: 1, release: 64))
    tune.notes.append(.init(on: 0, off: 99, channel: 0, key: 1, velocity: 1, release: 64))
    try await PlaybackStage.with(song, mode: .round) { stage in
      let (program, log) = try await stage.play(tune, ["--loop"])
      try await stage.timebase.start()
      try await stage.reach(tick: tune.end * 4 + 1000)
      try await stage.timebase.stop()
      program.process.signal(SIGINT)
      #expect(try await program.reply().ended == false)
      let heard = try await log.stop()
      ExpectedPerformance(tune, song, try stage.stretches(), rounds: 8, length: tune.end)
        .expect(heard)
      expectWholeNotes(heard)
      print("MEASURED play --loop: \(heard.count) events")
    }
  }

  @Test func `a file played at a bar begins there and ends by itself`() async throws {
    let song = ExactSong([.init(hundredths: 17_461, beats: 7, unit: 8)], rate: 48_000)
    let tune = TestTune.random(ticks: song.tick(ofBar: 3), seed: 29)
    try await PlaybackStage.with(song, mode: .int) { stage in
      let (program, log) = try await stage.play(tune, ["--at", "3"])
      try await stage.timebase.start()
      #expect(try await program.reply().ended == true)
      let heard = try await log.stop()
      ExpectedPerformance(tune, song, try stage.stretches(), start: song.tick(ofBar: 3))
        .expect(heard)
      expectWholeNotes(heard)
    }
  }

  @Test(arguments: [64, 1024])
  func `free of the transport a file keeps its own tempo changes to the frame`(
    period: Int
  ) async throws {
    // Tempi that a file's whole microseconds hold exactly.
    let song = ExactSong(
      [
        .init(bar: 1, hundredths: 15_000), .init(bar: 2, hundredths: 9375, beats: 3),
        .init(bar: 3, hundredths: 18_750, beats: 7, unit: 8), .init(bar: 4, hundredths: 12_000),
      ], rate: 44_100)
    // Two bars of silence, in which the listener finds the port; then a note to count from.
    let start = song.tick(ofBar: 3)
    var tune = TestTune.random(ticks: song.tick(ofBar: 5) - start, seed: 31)
    tune.notes.removeAll { $0.channel == 0 && $0.key == 0 }
    tune.notes.insert(.init(on: 0, off: 50, channel: 0, key: 0, velocity: 1, release: 1), at: 0)
    tune.move(by: start)
    try await withJackServer(rate: song.rate, period: period) { server in
      let folder = try TemporaryFolder("tune")
      try tune.write(to: folder.file("tune.mid"), song: song)
      let listening = Task {
        try await Witness(server: server).log(as: "log", from: "continuo:out")
      }
      let program = try ContinuoProgram.launch(
        "play", [folder.file("tune.mid"), "--free"], on: server.name)
      let log = try await listening.value
      #expect(try await program.reply().ended == true)
      let heard = try await log.stop()
      let first = try #require(heard.first { $0.bytes == [0x90, 0, 1] })
      let zero = first.frame - UInt64(song.frame(ofTick: start))
      let stretch = RollingStretch(pieces: [.init(frame: zero, transport: 0)])
      ExpectedPerformance(tune, song, [stretch]).expect(heard)
      expectWholeNotes(heard)
      print("MEASURED play --free at \(period) frames: \(heard.count) events")
    }
  }

  @Test func `what stands on the last bar line is played too`() async throws {
    var tune = TestTune(end: song.tick(ofBar: 2))
    tune.notes.append(
      .init(on: 480, off: tune.end, channel: 0, key: 60, velocity: 64, release: 3))
    tune.controls = [
      .init(tick: 480, bytes: [0xB0, 64, 127]), .init(tick: tune.end, bytes: [0xB0, 1, 5]),
      .init(tick: tune.end, bytes: [0xB0, 64, 0]),
    ]
    try await PlaybackStage.with(song) { stage in
      let (program, log) = try await stage.play(tune)
      try await stage.timebase.start()
      #expect(try await program.reply().ended == true)
      ExpectedPerformance(tune, song, try stage.stretches()).expect(try await log.stop())
    }
  }
}
