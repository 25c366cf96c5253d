// SPDX-License-Identifier: MIT
import ContinuoMemory
import ContinuoMusic
import ContinuoTestSupport
import Foundation
import Glibc
import Testing

@Suite struct MemoryKillTests {
  @Test func `killed two hundred times while writing, nothing finished is lost`() async throws {
    let folder = try TemporaryFolder("memory")
    let program = URL(fileURLWithPath: try BuiltProducts.path("memory-writer"))
    var random = SeededGenerator(seed: 20_261_124)
    var told: Set<Int64> = []
    for _ in 0..<200 {
      let process = Process()
      let output = Pipe()
      process.executableURL = program
      process.arguments = [folder.path]
      process.standardOutput = output
      try process.run()
      // Its first line says that it writes; then it is killed after so many more.
      var lines = Data()
      let wanted = Int.random(in: 1...12, using: &random)
      while lines.count(where: { $0 == 0x0A }) < wanted {
        let more = output.fileHandleForReading.availableData
        try #require(!more.isEmpty, "the writer ended by itself")
        lines += more
      }
      usleep(UInt32.random(in: 0...3000, using: &random))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      lines += (try? output.fileHandleForReading.readToEnd()) ?? Data()
      told.formUnion(
        String(decoding: lines, as: UTF8.self).split(separator: "\n").compactMap { Int64($0) })
    }
    let store = try MemoryStore(folder: folder.url)
    var query = LibraryQuery()
    query.limit = 1000
    #expect(told.count >= 200)
    for id in told {
      let found = try await store.candidate(id)
      #expect(found.pattern.notes.count == 64)
    }
    #expect(
      try await store.search(query).entries.count == min(1000, try await store.size().candidates))
  }
}
