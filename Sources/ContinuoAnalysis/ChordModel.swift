// SPDX-License-Identifier: MIT

/// The weights of `ChordFilter`, in nats.
///
/// A linear-chain conditional random field (Lafferty, McCallum and Pereira, 2001) over 156 chords and
/// none, fitted by L-BFGS with ridge 0.0003 on 75 pieces with known harmony: chorales, madrigals and
/// rendered accompaniments. All weights are shared by the twelve roots.
enum ChordModel {
  /// A window's length, in quarters.
  static let step = 0.5
  /// Share of the sound on the root, third, fifth and seventh (or sixth), alone and times loudness.
  static let share = [0.92, 0.43, 1.82, -0.24]
  static let fullShare = [0.21, 0.47, -0.84, 0.21]
  /// What each of them is worth when it is silent.
  static let missing = [0.57, 0.53, 0.62, -0.15]
  static let missingWhenFull = -1.479
  /// Share of the melody on chord tones.
  static let melody = 0.870
  /// Each sounding class outside the chord.
  static let foreign = -0.156
  /// Each chord tone that was rare lately, and the log of how common each was.
  static let rare = -0.059
  static let common = 0.0431
  /// The root, third, fifth or seventh in the bass.
  static let bass = [0.09, -0.03, -0.22, -0.33]
  /// No chord though something sounds.
  static let none = -2.245
  /// A change at the bar line, at the half bar, on a beat and between beats.
  static let change = [-2.80, -4.18, -5.47, -8.47]
  /// A change by so many semitones upwards; the first keeps the root.
  static let motion = [
    0.86, 1.83, 1.42, 0.69, 0.58, 2.32, 0.46, 1.63, 1.18, 1.36, 1.55, 1.09,
  ]
  /// Each quality, in the order of `ChordQuality.allCases`.
  static let quality = [
    1.24, 0.94, 0.26, -0.70, -1.27, -1.30, -0.70, -0.63, 1.27, 0.96, 0.99, 0.75, 0.43,
  ]
  /// Share of the sound on each step above the root, one row a quality.
  static let steps: [[Double]] = [
    [-0.56, -0.47, 0.72, 0.97, -0.34, 0.55, 0.66, -0.41, 0.50, -0.19, 0.48, -0.09],
    [-0.07, 0.01, 0.59, -0.01, -0.37, 0.54, 0.15, -0.31, -0.03, -0.45, -0.06, -0.31],
    [-0.26, 0.76, -0.19, 0.58, 0.06, 0.11, 0.26, -0.34, -0.00, -0.12, -0.38, -0.24],
    [-0.04, -0.03, -0.03, -0.04, 0.05, -0.05, -0.02, -0.07, 0.11, -0.05, -0.03, -0.04],
    [-0.10, -0.00, -0.09, -0.02, -0.03, -0.03, -0.01, -0.12, -0.01, -0.03, -0.03, -0.02],
    [-0.13, -0.01, -0.02, -0.02, -0.02, -0.11, -0.00, -0.09, -0.02, -0.03, -0.03, -0.01],
    [-0.04, -0.00, -0.01, -0.00, -0.03, -0.01, -0.00, -0.03, -0.00, -0.03, -0.00, -0.00],
    [-0.04, -0.00, -0.01, -0.02, -0.00, -0.01, -0.00, -0.03, -0.00, -0.03, -0.01, -0.00],
    [0.39, -0.18, -0.31, 0.10, 0.21, 0.04, -0.19, 0.34, 0.48, -0.39, 0.24, -0.10],
    [0.44, -0.01, -0.07, -0.01, -0.20, 0.19, -0.03, 0.20, -0.02, -0.58, -0.10, 0.25],
    [0.48, -0.09, 0.10, 0.03, -0.15, -0.32, -0.13, 0.35, -0.02, -0.32, -0.32, -0.13],
    [0.44, 0.14, -0.08, -0.26, -0.04, -0.00, 0.46, -0.11, -0.02, -0.09, -0.09, -0.07],
    [-0.04, 0.03, -0.09, 0.48, -0.06, -0.07, 0.02, -0.10, -0.05, -0.16, 0.25, 0.04],
  ]
}
