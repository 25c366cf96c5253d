// SPDX-License-Identifier: MIT
import ContinuoAnalysis
public import ContinuoMusic

/// How different two patterns are to the ear, from 0 (the same) to 1 (nothing in common).
public enum PatternDistance {
  /// Candidates of one request are at least this far from each other.
  public static let leastBetweenCandidates = 0.2
  /// Candidates are at least this far from the source.
  public static let leastFromSource = 0.1

  /// The mean of two Jaccard distances on the sixteenth grid: of the rhythms alone, and of the
  /// rhythms together with the pitches.
  ///
  /// Velocity, length and timing within a step do not count. Two empty patterns are the same.
  public static func between(_ first: Pattern, _ second: Pattern, meter: Meter) -> Double {
    let one = steps(first, meter)
    let other = steps(second, meter)
    return (jaccard(Set(one.map(\.step)), Set(other.map(\.step))) + jaccard(one, other)) / 2
  }

  private struct Place: Hashable {
    let step: Int
    let pitch: UInt8
  }

  private static func steps(_ pattern: Pattern, _ meter: Meter) -> Set<Place> {
    let grid = MetricGrid(meter)
    // Swing moves notes within their step's neighbourhood: each pattern is straightened by its own.
    let notes = UsableNotes.of(pattern.notes)
    let swing = Swing(of: notes, meter: meter)
    return Set(
      notes.map {
        Place(
          step: grid.nearestStep(to: swing.straightened($0.start, meter: meter)), pitch: $0.pitch)
      })
  }

  private static func jaccard<Item: Hashable>(_ first: Set<Item>, _ second: Set<Item>) -> Double {
    let union = first.union(second).count
    return union == 0 ? 0 : 1 - Double(first.intersection(second).count) / Double(union)
  }
}
