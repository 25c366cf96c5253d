// SPDX-License-Identifier: MIT
import ContinuoMemory
import ContinuoMusic
import Foundation
import Glibc

/// Writes candidates into a memory and tells each one's number once it is put away, until killed.
@main
enum MemoryWriter {
  static func main() async throws {
    let store = try MemoryStore(folder: URL(fileURLWithPath: CommandLine.arguments[1]))
    let session = try await store.begin(session: "killed", program: "test")
    let note = Note(pitch: 40, velocity: 90, start: .zero, duration: Beats(0.25))
    for round in 0... {
      let pattern = Pattern(
        name: "p", notes: Array(repeating: note, count: 64).compactMap { $0 }, length: Beats(16))
      let request = try await store.begin(
        RequestToRemember(
          words: "round \(round)", kind: "bass", track: "Bass", firstBar: 1, source: "test",
          context: "{}", original: pattern), in: session)
      for number in 1...3 {
        let ids = try await store.add(
          [
            CandidateToRemember(
              mark: CandidateMark(mark: "m\(number)", seed: UInt64(round)), number: number,
              name: "name \(number)", summary: "summary", composer: "test", score: 0.5,
              figures: "{}", pattern: pattern)
          ], to: request)
        let line = Array("\(ids[0])\n".utf8)
        _ = line.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      }
    }
  }
}
