// SPDX-License-Identifier: MIT
import ContinuoMemory
import ContinuoMusic
import ContinuoTestSupport
import Foundation
import Testing

@Suite struct MemoryStoreTests {
  @Test func `a candidate comes back as it went in, to the last bit`() async throws {
    let fixture = try MemoryFixture()
    let pattern = MemoryFixture.pattern([36, 0, 127, 60], meter: Meter(7, 8) ?? .common)
    let ids = try await fixture.remember([MemoryFixture.candidate(pattern: pattern)])
    let found = try await fixture.store.candidate(ids[0])
    #expect(found.pattern == pattern)
    #expect(found.original == MemoryFixture.pattern())
    #expect(found.context == "{\"version\":1}")
    #expect(found.figures == "{\"a\":1}")
    #expect(found.entry.meter == Meter(7, 8))
    #expect(found.entry.notes == 4 && found.entry.firstBar == 5 && found.entry.score == 0.8)
  }

  @Test func `the same candidate told again keeps its number and takes the new figures`()
    async throws
  {
    let fixture = try MemoryFixture()
    let session = try await fixture.store.begin(session: nil, program: "test")
    let request = try await fixture.store.begin(MemoryFixture.request(), in: session)
    let first = try await fixture.store.add([MemoryFixture.candidate(score: 0)], to: request)
    let again = try await fixture.store.add(
      [
        MemoryFixture.candidate("other", number: 1),
        MemoryFixture.candidate(number: 2, name: "Ghosts", score: 0.9),
      ], to: request)
    #expect(again[1] == first[0])
    let found = try await fixture.store.candidate(first[0])
    #expect(found.entry.name == "Ghosts" && found.entry.score == 0.9)
    let history = try await fixture.store.history(5)
    #expect(history.map(\.candidates.count) == [2])
    #expect(history[0].candidates.map(\.name) == ["Octaves", "Ghosts"])
    let byNewName = try await fixture.store.search(LibraryQuery(words: "ghosts")).entries
    #expect(byNewName.map(\.id) == first)
  }

  @Test func `what became of a candidate is told, and a keep can be taken back`() async throws {
    let fixture = try MemoryFixture()
    let id = try await fixture.remember([MemoryFixture.candidate()])[0]
    let mark = CandidateMark(mark: "builtin-7-riff", seed: 7)
    let store = fixture.store
    try await store.note(.auditioned, of: mark)
    try await store.note(.auditioned, of: mark)
    try await store.note(.discarded, of: mark)
    var entry = try await store.candidate(id).entry
    #expect(entry.auditions == 2 && entry.isDiscarded && entry.keeps == 0)
    try await store.note(
      .kept(track: "Bass 2", bar: 9, isVerified: true, way: .recorded), of: mark)
    entry = try await store.candidate(id).entry
    #expect(!entry.isDiscarded && entry.keeps == 1)
    #expect(try await store.search(LibraryQuery(isKept: true)).entries.count == 1)
    // What lies in the track was not thrown away with the others.
    try await store.note(.discarded, of: mark)
    #expect(try await !store.candidate(id).entry.isDiscarded)
    try await store.note(.takenBack, of: mark)
    #expect(try await store.candidate(id).entry.keeps == 0)
    #expect(try await store.search(LibraryQuery(isKept: true)).entries.isEmpty)
    let keeps = try await store.history(1)[0].keeps
    #expect(keeps.count == 1)
    #expect(keeps[0].track == "Bass 2" && keeps[0].firstBar == 9 && keeps[0].isVerified)
    #expect(keeps[0].takenBack != nil)
    // What is not remembered changes nothing.
    try await store.note(.auditioned, of: CandidateMark(mark: "none", seed: 1))
    #expect(try await store.candidate(id).entry.auditions == 2)
  }

  @Test func `a variation names what it varies, and outlives it`() async throws {
    let fixture = try MemoryFixture()
    let parent = try await fixture.remember([MemoryFixture.candidate()])[0]
    let mark = CandidateMark(mark: "builtin-7-riff", seed: 7)
    _ = try await fixture.remember(
      MemoryFixture.request("busier", varies: mark), [MemoryFixture.candidate("v", seed: 8)])
    #expect(try await fixture.store.history(1)[0].varies == parent)
    try await fixture.store.forget(parent)
    let left = try await fixture.store.history(1)[0]
    #expect(left.varies == nil && left.candidates.count == 1)
    await #expect(throws: MemoryError.unknown(id: parent)) {
      try await fixture.store.candidate(parent)
    }
    #expect(try await fixture.store.search(LibraryQuery(words: "groovier")).entries.isEmpty)
    await #expect(throws: MemoryError.unknown(id: parent)) {
      try await fixture.store.star(parent, true)
    }
  }

  @Test func `two programs write into one file at once`() async throws {
    let fixture = try MemoryFixture()
    let other = try MemoryStore(folder: fixture.folder.url)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for store in [fixture.store, other] {
        group.addTask {
          let session = try await store.begin(session: nil, program: "test")
          for seed in 0..<50 {
            let request = try await store.begin(MemoryFixture.request(), in: session)
            try await store.add([MemoryFixture.candidate(seed: UInt64(seed))], to: request)
          }
        }
      }
      try await group.waitForAll()
    }
    let size = try await other.size()
    #expect(size.candidates == 100 && size.requests == 100)
  }

  @Test func `the folder and its files are for their owner alone`() async throws {
    let fixture = try MemoryFixture()
    let inner = fixture.folder.url.appendingPathComponent("a/continuo")
    let store = try MemoryStore(folder: inner)
    _ = try await store.begin(session: nil, program: "test")
    let files = try FileManager.default.contentsOfDirectory(atPath: inner.path)
    #expect(files.contains(MemoryStore.fileName))
    for file in files {
      let mode = try FileManager.default.attributesOfItem(
        atPath: inner.appendingPathComponent(file).path)[.posixPermissions]
      #expect(mode as? Int == 0o600, "\(file)")
    }
  }

  @Test func `a file that is no memory is refused and left as it is`() throws {
    let folder = try TemporaryFolder("memory")
    let text = String(repeating: "these are a musician's own words\n", count: 200)
    let path = try folder.write(text, to: MemoryStore.fileName)
    #expect {
      _ = try MemoryStore(folder: folder.url)
    } throws: { error in
      guard case MemoryError.unusable(let told, let reason) = error else { return false }
      return told == path && reason.contains("move it away")
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
  }

  @Test func `a folder that cannot be made is told`() throws {
    let folder = try TemporaryFolder("memory")
    let file = try folder.write("", to: "file")
    #expect(throws: MemoryError.self) {
      _ = try MemoryStore(folder: URL(fileURLWithPath: file).appendingPathComponent("continuo"))
    }
  }
}

extension LibraryQuery {
  init(words: String? = nil, isKept: Bool = false) {
    self.init()
    self.words = words
    self.isKept = isKept
  }
}
