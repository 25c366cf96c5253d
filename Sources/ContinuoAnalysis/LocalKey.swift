// SPDX-License-Identifier: MIT
public import ContinuoMusic
import Foundation

/// A stretch of music in one key.
public struct KeySpan: Hashable, Sendable, Codable {
  /// Where it starts, in quarters.
  public let start: Double
  /// Where it ends, in quarters.
  public let end: Double
  /// Pitch class of the tonic, 0...11.
  public let tonic: Int
  /// Major or minor.
  public let mode: Mode
  /// How often such an answer is right, 0...1: from the key's share among the 24, the mean over
  /// the stretch.
  public let confidence: Double
}

/// The keys that music passes through, told with four quarters' delay.
///
/// A hidden Markov model over the 24 keys (as Temperley's, 2007): each half quarter's sound is
/// scored with Albrecht and Shanahan's profiles, and a change of key costs more the further round
/// the circle of fifths it goes, which is the hysteresis. Each answer rests on what sounded up to four
/// quarters later, nothing after that.
public enum LocalKey {
  /// Windows of half a quarter that are heard before an answer.
  static let delay = 8
  private static let sharpness = 0.7
  private static let changeCost = 4.5
  private static let fifthCost = 0.6

  private static let profiles: [[Double]] = Mode.allCases.flatMap { mode in
    (0..<12).map { tonic in
      (0..<12).map { KeyProfile.logarithms(mode)[($0 - tonic + 12) % 12] }
    }
  }
  private static let moves: [[Double]] = (0..<24).map { from in
    (0..<24).map { from == $0 ? 1 : exp(-changeCost - fifthCost * distance(from, $0)) }
  }

  /// The keys of `notes` from the origin to `length`, in order; silence before the first note
  /// belongs to none, silence after the last to the last key.
  ///
  /// - Complexity: O(notes × windows they sound in + windows × 576 × 9).
  public static func spans(of notes: [Note], length: Beats, meter: Meter) -> [KeySpan] {
    guard length.quarters.isFinite, length > .zero else { return [] }
    let windows = Harmony.windows(of: notes, melody: [], length: length, meter: meter)
    guard let first = windows.firstIndex(where: { $0.bass != nil }) else { return [] }
    var spans: [KeySpan] = []
    for (offset, row) in answers(Array(windows[first...])).enumerated() {
      guard let best = row.indices.max(by: { row[$0] < row[$1] }) else { continue }
      let confidence = Calibration.localKey.confidence(row[best])
      let start = Double(first + offset) * ChordModel.step
      let end = min(start + ChordModel.step, length.quarters)
      let mode = best < 12 ? Mode.major : Mode.minor
      if let last = spans.last, last.tonic == best % 12, last.mode == mode {
        let share =
          (last.confidence * (last.end - last.start) + confidence * (end - start))
          / (end - last.start)
        spans[spans.count - 1] = KeySpan(
          start: last.start, end: end, tonic: last.tonic, mode: mode, confidence: share)
      } else {
        spans.append(
          KeySpan(start: start, end: end, tonic: best % 12, mode: mode, confidence: confidence))
      }
    }
    let limit = min(length.quarters, Double(Harmony.mostWindows) * ChordModel.step)
    if let last = spans.popLast() {
      spans.append(
        KeySpan(
          start: last.start, end: max(last.end, limit), tonic: last.tonic, mode: last.mode,
          confidence: last.confidence))
    }
    return spans
  }

  private static func answers(_ windows: [HarmonyWindow]) -> [[Double]] {
    let likely = windows.map(likelihoods)
    var forward: [[Double]] = []
    for (index, row) in likely.enumerated() {
      let before = index == 0 ? row.map { _ in 1.0 } : moved(forward[index - 1])
      forward.append(scaled(zip(before, row).map { $0 * $1 }))
    }
    return windows.indices.map { index in
      var backward = [Double](repeating: 1, count: 24)
      for later in stride(from: min(windows.count - 1, index + delay), to: index, by: -1) {
        // A move costs the same both ways, so the same step leads back.
        backward = scaled(moved(zip(backward, likely[later]).map { $0 * $1 }))
      }
      return scaled(zip(forward[index], backward).map { $0 * $1 })
    }
  }

  private static func likelihoods(_ window: HarmonyWindow) -> [Double] {
    let sound = window.classes.reduce(0, +)
    guard sound > 0.02 else { return [Double](repeating: 1, count: 24) }
    let scores = profiles.map { profile in
      zip(profile, window.classes).reduce(0.0) { $0 + $1.0 * $1.1 } / sound * sharpness
    }
    let peak = scores.max() ?? 0
    return scores.map { exp($0 - peak) }
  }

  private static func moved(_ row: [Double]) -> [Double] {
    (0..<24).map { to in
      var sum = 0.0
      for from in 0..<24 { sum += row[from] * moves[from][to] }
      return sum
    }
  }

  private static func scaled(_ row: [Double]) -> [Double] {
    let total = row.reduce(0, +)
    return total > 0 ? row.map { $0 / total } : row.map { _ in 1.0 / 24 }
  }

  /// Steps round the circle of fifths, relatives together; a change of mode alone is a step and a half.
  private static func distance(_ left: Int, _ right: Int) -> Double {
    func place(_ key: Int) -> Int { (key < 12 ? key : key - 9) * 7 % 12 }
    if left % 12 == right % 12 { return 1.5 }
    let apart = abs(place(left) - place(right))
    return Double(min(apart, 12 - apart)) + ((left < 12) == (right < 12) ? 0 : 0.5)
  }
}
