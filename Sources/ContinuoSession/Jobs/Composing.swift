// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoComposer
internal import ContinuoMusic

/// Asks the built-in composer and brings its answer into the session's own terms.
enum Composing {
  /// Candidates, best first, and what the musician should know of how they came about.
  /// - Throws: `CommandFailure`; `CancellationError`.
  static func candidates(
    kind: PartKind, text: String, source: Pattern, context: MusicContext, bars: Int, seed: UInt64,
    count: Int
  ) async throws -> (candidates: [ShelvedCandidate], remarks: [String]) {
    let request = CompositionRequest(
      kind: CompositionKind(kind), text: text, source: source, context: context, bars: bars,
      seed: seed, count: count)
    let composition: Composition
    do {
      composition = try await BuiltinComposer().compose(request)
    } catch let error as CancellationError {
      throw error
    } catch {
      throw CommandFailure(.failed, "\(error)")
    }
    var remarks = composition.remarks
    if !composition.notUnderstood.isEmpty {
      remarks.append("Not understood: \(composition.notUnderstood.joined(separator: ", "))")
    }
    let shelved = composition.candidates.map { candidate in
      ShelvedCandidate(
        name: candidate.name, summary: candidate.description, pattern: candidate.pattern,
        composer: candidate.lineage.composer, seed: candidate.lineage.seed,
        score: candidate.figures.score,
        // Figures are finite numbers and plain texts: encoding them cannot fail.
        figures: (try? JSONValue(encoding: candidate.figures)) ?? .null)
    }
    return (shelved, remarks.map { TerminalText.clean($0) })
  }
}

extension CompositionKind {
  /// The composer's word for a part.
  init(_ kind: PartKind) {
    switch kind {
    case .bass: self = .bass
    case .drums: self = .drums
    case .melody: self = .melody
    case .harmony: self = .harmony
    case .general: self = .general
    }
  }
}
