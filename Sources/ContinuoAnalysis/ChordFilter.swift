// SPDX-License-Identifier: MIT
import Foundation

/// What sounds in half a quarter of music, as `ChordFilter` hears it.
struct HarmonyWindow: Hashable, Sendable {
  /// Quarters of sound on each pitch class, the melody left out where others make the harmony.
  var classes = [Double](repeating: 0, count: 12)
  /// The same of a melody over a harmony.
  var melody = [Double](repeating: 0, count: 12)
  /// The pitch class in the bass; nil in silence.
  var bass: Int?
  /// How strong the place is: 0 bar line, 1 half bar, 2 beat, 3 between beats.
  var place = 3
}

/// Tells the chord of each half quarter, two windows (one quarter) after it has sounded.
///
/// The forward pass of a conditional random field with `ChordModel`'s weights, and a backward pass
/// over the windows heard since: fixed-lag smoothing. Memory is bounded, and a window costs
/// O(states) however long the music is.
struct ChordFilter {
  /// Windows heard before a chord is final.
  static let delay = 2

  /// A window's most probable chord, and how probable it is.
  struct Finding: Hashable, Sendable {
    /// Nil is no chord.
    let chord: Chord?
    let confidence: Double
  }

  private static let qualities = ChordQuality.allCases
  private static let chords = 12 * qualities.count
  private static let motion = ChordModel.motion.map { exp($0) }
  private static let change = ChordModel.change.map { exp($0) }
  /// For each quality, which member each step above the root is.
  ///
  /// 0 root ... 3 seventh, 4 none.
  private static let member: [[Int]] = qualities.map { quality in
    (0..<12).map { quality.intervals.firstIndex(of: $0) ?? 4 }
  }

  private var past = [Double](repeating: 0, count: 12)
  private var forward: [Double] = []
  /// The windows not final yet: forward probabilities, likelihoods and place of each.
  private var pending: [(forward: [Double], likely: [Double], place: Int)] = []

  /// Takes the next window; returns the finding for the one that has become final.
  mutating func hear(_ window: HarmonyWindow) -> Finding? {
    let likely = likelihoods(window)
    let place = min(max(window.place, 0), 3)
    if forward.isEmpty {
      forward = Self.scaled(likely)
    } else {
      let moved = Self.step(forward, Self.change[place])
      forward = Self.scaled(zip(moved, likely).map { $0 * $1 })
    }
    pending.append((forward, likely, place))
    return pending.count > Self.delay ? settle() : nil
  }

  /// The findings for the windows that were waiting for more music.
  mutating func finish() -> [Finding] {
    var rest: [Finding] = []
    while !pending.isEmpty { rest.append(settle()) }
    return rest
  }

  /// The likeliest chord right after the last window, before any delay; nil before the first.
  var provisional: Finding? { forward.isEmpty ? nil : Self.finding(forward) }

  private mutating func settle() -> Finding {
    var backward = [Double](repeating: 1, count: Self.chords + 1)
    for later in pending.dropFirst().reversed() {
      let reached = zip(backward, later.likely).map { $0 * $1 }
      backward = Self.scaled(Self.back(reached, Self.change[later.place]))
    }
    let first = pending.removeFirst()
    return Self.finding(Self.scaled(zip(first.forward, backward).map { $0 * $1 }))
  }

  private static func finding(_ row: [Double]) -> Finding {
    var best = 0
    for index in row.indices where row[index] > row[best] { best = index }
    let chord =
      best == chords
      ? nil : Chord(root: best / qualities.count, quality: qualities[best % qualities.count])
    return Finding(chord: chord, confidence: calibrated(row[best]))
  }

  /// The filter doubts more than it errs: a logistic map fitted on the same pieces.
  private static func calibrated(_ share: Double) -> Double {
    let bounded = min(max(share, 1e-6), 1 - 1e-6)
    return 1 / (1 + exp(-(0.8 + 0.75 * log(bounded / (1 - bounded)))))
  }

  /// One step of time: a chord stays, or changes by its root's motion.
  private static func step(_ row: [Double], _ change: Double) -> [Double] {
    spread(row, change) { from, to in motion[(to - from + 12) % 12] }
  }

  private static func back(_ row: [Double], _ change: Double) -> [Double] {
    spread(row, change) { from, to in motion[(from - to + 12) % 12] }
  }

  private static func spread(
    _ row: [Double], _ change: Double, by weight: (Int, Int) -> Double
  ) -> [Double] {
    let roots = (0..<12).map { root in
      row[(root * qualities.count)..<((root + 1) * qualities.count)].reduce(0, +)
    }
    var next = row
    for to in 0..<12 {
      var into = row[chords]
      for from in 0..<12 { into += roots[from] * weight(from, to) }
      for quality in qualities.indices { next[to * qualities.count + quality] += change * into }
    }
    next[chords] += change * roots.reduce(0, +)
    return next
  }

  private static func scaled(_ row: [Double]) -> [Double] {
    let total = row.reduce(0, +)
    guard total > 0, total.isFinite else { return row.map { _ in 1 / Double(row.count) } }
    return row.map { $0 / total }
  }

  /// How well each chord, and none, explains `window`; the best is 1.
  private mutating func likelihoods(_ window: HarmonyWindow) -> [Double] {
    let sound = window.classes.reduce(0, +)
    let sung = window.melody.reduce(0, +)
    let decay = exp2(-ChordModel.step / 8)
    for index in 0..<12 {
      past[index] = past[index] * decay + window.classes[index] + window.melody[index]
    }
    var scores = [Double](repeating: -30, count: Self.chords + 1)
    guard sound + sung >= 0.05 * ChordModel.step else {
      scores[Self.chords] = 0
      return scores.map { exp($0) }
    }
    let heard = past.reduce(0, +)
    let view = View(
      share: window.classes.map { $0 / max(sound, 1e-9) },
      melody: window.melody.map { $0 / max(sung, 1e-9) },
      common: past.map { amount in
        let share = amount / max(heard, 1e-9)
        return (share < 0.03 ? ChordModel.rare : 0) + ChordModel.common * log(share + 0.02)
      }, full: min(1, sound / ChordModel.step / 2),
      sung: min(1, sung / ChordModel.step), sounds: sound > 0.02, bass: window.bass)
    for root in 0..<12 {
      for quality in Self.qualities.indices {
        scores[root * Self.qualities.count + quality] = view.score(
          root, ChordModel.steps[quality], Self.member[quality], ChordModel.quality[quality])
      }
    }
    scores[Self.chords] = ChordModel.none
    let peak = scores.max() ?? 0
    return scores.map { exp($0 - peak) }
  }
}

/// A window in shares of its sound.
private struct View {
  let share: [Double]
  let melody: [Double]
  /// What a chord tone on each class gains by how common the class was lately.
  let common: [Double]
  let full: Double
  let sung: Double
  let sounds: Bool
  let bass: Int?

  func score(_ root: Int, _ steps: [Double], _ member: [Int], _ bias: Double) -> Double {
    var score = bias
    for step in 0..<12 {
      let at = (root + step) % 12
      score += steps[step] * share[at]
      let silent = share[at] <= 0.02
      guard member[step] < 4 else {
        if !silent { score += ChordModel.foreign }
        continue
      }
      let part = member[step]
      score += (ChordModel.share[part] + ChordModel.fullShare[part] * full) * share[at]
      if silent {
        score += sounds ? ChordModel.missing[part] : 0
        score += ChordModel.missingWhenFull * full
      }
      score += ChordModel.melody * sung * melody[at]
      score += common[at]
    }
    if let bass, member[(bass - root + 12) % 12] < 4 {
      score += ChordModel.bass[member[(bass - root + 12) % 12]]
    }
    return score
  }
}
