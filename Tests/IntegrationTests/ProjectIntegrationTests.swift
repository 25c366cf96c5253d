// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoSession

/// A session that is put away and taken up again, on a real JACK server.
@Suite(.serialized) struct ProjectIntegrationTests {
  private func open(
    _ server: JackServer, _ name: String, _ project: String? = nil
  ) async throws -> LiveSession {
    var flags = Settings.Flags(server: server.name, name: name, ardourPort: 9)
    flags.project = project
    let settings = try Settings(flags: flags, environment: [:])
    let opened = try await LiveSessions().open(settings, for: .staying) { _ in }
    return try #require(opened as? LiveSession)
  }

  @Test(.timeLimit(.minutes(2)))
  func `what is followed, connected and counted comes back, also when its port comes late`()
    async throws
  {
    try await withJackServer { server in
      let folder = try TemporaryFolder("project")
      let place = folder.file("song")
      var other = try await open(server, "other")
      let first = try await open(server, "proj", place)
      func say(_ session: LiveSession, _ line: String) async throws -> Reply {
        await session.handle(try CommandParser.parse(line)) { _ in }
      }
      #expect(try await say(first, "follow other:out").isDone)
      #expect(try await say(first, "tempo 97.3 7/8").isDone)
      let wire = RealtimeHost.Wire(from: "proj:out", to: "other:in_3")
      let firstHost = await first.host
      try firstHost.keepConnected(wire)
      #expect(try await say(first, "save-state \"\(folder.file("copy.json"))\"").isDone)
      try await eventually("the connection seen") {
        firstHost.status.output.connections == ["other:in_3"]
      }
      let state = await first.projectState
      await first.shutdown()
      await other.shutdown()
      #expect(state.listeners == ["other:in_3"])
      let file = URL(fileURLWithPath: place).appendingPathComponent(ProjectState.fileName)
      #expect(try ProjectState(reading: file) == state)
      #expect(state.tempo == .steady(quartersPerMinute: 97.3, beatsPerBar: 7, beatUnit: 8))

      // The other program starts later: the connections wait for its ports.
      let again = try await open(server, "proj", place)
      #expect(await again.projectState == state)
      let told = try await say(again, "load-state \"\(folder.file("copy.json"))\"")
      #expect(told.data["waitingFor"] == .array([.string("other:out")]))
      other = try await open(server, "other")
      let host = await again.host
      try await eventually("both connections", within: .seconds(10)) {
        host.status.output.connections == ["other:in_3"]
          && host.status.inputs[0].connections == ["other:out"]
      }
      await other.shutdown()
      await again.shutdown()

      // A damaged state is neither taken up nor written over.
      try Data("{".utf8).write(to: file)
      await #expect(throws: CommandFailure.self) { try await open(server, "proj", place) }
      #expect(try Data(contentsOf: file) == Data("{".utf8))
    }
  }
}
