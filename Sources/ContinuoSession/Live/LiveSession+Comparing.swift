// SPDX-License-Identifier: MIT
internal import ContinuoComposer
internal import ContinuoMusic

/// What candidates change, and what they must not.
extension LiveSession {
  /// What changed in a candidate, note by note, against the original or another candidate.
  func diff(_ number: Int, against other: Int?) throws -> Reply {
    let shelf = try needShelf()
    let candidate = try shelf.candidate(number)
    let before = try other.map { try shelf.candidate($0).pattern } ?? shelf.original
    let diff = PatternDiff(from: before, to: candidate.pattern)
    let meter = shelf.original.meter
    let title =
      other.map { "Candidate \(number) against candidate \($0)" }
      ?? "Candidate \(number) against the original"
    let changes: [JSONValue] = diff.changes.map { change in
      [
        "kind": .string(change.kind.rawValue),
        "before": change.before.map { note($0, shelf) } ?? .null,
        "after": change.after.map { note($0, shelf) } ?? .null,
      ]
    }
    return .done(
      ["\(title), in \(TerminalText.clean(shelf.track)):"]
        + diff.lines(meter: meter, firstBar: shelf.firstBar),
      data: [
        "candidate": .int(number), "against": other.map { .int($0) } ?? "original",
        "unchanged": .int(diff.unchanged), "changes": .array(changes),
      ])
  }

  private func note(_ note: Note, _ shelf: CandidateShelf) -> JSONValue {
    [
      "at": .string(
        PatternDiff.place(note.start, meter: shelf.original.meter, firstBar: shelf.firstBar)),
      "pitch": .string(PitchName.name(of: note.pitch)), "key": .int(Int(note.pitch)),
      "velocity": .int(Int(note.velocity)), "start": .number(note.start.quarters),
      "duration": .number(note.duration.quarters),
    ]
  }

  /// Adds to what must stay as it is, or tells what does.
  func lock(_ words: String?) throws -> Reply {
    if let words {
      guard let more = NoteLock(words: words) else {
        throw CommandFailure(
          .usage,
          "“\(TerminalText.clean(words))” is nothing that can be locked: name bars, beats, drums or "
            + "notes, as in lock bars 9-10 and the kick")
      }
      lock = lock.union(more)
    }
    return lockReply()
  }

  /// Locks nothing any more.
  func unlock() -> Reply {
    lock = NoteLock()
    return lockReply()
  }

  private func lockReply() -> Reply {
    .done(
      [lock.isEmpty ? "Nothing is locked" : "Locked in the requests to come: \(lock.words)"],
      // Whole numbers alone: encoding them cannot fail.
      data: ["locked": (try? JSONValue(encoding: lock)) ?? .null, "words": .string(lock.words)])
  }
}
