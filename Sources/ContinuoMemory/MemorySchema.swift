// SPDX-License-Identifier: MIT
import GRDB

/// The file's form, as the steps that lead to it.
///
/// A step that was released is never changed: what comes after it is a step of its own, and a test
/// opens a file of every form there was.
enum MemorySchema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 sessions, requests, candidates, keeps") { database in
      try database.execute(sql: firstForm)
    }
    migrator.registerMigration("2 kind, key and metre in the index of words") { database in
      try database.execute(sql: secondForm)
    }
    return migrator
  }

  /// What is searched lies in small rows (`candidate`), what is only shown apart from it (`body`),
  /// so that a search that finds nothing reads little.
  private static let firstForm = """
    CREATE TABLE session (
      id INTEGER PRIMARY KEY,
      started REAL NOT NULL,
      name TEXT,
      program TEXT NOT NULL
    );
    CREATE TABLE request (
      id INTEGER PRIMARY KEY,
      session INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
      at REAL NOT NULL,
      words TEXT NOT NULL,
      kind TEXT NOT NULL,
      track TEXT NOT NULL,
      firstBar INTEGER NOT NULL,
      tempo REAL,
      tonic INTEGER,
      mode TEXT,
      source TEXT NOT NULL,
      sent TEXT,
      context TEXT NOT NULL,
      original TEXT NOT NULL,
      varies INTEGER REFERENCES candidate(id) ON DELETE SET NULL
    );
    CREATE INDEX requestBySession ON request(session);
    CREATE INDEX requestByVaried ON request(varies) WHERE varies IS NOT NULL;
    CREATE TABLE candidate (
      id INTEGER PRIMARY KEY,
      request INTEGER NOT NULL REFERENCES request(id) ON DELETE CASCADE,
      mark TEXT NOT NULL,
      seed TEXT NOT NULL,
      at REAL NOT NULL,
      number INTEGER NOT NULL,
      composer TEXT NOT NULL,
      generation INTEGER NOT NULL,
      score REAL NOT NULL,
      kind TEXT NOT NULL,
      tonic INTEGER,
      mode TEXT,
      beats INTEGER NOT NULL,
      unit INTEGER NOT NULL,
      tempo REAL,
      bars INTEGER NOT NULL,
      notes INTEGER NOT NULL,
      starred INTEGER NOT NULL DEFAULT 0,
      auditions INTEGER NOT NULL DEFAULT 0,
      discarded INTEGER NOT NULL DEFAULT 0,
      UNIQUE (request, mark, seed)
    );
    CREATE INDEX candidateByMark ON candidate(mark, seed);
    CREATE INDEX candidateByScore ON candidate(score);
    CREATE TABLE body (
      candidate INTEGER PRIMARY KEY REFERENCES candidate(id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      summary TEXT NOT NULL,
      pattern TEXT NOT NULL,
      figures TEXT NOT NULL
    );
    CREATE TABLE keep (
      id INTEGER PRIMARY KEY,
      candidate INTEGER NOT NULL REFERENCES candidate(id) ON DELETE CASCADE,
      at REAL NOT NULL,
      way TEXT NOT NULL,
      track TEXT NOT NULL,
      firstBar INTEGER NOT NULL,
      verified INTEGER NOT NULL,
      takenBack REAL
    );
    CREATE INDEX keepByCandidate ON keep(candidate);
    CREATE VIRTUAL TABLE words USING fts5(text, tokenize = "unicode61 remove_diacritics 2");
    CREATE TRIGGER candidateForgotten AFTER DELETE ON candidate BEGIN
      DELETE FROM words WHERE rowid = old.id;
    END;
    """

  /// What a candidate (alias `c`) is, as words of the index's second column.
  ///
  /// Text goes in as hexadecimal digits, so that no kind and no mode can be taken apart or be taken
  /// for another.
  static let facets = """
    'k' || hex(c.kind) || coalesce(' t' || c.tonic, '') || coalesce(' m' || hex(c.mode), '')
      || ' b' || c.beats || 'u' || c.unit
    """

  /// Words and kind in one index: a word that all have, in a kind that none is, took a look at every
  /// candidate while the index knew the words alone.
  private static let secondForm = """
    ALTER TABLE words RENAME TO earlierWords;
    CREATE VIRTUAL TABLE words
      USING fts5(text, facets, tokenize = "unicode61 remove_diacritics 2");
    INSERT INTO words (rowid, text, facets)
      SELECT w.rowid, w.text, \(facets) FROM earlierWords w JOIN candidate c ON c.id = w.rowid;
    DROP TRIGGER candidateForgotten;
    DROP TABLE earlierWords;
    CREATE TRIGGER candidateForgotten AFTER DELETE ON candidate BEGIN
      DELETE FROM words WHERE rowid = old.id;
    END;
    CREATE INDEX candidateByFigures ON candidate(starred, tempo, score);
    """
}
