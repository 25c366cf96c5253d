// SPDX-License-Identifier: MIT
import ContinuoMemory
import ContinuoMusic
import ContinuoTestSupport
import Foundation
import GRDB
import Testing

@Suite struct LibrarySearchTests {
  private func query(_ change: (inout LibraryQuery) -> Void) -> LibraryQuery {
    var query = LibraryQuery()
    change(&query)
    return query
  }

  @Test func `each narrowing finds what it says and nothing else`() async throws {
    let fixture = try MemoryFixture()
    let waltz = Meter(3, 4) ?? .common
    let bass = try await fixture.remember(
      MemoryFixture.request("make the bassline groovier"),
      [MemoryFixture.candidate(name: "Octaves", score: 0.7)])[0]
    let keys = try await fixture.remember(
      MemoryFixture.request(
        "wärmere Akkorde", kind: "harmony", track: "Keys", tempo: 92, tonic: 0, mode: "major"),
      [
        MemoryFixture.candidate(
          "k", name: "Spread", score: 0.9, pattern: MemoryFixture.pattern(meter: waltz))
      ])[0]
    let unknown = try await fixture.remember(
      MemoryFixture.request(kind: "drums", track: "Kit", tempo: nil, tonic: nil, mode: nil),
      [MemoryFixture.candidate("d", score: 0.5)])[0]
    try await fixture.store.star(keys, true)
    let expected: [(LibraryQuery, [Int64])] = [
      (LibraryQuery(), [unknown, keys, bass]),
      (query { $0.isByScore = true }, [keys, bass, unknown]),
      (query { $0.words = "groov bass" }, [unknown, bass].filter { $0 == bass }),
      (query { $0.words = "warmere" }, [keys]),
      (query { $0.words = "keys riff" }, []),
      (query { $0.kind = "harmony" }, [keys]),
      (query { $0.tonic = 9 }, [bass]),
      (query { $0.mode = "major" }, [keys]),
      (query { $0.meter = waltz }, [keys]),
      (query { $0.tempo = 90...95 }, [keys]),
      (query { $0.tempo = 95...130 }, [bass]),
      (query { $0.score = 0.7 }, [keys, bass]),
      (query { $0.isStarred = true }, [keys]),
      (query { $0.limit = 1 }, [unknown]),
    ]
    for (query, ids) in expected {
      let found = try await fixture.store.search(query).entries.map(\.id)
      #expect(found == ids, "\(query)")
    }
    let first = try await fixture.store.search(query { $0.limit = 2 })
    #expect(first.hasMore)
    let all = try await fixture.store.search(query { $0.limit = 3 })
    #expect(!all.hasMore)
  }

  @Test(arguments: [
    "\"", "a OR b", "NEAR(", "*", "text:x", "-bass", "'; DROP TABLE words; --", "^", "()", "🎹",
    String(repeating: "x ", count: 5000),
  ])
  func `words that mean something to the index are only words`(words: String) async throws {
    let fixture = try MemoryFixture()
    _ = try await fixture.remember([MemoryFixture.candidate()])
    _ = try await fixture.store.search(LibraryQuery(words: words))
    #expect(try await fixture.store.size().candidates == 1)
  }

  @Test func `a hundred thousand candidates are searched in under 50 milliseconds`() async throws {
    let fixture = try MemoryFixture()
    let store = fixture.store
    let session = try await store.begin(session: "many", program: "test")
    let kinds = ["bass", "drums", "melody", "harmony"]
    for round in 0..<100 {
      let request = try await store.begin(
        MemoryFixture.request(
          "request \(round) make it groovier", kind: kinds[round % 4],
          tempo: Double(60 + round % 120), tonic: round % 12,
          mode: round % 3 == 0 ? "major" : "minor"), in: session)
      try await store.add(
        (1...10).map {
          MemoryFixture.candidate(
            "c\($0)", seed: UInt64(round), number: $0, score: Double((round * 37 + $0) % 100) / 100)
        }, to: request)
    }
    try await multiply(fixture, by: 100)
    #expect(try await store.size().candidates == 100_000)
    let queries = [
      LibraryQuery(),
      query { $0.words = "groovier" },
      query { $0.words = "request 77 groov" },
      query {
        $0.words = "groovier"; $0.kind = "nothing"
      },
      query {
        $0.kind = "drums"; $0.tonic = 3; $0.mode = "major"
      },
      query {
        $0.words = "groovier"; $0.kind = "drums"; $0.tempo = 300...301
      },
      query {
        $0.words = "groovier"; $0.score = 0.98; $0.isByScore = true
      },
      query { $0.tempo = 300...301 },
      query {
        $0.score = 0.99; $0.isByScore = true; $0.meter = .common
      },
      query { $0.isStarred = true },
      query { $0.isKept = true },
    ]
    for query in queries {
      var times: [Duration] = []
      for _ in 0..<5 {
        let clock = ContinuousClock()
        times.append(try await clock.measure { _ = try await store.search(query) })
      }
      // The least is what the search takes; the rest is what else the machine does meanwhile.
      let least = try #require(times.min())
      print("search \(query.words ?? "-") \(query.kind ?? "-"): \(times.sorted())")
      #expect(least < .milliseconds(50), "\(query)")
    }
  }

  /// Copies everything there is, with other numbers and marks: written one by one they take a minute.
  private func multiply(_ fixture: MemoryFixture, by times: Int) async throws {
    let pool = try DatabasePool(path: fixture.folder.file(MemoryStore.fileName))
    try await pool.write { database in
      for time in 1..<times {
        for (table, key) in [("candidate", "id"), ("body", "candidate")] {
          let columns = try database.columns(in: table).map(\.name)
          let values = columns.map {
            $0 == key ? "\($0) + \(time * 1000)" : $0 == "mark" ? "mark || '-\(time)'" : $0
          }
          try database.execute(
            sql: """
              INSERT INTO \(table) (\(columns.joined(separator: ",")))
              SELECT \(values.joined(separator: ",")) FROM \(table) WHERE \(key) <= 1000
              """)
        }
        try database.execute(
          sql: """
            INSERT INTO words (rowid, text, facets)
            SELECT rowid + \(time * 1000), text, facets FROM words WHERE rowid <= 1000
            """)
      }
    }
    try pool.close()
  }
}
