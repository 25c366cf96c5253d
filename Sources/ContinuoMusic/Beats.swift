// SPDX-License-Identifier: MIT

/// A musical position or duration, in quarter notes.
///
/// Patterns are always in beats, never in seconds: only the song clock turns beats into frames.
/// "Beat" in a bar|beat|tick sense (an eighth in 6/8) is a `Meter` matter; this is the quarter.
public struct Beats: Hashable, Comparable, Sendable, Codable {
  /// Quarter notes; may be negative (a pick-up before bar 1).
  public var quarters: Double

  /// Makes a position `quarters` quarter notes after the origin.
  public init(_ quarters: Double) {
    self.quarters = quarters
  }

  /// Makes a position from `ticks` at `ppq` ticks per quarter note (`ppq` > 0).
  public init(ticks: Int, ppq: Int) {
    quarters = Double(ticks) / Double(ppq)
  }

  /// The origin: bar 1, beat 1.
  public static let zero = Beats(0)

  /// The nearest whole tick at `ppq` ticks per quarter note, halves upwards.
  ///
  /// Held within ±2⁵², and zero for what is not a number, so that no stranger's figure can trap.
  public func ticks(ppq: Int) -> Int {
    clampedInt((quarters * Double(ppq) + 0.5).rounded(.down))
  }

  /// Orders by position.
  public static func < (left: Beats, right: Beats) -> Bool { left.quarters < right.quarters }
  /// Adds a duration.
  public static func + (left: Beats, right: Beats) -> Beats {
    Beats(left.quarters + right.quarters)
  }
  /// The span from `right` to `left`.
  public static func - (left: Beats, right: Beats) -> Beats {
    Beats(left.quarters - right.quarters)
  }
  /// Scales a duration.
  public static func * (left: Beats, right: Double) -> Beats { Beats(left.quarters * right) }
  /// Moves a position by a duration.
  public static func += (left: inout Beats, right: Beats) { left.quarters += right.quarters }
  /// Moves a position back by a duration.
  public static func -= (left: inout Beats, right: Beats) { left.quarters -= right.quarters }
}
