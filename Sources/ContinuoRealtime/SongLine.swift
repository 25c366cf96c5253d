// SPDX-License-Identifier: MIT
internal import CRealtime

/// The straight line from frames to quarter notes that holds at constant tempo.
///
/// The rounding rule: a position q leaves at the frame nearest to its exact time, halves upwards:
/// `floor(exact + ½ + 10⁻⁶)`. The 10⁻⁶ of a frame keeps a tie a tie under floating-point noise.
@frozen
public struct SongLine: BitwiseCopyable, Sendable {
  /// An absolute frame on the line; apart from the fraction so that no precision is lost.
  public var baseFrame: Int64
  /// Frames after `baseFrame` at which the song is at `baseQuarters`.
  public var baseFraction: Double
  /// Quarter notes from bar 1 at `baseFrame + baseFraction`.
  public var baseQuarters: Double
  /// Frames a quarter note lasts; more than zero.
  public var framesPerQuarter: Double

  /// A line through (`baseFrame` + `baseFraction`, `baseQuarters`).
  @_noLocks @_noAllocation
  public init(
    baseFrame: Int64, baseFraction: Double = 0, baseQuarters: Double, framesPerQuarter: Double
  ) {
    self.baseFrame = baseFrame
    self.baseFraction = baseFraction
    self.baseQuarters = baseQuarters
    self.framesPerQuarter = framesPerQuarter
  }

  /// Quarter notes from bar 1 at `frame`.
  @_noLocks @_noAllocation
  public func quarters(at frame: Int64) -> Double {
    baseQuarters + (Double(frame &- baseFrame) - baseFraction) / framesPerQuarter
  }

  /// The frame at which `quarters` is played, by the rounding rule.
  ///
  /// Bounded to ±2⁶².
  @_noLocks @_noAllocation
  public func frame(of quarters: Double) -> Int64 {
    let exact = (quarters - baseQuarters) * framesPerQuarter + baseFraction
    let rounded = continuo_floor(exact + 0.5 + 1e-6)
    guard rounded > -0x1p62 else { return -(1 << 62) }
    guard rounded < 0x1p62 else { return 1 << 62 }
    return baseFrame &+ Int64(rounded)
  }

  /// The same line, later by `quarters` at every frame.
  @_noLocks @_noAllocation
  func shifted(by quarters: Double) -> SongLine {
    var line = self
    line.baseQuarters += quarters
    return line
  }
}
