// SPDX-License-Identifier: MIT
import Foundation

/// Albrecht and Shanahan's (2013) pitch-class distributions, and the scores they give.
enum KeyProfile {
  static let major = [
    0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081,
  ]
  static let minor = [
    0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052,
  ]
  private static let logMajor = logarithms(major)
  private static let logMinor = logarithms(minor)

  private static func logarithms(_ profile: [Double]) -> [Double] {
    let total = profile.reduce(0, +)
    return profile.map { log($0 / total) }
  }

  /// The log-likelihood of `counts` (12 numbers from 0 up) in each of the 24 keys.
  static func scores(_ counts: [Double]) -> [(key: Key, score: Double)] {
    var scores: [(key: Key, score: Double)] = []
    for mode in Mode.allCases {
      let profile = mode == .major ? logMajor : logMinor
      for tonic in 0..<12 {
        var score = 0.0
        for pitchClass in 0..<12 {
          score += counts[pitchClass] * profile[(pitchClass - tonic + 12) % 12]
        }
        scores.append((Key(tonic: tonic, mode: mode), score))
      }
    }
    return scores
  }
}
