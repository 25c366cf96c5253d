// SPDX-License-Identifier: MIT
import Foundation

/// Tells the key of each half quarter, eight windows (four quarters) after it has sounded.
///
/// The forward pass of `LocalKey`'s hidden Markov model, and a backward pass over the windows heard
/// since. Memory is bounded, and a window costs O(576 × 9) however long the music is.
struct KeyFilter {
  private static let profiles: [[Double]] = {
    var profiles: [[Double]] = []
    for mode in Mode.allCases {
      for tonic in 0..<12 {
        profiles.append((0..<12).map { KeyProfile.logarithms(mode)[($0 - tonic + 12) % 12] })
      }
    }
    return profiles
  }()
  private static let moves: [[Double]] = (0..<24).map { from in
    (0..<24).map { to in
      from == to ? 1 : exp(-LocalKey.changeCost - LocalKey.fifthCost * distance(from, to))
    }
  }

  private var forward: [Double] = []
  /// The windows not final yet, with their forward shares and likelihoods.
  private var pending: [(forward: [Double], likely: [Double])] = []

  /// The shares of the 24 keys right after the last window, before any delay; empty before the first.
  var provisional: [Double] { forward }

  /// Takes the next window; returns the shares of the 24 keys in the one that has become final.
  mutating func hear(_ window: HarmonyWindow) -> [Double]? {
    let likely = Self.likelihoods(window)
    let before = forward.isEmpty ? [Double](repeating: 1, count: 24) : Self.moved(forward)
    forward = Self.scaled(zip(before, likely).map { $0 * $1 })
    pending.append((forward, likely))
    return pending.count > LocalKey.delay ? settle() : nil
  }

  /// The shares for the windows that were waiting for more music.
  mutating func finish() -> [[Double]] {
    var rest: [[Double]] = []
    while !pending.isEmpty { rest.append(settle()) }
    return rest
  }

  private mutating func settle() -> [Double] {
    var backward = [Double](repeating: 1, count: 24)
    for later in pending.dropFirst().reversed() {
      // A move costs the same both ways, so the same step leads back.
      backward = Self.scaled(Self.moved(zip(backward, later.likely).map { $0 * $1 }))
    }
    let first = pending.removeFirst()
    return Self.scaled(zip(first.forward, backward).map { $0 * $1 })
  }

  private static func likelihoods(_ window: HarmonyWindow) -> [Double] {
    let sound = window.classes.reduce(0, +)
    guard sound > 0.02 else { return [Double](repeating: 1, count: 24) }
    let scores = profiles.map { profile in
      zip(profile, window.classes).reduce(0.0) { $0 + $1.0 * $1.1 } / sound * LocalKey.sharpness
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
