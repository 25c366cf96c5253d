// SPDX-License-Identifier: MIT
import ContinuoMusic
import ContinuoRealtime
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoSession

/// What is remembered of a session beside the real Ardour, and brought back in the next.
@Suite(.serialized) struct MemoryIntegrationTests {
  private func live(
    _ server: JackServer, _ ardour: HeadlessArdour, _ data: TemporaryFolder
  ) async throws -> LiveSession {
    let settings = try Settings(
      flags: .init(server: server.name, name: "live", ardourPort: Int(ardour.port)),
      environment: ["XDG_DATA_HOME": data.path])
    let session = try LiveSession(settings) { _ in }
    await session.lookForArdour()
    return session
  }

  private func say(_ session: LiveSession, _ line: String) async throws -> Reply {
    let reply = await session.handle(try CommandParser.parse(line)) { _ in }
    #expect(reply.exit == .done, "\(line): \(reply.error ?? "")")
    return reply
  }

  private func list(_ reply: Reply, _ key: String) throws -> [JSONValue] {
    guard case .array(let values)? = reply.data[key] else {
      throw TestSupportError.unreadable(what: key, text: reply.data.line)
    }
    return values
  }

  @Test(.timeLimit(.minutes(3)))
  func `what a session made, heard and kept is told, and comes back fitted in the next`()
    async throws
  {
    let data = try TemporaryFolder("data")
    let made = try await ArdourSession.make(KeepIntegrationTests.tracks)
    try await withArdour(made, period: 256) { ardour, server in
      let session = try await live(server, ardour, data)
      _ = try await say(session, "enhance bass track Bass bars 2 seed 3 count 2 make it groovier")
      _ = try await say(session, "vary 2 count 1 seed 4")
      // Made ready while the song stands, and heard once it rolls: only that is an audition.
      #expect(try await say(session, "audition 2 now").data["sounding"] == false)
      _ = try await say(session, "stop")
      _ = try await say(session, "transport play")
      let host = await session.host
      #expect(await host.wait(seconds: 20) { $0.song.isKnown && $0.song.rolling })
      #expect(try await say(session, "audition 2 now").data["sounding"] == true)
      _ = try await say(session, "stop")
      _ = try await say(session, "transport stop")
      #expect(try await say(session, "keep 1 yes").data["verified"] == true)
      let history = try await say(session, "history")
      let requests = try list(history, "requests")
      #expect(requests.map { $0["words"] } == ["vary", "make it groovier"])
      guard case .array(let first)? = requests[1]["candidates"],
        case .array(let keeps)? = requests[1]["keeps"],
        case .array(let varied)? = requests[0]["candidates"]
      else {
        Issue.record("no candidates in \(history.data.line)")
        return
      }
      let shelf = try #require(await session.shelf)
      #expect(first.count == 2 && varied.count == 1)
      #expect(first.map { $0["name"] } == shelf.candidates.prefix(2).map { .string($0.name) })
      #expect(first.map { $0["score"] } == shelf.candidates.prefix(2).map { .number($0.score) })
      #expect(first[1]["auditions"] == 1 && first[0]["auditions"] == 0)
      #expect(requests[0]["varies"] == first[1]["id"])
      #expect(keeps.count == 1)
      #expect(keeps.first?["verified"] == true && keeps.first?["candidate"] == first[0]["id"])
      await session.shutdown()

      // The next session, on another track with other notes.
      let next = try await live(server, ardour, data)
      let recalled = try await say(next, "recall 1 track Keys from 1 bars 2")
      #expect(recalled.data["track"] == "Keys" && recalled.data["candidate"] == 1)
      let again = try await say(next, "recall 2 as-it-was")
      #expect(again.data["candidate"] == 2)
      let now = try #require(await next.shelf)
      #expect(now.candidates[1].pattern.notes == shelf.candidates[1].pattern.notes)
      #expect(now.candidates[0].pattern.length == now.original.length)
      let auditioned = try await say(next, "audition 2 now")
      #expect(auditioned.data["track"] == "Keys")
      // After the last comes the first, and before it the last again.
      #expect(try await say(next, "next").data["candidate"] == 1)
      #expect(try await say(next, "previous").data["candidate"] == 2)
      let library = try await say(next, "library recall")
      #expect(try list(library, "entries").count == 2)
      let discarded = try await say(next, "discard")
      #expect(discarded.data["discarded"] == 2)
      let after = try list(try await say(next, "library recall"), "entries")
      #expect(after.allSatisfy { $0["discarded"] == true })
      let story = try await say(next, "story")
      #expect(story.lines.contains { $0.hasPrefix("## recall") })
      await next.shutdown()
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `the library answers without a JACK server and without a session`() async throws {
    let folder = try TemporaryFolder("file")
    let note = try #require(Note(pitch: 40, velocity: 90, start: .zero, duration: Beats(1)))
    let file = folder.file("line.mid")
    _ = try PatternFile.write(
      Pattern(name: "Bass", notes: [note], length: Beats(4)), tempo: .standard, to: file)
    let reply = try await ContinuoProgram.launch(
      "remember", [file, "old", "riff"], on: "none-here"
    )
    .reply()
    #expect(reply.ok && reply.file == file)
    let empty = try await ContinuoProgram.launch("library", [], on: "none-here").reply()
    #expect(empty.ok)
    let unknown = try await ContinuoProgram.launch("star", ["#9"], on: "none-here").reply(code: 1)
    #expect(unknown.error?.hasPrefix("There is no #9 in the library") == true)
  }
}
