// SPDX-License-Identifier: MIT
internal import ContinuoMusic
internal import Foundation
internal import GRDB

extension MemoryStore {
  /// What a search found.
  public struct Found: Sendable {
    /// As asked for: the newest or the best first.
    public let entries: [LibraryEntry]
    /// Whether there is more than the limit let through.
    public let hasMore: Bool
  }

  /// Candidates that `query` fits.
  ///
  /// - Throws: `MemoryError`.
  public func search(_ query: LibraryQuery) async throws(MemoryError) -> Found {
    let limit = min(max(query.limit ?? LibraryQuery.usualLimit, 1), 1000)
    var conditions: [String] = []
    var arguments: [(any DatabaseValueConvertible)?] = []
    func ask(_ condition: String, _ values: any DatabaseValueConvertible...) {
      conditions.append(condition)
      arguments += values.map(Optional.some)
    }
    let pattern = Self.match(query)
    if let pattern { ask("words MATCH ?", pattern) }
    if let tempo = query.tempo {
      ask("c.tempo BETWEEN ? AND ?", tempo.lowerBound, tempo.upperBound)
    }
    if let score = query.score { ask("c.score >= ?", score) }
    if query.isStarred { ask("c.starred = 1") }
    if query.isKept {
      ask("EXISTS (SELECT 1 FROM keep k WHERE k.candidate = c.id AND k.takenBack IS NULL)")
    }
    let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    // What fits is found in the small rows alone; only what is shown is then read whole. The index
    // of words is asked first, and by rowid, so that the newest end the search once they suffice.
    let (places, id) =
      pattern == nil
      ? ("candidate c", "c.id")
      : ("words CROSS JOIN candidate c ON c.id = words.rowid", "words.rowid")
    func order(_ id: String) -> String {
      query.isByScore ? "c.score DESC, c.id DESC" : "\(id) DESC"
    }
    let sql = """
      SELECT \(LibraryEntry.columns) FROM \(LibraryEntry.tables)
      WHERE c.id IN (SELECT c.id FROM \(places) \(filter) ORDER BY \(order(id)) LIMIT ?)
      ORDER BY \(order("c.id"))
      """
    let bound = StatementArguments(arguments + [limit + 1])
    let entries = try await read { database in
      try Row.fetchAll(database, sql: sql, arguments: bound).map(LibraryEntry.init)
    }
    return Found(entries: Array(entries.prefix(limit)), hasMore: entries.count > limit)
  }

  /// What the index of words is asked: each word a prefix, all wanted, in what is of the kind, key
  /// and metre; nil where the query names none of them.
  private static func match(_ query: LibraryQuery) -> String? {
    let words = (query.words ?? "").split { !$0.isLetter && !$0.isNumber }.prefix(16)
    func hex(_ text: String) -> String { text.utf8.map { String(format: "%02X", $0) }.joined() }
    let facets = [
      query.kind.map { "k\(hex($0))" }, query.tonic.map { "t\($0)" },
      query.mode.map { "m\(hex($0))" }, query.meter.map { "b\($0.beatsPerBar)u\($0.beatUnit)" },
    ].compactMap(\.self)
    let parts = words.map { "text: \"\($0)\"*" } + facets.map { "facets: \"\($0)\"" }
    return parts.isEmpty ? nil : parts.joined(separator: " AND ")
  }

  /// One candidate with its notes.
  ///
  /// - Throws: `MemoryError.unknown`; `.unusable` for notes that cannot be read.
  public func candidate(_ id: Int64) async throws(MemoryError) -> RememberedCandidate {
    let found = try await read { database in
      try Row.fetchOne(
        database,
        sql: """
          SELECT \(LibraryEntry.columns), b.pattern, b.figures, r.original, r.context
          FROM \(LibraryEntry.tables) WHERE c.id = ?
          """, arguments: [id]
      ).map { row in
        RememberedCandidate(
          entry: LibraryEntry(row: row), pattern: try PatternText.decode(row["pattern"]),
          original: try PatternText.decode(row["original"]), context: row["context"],
          figures: row["figures"])
      }
    }
    guard let found else { throw .unknown(id: id) }
    return found
  }

  /// How much there is.
  public struct Size: Hashable, Sendable {
    /// Candidates.
    public let candidates: Int
    /// Requests.
    public let requests: Int
  }

  /// How much is remembered.
  ///
  /// - Throws: `MemoryError`.
  public func size() async throws(MemoryError) -> Size {
    try await read { database in
      Size(
        candidates: try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM candidate") ?? 0,
        requests: try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM request") ?? 0)
    }
  }
}
