// SPDX-License-Identifier: MIT
import ContinuoMusic

/// Short ways to write music in tests.
enum Sketch {
  static func note(
    _ pitch: Int, at start: Double, for duration: Double = 0.5, velocity: Int = 90,
    channel: Int = 0
  ) -> [Note] {
    Note(
      pitch: pitch, velocity: velocity, channel: channel, start: Beats(start),
      duration: Beats(duration)
    ).map { [$0] } ?? []
  }

  /// Pitches one after the other, `step` quarters each.
  static func line(_ pitches: [Int], step: Double = 1, from: Double = 0) -> [Note] {
    pitches.enumerated().flatMap { note($1, at: from + Double($0) * step, for: step) }
  }

  /// A chord, its notes `strum` quarters apart from the lowest up.
  static func chord(
    _ pitches: [Int], at start: Double, for duration: Double, strum: Double = 0
  ) -> [Note] {
    pitches.enumerated().flatMap { index, pitch in
      note(pitch, at: start + strum * Double(index), for: duration - strum * Double(index))
    }
  }

  /// "x..x" as the steps that sound.
  static func steps(_ pattern: String) -> [Int] {
    pattern.enumerated().filter { $0.element == "x" }.map(\.offset)
  }

  /// The next number of a small generator: the same everywhere for the same seed.
  static func next(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
