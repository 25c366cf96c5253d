// SPDX-License-Identifier: MIT
import ContinuoMusic
import ContinuoOSC
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoArdour
@testable import ContinuoSession

/// `import`, `undo`, `discard` and `keep to` of a whole session, with Ardour's window and without.
@Suite(.serialized) struct LiveEditorIntegrationTests {
  private func live(_ server: JackServer, _ port: UInt16) async throws -> LiveSession {
    let settings = try Settings(
      flags: .init(server: server.name, name: "live", ardourPort: Int(port)), environment: [:])
    let session = try LiveSession(settings) { _ in }
    await session.lookForArdour()
    return session
  }

  private func reply(_ session: LiveSession, _ line: String) async throws -> Reply {
    await session.handle(try CommandParser.parse(line)) { _ in }
  }

  private func say(_ session: LiveSession, _ line: String) async throws -> [String: JSONValue] {
    let reply = try await reply(session, line)
    #expect(reply.exit == .done, "\(line): \(reply.error ?? "")")
    guard case .object(let members) = reply.data else { return [:] }
    return members
  }

  private func tracks(_ made: ArdourSession, _ client: ArdourClient) async throws -> [String: Int] {
    try await EditorScript(ardour: client).save()
    let file = try SessionFile(made.file)
    let tracks = file.routes.filter { $0.midiPlaylist != nil }
    return Dictionary(
      uniqueKeysWithValues: tracks.map { ($0.name, file.regions(onTrack: $0.name).count) })
  }

  @Test(.timeLimit(.minutes(3)))
  func `candidates are imported, kept in a new track, and taken back, with Ardour's window`()
    async throws
  {
    let folder = try TemporaryFolder("import")
    let line = folder.file("line.mid")
    try Data(scale(48)).write(to: URL(fileURLWithPath: line))
    let made = try await ArdourSession.make([.init("Bass", notes: scale(36)), .init("Keys")])
    let settings = WindowedArdour.settings(of: made)
    try FileManager.default.createDirectory(at: settings, withIntermediateDirectories: true)
    try MusiciansScripts.write(to: settings)
    _ = try EditorScriptFile(settings: settings).install()
    try await withWindowedArdour(made) { ardour, server, _ in
      let session = try await live(server, ardour.port)
      let client = try await session.needArdour()
      #expect(Finding.editor(of: client).verdict == .good)
      _ = try await say(session, "enhance track Bass seed 3 make it groovier")
      let imported = try await say(session, "import 1 to Keys at bar 9")
      #expect(imported["verified"] == true && imported["firstBar"] == .int(9))
      #expect(try await tracks(made, client) == ["Bass": 1, "Keys": 1])
      let file = try await say(session, "import \(line) to Keys")
      #expect(file["found"] == .int(16) && file["firstBar"] == .int(1))
      #expect(try await tracks(made, client) == ["Bass": 1, "Keys": 2])

      // The last one first, then the one before.
      #expect(try await say(session, "undo")["firstBar"] == .int(1))
      #expect(try await say(session, "undo")["firstBar"] == .int(9))
      #expect(try await tracks(made, client) == ["Bass": 1, "Keys": 0])
      #expect(try await reply(session, "undo").error?.contains("no take") == true)

      let kept = try await say(session, "keep 1 to \"New bass\" yes")
      #expect(kept["track"] == "New bass" && kept["verified"] == true)
      #expect(try await tracks(made, client) == ["Bass": 1, "Keys": 0, "New bass": 1])
      _ = try await say(session, "discard")
      #expect(try await tracks(made, client) == ["Bass": 1, "Keys": 0, "New bass": 0])

      // A take that was recorded is taken back like one that was imported.
      let recorded = try await say(session, "keep 1 to Keys yes")
      #expect(recorded["verified"] == true && recorded["track"] == "Keys")
      #expect(try await tracks(made, client)["Keys"] == 1)
      let back = try await say(session, "undo")
      #expect(back["way"] == "recorded" && back["track"] == "Keys")
      #expect(try await tracks(made, client)["Keys"] == 0)
      #expect(try await say(session, "discard")["discarded"] != nil)

      // What the musician has moved is the musician's, and no hindrance to the take before it.
      _ = try await say(session, "import \(line) to Keys")
      _ = try await say(session, "import \(line) to Bass at bar 5")
      try await client.send(
        OSCMessage("/access_action", [.string("LuaAction/script-1")]))
      try await eventually("the region at quarter 40") {
        try await EditorScript(ardour: client).save()
        return try SessionFile(made.file).regions(onTrack: "Bass")
          .contains { $0.position == Beats(40) }
      }
      let moved = try await reply(session, "undo")
      #expect(moved.error?.contains("It is left to you: `undo` again takes back Keys") == true)
      #expect(try await say(session, "undo")["track"] == "Keys")
      #expect(try await tracks(made, client) == ["Bass": 2, "Keys": 0, "New bass": 0])

      // A take that lands elsewhere than reckoned is taken off and recorded again in its place.
      _ = try await say(session, "enhance track Bass seed 3 make it groovier")
      await session.misjudgeOffset(of: "Keys", by: -500)
      let again = try await say(session, "keep 1 to Keys yes")
      #expect(again["verified"] == true)
      guard case .array(let takenOff)? = again["takenOff"] else {
        Issue.record("no takes are told of")
        return
      }
      #expect(takenOff.count == 1)
      guard case .string(let fault)? = takenOff.first else { return }
      // Ardour's own tick, here 12.5 frames, is as near as it can be told.
      let told = fault.split(separator: " ").compactMap { Int($0) }.last
      #expect(told.map { abs($0 - 500) < 13 } == true, "\(fault)")
      #expect(fault.contains("which is known now"), "\(fault)")
      #expect(try await tracks(made, client) == ["Bass": 2, "Keys": 1, "New bass": 0])
      _ = try await say(session, "undo")
      #expect(try await tracks(made, client)["Keys"] == 0)
      await session.shutdown()
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `the program puts the action in, does so once, and takes it out`() async throws {
    let folder = try TemporaryFolder("settings")
    try MusiciansScripts.write(to: folder.url)
    func run(_ options: [String], at path: String, code: Int32 = 0) async throws -> ProgramReply {
      try await ContinuoProgram.launch(
        "install-ardour-script", ["--settings", path] + options, on: nil
      ).reply(code: code)
    }
    for _ in 0..<2 {
      let installed = try await run([], at: folder.path)
      #expect(installed.ok && installed.file == folder.file("ui_scripts"))
      #expect(try EditorScriptFile(settings: folder.url).state() == .present(index: 32))
    }
    #expect(try await run(["--remove"], at: folder.path).ok)
    #expect(try MusiciansScripts.read(from: folder.url) == MusiciansScripts.stored)
    let missing = try await run([], at: folder.file("nowhere"), code: 1)
    #expect(missing.error?.contains("it is no folder; start Ardour once") == true)
  }

  @Test(.timeLimit(.minutes(3)))
  func `without its window Ardour is told apart, and where a take lies is said`() async throws {
    let made = try await ArdourSession.make([.init("Bass", notes: scale(36)), .init("Keys")])
    _ = try EditorScriptFile(settings: WindowedArdour.settings(of: made)).install()
    try await withArdour(made) { ardour, server in
      let session = try await live(server, ardour.port)
      _ = try await say(session, "enhance track Bass seed 3 make it groovier")
      let finding = Finding.editor(of: try await session.needArdour())
      #expect(finding.verdict == .doubtful && finding.found.contains("without its window"))
      let began = ContinuousClock.now
      let refused = try await reply(session, "import 1")
      #expect(refused.error?.contains("without its window") == true)
      #expect(refused.error?.contains("`keep` records instead") == true)
      let keeping = try await reply(session, "keep 1 to Other yes")
      #expect(keeping.error?.contains("without its window") == true)
      #expect(ContinuousClock.now - began < .seconds(5))
      #expect(try await say(session, "keep 1 yes")["verified"] == true)
      let undone = try await reply(session, "undo")
      #expect(undone.exit == .failed)
      #expect(undone.error?.contains("the take lies in Bass, bars 1-") == true)
      // The first `discard` is about the keep; it cannot, and the second forgets the candidates.
      #expect(try await reply(session, "discard").error?.contains("take lies in Bass") == true)
      #expect(try await say(session, "discard")["discarded"] != nil)
      await session.shutdown()
    }
  }
}

extension LiveSession {
  /// Remembers a wrong offset for takes in `track`, as a change in Ardour's routing would leave one.
  fileprivate func misjudgeOffset(of track: String, by frames: Int) async {
    guard let client = ardour, let saved = try? await savedSession(client) else { return }
    recordedOffsets["\(saved.url.path) \(track) \(RecordedOffset.Latency.none) 0"] = frames
  }
}
