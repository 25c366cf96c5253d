// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import ContinuoRealtime
import Testing

@testable import ContinuoSession

extension LiveSession {
  fileprivate func lay(_ shelf: CandidateShelf?) { self.shelf = shelf }
}

/// What the page is told of a session.
struct SessionViewTests {
  private let session: LiveSession

  init() throws {
    let recording = try SessionRecording(bytes: HandMadeLog.whole().bytes, name: "log")
    session = LiveSession(
      try Settings(flags: .init(), environment: [:]),
      replaying: ReplayHost(recording, ReplayTape(recording.lines))
    ) { _, _ in throw CommandFailure(.noArdour, "There is none") }
  }

  private func view(
    from: Int? = nil, most: Int = 100, shelfAfter: Int = 0, health: Bool = false
  ) async throws -> SessionView {
    try #require(
      await session.view(
        ViewWish(notesFrom: from, mostNotes: most, shelfAfter: shelfAfter, includesHealth: health)))
  }

  /// `count` notes of a quarter each, an eighth long, from key 36 up.
  private func play(_ count: Int) async {
    let store = await session.store
    for quarter in 0..<count {
      for (status, place) in [(UInt8(0x92), 0.0), (0x82, 0.5)] {
        var event = RealtimeEvent(kind: .midi, frame: UInt64(quarter) * 24_000)
        event.quarters = Double(quarter) + place
        event.port = 3
        event.flags = 3
        event.length = 3
        store.add([CapturedEvent(event: event, bytes: [status, UInt8(36 + quarter), 100])])
      }
    }
  }

  @Test func `notes are told once each, in order, and the oldest are passed over`() async throws {
    await play(8)
    let all = try await view()
    #expect(all.firstNote == 0 && all.nextNote == 16 && all.notes.count == 16)
    #expect(all.notes.prefix(2).map(\.line) == ["[3,2,36,100,0.0]", "[3,2,36,0,0.5]"])
    let late = try await view(from: 2, most: 10)
    #expect(late.firstNote == 6 && late.notes.map(\.number) == Array(6..<16))
    #expect(try await view(from: 16).notes.isEmpty)
    await play(1)
    #expect(try await view(from: 16).notes.map(\.number) == [16, 17])
  }

  @Test func `candidates are told when they changed, with what differs marked`() async throws {
    func note(_ pitch: Int, _ start: Double) throws -> Note {
      try #require(Note(pitch: pitch, velocity: 90, start: Beats(start), duration: Beats(0.5)))
    }
    let original = Pattern(
      name: "Bass", notes: [try note(40, 0), try note(43, 1)], length: Beats(4))
    let changed = Pattern(
      name: "Bass", notes: [try note(40, 0), try note(45, 1.5)], length: Beats(4))
    let candidate = ShelvedCandidate(
      name: "one", summary: "", pattern: changed, composer: "builtin", seed: 1, score: 0.5,
      figures: ["inKey": 1])
    let before = try await view()
    #expect(before.shelf == .null)
    await session.lay(
      CandidateShelf(
        track: "Bass", kind: .bass, request: "other", firstBar: 3, start: 8, original: original,
        source: "test", context: MusicContext(tracks: [original]), neighbours: [],
        candidates: [candidate]))
    let laid = try await view(shelfAfter: before.shelfRevision)
    let shelf = try #require(laid.shelf)
    #expect(shelf["start"] == .number(8))
    guard case .array(let candidates)? = shelf["candidates"] else {
      Issue.record("no candidates")
      return
    }
    #expect(
      candidates.first?["pattern"]
        == [
          [.number(0), .number(0.5), 40, 90, 0], [.number(1.5), .number(0.5), 45, 90, 1],
        ])
    #expect(candidates.first?["isWhole"] == .bool(false))
    #expect(try await view(shelfAfter: laid.shelfRevision).shelf == JSONValue?.none)
    await session.lay(nil)
    #expect(try await view(shelfAfter: laid.shelfRevision).shelf == .null)
  }

  @Test func `health is told only when it is asked for`() async throws {
    #expect(try await view().health == JSONValue?.none)
    let health = try #require(try await view(health: true).health)
    #expect(health["ardour"] == .null)
    #expect(health["model"] == "builtin")
  }
}
