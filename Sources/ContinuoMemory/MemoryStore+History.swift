// SPDX-License-Identifier: MIT
public import ContinuoMusic
public import Foundation
internal import GRDB

/// A request with what came of it.
public struct RememberedRequest: Sendable {
  /// Its number.
  public let id: Int64
  /// The session it belongs to.
  public let session: Int64
  /// When it was asked.
  public let at: Date
  /// The musician's words.
  public let words: String
  /// The sort of part.
  public let kind: String
  /// The track.
  public let track: String
  /// The first bar, from 1.
  public let firstBar: Int
  /// Quarter notes a minute; nil when not known.
  public let tempo: Double?
  /// The key's tonic and mode; nil when not known.
  public let tonic: Int?
  /// "major" or "minor"; nil when not known.
  public let mode: String?
  /// Where the original was read from.
  public let source: String
  /// What a model was sent; nil when none was asked.
  public let sent: String?
  /// What the track played.
  public let original: Pattern
  /// The candidate that was varied; nil for a request of its own.
  public let varies: Int64?
  /// Its candidates, by number.
  public let candidates: [LibraryEntry]
  /// The keeps of its candidates, oldest first.
  public let keeps: [RememberedKeep]
}

/// A candidate that went into a track.
public struct RememberedKeep: Hashable, Sendable {
  /// The candidate.
  public let candidate: Int64
  /// When.
  public let at: Date
  /// "recorded" or "imported".
  public let way: String
  /// The track it went into.
  public let track: String
  /// The first bar, from 1.
  public let firstBar: Int
  /// Whether what Ardour wrote was read back and is what was played.
  public let isVerified: Bool
  /// When it was taken back; nil when it was not.
  public let takenBack: Date?
}

/// A session, and how much it holds.
public struct RememberedSession: Hashable, Sendable {
  /// Its number.
  public let id: Int64
  /// When its first request was asked.
  public let started: Date
  /// Ardour's name for it; nil when there was none.
  public let name: String?
  /// The version of Continuo.
  public let program: String
}

extension MemoryStore {
  /// The last `count` requests, the newest first, of one session or of all.
  ///
  /// - Throws: `MemoryError`.
  public func history(
    _ count: Int, session: Int64? = nil
  ) async throws(MemoryError) -> [RememberedRequest] {
    let count = min(max(count, 1), 10_000)
    return try await read { database in
      let rows = try Row.fetchAll(
        database,
        sql: "SELECT * FROM request WHERE ?1 IS NULL OR session = ?1 ORDER BY id DESC LIMIT ?2",
        arguments: [session, count])
      return try rows.map { try Self.request($0, database) }
    }
  }

  /// The newest session that something was asked in; nil when there is none.
  ///
  /// - Throws: `MemoryError`.
  public func lastSession() async throws(MemoryError) -> RememberedSession? {
    try await read { database in
      try Row.fetchOne(
        database,
        sql: """
          SELECT * FROM session
          WHERE id = (SELECT session FROM request ORDER BY id DESC LIMIT 1)
          """
      ).map { row in
        RememberedSession(
          id: row["id"], started: Date(timeIntervalSince1970: row["started"]), name: row["name"],
          program: row["program"])
      }
    }
  }

  private static func request(_ row: Row, _ database: Database) throws -> RememberedRequest {
    let id: Int64 = row["id"]
    let entries = try Row.fetchAll(
      database,
      sql: """
        SELECT \(LibraryEntry.columns) FROM \(LibraryEntry.tables)
        WHERE c.request = ? ORDER BY c.number, c.id
        """, arguments: [id])
    let keeps = try Row.fetchAll(
      database,
      sql: """
        SELECT k.* FROM keep k JOIN candidate c ON c.id = k.candidate
        WHERE c.request = ? ORDER BY k.id
        """, arguments: [id])
    return RememberedRequest(
      id: id, session: row["session"], at: Date(timeIntervalSince1970: row["at"]),
      words: row["words"], kind: row["kind"], track: row["track"], firstBar: row["firstBar"],
      tempo: row["tempo"], tonic: row["tonic"], mode: row["mode"], source: row["source"],
      sent: row["sent"], original: try PatternText.decode(row["original"]), varies: row["varies"],
      candidates: entries.map(LibraryEntry.init), keeps: keeps.map(RememberedKeep.init))
  }
}

extension RememberedKeep {
  fileprivate init(row: Row) {
    let takenBack: Double? = row["takenBack"]
    self.init(
      candidate: row["candidate"], at: Date(timeIntervalSince1970: row["at"]), way: row["way"],
      track: row["track"], firstBar: row["firstBar"], isVerified: row["verified"],
      takenBack: takenBack.map { Date(timeIntervalSince1970: $0) })
  }
}
