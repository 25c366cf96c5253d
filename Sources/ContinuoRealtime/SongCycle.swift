// SPDX-License-Identifier: MIT

/// Where the song is in this cycle, as far as it is known.
@frozen
public struct SongCycle: BitwiseCopyable, Sendable {
  /// Whether the song's place is known at all.
  public var isKnown: Bool
  /// Whether it moves in this cycle.
  public var rolling: Bool
  /// The place was left by a jump: what sounds must stop, what plays must seek.
  public var jumped: Bool
  /// From frames to quarters; holds while `rolling`.
  public var line: SongLine
  /// Quarter notes from bar 1 at the cycle's start.
  public var quarters: Double
  /// Where a seek starts: `quarters`, or the earliest place it can be while that is uncertain.
  public var seekQuarters: Double
  /// The bar that holds `quarters`, from 1.
  public var bar: Int32
  /// Where that bar starts.
  public var barStart: Double
  /// Quarter notes a bar lasts.
  public var barLength: Double
  /// Quarter notes a beat lasts.
  public var beatLength: Double
  /// Quarter notes a minute; 0 while unknown.
  public var quartersPerMinute: Double
  /// Whether records are stamped with `quarters`; not while they count frames (`TakeTiming`).
  var placesRecords = true
  /// How far the true line may lie from `line`, in frames either way.
  public var uncertaintyFrames: Double

  /// A song that is nowhere.
  @_noLocks @_noAllocation
  public init() {
    isKnown = false
    rolling = false
    jumped = false
    line = SongLine(baseFrame: 0, baseQuarters: 0, framesPerQuarter: 24000)
    quarters = 0
    seekQuarters = 0
    bar = 1
    barStart = 0
    barLength = 4
    beatLength = 1
    quartersPerMinute = 0
    uncertaintyFrames = 0
  }
}
