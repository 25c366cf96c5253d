// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// The composer that needs no model and no network: rules of craft, and a seed.
///
/// The same request gives the same notes, bit for bit, on every machine. Every candidate has passed
/// `PatternCheck`, and is at least `PatternDistance.leastBetweenCandidates` from the others.
public struct BuiltinComposer: Composer {
  /// How often a candidate that fails a check is written anew before it is given up.
  static let mostTries = 20
  /// How many tries have seeds next to each other; later ones have seeds of their own.
  private static let firstTries = 12

  /// "builtin".
  public let name = "builtin"

  /// Makes the composer; it holds no state.
  public init() {}

  /// Composes; throws `ComposerError`, or `CancellationError` when the task is cancelled.
  public func compose(
    _ request: CompositionRequest, report: @Sendable (CompositionEvent) -> Void
  ) async throws -> Composition {
    try request.check()
    let asked = Asked(request)
    let intent = Intent(asked.rest)
    let ground = Ground(request, intent: intent, asked: asked)
    let judge = Judge(request: request, ground: ground)
    var accepted: [Candidate] = []
    var remarks = ground.remarks
    for index in 0..<request.count {
      try Task.checkCancellation()
      switch candidate(index, request, asked, judge, besides: accepted) {
      case .success(let candidate):
        accepted.append(candidate)
        report(.candidate(candidate))
      case .failure(let refusal):
        remarks.append("candidate \(index + 1) was left out: \(refusal.reason)")
      }
    }
    guard !accepted.isEmpty else {
      throw ComposerError.nothingUsable(reason: remarks.last ?? "none was written")
    }
    if !intent.notUnderstood.isEmpty {
      remarks.append("not understood: " + intent.notUnderstood.joined(separator: ", "))
    }
    let composition = Composition(
      candidates: ranked(accepted, meter: request.meter),
      understood: asked.understood + intent.understood,
      notUnderstood: intent.notUnderstood, remarks: remarks)
    report(.finished(composition))
    return composition
  }

  private struct Refusal: Error {
    let reason: String
  }

  /// The candidate at `index`, written until it passes; each try has a seed of its own.
  private func candidate(
    _ index: Int, _ request: CompositionRequest, _ asked: Asked, _ judge: Judge,
    besides others: [Candidate]
  ) -> Result<Candidate, Refusal> {
    let acceptance = Acceptance(request, asked: asked)
    var reason = "nothing was written"
    for attempt in 0..<Self.mostTries {
      let late = attempt < Self.firstTries ? 0 : 1_000
      let stream = UInt64(index * Self.firstTries + attempt + late)
      var random = SeededRandom(seed: request.seed, stream: stream)
      let seed = random.next()
      let written = Writing(request: request, asked: asked, ground: judge.ground)
        .line(index, attempt: attempt, random: random, seed: seed)
      let pattern = Pattern(
        name: "\(request.source.name): \(written.line.name)", notes: written.notes,
        length: request.length, meter: request.meter)
      let figures = judge.figures(of: pattern)
      if let refusal = acceptance.refusal(
        of: pattern, figures, oneVoice: written.line.monophonic, besides: others.map(\.pattern))
      {
        reason = refusal
        continue
      }
      let slug = written.line.name.filter { $0 != "," }.split(separator: " ").joined(separator: "-")
      return .success(
        Candidate(
          id: "\(name)-\(request.seed)-\(index + 1)-\(slug)", name: written.line.name,
          description: written.line.describe(written.line.drafts) + "; " + Self.changes(figures),
          pattern: pattern,
          lineage: .init(composer: name, seed: request.seed, parent: request.parent),
          figures: figures))
    }
    return .failure(Refusal(reason: reason))
  }

  /// What the line did to the source, in figures a musician can read.
  private static func changes(_ figures: CandidateFigures) -> String {
    var parts: [String] = []
    if let before = figures.sourceDensity {
      parts.append("\(tenths(figures.density)) notes a beat (was \(tenths(before)))")
    } else {
      parts.append("\(tenths(figures.density)) notes a beat")
    }
    if let before = figures.sourceSyncopation {
      parts.append("syncopation \(tenths(figures.syncopation)) a bar (was \(tenths(before)))")
    }
    return parts.joined(separator: ", ")
  }

  private static func tenths(_ value: Double) -> String {
    let tenths = Int((min(max(value, 0), 1e6) * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private func ranked(_ candidates: [Candidate], meter: Meter) -> [Candidate] {
    let measured = candidates.enumerated().map { index, candidate in
      let others = candidates.enumerated().filter { $0.offset != index }.map(\.element)
      var figures = candidate.figures
      figures.distanceFromOthers =
        others.map { PatternDistance.between($0.pattern, candidate.pattern, meter: meter) }.min()
      return Candidate(
        id: candidate.id, name: candidate.name, description: candidate.description,
        pattern: candidate.pattern, lineage: candidate.lineage, figures: figures)
    }
    // Equals keep the order that the words asked for.
    return measured.enumerated()
      .sorted { ($1.element.figures.score, $0.offset) < ($0.element.figures.score, $1.offset) }
      .map(\.element)
  }
}
