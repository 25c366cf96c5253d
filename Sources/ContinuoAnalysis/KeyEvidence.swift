// SPDX-License-Identifier: MIT
import ContinuoMusic
import Foundation

/// What of some notes tells their key: how often, how long, how low and where each class sounds.
struct KeyEvidence {
  /// A note longer than this, in quarters, counts as this long.
  static let longestNote = 4.0
  /// Notes lose half their weight in the recent histogram every so many quarters.
  static let halfLife = 16.0

  /// Pitched notes counted.
  let noteCount: Int
  /// Different pitch classes among them.
  let classCount: Int
  private let counts: [Double]
  private let durations: [Double]
  private let basses: [Double]
  private let recent: [Double]
  private let firstBass: Int
  private let lastBass: Int
  private let lastClasses: Set<Int>
  /// How much longer the last sound is than the median note: 1 from twice as long up.
  private let closing: Double

  /// Measures `notes`: usable ones, pitched, sorted by start.
  init(_ notes: [Note]) {
    var counts = [Double](repeating: 0, count: 12)
    var durations = counts
    var basses = counts
    var recent = counts
    var bucket = Int.min
    let end = notes.reduce(0.0) { max($0, Self.end($1)) }
    for note in notes {
      let pitchClass = Int(note.pitch) % 12
      counts[pitchClass] += 1
      durations[pitchClass] += min(note.duration.quarters, Self.longestNote)
      recent[pitchClass] += exp2(-(end - note.start.quarters) / Self.halfLife)
    }
    var lowest = 0
    func close() { if bucket != Int.min { basses[lowest % 12] += 1 } }
    for note in notes {
      let place = Int((note.start.quarters * 8).rounded())
      if place != bucket {
        close()
        (bucket, lowest) = (place, Int(note.pitch))
      } else {
        lowest = min(lowest, Int(note.pitch))
      }
    }
    close()
    let opening = notes.first.map { first in
      notes.prefix { $0.start.quarters < first.start.quarters + 0.06 }
    }
    let final = notes.filter { Self.end($0) > end - 0.6 }
    let lengths = notes.map(\.duration.quarters).sorted()
    let longest = final.map(\.duration.quarters).max() ?? 0
    let median = lengths.isEmpty ? 1 : max(lengths[lengths.count / 2], 0.05)
    noteCount = notes.count
    classCount = counts.count { $0 > 0 }
    firstBass = Int(opening?.map(\.pitch).min() ?? 0) % 12
    lastBass = Int(final.map(\.pitch).min() ?? 0) % 12
    lastClasses = Set(final.map { Int($0.pitch) % 12 })
    closing = min(1, longest / median / 2)
    self.counts = Self.shares(counts)
    self.durations = Self.shares(durations)
    self.basses = Self.shares(basses)
    self.recent = Self.shares(recent)
  }

  /// A stuck note must not push everything else into the past.
  private static func end(_ note: Note) -> Double {
    note.start.quarters + min(note.duration.quarters, 2 * halfLife)
  }

  private static func shares(_ values: [Double]) -> [Double] {
    let total = values.reduce(0, +)
    return total > 0 ? values.map { $0 / total } : values
  }

  /// The log of how well each of the 24 keys fits, up to a constant: `KeyModel` weighs each part.
  func scores() -> [(key: Key, score: Double)] {
    var scores: [(key: Key, score: Double)] = []
    for mode in Mode.allCases {
      for tonic in 0..<12 {
        scores.append((Key(tonic: tonic, mode: mode), score(tonic, mode)))
      }
    }
    return scores
  }

  private func score(_ tonic: Int, _ mode: Mode) -> Double {
    let weights = KeyModel.self
    let profile = KeyProfile.logarithms(mode)
    let learned = weights.profile(mode)
    let counted = weights.count + weights.countPerLog * log(Double(max(1, noteCount))) / 4
    var score = mode == .minor ? weights.minor : 0
    for step in 0..<12 {
      let at = (tonic + step) % 12
      score +=
        profile[step]
        * (counted * counts[at] + weights.duration * durations[at] + weights.bass * basses[at]
          + weights.recent * recent[at])
      score += 3 * learned[step] * counts[at]
    }
    let third = (tonic + (mode == .major ? 4 : 3)) % 12
    let other = (tonic + (mode == .major ? 3 : 4)) % 12
    let fifth = (tonic + 7) % 12
    var ending = 0.0
    if lastBass == tonic { ending += weights.lastBassTonic }
    if lastBass == third { ending += weights.lastBassThird }
    if lastBass == fifth { ending += weights.lastBassFifth }
    if lastClasses.contains(third) { ending += weights.lastThird }
    if lastClasses.contains(tonic) { ending += weights.lastTonic }
    score += closing * ending
    if firstBass == tonic { score += weights.firstTonic }
    if firstBass == fifth { score += weights.firstFifth }
    score += weights.third * (counts[third] - counts[other])
    score += weights.logThird * (log(counts[third] + 0.01) - log(counts[other] + 0.01))
    return score + weights.bassTonic * basses[tonic]
  }
}
