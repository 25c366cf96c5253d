// SPDX-License-Identifier: MIT
import ContinuoMemory
import ContinuoMusic
import ContinuoTestSupport
import Foundation
import GRDB
import Testing

/// Files of every form there was are kept in Forms/, and none is ever written anew.
@Suite struct MemoryFormTests {
  private func folder(form: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder("memory")
    let url = try #require(
      Bundle.module.url(forResource: form, withExtension: "sqlite", subdirectory: "Forms"))
    try FileManager.default.copyItem(
      at: url, to: folder.url.appendingPathComponent(MemoryStore.fileName))
    return folder
  }

  @Test(arguments: ["form-1"])
  func `a file of an earlier form is taken up with all that is in it`(form: String) async throws {
    let folder = try folder(form: form)
    let store = try MemoryStore(folder: folder.url)
    var query = LibraryQuery()
    query.words = "groovier octaves"
    query.kind = "bass"
    query.meter = .common
    let found = try await store.search(query).entries
    #expect(found.map(\.name) == ["Octaves"])
    let whole = try await store.candidate(try #require(found.first).id)
    #expect(whole.pattern == MemoryFixture.pattern())
    #expect(whole.entry.keeps == 1 && whole.entry.isStarred && whole.entry.auditions == 1)
    #expect(try await store.lastSession()?.name == "Song")
    // And it goes on from there.
    let session = try await store.begin(session: nil, program: "test")
    let request = try await store.begin(MemoryFixture.request("later"), in: session)
    try await store.add([MemoryFixture.candidate("later", seed: 99)], to: request)
    #expect(try await store.size().candidates == 2)
  }

  @Test func `a file of a later form is refused and left as it is`() async throws {
    let folder = try folder(form: "form-1")
    let path = folder.file(MemoryStore.fileName)
    let queue = try DatabaseQueue(path: path)
    try await queue.write {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 from tomorrow')")
    }
    try queue.close()
    #expect(throws: MemoryError.newer(path: path)) { _ = try MemoryStore(folder: folder.url) }
    let again = try DatabaseQueue(path: path)
    let count = try await again.read {
      try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM candidate")
    }
    #expect(count == 1)
  }
}
