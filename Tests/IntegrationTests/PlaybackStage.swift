// SPDX-License-Identifier: MIT
import ContinuoTestSupport

/// A server, a witness that is its timebase master, and room for a program and a listener.
struct PlaybackStage {
  let server: JackServer
  let song: ExactSong
  let timebase: WitnessTimebase
  let folder: TemporaryFolder

  /// Runs `body` on a stage that is struck afterwards.
  static func with(
    _ song: ExactSong, mode: TimebaseMode = .double, period: Int = 256,
    _ body: (PlaybackStage) async throws -> Void
  ) async throws {
    try await withJackServer(rate: song.rate, period: period) { server in
      try await body(
        PlaybackStage(
          server: server, song: song,
          timebase: try await Witness(server: server).timebase(song.map, mode: mode),
          folder: try TemporaryFolder("tune")))
    }
  }

  /// Plays `tune` and returns once it is ready and a log listens to it.
  func play(
    _ tune: TestTune, _ options: [String] = []
  ) async throws -> (program: ContinuoProgram, log: WitnessLog) {
    let path = folder.file("tune.mid")
    try tune.write(to: path, song: song)
    let program = try ContinuoProgram.launch("play", [path] + options, on: server.name)
    try await program.says("Playing")
    return (program, try await Witness(server: server).log(as: "log", from: "continuo:out"))
  }

  /// Waits until the transport rolls at `tick` or later.
  func reach(tick: Int) async throws {
    let frame = song.frame(ofTick: tick)
    try await eventually("transport frame \(frame)", within: .seconds(30)) {
      let now = try await timebase.now()
      return now.state == "rolling" && now.cycle.transport >= frame
    }
  }

  /// When and where the transport rolled so far.
  func stretches() throws -> [RollingStretch] { RollingStretch.all(try timebase.changes()) }
}
