// SPDX-License-Identifier: MIT
internal import ContinuoMusic
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
    if let words = query.words, let pattern = Self.match(words) {
      ask("c.id IN (SELECT rowid FROM words WHERE words MATCH ?)", pattern)
    }
    if let kind = query.kind { ask("c.kind = ?", kind) }
    if let tonic = query.tonic { ask("c.tonic = ?", tonic) }
    if let mode = query.mode { ask("c.mode = ?", mode) }
    if let meter = query.meter {
      ask("c.beats = ? AND c.unit = ?", meter.beatsPerBar, meter.beatUnit)
    }
    if let tempo = query.tempo {
      ask("c.tempo BETWEEN ? AND ?", tempo.lowerBound, tempo.upperBound)
    }
    if let score = query.score { ask("c.score >= ?", score) }
    if query.isStarred { ask("c.starred") }
    if query.isKept {
      ask("EXISTS (SELECT 1 FROM keep k WHERE k.candidate = c.id AND k.takenBack IS NULL)")
    }
    let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    let order = query.isByScore ? "c.score DESC, c.id DESC" : "c.id DESC"
    // What fits is found in the small rows alone; only what is shown is then read whole.
    let sql = """
      SELECT \(LibraryEntry.columns) FROM \(LibraryEntry.tables)
      WHERE c.id IN (SELECT c.id FROM candidate c \(filter) ORDER BY \(order) LIMIT ?)
      ORDER BY \(order)
      """
    let bound = StatementArguments(arguments + [limit + 1])
    let entries = try await read { database in
      try Row.fetchAll(database, sql: sql, arguments: bound).map(LibraryEntry.init)
    }
    return Found(entries: Array(entries.prefix(limit)), hasMore: entries.count > limit)
  }

  /// The words as a pattern of the full-text index: each a prefix, all wanted; nil without any.
  static func match(_ words: String) -> String? {
    let parts = words.split { !$0.isLetter && !$0.isNumber }.prefix(16)
    return parts.isEmpty ? nil : parts.map { "\"\($0)\"*" }.joined(separator: " ")
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
