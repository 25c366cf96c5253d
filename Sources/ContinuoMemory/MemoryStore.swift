// SPDX-License-Identifier: MIT
internal import ContinuoMusic
public import Foundation
internal import GRDB
internal import Glibc

/// What Continuo remembers, in one SQLite file.
///
/// A candidate that was handed to `add` and came back is on disk: neither the end of the program nor
/// of the machine's power takes it away (write-ahead log, synchronous FULL). Several programs may
/// have the file open at once. Every function may be called from any thread and blocks none.
public final class MemoryStore: Sendable {
  /// The file's name in its folder.
  public static let fileName = "memory.sqlite"

  let database: DatabasePool
  let path: String
  private let now: @Sendable () -> Date

  /// Opens the file in `folder`, makes both where they are not there yet (readable by their owner
  /// alone), and brings an older form up to date.
  ///
  /// Blocks for as long as that takes.
  /// - Throws: `MemoryError.unusable`, `.newer`.
  public init(
    folder: URL, now: @escaping @Sendable () -> Date = { Date() }
  ) throws(MemoryError) {
    self.now = now
    path = folder.appendingPathComponent(Self.fileName).path
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      // SQLite gives its log and index the file's own mode.
      let file = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
      guard file >= 0 else {
        throw MemoryError.unusable(path: path, reason: String(cString: strerror(errno)))
      }
      Glibc.close(file)
      var settings = Configuration()
      settings.busyMode = .timeout(5)
      settings.prepareDatabase { database in
        try database.execute(sql: "PRAGMA synchronous = FULL")
      }
      database = try DatabasePool(path: path, configuration: settings)
      let migrator = MemorySchema.migrator
      guard try !database.read({ try migrator.hasBeenSuperseded($0) }) else {
        throw MemoryError.newer(path: path)
      }
      try migrator.migrate(database)
    } catch {
      throw Self.told(error, path)
    }
  }

  /// Notes that a session begins; `name` is Ardour's.
  ///
  /// - Returns: the session's number.
  /// - Throws: `MemoryError`.
  public func begin(session name: String?, program: String) async throws(MemoryError) -> Int64 {
    let now = now()
    return try await write { database in
      try database.execute(
        sql: "INSERT INTO session (started, name, program) VALUES (?, ?, ?)",
        arguments: [now.timeIntervalSince1970, name, program])
      return database.lastInsertedRowID
    }
  }

  /// Notes a request before it is answered.
  ///
  /// - Returns: the request's number.
  /// - Throws: `MemoryError`.
  public func begin(
    _ request: RequestToRemember, in session: Int64
  ) async throws(MemoryError) -> Int64 {
    let now = now()
    return try await write { database in
      let varied = try request.varies.flatMap { try Self.find($0, database) }
      try database.execute(
        sql: """
          INSERT INTO request (session, at, words, kind, track, firstBar, tempo, tonic, mode, source,
            sent, context, original, varies)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          session, now.timeIntervalSince1970, request.words, request.kind, request.track,
          request.firstBar, request.tempo, request.tonic, request.mode, request.source,
          request.sent, request.context, try PatternText.encode(request.original), varied,
        ])
      return database.lastInsertedRowID
    }
  }

  /// Puts finished candidates away; one that was put away already by the same mark is brought up to
  /// date under its number.
  ///
  /// All of them or none.
  /// - Returns: their numbers in the library, in the order given.
  /// - Throws: `MemoryError`.
  @discardableResult
  public func add(
    _ candidates: [CandidateToRemember], to request: Int64
  ) async throws(MemoryError) -> [Int64] {
    let now = now()
    return try await write { database in
      try candidates.map { try Self.add($0, to: request, at: now, database) }
    }
  }

  private static func add(
    _ candidate: CandidateToRemember, to request: Int64, at: Date, _ database: Database
  ) throws -> Int64 {
    let pattern = candidate.pattern
    try database.execute(
      sql: """
        INSERT INTO candidate (request, mark, seed, at, number, composer, generation, score, kind,
          tonic, mode, beats, unit, tempo, bars, notes)
        SELECT id, ?, ?, ?, ?, ?, ?, ?, kind, tonic, mode, ?, ?, tempo, ?, ? FROM request
        WHERE id = ?
        ON CONFLICT (request, mark, seed) DO UPDATE SET
          number = excluded.number, score = excluded.score, bars = excluded.bars,
          notes = excluded.notes, beats = excluded.beats, unit = excluded.unit
        """,
      arguments: [
        candidate.mark.mark, String(candidate.mark.seed), at.timeIntervalSince1970,
        candidate.number, candidate.composer, candidate.generation, candidate.score,
        pattern.meter.beatsPerBar, pattern.meter.beatUnit, pattern.bars, pattern.notes.count,
        request,
      ])
    let id = try Int64.fetchOne(
      database, sql: "SELECT id FROM candidate WHERE request = ? AND mark = ? AND seed = ?",
      arguments: [request, candidate.mark.mark, String(candidate.mark.seed)])
    guard let id else { throw DatabaseError(message: "request \(request) was forgotten meanwhile") }
    try database.execute(
      sql: "INSERT OR REPLACE INTO body VALUES (?, ?, ?, ?, ?)",
      arguments: [
        id, candidate.name, candidate.summary, try PatternText.encode(pattern), candidate.figures,
      ])
    try database.execute(sql: "DELETE FROM words WHERE rowid = ?", arguments: [id])
    try database.execute(
      sql: """
        INSERT INTO words (rowid, text, facets)
        SELECT c.id, r.words || ' ' || r.track || ' ' || r.kind || ' ' || ? || ' ' || ?,
          \(MemorySchema.facets)
        FROM candidate c JOIN request r ON r.id = c.request WHERE c.id = ?
        """, arguments: [candidate.name, candidate.summary, id])
    return id
  }

  /// Notes what became of a candidate; nothing happens for one that is not remembered.
  ///
  /// - Throws: `MemoryError`.
  public func note(_ fate: Fate, of mark: CandidateMark) async throws(MemoryError) {
    let now = now()
    try await write { database in
      guard let id = try Self.find(mark, database) else { return }
      switch fate {
      case .auditioned:
        try database.execute(
          sql: "UPDATE candidate SET auditions = auditions + 1 WHERE id = ?", arguments: [id])
      case .discarded:
        try database.execute(
          sql: """
            UPDATE candidate SET discarded = 1 WHERE id = ? AND NOT EXISTS
              (SELECT 1 FROM keep WHERE candidate = candidate.id AND takenBack IS NULL)
            """, arguments: [id])
      case .kept(let track, let bar, let isVerified, let way):
        try database.execute(
          sql: """
            INSERT INTO keep (candidate, at, way, track, firstBar, verified)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
          arguments: [id, now.timeIntervalSince1970, way.rawValue, track, bar, isVerified])
        try database.execute(
          sql: "UPDATE candidate SET discarded = 0 WHERE id = ?", arguments: [id])
      case .takenBack:
        try database.execute(
          sql: """
            UPDATE keep SET takenBack = ? WHERE id =
              (SELECT MAX(id) FROM keep WHERE candidate = ? AND takenBack IS NULL)
            """, arguments: [now.timeIntervalSince1970, id])
      }
    }
  }

  /// What became of a candidate.
  public enum Fate: Sendable {
    /// It sounded in place.
    case auditioned
    /// It was thrown away; one that lies in a track, kept, is not.
    case discarded
    /// It went into a track, from `bar` on.
    case kept(track: String, bar: Int, isVerified: Bool, way: Way)
    /// The last keep of it was taken back.
    case takenBack
  }

  /// How a candidate came into a track.
  public enum Way: String, Sendable {
    /// Recorded and read back.
    case recorded
    /// Put on the timeline.
    case imported
  }

  /// The newest candidate with this mark.
  static func find(_ mark: CandidateMark, _ database: Database) throws -> Int64? {
    try Int64.fetchOne(
      database, sql: "SELECT MAX(id) FROM candidate WHERE mark = ? AND seed = ?",
      arguments: [mark.mark, String(mark.seed)])
  }

  /// Stars a candidate, or takes its star away.
  ///
  /// - Throws: `MemoryError.unknown`.
  public func star(_ id: Int64, _ isStarred: Bool) async throws(MemoryError) {
    try await change(
      id, "UPDATE candidate SET starred = ? WHERE id = ?", arguments: [isStarred, id])
  }

  /// Forgets a candidate for good, with its keeps' entries here; nothing in Ardour changes.
  ///
  /// - Throws: `MemoryError.unknown`.
  public func forget(_ id: Int64) async throws(MemoryError) {
    try await change(id, "DELETE FROM candidate WHERE id = ?", arguments: [id])
  }

  private func change(
    _ id: Int64, _ sql: String, arguments: StatementArguments
  ) async throws(MemoryError) {
    let found = try await write { database in
      try database.execute(sql: sql, arguments: arguments)
      return database.changesCount > 0
    }
    guard found else { throw .unknown(id: id) }
  }

  /// Closes the file, after what is under way, with all in the one file where no other program has it
  /// open.
  ///
  /// Blocks meanwhile.
  /// - Throws: `MemoryError.unusable`.
  public func close() throws(MemoryError) {
    // Another program that reads just now keeps the log: it holds all the same.
    _ = try? database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
    do { try database.close() } catch { throw Self.told(error, path) }
  }

  func write<Value: Sendable>(
    _ work: @escaping @Sendable (Database) throws -> Value
  ) async throws(MemoryError) -> Value {
    do { return try await database.write(work) } catch { throw Self.told(error, path) }
  }

  func read<Value: Sendable>(
    _ work: @escaping @Sendable (Database) throws -> Value
  ) async throws(MemoryError) -> Value {
    do { return try await database.read(work) } catch { throw Self.told(error, path) }
  }

  static func told(_ error: any Error, _ path: String) -> MemoryError {
    switch error {
    case let error as MemoryError: return error
    case let error as DatabaseError where error.resultCode == .SQLITE_FULL:
      return .unusable(path: path, reason: "the disk is full")
    case let error as DatabaseError
    where error.resultCode == .SQLITE_NOTADB
      || error.resultCode == .SQLITE_CORRUPT:
      return .unusable(
        path: path, reason: "it is no SQLite file, or was damaged: move it away to begin a new one")
    case let error as DatabaseError:
      return .unusable(path: path, reason: error.message ?? "SQLite error \(error.resultCode)")
    default: return .unusable(path: path, reason: error.localizedDescription)
    }
  }
}
