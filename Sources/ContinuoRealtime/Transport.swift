// SPDX-License-Identifier: MIT

/// What the audio server says about the song at the start of a cycle.
@frozen
public struct Transport: BitwiseCopyable, Sendable {
  /// Whether the song moves in this cycle (a transport that is only starting does not).
  public var rolling: Bool
  /// The server's transport frame.
  public var frame: UInt32
  /// Whether bar, beat, tick and what belongs to them are valid.
  public var hasBBT: Bool
  /// Bar from 1.
  public var bar: Int32
  /// Beat from 1.
  public var beat: Int32
  /// Whole ticks of the beat: truncated or rounded, as the master likes.
  public var tick: Int32
  /// Ticks in a beat.
  public var ticksPerBeat: Double
  /// Beats in a bar, as declared.
  public var beatsPerBar: Float
  /// The note value of a beat, as declared.
  public var beatType: Float
  /// Beats of `beatType` a minute, as declared.
  public var beatsPerMinute: Double
  /// Whether `tickDouble` is valid.
  public var hasTickDouble: Bool
  /// Ticks of the beat with their fraction.
  public var tickDouble: Double
  /// How many frames before the cycle's start bar|beat|tick was true; 0 when not given.
  public var bbtOffset: UInt32
  /// Whether `bbtOffset` was given.
  public var hasOffset: Bool

  /// A stopped transport without a time base.
  @_noLocks @_noAllocation
  public init() {
    rolling = false
    frame = 0
    hasBBT = false
    bar = 0
    beat = 0
    tick = 0
    ticksPerBeat = 0
    beatsPerBar = 0
    beatType = 0
    beatsPerMinute = 0
    hasTickDouble = false
    tickDouble = 0
    bbtOffset = 0
    hasOffset = false
  }
}
