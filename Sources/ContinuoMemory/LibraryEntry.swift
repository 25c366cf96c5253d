// SPDX-License-Identifier: MIT
public import ContinuoMusic
public import Foundation
internal import GRDB

/// A candidate as the library lists it.
public struct LibraryEntry: Hashable, Sendable {
  /// Its number in the library, which it keeps.
  public let id: Int64
  /// The request it answered.
  public let request: Int64
  /// When it was finished.
  public let at: Date
  /// In a few words.
  public let name: String
  /// What was done.
  public let summary: String
  /// The musician's words.
  public let words: String
  /// The track it was made for.
  public let track: String
  /// The first bar it was made for, from 1.
  public let firstBar: Int
  /// The sort of part.
  public let kind: String
  /// Who made it.
  public let composer: String
  /// As measured, 0...1.
  public let score: Double
  /// The key's tonic, 0...11; nil when it was not known.
  public let tonic: Int?
  /// "major" or "minor"; nil when it was not known.
  public let mode: String?
  /// Its metre.
  public let meter: Meter
  /// Quarter notes a minute; nil when not known.
  public let tempo: Double?
  /// Its length in bars.
  public let bars: Int
  /// How many notes it has.
  public let notes: Int
  /// Whether the musician starred it.
  public let isStarred: Bool
  /// How often it was auditioned.
  public let auditions: Int
  /// How often it was kept and not taken back.
  public let keeps: Int
  /// Whether it was discarded.
  public let isDiscarded: Bool

  static let columns = """
    c.id, c.request, c.at, b.name, b.summary, r.words, r.track, r.firstBar, c.kind, c.composer,
    c.score, c.tonic, c.mode, c.beats, c.unit, c.tempo, c.bars, c.notes, c.starred, c.auditions,
    c.discarded,
    (SELECT COUNT(*) FROM keep k WHERE k.candidate = c.id AND k.takenBack IS NULL) AS keeps
    """
  static let tables =
    "candidate c JOIN body b ON b.candidate = c.id JOIN request r ON r.id = c.request"

  init(row: Row) {
    id = row["id"]
    request = row["request"]
    at = Date(timeIntervalSince1970: row["at"])
    name = row["name"]
    summary = row["summary"]
    words = row["words"]
    track = row["track"]
    firstBar = row["firstBar"]
    kind = row["kind"]
    composer = row["composer"]
    score = row["score"]
    tonic = row["tonic"]
    mode = row["mode"]
    meter = Meter(row["beats"], row["unit"]) ?? .common
    tempo = row["tempo"]
    bars = row["bars"]
    notes = row["notes"]
    isStarred = row["starred"]
    auditions = row["auditions"]
    keeps = row["keeps"]
    isDiscarded = row["discarded"]
  }
}

/// A candidate with its notes, and what it was made for.
public struct RememberedCandidate: Sendable {
  /// What the library lists.
  public let entry: LibraryEntry
  /// Its notes.
  public let pattern: Pattern
  /// What the track played.
  public let original: Pattern
  /// What was heard round it, as JSON.
  public let context: String
  /// What was measured, as JSON.
  public let figures: String
}
