// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// How much a rhythm leans against its metre, measured in two published ways.
public struct Syncopation: Hashable, Sendable, Codable {
  /// How strongly the rhythm contradicts the metre, per bar: 0 for never, 4 for son clave.
  ///
  /// Longuet-Higgins and Lee (1984): each note followed by a stronger silent place adds how much
  /// stronger that place is.
  public let perBar: Double
  /// Gómez's weighted note-to-beat distance (2005): 0 on the beat, 2.8 for son clave.
  public let beatDistance: Double

  /// States two measured figures.
  public init(perBar: Double, beatDistance: Double) {
    self.perBar = perBar
    self.beatDistance = beatDistance
  }

  /// Measures onsets given as steps of `grid`, looping after `bars` bars; nil without onsets.
  ///
  /// Notes on the same step count once. Each sounds until the next; the last until the first again.
  ///
  /// - Complexity: O(onsets × steps in a bar).
  public init?(onsets: [Int], grid: MetricGrid, bars: Int) {
    let sorted = Array(Set(onsets)).sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    let (whole, overflow) = max(1, bars).multipliedReportingOverflow(by: grid.stepsPerBar)
    // A loop shorter than what it holds is the caller's slip: the bar after the last note closes it.
    let needed = last - first + 1
    let total = overflow || whole < needed ? needed + grid.stepsPerBar : whole
    var lean = 0
    var distance = 0.0
    for (index, onset) in sorted.enumerated() {
      let next = index + 1 < sorted.count ? sorted[index + 1] : first + total
      lean += Self.contradiction(onset, next, grid)
      distance += Self.distance(onset, next, grid)
    }
    let barCount = Double(total) / Double(grid.stepsPerBar)
    self.init(perBar: Double(lean) / barCount, beatDistance: distance / Double(sorted.count))
  }

  /// Measures `notes` in `meter` looping after `bars` bars, straightened by `swing` first.
  public init?(of notes: [Note], meter: Meter, bars: Int, swing: Swing = .unknown) {
    let grid = MetricGrid(meter)
    let onsets = UsableNotes.of(notes).map {
      grid.nearestStep(to: swing.straightened($0.start, meter: meter))
    }
    self.init(onsets: onsets, grid: grid, bars: bars)
  }

  private static func contradiction(_ onset: Int, _ next: Int, _ grid: MetricGrid) -> Int {
    let own = grid.weight(ofStep: onset)
    guard next - onset <= grid.stepsPerBar else { return -own }
    var strongest = own
    for silent in (onset + 1)..<max(next, onset + 1) {
      strongest = max(strongest, grid.weight(ofStep: silent))
    }
    return strongest - own
  }

  private static func distance(_ onset: Int, _ next: Int, _ grid: MetricGrid) -> Double {
    let rest = ((onset % grid.stepsPerBar) + grid.stepsPerBar) % grid.stepsPerBar
    guard let index = grid.pulses.firstIndex(where: { $0.contains(rest) }) else { return 0 }
    let pulse = grid.pulses[index]
    guard rest != pulse.lowerBound else { return 0 }
    let nearest = min(rest - pulse.lowerBound, pulse.upperBound - rest)
    let fraction = Double(nearest) / Double(pulse.count)
    let following = grid.pulses[(index + 1) % grid.pulses.count]
    let end = rest + (next - onset)
    let crosses = end > pulse.upperBound && end < pulse.upperBound + following.count
    return (crosses ? 2 : 1) / fraction
  }
}
