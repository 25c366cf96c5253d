// SPDX-License-Identifier: MIT
import ContinuoMusic
import Foundation

/// What of a track's notes tells its role; each value is about 0...1.
struct RoleFeatures {
  /// Range, voices, rhythm and repetition, in the order that `RoleModel` weighs them.
  let values: [Double]

  /// Measures `notes`: usable ones, sorted, at least one.
  init(_ notes: [Note]) {
    let count = Double(max(1, notes.count))
    let pitches = notes.map { Double($0.pitch) }
    let mean = pitches.reduce(0, +) / count / 64 - 1
    let clusters = Self.clusters(notes)
    let tops = clusters.map { Int($0.map(\.pitch).max() ?? 0) }
    let leaps = zip(tops.dropFirst(), tops).map { abs($0 - $1) }
    let moves = Double(max(1, leaps.count))
    let durations = notes.map(\.duration.quarters).sorted()
    let last = notes.map(\.end.quarters).max() ?? 1
    let first = notes.first?.start.quarters ?? 0
    values = [
      mean,
      mean * mean,
      Double(notes.count { $0.pitch < 48 }) / count,
      Double(clusters.count { $0.count > 1 }) / Double(max(1, clusters.count)),
      min(count / Double(max(1, clusters.count)) - 1, 3) / 3,
      Double(notes.count { Self.drumKeys.contains($0.pitch) }) / count,
      min(Double(Set(notes.map(\.pitch)).count), 24) / 24,
      Self.entropy(notes.map { Int($0.pitch) % 12 }) / log2(12),
      min(durations[durations.count / 2], 2) / 2,
      min(Double(clusters.count) / max(1, last - first), 4) / 4,
      Double(leaps.count { $0 == 1 || $0 == 2 }) / moves,
      Double(leaps.count { $0 == 0 }) / moves,
      Double(leaps.count { $0 >= 7 }) / moves,
      Self.commonest(durations.map { Int(($0 * 16).rounded()) }) / count,
      Self.commonest(notes.map { Int($0.pitch) }) / count,
      (pitches.max() ?? 0) / 64 - (pitches.min() ?? 0) / 64,
    ]
  }

  /// Kick, snares, toms, hats and cymbals of the General MIDI kit.
  private static let drumKeys: Set<UInt8> = [
    35, 36, 37, 38, 39, 40, 42, 44, 46, 49, 51, 53, 54, 57, 59,
  ]

  private static func clusters(_ notes: [Note]) -> [[Note]] {
    var clusters: [[Note]] = []
    var from = -Double.infinity
    for note in notes {
      if note.start.quarters - from < 0.11, !clusters.isEmpty {
        clusters[clusters.count - 1].append(note)
      } else {
        clusters.append([note])
        from = note.start.quarters
      }
    }
    return clusters
  }

  private static func counts(_ values: [Int]) -> [Int] {
    var counts: [Int: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    return counts.values.sorted()
  }

  private static func commonest(_ values: [Int]) -> Double { Double(counts(values).last ?? 0) }

  private static func entropy(_ values: [Int]) -> Double {
    counts(values).reduce(0.0) { sum, count in
      let share = Double(count) / Double(values.count)
      return sum - share * log2(share)
    }
  }
}
