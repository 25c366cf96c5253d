// SPDX-License-Identifier: MIT

/// A MIDI message of one to three bytes.
@frozen
public struct ShortMessage: BitwiseCopyable, Hashable, Sendable {
  /// The status byte.
  public var status: UInt8
  /// First data byte, 0 when there is none.
  public var data1: UInt8
  /// Second data byte, 0 when there is none.
  public var data2: UInt8
  /// 1...3.
  public var size: UInt8

  /// A message of `size` bytes.
  @_noLocks @_noAllocation
  public init(_ status: UInt8, _ data1: UInt8 = 0, _ data2: UInt8 = 0, size: UInt8 = 3) {
    self.status = status
    self.data1 = data1
    self.data2 = data2
    self.size = size
  }

  var channel: Int {
    @_noLocks @_noAllocation get { Int(status & 0x0F) }
  }

  /// Channel × 128 + note.
  var key: Int {
    @_noLocks @_noAllocation get { channel &* 128 &+ Int(data1 & 0x7F) }
  }

  var isNoteOn: Bool {
    @_noLocks @_noAllocation get { status & 0xF0 == 0x90 && data2 > 0 && size == 3 }
  }

  var isNoteOff: Bool {
    @_noLocks @_noAllocation get {
      size == 3 && (status & 0xF0 == 0x80 || (status & 0xF0 == 0x90 && data2 == 0))
    }
  }

  var isController: Bool {
    @_noLocks @_noAllocation get { status & 0xF0 == 0xB0 && size == 3 }
  }

  var isPitchBend: Bool {
    @_noLocks @_noAllocation get { status & 0xF0 == 0xE0 && size == 3 }
  }

  /// The note-off of `key` with release velocity `velocity`.
  @_noLocks @_noAllocation
  static func noteOff(key: Int, velocity: UInt8 = 64) -> ShortMessage {
    ShortMessage(0x80 | UInt8(truncatingIfNeeded: key >> 7), UInt8(key & 0x7F), velocity)
  }
}
