// SPDX-License-Identifier: MIT
import ContinuoMusic
import ContinuoRealtime
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoSession

/// A session beside the real Ardour, written down and heard again without it.
@Suite(.serialized) struct ReplayIntegrationTests {
  static let tracks = [
    ArdourSession.Track("Bass", notes: scale(36)), ArdourSession.Track("Keys", notes: scale(60)),
  ]

  @Test(.timeLimit(.minutes(3)))
  func `a session with takes is replayed without JACK and Ardour, replies, take and state equal`()
    async throws
  {
    let made = try await ArdourSession.make(Self.tracks)
    let folder = try TemporaryFolder("replay")
    let log = "\(folder.path)/session.log"
    let secret = "sk-secret-of-the-musician"
    var taken: HeardBars?
    var events = 0
    try await withArdour(made) { ardour, server in
      var flags = Settings.Flags(
        server: server.name, name: "live", ardourPort: Int(ardour.port))
      flags.log = log
      let settings = try Settings(flags: flags, environment: ["OPENAI_API_KEY": secret])
      let opened = try await LiveSessions().open(settings, for: .staying) { _ in }
      let session = try #require(opened as? LiveSession)
      func say(_ line: String) async throws {
        let reply = await session.handle(try CommandParser.parse(line)) { _ in }
        #expect(reply.exit == .done, "\(line): \(reply.error ?? "")")
      }
      let host = await session.host
      try await say("tracks")
      try await say("follow Bass Keys")
      try await say("capture start")
      try await say("transport play")
      #expect(await host.wait(seconds: 20) { $0.song.bar >= 3 })
      try await say("capture bars 1")
      try await say("status")
      try await say("capture stop")
      try await say("transport stop")
      try await say("take 2")
      try await say("suggest")
      try await say("enhance track Bass bars 2 seed 3 count 1 sk-secret-of-another groovier")
      try await say("follow Keys")
      try await say("take 3")
      let missing = await session.handle(try CommandParser.parse("follow Basss")) { _ in }
      #expect(missing.exit == .failed)
      await session.shutdown()
      taken = await session.heard
      events = await session.store.count
    }
    let text = try String(contentsOfFile: log, encoding: .utf8)
    #expect(!text.contains("sk-secret"))
    let attributes = try FileManager.default.attributesOfItem(atPath: log)
    #expect(attributes[.posixPermissions] as? Int == 0o600)

    let recording = try SessionRecording(path: log)
    #expect(recording.fault == nil)
    let settings = try Settings(flags: .init(), environment: [:])
    let begin = ContinuousClock.now
    let reply = await ReplayRunner.replay(recording, settings)
    let lasted = ContinuousClock.now - begin
    print("replay: \(recording.lines.count) lines, \(text.utf8.count) bytes, \(lasted)")
    #expect(reply.exit == .done, "\(reply.error ?? "") \(reply.lines.joined(separator: "\n"))")
    #expect(reply.data["differences"] == .array([]))
    #expect(reply.data["missing"] == .int(0))
    // 11 carried out again; transport twice, and enhance, are shown as recorded.
    #expect(reply.data["equal"] == .int(11) && reply.data["recorded"] == .int(3))
    #expect(reply.data["captured"] != .int(0))
    #expect(reply.data["state"]?["captured"] == .int(events) && events > 16)
    let heard = try #require(taken)
    let again = try #require(reply.data["state"]?["heard"])
    #expect(heard.tracks.map(\.name) == ["Keys"] && !heard.tracks[0].pattern.notes.isEmpty)
    #expect(again.line == (try JSONValue(encoding: FinalState.Heard(heard))).line)
    let second = await ReplayRunner.replay(recording, settings)
    #expect(second.lines == reply.lines && second.json.line == reply.json.line)
  }
}
