// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// Measures what a model wrote and lets pass what is worth hearing.
///
/// The one place where the model's road meets the judge.
struct CandidateGate {
  let request: CompositionRequest
  let composer: String
  private let judge: Judge
  private(set) var accepted: [Candidate] = []
  /// Why the others did not pass, in the order they came.
  private(set) var refusals: [String] = []

  init(_ request: CompositionRequest, composer: String) {
    self.request = request
    self.composer = composer
    judge = Judge(
      request: request, ground: Ground(request, intent: Intent(request.text)))
  }

  /// Remembers that a pattern could not even be mended.
  mutating func refuse(_ reason: String) { refusals.append(reason) }

  /// Lets `mended` pass or not; the candidate when it does.
  mutating func admit(_ mended: MendedPattern, of draft: DraftPattern, name: String) -> Candidate? {
    let figures = judge.figures(of: mended.pattern)
    if let reason = fault(mended.pattern, figures) {
      refusals.append("“\(name)” was left out: \(reason)")
      return nil
    }
    var words = draft.about.map { [TextFromOutside.line($0, longest: 120)] } ?? []
    if let confidence = draft.confidence {
      words.append("the model's own confidence is \(Int((confidence * 100).rounded())) %")
    }
    if let line = mended.mending.line { words.append("put right: \(line)") }
    if words.isEmpty { words.append("as the model wrote it") }
    let number = accepted.count + 1
    let candidate = Candidate(
      id: "\(composer)-\(request.seed)-\(number)", name: name,
      description: words.joined(separator: "; "), pattern: mended.pattern,
      lineage: .init(composer: composer, seed: request.seed), figures: figures)
    accepted.append(candidate)
    return candidate
  }

  private func fault(_ pattern: Pattern, _ figures: CandidateFigures) -> String? {
    if 2 * pattern.notes.count < request.bars || figures.silence > 0.95 {
      return "it is nearly silent"
    }
    if let distance = figures.distanceFromSource, distance < PatternDistance.leastFromSource {
      return "it is what the track plays already"
    }
    let near = accepted.first {
      PatternDistance.between($0.pattern, pattern, meter: request.meter)
        < PatternDistance.leastBetweenCandidates
    }
    return near.map { "it is too much like “\($0.name)”" }
  }

  /// The candidates by score, each with its distance from the others.
  func ranked() -> [Candidate] {
    let measured = accepted.enumerated().map { index, candidate in
      var figures = candidate.figures
      figures.distanceFromOthers = accepted.enumerated().filter { $0.offset != index }
        .map {
          PatternDistance.between($0.element.pattern, candidate.pattern, meter: request.meter)
        }
        .min()
      return Candidate(
        id: candidate.id, name: candidate.name, description: candidate.description,
        pattern: candidate.pattern, lineage: candidate.lineage, figures: figures)
    }
    return measured.enumerated()
      .sorted { ($1.element.figures.score, $0.offset) < ($0.element.figures.score, $1.offset) }
      .map(\.element)
  }
}
