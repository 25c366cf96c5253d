// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoArdour
internal import ContinuoComposer
internal import ContinuoMusic
internal import ContinuoRealtime

/// Chords heard lately, and the bar at whose beginning they were told last.
struct HeardChords: Sendable {
  var bar: Int32 = 0
  var chords: JSONValue = []
}

/// What faces that draw are told, many times a second.
extension LiveSession {
  func view(_ wish: ViewWish) async -> SessionView? {
    let song = host.snapshot().song
    if song.isKnown, song.rolling, song.bar != heardChords.bar { hearChords(song) }
    let count = store.count
    let first = max(
      wish.notesFrom ?? count - wish.mostNotes, count - wish.mostNotes, store.forgotten)
    let events = store.events(from: first)
    // A bare nil would be JSON's null here, which tells that there is nothing.
    let unchanged = JSONValue?.none
    let shelf = shelfRevision > wish.shelfAfter ? .some(shelfView) : unchanged
    let health = wish.includesHealth ? .some(await healthView()) : unchanged
    return SessionView(
      song: songView, notes: Self.notes(events, from: first), firstNote: first,
      nextNote: first + events.count, state: stateView, shelf: shelf,
      shelfRevision: shelfRevision, health: health)
  }

  private var songView: JSONValue {
    let snapshot = host.snapshot()
    let song = snapshot.song
    return [
      "known": .bool(song.isKnown), "rolling": .bool(song.rolling),
      "quarters": .number(song.quarters), "bar": .int(Int(song.bar)),
      "beat": .int(Int(snapshot.beat)), "barStart": .number(song.barStart),
      "barLength": .number(song.barLength), "beatLength": .number(song.beatLength),
      "tempo": .number(song.quartersPerMinute),
    ]
  }

  private static func notes(_ events: [Take.Event], from first: Int) -> [SessionView.HeardNote] {
    events.enumerated().compactMap { offset, event in
      let bytes = event.bytes
      guard bytes.count == 3, bytes[0] & 0xE0 == 0x80,
        let place = event.position?.quarters.quarters,
        place.isFinite
      else { return nil }
      let velocity = bytes[0] & 0xF0 == 0x80 ? 0 : bytes[2]
      return SessionView.HeardNote(
        number: first + offset,
        line: "[\(event.port),\(bytes[0] & 0x0F),\(bytes[1]),\(velocity),\(place)]")
    }
  }

  private var stateView: JSONValue {
    [
      "followed": .array(
        followed.sorted { $0.key < $1.key }.map {
          ["input": .int($0.key), "track": .string($0.value.name)]
        }),
      "playing": audition.map {
        [
          "candidate": .int($0.number), "track": .string($0.track),
          "sounds": .bool(host.snapshot().activePattern == $0.identity),
        ]
      } ?? .null,
      "isRecording": .bool(cancelTake != nil),
      "locked": .string(lock.isEmpty ? "" : lock.words),
      "chords": heardChords.chords,
    ]
  }

  private var shelfView: JSONValue {
    guard let shelf, case .object(var members) = shelf.data else { return .null }
    members["start"] = .number(shelf.start)
    members["barLength"] = .number(shelf.original.meter.barLength.quarters)
    members["original"] = .array(shelf.original.notes.map { Self.note($0, isNew: false) })
    members["chords"] = Self.chords(shelf.context, from: shelf.start)
    if case .array(let told) = members["candidates"] {
      members["candidates"] = .array(
        zip(told, shelf.candidates).map { told, candidate in
          guard case .object(var members) = told else { return told }
          let changes = PatternDiff(from: shelf.original, to: candidate.pattern).changes
          let new = Set(changes.compactMap(\.after))
          members["pattern"] = .array(
            candidate.pattern.notes.map { Self.note($0, isNew: new.contains($0)) })
          members["changed"] = .int(changes.count)
          members["isWhole"] = .bool(candidate.origin != nil)
          return .object(members)
        })
    }
    return .object(members)
  }

  /// `[start, duration, key, velocity, 1 when it differs from the original]`.
  private static func note(_ note: Note, isNew: Bool) -> JSONValue {
    [
      .number(note.start.quarters), .number(note.duration.quarters), .int(Int(note.pitch)),
      .int(Int(note.velocity)), .int(isNew ? 1 : 0),
    ]
  }

  private static func chords(
    _ context: MusicContext, from start: Double, since: Double = -.infinity
  ) -> JSONValue {
    .array(
      context.chords.compactMap { span in
        guard start + span.end.quarters > since else { return nil }
        return span.chord.map { chord in
          [
            "start": .number(max(start + span.start.quarters, since)),
            "end": .number(start + span.end.quarters),
            "name": .string(chord.symbol(flats: false)),
          ]
        }
      })
  }

  /// Tells the chords of the last bars anew, once a bar: those since the song jumped, if it did.
  private func hearChords(_ song: SongCycle) {
    heardChords.bar = song.bar
    heardChords.chords = []
    guard var hearing = hear(song), let place = hearing.place else { return }
    let context = hearing.context(tempo: Tempo(song.quartersPerMinute))
    self.hearing = hearing
    let since = max(song.barStart - Self.drawnBars * song.barLength, place.since)
    heardChords.chords = Self.chords(context, from: place.start, since: since)
  }

  /// Bars back that chords are drawn over.
  private static let drawnBars = 4.0

  private func healthView() async -> JSONValue {
    let status = host.status
    let state = await ardour?.state
    let counters = status.counters
    return [
      "jack": .bool(status.isConnected), "xruns": .int(status.serverXruns),
      "callbackMicroseconds": .number(Double(status.callback99) / 1000),
      "callbackMostMicroseconds": .number(Double(status.callbackMaximum) / 1000),
      "dropped": .int(Int(clamping: counters["captureDropped"] ?? 0)),
      "lost": .int(Int(clamping: counters["playLost"] ?? 0)),
      "ardour": state?.presence == .present
        ? .string(TerminalText.clean(state?.sessionName ?? "a session without a name")) : .null,
      "tracks": .array(
        (state?.strips ?? []).filter { $0.kind == .midiTrack }.map { .string($0.name) }),
      "model": .string(settings.model.model ?? settings.model.provider.rawValue),
    ]
  }
}
