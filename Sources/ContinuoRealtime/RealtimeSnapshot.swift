// SPDX-License-Identifier: MIT

/// The process thread's state at the end of its last cycle.
@frozen
public struct RealtimeSnapshot: BitwiseCopyable, Sendable {
  /// First frame of the cycle.
  public var frame: UInt64
  /// Frames in the cycle.
  public var frames: UInt32
  /// Frames a second.
  public var sampleRate: Double
  /// Where the song is.
  public var song: SongCycle
  /// Beat of the bar from 1; 0 while the place is unknown.
  public var beat: Int32
  /// Tick of the beat, 0..<1920.
  public var tick: Double
  /// The server's transport frame.
  public var transportFrame: UInt32
  /// Whether the server's transport rolls.
  public var transportRolling: Bool
  /// Whether the place comes from our own tempo rather than the transport.
  public var isFree: Bool { source.isOwn }
  /// Where the song's place comes from.
  public var source: SongSource
  /// MIDI Clock's clocks heard so far.
  public var clocks: UInt64
  /// Slot that plays, or -1.
  public var activeSlot: Int32
  /// Identity of the pattern that plays; 0 when none does.
  public var activePattern: UInt64
  /// Slot that was asked for and has not begun, or -1.
  public var pendingSlot: Int32
  /// Whether the input passes to the output.
  public var thruOpen: Bool
  /// How many silence commands were carried out.
  public var silences: UInt64

  /// Nothing has run yet.
  @_noLocks @_noAllocation
  public init() {
    frame = 0
    frames = 0
    sampleRate = 0
    song = SongCycle()
    beat = 0
    tick = 0
    transportFrame = 0
    transportRolling = false
    source = .jack
    clocks = 0
    activeSlot = -1
    activePattern = 0
    pendingSlot = -1
    thruOpen = false
    silences = 0
  }
}
