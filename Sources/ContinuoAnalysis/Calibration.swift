// SPDX-License-Identifier: MIT
import Foundation

/// Turns a model's own share of belief into how often such an answer was found right.
///
/// A logistic map with a rising slope (Platt, 1999): the order of answers never changes. The figures
/// were fitted on one half of the music of `make bench-analysis` and tried on the other, and on music
/// from another seed; docs/analysis.md has the errors before and after. Chords and roles have none
/// here: what would suit one kind of music there would be wrong for another.
struct Calibration: Sendable {
  /// Added to the log odds.
  let shift: Double
  /// What the log odds are multiplied by, above 0.
  let slope: Double

  /// The 24 keys' scores say too little of a clear key: nine in ten stated were all but certain.
  static let key = Calibration(shift: 0, slope: 1.5)
  /// Neighbouring windows hear the same notes, so that the filter takes one witness for many.
  static let localKey = Calibration(shift: -0.57, slope: 1.42)

  /// How often an answer with this `share`, 0...1, is right, 0...1.
  func confidence(_ share: Double) -> Double {
    // A certainty would stay one whatever the figures: nothing heard is that certain.
    let bounded = min(max(share, 1e-6), 1 - 1e-6)
    return 1 / (1 + exp(-(shift + slope * log(bounded / (1 - bounded)))))
  }
}
