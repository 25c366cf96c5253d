// SPDX-License-Identifier: MIT
import ContinuoArdour
import ContinuoOSC
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoSession

/// What the session's file tells, and a save that is asked for, with the real Ardour 7.3.
@Suite(.serialized) struct SavedSessionIntegrationTests {
  @Test(.timeLimit(.minutes(2)))
  func `regions are told with the age of the save, and refresh saves only when allowed`()
    async throws
  {
    let made = try await ArdourSession.make(
      [ArdourSession.Track("Bass", notes: scale(36)), ArdourSession.Track("Keys")], tempo: 97.3,
      meter: "7/8")
    try await withArdour(made) { ardour, server in
      let settings = try Settings(
        flags: .init(server: server.name, name: "saved", ardourPort: Int(ardour.port)),
        environment: [:])
      let session = try LiveSession(settings) { _ in }
      await session.lookForArdour()
      func say(_ line: String) async throws -> Reply {
        await session.handle(try CommandParser.parse(line)) { _ in }
      }
      let told = try await say("regions Bass notes")
      #expect(told.isDone, "\(told.error ?? "")")
      #expect(told.lines.first?.contains("as saved") == true)
      #expect(told.lines.contains("Tempo map: bar 1: 97.3 BPM, 7/8"))
      #expect(told.lines.contains("Bass: 1 region"))
      // Sixteen quarters are four and four sevenths bars of 7/8.
      #expect(told.lines.contains("  bars 1-5  Bass  16 notes"))
      #expect(told.data["olderThanArdour"] == .null)
      guard case .array(let tracks) = told.data["tracks"],
        case .array(let regions) = tracks.first?["regions"],
        case .array(let notes) = regions.first?["notes"]
      else {
        Issue.record("no notes in \(told.json.line)")
        return
      }
      #expect(notes.compactMap { $0["pitch"] } == (0..<16).map { .int(36 + $0 % 5) })
      #expect(notes.compactMap { $0["velocity"] } == (0..<16).map { .int(80 + $0) })

      // A rename leaves the file behind; only an allowed refresh lets Ardour save.
      let socket = try OSCSocket()
      defer { socket.close() }
      let client = try await session.needArdour()
      let id = Int32(try await client.midiTrack(named: "Keys").id)
      try socket.send(
        OSCMessage("/strip/name", [.int32(id), .string("Organ")]), to: ardour.port)
      try await eventually("the new name") {
        await client.state.strip(named: "Organ") != nil
      }
      let stale = try await say("regions")
      #expect(stale.data["olderThanArdour"] == .bool(true))
      #expect(stale.lines.contains { $0.contains("\"Organ\" is in Ardour but not in the file") })
      #expect(try await say("regions Organ").error?.contains("refresh yes") == true)

      let before = try SessionFile(made.file).savedAt
      let refused = try await say("refresh")
      #expect(refused.exit == .usage && refused.error?.contains("refresh yes") == true)
      #expect(try SessionFile(made.file).savedAt == before)
      let fresh = try await say("refresh yes")
      #expect(fresh.isDone, "\(fresh.error ?? "")")
      #expect(try SessionFile(made.file).savedAt > before)
      #expect(fresh.lines.contains("Organ: 0 regions"))
      #expect(fresh.data["olderThanArdour"] == .null)
      await session.shutdown()
    }
  }
}
