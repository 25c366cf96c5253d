// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoComposer
internal import ContinuoMusic
internal import Foundation

/// Asks the built-in composer and brings its answer into the session's own terms.
enum Composing {
  /// Candidates, best first, and what the composer remarks (words it did not understand).
  static func candidates(
    kind: PartKind, text: String, source: Pattern, context: MusicContext, bars: Int, seed: UInt64,
    count: Int
  ) async throws(CommandFailure) -> (candidates: [ShelvedCandidate], remarks: [String]) {
    throw CommandFailure(.failed, "not yet")
  }
}
