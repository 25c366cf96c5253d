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

  /// The same, made safe to reckon with: whatever cannot be true counts as not given.
  ///
  /// A place outside ±1,000,000 bars, 1...64 beats or 0..<10⁹ ticks is no place; a tempo that is no
  /// number, or not in 0..<10⁶, is none.
  @_noLocks @_noAllocation
  func bounded() -> Transport {
    var safe = self
    let isPlace =
      bar >= -1_000_000 && bar <= 1_000_000 && beat >= 1 && beat <= 64 && tick >= 0
      && tick < 1_000_000_000
    if !isPlace { safe.hasBBT = false }
    if !(beatsPerMinute >= 0 && beatsPerMinute < 1e6) { safe.beatsPerMinute = 0 }
    if !(tickDouble >= 0 && tickDouble < 1e9) { safe.hasTickDouble = false }
    if bbtOffset > 1 << 24 { safe.hasOffset = false }
    return safe
  }

  /// Whether bar, beat and tick are the same as `other`'s.
  @_noLocks @_noAllocation
  func isAt(_ other: Transport) -> Bool {
    bar == other.bar && beat == other.beat && tick == other.tick
      && bbtOffset == other.bbtOffset && (!hasTickDouble || tickDouble == other.tickDouble)
  }
}
