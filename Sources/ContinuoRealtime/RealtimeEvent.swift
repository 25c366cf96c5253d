// SPDX-License-Identifier: MIT

/// One slot of the capture ring: a MIDI event or a note about time, with its frame and its place in
/// the song.
///
/// 64 bytes, one cache line.
///
/// A message of up to 16 bytes lies in the slot itself; a longer one (SysEx) fills the slots that
/// follow, 64 bytes each, `length` bytes in all.
@frozen
public struct RealtimeEvent: BitwiseCopyable, Sendable {
  /// What a slot says.
  ///
  /// Everything but `midi` is a record about time or about the player.
  @frozen
  public enum Kind: UInt8, BitwiseCopyable, Sendable {
    /// A captured MIDI message.
    case midi = 0
    /// The transport started; the position is where.
    case transportStarted
    /// The transport stopped; the position is where.
    case transportStopped
    /// The song position jumped while stopped, or forwards; `value` is the quarter it left.
    case located
    /// The song position jumped back while rolling; `value` is the quarter it left.
    case loopWrapped
    /// The tempo is another; `value` is quarter notes per minute.
    case tempoChanged
    /// The metre is another; `value` is beats per bar, `extra` the beat unit.
    case meterChanged
    /// Cycles were missed; `value` is how many frames are gone.
    case xrun
    /// `value` is the new sample rate in frames per second.
    case sampleRateChanged
    /// `value` is the new buffer size in frames.
    case bufferSizeChanged
    /// The audio server is another one; frames go on, the server's counter began anew.
    case serverRestarted
    /// `value` 1: freewheeling begins, 0: it ends.
    case freewheel
    /// Events were dropped before this record since the ring was full; `value` is how many.
    case dropped
    /// A slot began to sound; `value` is the slot, `extra` the pattern's identity.
    case patternStarted
    /// A slot stopped sounding; `value` is the slot, `extra` the pattern's identity.
    case patternStopped
    /// The playing pattern was replaced by a revision; `value` is the slot, `extra` its identity.
    case patternRevised
  }

  /// Absolute frame, 64 bits.
  public var frame: UInt64
  /// Quarter notes from bar 1, when `hasPosition`; else 0.
  public var quarters: Double
  /// Tick of the beat, 0..<1920, with its fraction.
  public var tick: Double
  /// What else a record says.
  public var value: Double
  /// First 16 bytes of the message, in order, when `length` ≤ 16.
  public var bytes: (UInt64, UInt64)
  /// Bar from 1.
  public var bar: Int32
  /// Beat of the bar from 1.
  ///
  /// Low 16 bits; the record's `extra` shares no space with it.
  public var beat: Int16
  /// Input port from 1; 0 for records.
  public var port: UInt8
  /// What the slot says.
  public var kind: Kind
  /// Bytes of the message; for records 0.
  public var length: UInt32
  /// Bit 0: rolling; bit 1: the position is known.
  public var flags: UInt32

  /// A record of `kind` at `frame`, its position unknown.
  @_noLocks @_noAllocation
  public init(kind: Kind, frame: UInt64, value: Double = 0, extra: UInt64 = 0) {
    self.frame = frame
    quarters = 0
    tick = 0
    self.value = value
    bytes = (extra, 0)
    bar = 0
    beat = 0
    port = 0
    self.kind = kind
    length = 0
    flags = 0
  }

  /// A record's second figure.
  public var extra: UInt64 { bytes.0 }
  /// Whether the transport was rolling.
  public var rolling: Bool { flags & 1 != 0 }
  /// Whether the song position is known.
  public var hasPosition: Bool { flags & 2 != 0 }

  /// Bytes that fit in the slot itself.
  static var inlineCapacity: Int {
    @_noLocks @_noAllocation get { 16 }
  }
}
