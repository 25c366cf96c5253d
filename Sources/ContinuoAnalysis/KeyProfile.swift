// SPDX-License-Identifier: MIT
import Foundation

/// Albrecht and Shanahan's (2013) pitch-class distributions, as logarithms.
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

  /// The logarithm of each step's share in `mode`, from the tonic up.
  static func logarithms(_ mode: Mode) -> [Double] { mode == .major ? logMajor : logMinor }
}
