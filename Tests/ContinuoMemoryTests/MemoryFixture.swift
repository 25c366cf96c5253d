// SPDX-License-Identifier: MIT
import ContinuoMemory
import ContinuoMusic
import ContinuoTestSupport
import Foundation

/// A memory in a folder of its own, and short ways to fill it.
struct MemoryFixture {
  let folder: TemporaryFolder
  let store: MemoryStore

  init() throws {
    folder = try TemporaryFolder("memory")
    store = try MemoryStore(folder: folder.url)
  }

  static func pattern(_ pitches: [Int] = [40, 43, 47], bars: Int = 4, meter: Meter = .common)
    -> Pattern
  {
    Pattern(
      name: "Bass: octaves",
      notes: pitches.enumerated().compactMap { index, pitch in
        Note(
          pitch: pitch, velocity: 90, releaseVelocity: 12, channel: 3,
          start: Beats(Double(index) / 3), duration: Beats(0.1))
      },
      controls: [.init(at: Beats(0.7), bytes: [0xB3, 64, 127])],
      length: Beats(meter.barLength.quarters * Double(bars)), meter: meter)
  }

  static func request(
    _ words: String = "make it groovier", kind: String = "bass", track: String = "Bass",
    tempo: Double? = 120, tonic: Int? = 9, mode: String? = "minor", varies: CandidateMark? = nil
  ) -> RequestToRemember {
    RequestToRemember(
      words: words, kind: kind, track: track, firstBar: 5, tempo: tempo, tonic: tonic, mode: mode,
      source: "what was captured", sent: "the prompt", context: "{\"version\":1}",
      original: pattern(), varies: varies)
  }

  static func candidate(
    _ mark: String = "builtin-7-riff", seed: UInt64 = 7, number: Int = 1, name: String = "Octaves",
    score: Double = 0.8, pattern: Pattern = pattern()
  ) -> CandidateToRemember {
    CandidateToRemember(
      mark: CandidateMark(mark: mark, seed: seed), number: number, name: name,
      summary: "roots and octaves", composer: "builtin", score: score, figures: "{\"a\":1}",
      pattern: pattern)
  }

  /// Remembers one request with these candidates; their numbers.
  func remember(
    _ request: RequestToRemember, _ candidates: [CandidateToRemember]
  ) async throws -> [Int64] {
    let session = try await store.begin(session: "Song", program: "test")
    return try await store.add(candidates, to: try await store.begin(request, in: session))
  }

  func remember(_ candidates: [CandidateToRemember]) async throws -> [Int64] {
    try await remember(Self.request(), candidates)
  }
}
