// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// The judge for whoever writes candidates: the same measures and the same bars for all.
public struct CandidateJudge: Sendable {
  private let request: CompositionRequest

  /// Judges candidates for `request`; throws `ComposerError` when the request is impossible.
  public init(_ request: CompositionRequest) throws(ComposerError) {
    try request.check()
    self.request = request
  }

  /// What is measured of `pattern`, without its distance from other candidates.
  public func figures(of pattern: Pattern) -> CandidateFigures {
    let asked = Asked(request)
    let ground = Ground(request, intent: Intent(asked.rest), asked: asked)
    return Judge(request: request, ground: ground).figures(of: pattern)
  }

  /// Why `pattern` may not be offered beside `others`, as a clause; nil when it may.
  ///
  /// Faulty notes, a broken lock, near silence, the source again, or nearly another candidate.
  public func refusal(of pattern: Pattern, besides others: [Pattern] = []) -> String? {
    let oneVoice = [.bass, .melody].contains(request.settledKind)
    return Acceptance(request).refusal(
      of: pattern, figures(of: pattern), oneVoice: oneVoice, besides: others)
  }
}
