// SPDX-License-Identifier: MIT
import ContinuoComposer
import ContinuoMusic

/// Means of what the judge measured.
struct Tally {
  static let heads = [
    "kind", "by", "count", "usable %", "score", "in key", "on chord", "clashes", "reach", "leap",
    "sync", "density", "repeats", "silence", "source", "others",
  ]

  private var count = 0
  private var usable = 0
  private var sums = [Double](repeating: 0, count: 12)
  private var counts = [Double](repeating: 0, count: 12)

  /// Judges the candidates of one request.
  mutating func add(_ patterns: [Pattern], _ judge: CandidateJudge, _ request: CompositionRequest) {
    for (index, pattern) in patterns.enumerated() {
      let figures = judge.figures(of: pattern)
      let before = Array(patterns[..<index])
      let others = patterns.enumerated().filter { $0.offset != index }.map {
        PatternDistance.between($0.element, pattern, meter: request.meter)
      }
      count += 1
      if judge.refusal(of: pattern, besides: before) == nil { usable += 1 }
      let values: [Double?] = [
        figures.score, figures.inKey, figures.chordTonesOnStrong, figures.clashes,
        figures.reachable, Double(figures.largestLeap), figures.syncopation, figures.density,
        figures.repetition, figures.silence, figures.distanceFromSource, others.min(),
      ]
      for (place, value) in values.enumerated() {
        guard let value else { continue }
        sums[place] += value
        counts[place] += 1
      }
    }
  }

  /// A line of the table.
  func cells(_ kind: String, _ by: String) -> [String] {
    let share = count > 0 ? 100 * Double(usable) / Double(count) : 0
    let means = zip(sums, counts).map { $1 > 0 ? ComposerBench.fixed($0 / $1) : "-" }
    return [kind, by, String(count), ComposerBench.fixed(share)] + means
  }
}
