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
  private let acceptance: Acceptance
  private(set) var accepted: [Candidate] = []
  /// Why the others did not pass, in the order they came.
  private(set) var refusals: [String] = []

  init(_ request: CompositionRequest, composer: String) {
    self.request = request
    self.composer = composer
    let asked = Asked(request)
    judge = Judge(
      request: request,
      ground: Ground(request, intent: Intent(asked.rest), asked: asked))
    acceptance = Acceptance(request, asked: asked)
  }

  /// Remembers that a pattern could not even be mended.
  mutating func refuse(_ reason: String) { refusals.append(reason) }

  /// Lets `mended` pass or not; the candidate when it does.
  mutating func admit(_ mended: MendedPattern, of draft: DraftPattern, name: String) -> Candidate? {
    let figures = judge.figures(of: mended.pattern)
    // Bars that did not come hold the track's own notes, chords in a bass line included.
    let oneVoice = mended.isWhole && [.bass, .melody].contains(request.settledKind)
    if let reason = acceptance.refusal(
      of: mended.pattern, figures, oneVoice: oneVoice, besides: accepted.map(\.pattern))
    {
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
      lineage: .init(composer: composer, seed: request.seed, parent: request.parent),
      figures: figures)
    accepted.append(candidate)
    return candidate
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
