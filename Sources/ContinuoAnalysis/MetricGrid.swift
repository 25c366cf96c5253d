// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// A bar of a metre, cut into the steps rhythms are written on, with how strong each step is.
///
/// A step is a sixteenth (or the beat itself in /32 and /64). Pulses are the beats a foot taps:
/// quarters in 4/4, 3/4 and 5/4, dotted quarters in 6/8, and 2+2+3 eighths in 7/8.
public struct MetricGrid: Hashable, Sendable {
  /// The metre it was made for.
  public let meter: Meter
  /// The length of a step.
  public let step: Beats
  /// How strong each step of the bar is: 0 for the bar's start, more negative for weaker ones.
  public let weights: [Int]
  /// The steps of each pulse, in order; together the whole bar.
  public let pulses: [Range<Int>]
  /// The first steps of the bar's groups: 1 and 3 in 4/4, each group in 7/8, 1 alone in 3/4.
  public let strongSteps: [Int]

  /// Cuts a bar of `meter` with its customary grouping.
  public init(_ meter: Meter) {
    self.meter = meter
    let beatSteps = max(1, 16 / meter.beatUnit)
    step = Beats(meter.beatLength.quarters / Double(beatSteps))
    let groups = Self.groups(meter)
    var weights = [Int](repeating: 0, count: meter.beatsPerBar * beatSteps)
    var strong: [Int] = []
    var pulses: [Range<Int>] = []
    let grouped = groups.contains { $0 > 1 }
    var beat = 0
    for (index, size) in groups.enumerated() {
      let first = beat * beatSteps
      // Four groups pair up: the third is the half bar.
      let paired = groups.count == 4 && index % 2 == 1
      let groupLevel = index == 0 ? 0 : (paired ? -2 : -1)
      let floor = groups.count == 4 ? -2 : (groups.count > 1 ? -1 : 0)
      let beatLevel = grouped ? floor - 1 : floor
      for inner in 0..<size {
        let start = first + inner * beatSteps
        Self.subdivide(&weights, start..<(start + beatSteps), level: beatLevel)
        weights[start] = inner == 0 ? groupLevel : beatLevel
      }
      if grouped || index == 0 { strong.append(first) }
      let whole = first..<(first + size * beatSteps)
      pulses += meter.beatUnit >= 8 ? [whole] : Self.quarters(of: whole)
      beat += size
    }
    self.weights = weights
    self.pulses = pulses
    strongSteps = strong
  }

  /// Steps in a bar.
  public var stepsPerBar: Int { weights.count }

  /// How strong the step `index`, counted from any bar's start, is: 0 or less.
  public func weight(ofStep index: Int) -> Int {
    let rest = index % stepsPerBar
    return weights[rest < 0 ? rest + stepsPerBar : rest]
  }

  /// The step nearest to `place`, halves upwards; `place` must be within a million quarters of 0.
  public func nearestStep(to place: Beats) -> Int {
    let steps = place.quarters / step.quarters + 0.5
    guard steps.isFinite, abs(steps) < 1e9 else { return 0 }
    return Int(steps.rounded(.down))
  }

  /// Whether a place that falls on step `index` starts a pulse.
  public func isPulse(step index: Int) -> Bool {
    let rest = ((index % stepsPerBar) + stepsPerBar) % stepsPerBar
    return pulses.contains { $0.lowerBound == rest }
  }

  private static func groups(_ meter: Meter) -> [Int] {
    let count = meter.beatsPerBar
    if meter.beatUnit <= 4 {
      return count < 4 ? [Int](repeating: 1, count: count) : twosAndThrees(count, evenAsTwos: true)
    }
    return twosAndThrees(count, evenAsTwos: false)
  }

  /// 4 as 2+2, 5 as 3+2, 7 as 2+2+3, 8 eighths as 3+3+2, and larger numbers in threes.
  private static func twosAndThrees(_ count: Int, evenAsTwos: Bool) -> [Int] {
    switch count {
    case ...3: return [count]
    case 4: return [2, 2]
    case 7: return [2, 2, 3]
    case 8 where evenAsTwos: return [2, 2, 2, 2]
    default:
      let twos = [0, 2, 1][count % 3]
      return [Int](repeating: 3, count: (count - 2 * twos) / 3)
        + [Int](repeating: 2, count: twos)
    }
  }

  private static func quarters(of steps: Range<Int>) -> [Range<Int>] {
    stride(from: steps.lowerBound, to: steps.upperBound, by: 4).map {
      $0..<min($0 + 4, steps.upperBound)
    }
  }

  /// Halves `steps` again and again, each level one weaker than the last.
  private static func subdivide(_ weights: inout [Int], _ steps: Range<Int>, level: Int) {
    guard steps.count > 1 else { return }
    let middle = steps.lowerBound + steps.count / 2
    weights[middle] = level - 1
    subdivide(&weights, steps.lowerBound..<middle, level: level - 1)
    subdivide(&weights, middle..<steps.upperBound, level: level - 1)
  }
}
