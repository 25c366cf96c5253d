// SPDX-License-Identifier: MIT
import ContinuoArdour
import ContinuoComposer
import ContinuoMusic
import ContinuoOSC
import ContinuoRealtime
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoSession

/// A whole session beside the real Ardour 7.3, through what a musician does there.
@Suite(.serialized) struct LiveArdourIntegrationTests {
  static let tracks = [
    ArdourSession.Track("Bass", notes: scale(36)), ArdourSession.Track("Keys", notes: scale(60)),
  ]

  private func live(_ server: JackServer, _ ardour: HeadlessArdour) async throws -> LiveSession {
    let settings = try Settings(
      flags: .init(server: server.name, name: "live", ardourPort: Int(ardour.port)),
      environment: [:])
    let session = try LiveSession(settings) { _ in }
    await session.lookForArdour()
    return session
  }

  private func data(_ reply: Reply, _ sees: String = "") throws -> [String: JSONValue] {
    #expect(reply.exit == .done, "\(sees) \(reply.error ?? "")")
    guard case .object(let members) = reply.data else { return [:] }
    return members
  }

  private func say(_ session: LiveSession, _ line: String) async throws -> [String: JSONValue] {
    try data(await session.handle(try CommandParser.parse(line)) { _ in }, line)
  }

  @Test(.timeLimit(.minutes(3)))
  func `the last bars are taken as they lay on the timeline, whenever they were played`()
    async throws
  {
    let made = try await ArdourSession.make(Self.tracks)
    try await withArdour(made) { ardour, server in
      let session = try await live(server, ardour)
      let host = await session.host
      _ = try await say(session, "follow Bass Keys")
      _ = try await say(session, "transport play")
      #expect(await host.wait(seconds: 20) { $0.song.bar >= 4 })
      _ = try await say(session, "transport stop")
      let taken = try await say(session, "take 2")
      let heard = try #require(await session.heard)
      #expect(taken["firstBar"] == .int(2) && taken["bars"] == .int(2))
      #expect(heard.tracks.map(\.name) == ["Bass", "Keys"])
      for (track, lowest) in zip(heard.tracks, [36, 60]) {
        // Quarters 4 to 11 of the scale, each three quarters of a beat long.
        #expect(track.pattern.notes.map { Int($0.pitch) } == (4..<12).map { lowest + $0 % 5 })
        for (index, note) in track.pattern.notes.enumerated() {
          #expect(abs(note.start.quarters - Double(index)) < 0.0006)
          #expect(abs(note.duration.quarters - 0.75) < 0.0012)
        }
      }
      // Back to bar 1 and on to bar 3: bars 1 and 2 are the new pass', bar 3 the old one's.
      _ = try await say(session, "transport locate 1")
      _ = try await say(session, "transport play")
      #expect(await host.wait(seconds: 20) { $0.song.rolling && $0.song.bar == 3 })
      let again = try await say(session, "take 3")
      #expect(again["firstBar"] == .int(1) && again["bars"] == .int(3))
      guard case .array(let passes) = again["passes"] else {
        Issue.record("no passes")
        return
      }
      #expect(passes.count == 2)
      let joined = try #require(await session.heard)
      #expect(joined.tracks[0].pattern.notes.map { Int($0.pitch) } == (0..<12).map { 36 + $0 % 5 })
      await session.shutdown()
    }
  }

  @Test(.timeLimit(.minutes(3)))
  func `what is followed goes with a new name and with the selection, and In is given back`()
    async throws
  {
    let made = try await ArdourSession.make(Self.tracks)
    try await withArdour(made) { ardour, server in
      let session = try await live(server, ardour)
      let host = await session.host
      let store = await session.store
      let client = try await session.needArdour()
      let socket = try OSCSocket()
      defer { socket.close() }
      func send(_ address: String, _ arguments: OSCArgument...) throws {
        try socket.send(OSCMessage(address, arguments), to: ardour.port)
      }
      func id(_ name: String) async throws -> Int32 {
        Int32(try await client.midiTrack(named: name).id)
      }
      _ = try await say(session, "follow Bass")
      try send("/strip/name", .int32(try await id("Bass")), .string("Low Bass"))
      try await eventually("the new name") {
        await session.followed[1]?.name == "Low Bass"
      }
      #expect(await session.followed[1]?.port == "ardour:Low Bass/midi_out 1")
      #expect(host.status.inputs[0].connections == ["ardour:Low Bass/midi_out 1"])
      let before = store.count
      _ = try await say(session, "transport play")
      #expect(await host.wait(seconds: 20) { $0.song.rolling && $0.song.bar == 2 })
      #expect(store.count > before + 4)
      _ = try await say(session, "transport stop")
      _ = try await say(session, "take 1")

      _ = try await say(session, "follow selected")
      // Ardour 7.3 selects on 0.
      try send("/strip/select", .int32(try await id("Keys")), .int32(0))
      try await eventually("the selected track") {
        await session.followed.values.map(\.name) == ["Keys"]
      }
      #expect(host.status.inputs[0].connections == ["ardour:Keys/midi_out 1"])
      _ = try await say(session, "follow \"Low Bass\"")
      try send("/strip/select", .int32(try await id("Low Bass")), .int32(0))
      try await eventually("the selection told") {
        await client.state.strip(named: "Low Bass")?.details.isSelected == true
      }
      #expect(await session.followed.values.map(\.name) == ["Low Bass"])

      // An In button of the musician's own is on before and after; one of ours goes off again.
      for isOn in [true, false] {
        try await client.setMonitorsInput(isOn, track: "Low Bass")
        _ = try await say(session, "enhance track \"Low Bass\" seed 3 make it groovier")
        _ = try await say(session, "audition 1 now")
        #expect(await client.state.strip(named: "Low Bass")?.details.monitorsInput == true)
        _ = try await say(session, "original")
        try await eventually("the In button as it was") {
          await client.state.strip(named: "Low Bass")?.details.monitorsInput == isOn
        }
      }
      await session.shutdown()
    }
  }

  @Test(.timeLimit(.minutes(3)))
  func `candidates are varied, compared and locked, and their bars are the song's`() async throws {
    let made = try await ArdourSession.make(
      Self.tracks + [ArdourSession.Track("Loop", notes: steady(48))])
    try await withArdour(made) { ardour, server in
      let session = try await live(server, ardour)
      _ = try await say(session, "enhance track Bass from 3 bars 2 seed 3 count 2 make it groovier")
      let shelf = try #require(await session.shelf)
      #expect(shelf.firstBar == 3 && shelf.original.notes.count == 8)
      #expect(shelf.neighbours.map(\.name) == ["Keys", "Loop"])

      let diff = try await say(session, "diff 1")
      let first = PatternDiff(from: shelf.original, to: shelf.candidates[0].pattern)
      guard case .array(let changes) = diff["changes"] else {
        Issue.record("no changes")
        return
      }
      #expect(changes.count == first.changes.count && !changes.isEmpty)
      #expect(diff["unchanged"] == .int(first.unchanged))

      // Bar 3 of the song is locked: the part's first bar stays, note for note.
      _ = try await say(session, "lock bar 3")
      let varied = try await say(session, "vary 1 seed 5 count 2 make it busier")
      let all = try #require(await session.shelf?.candidates)
      #expect(all.count == 4 && all.map(\.variedFrom) == [nil, nil, 1, 1])
      #expect(all.map { $0.origin?.generation } == [0, 0, 1, 1])
      #expect(varied["locked"] != nil)
      let bar = Beats(4)
      let kept = all[0].pattern.notes.filter { $0.start < bar }
      for candidate in all.suffix(2) {
        #expect(candidate.pattern.notes.filter { $0.start < bar } == kept)
        #expect(candidate.pattern.notes != all[0].pattern.notes)
      }
      // A variation of a variation remembers both.
      _ = try await say(session, "vary 3 seed 6 count 1")
      #expect(await session.shelf?.candidates.last?.origin?.generation == 2)
      #expect(await session.shelf?.candidates.last?.variedFrom == 3)

      // What the session holds, with figures, and by number.
      let suggested = try await say(session, "suggest")
      guard case .array(let chances) = suggested["suggestions"],
        let number = chances.firstIndex(where: { chance in
          guard case .object(let members) = chance else { return false }
          return members["kind"] == "sameBars" && members["track"] == "Loop"
            && members["firstBar"] == .int(1) && members["lastBar"] == .int(4)
        })
      else {
        Issue.record("the loop was not seen: \(suggested)")
        return
      }
      #expect(await session.shelf?.candidates.count == 5)

      let outside = await session.handle(
        try CommandParser.parse("enhance track Bass from 3 bars 2 fill bars 1-2")
      ) { _ in }
      #expect(outside.error == "The part lies in bars 3-4: bars 1-2 are not all in it")
      #expect(await session.shelf?.candidates.count == 5)
      _ = try await say(session, "unlock")
      #expect(await session.lock.isEmpty)
      let done = try await say(session, "suggest \(number + 1)")
      guard case .object(let chosen) = chances[number] else { return }
      #expect(done["track"] == "Loop" && done["request"] == chosen["request"])
      #expect(await session.shelf?.candidates.isEmpty == false)
      let none = await session.handle(try CommandParser.parse("suggest 8")) { _ in }
      #expect(none.exit == .usage && none.error?.hasPrefix("There is no suggestion 8") == true)
      let dense = try await say(
        session, "enhance track Bass from 3 bars 2 seed 3 count 1 walk --density 2 --voices 1")
      #expect(dense["candidates"] != nil)
      let notes = try #require(await session.shelf?.candidates.first?.pattern.notes)
      #expect((12...20).contains(notes.count), "\(notes.count) notes in 8 quarters")
      await session.shutdown()
    }
  }
}
