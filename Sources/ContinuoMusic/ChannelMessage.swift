// SPDX-License-Identifier: MIT

/// A channel message of two or three bytes, held without a heap allocation.
public struct ChannelMessage: Hashable, Sendable {
  /// Status byte, 80...EF.
  public let status: UInt8
  /// First data byte, 0...127.
  public let data1: UInt8
  /// Second data byte, 0...127; 0 for program and channel pressure, which have none.
  public let data2: UInt8

  /// Nil when `status` is no channel status or a data byte is above 127.
  public init?(_ status: UInt8, _ data1: UInt8, _ data2: UInt8 = 0) {
    guard (0x80..<0xF0).contains(status), data1 < 0x80, data2 < 0x80 else { return nil }
    guard status & 0xE0 != 0xC0 || data2 == 0 else { return nil }
    self.init(valid: status, data1, data2)
  }

  /// Takes what the caller has checked.
  init(valid status: UInt8, _ data1: UInt8, _ data2: UInt8) {
    self.status = status
    self.data1 = data1
    self.data2 = data2
  }

  /// How many bytes it has, status byte included: 2 or 3.
  public var count: Int { status & 0xE0 == 0xC0 ? 2 : 3 }

  /// Channel, 0...15.
  public var channel: UInt8 { status & 0x0F }

  /// Whether a key begins to sound: a note-on above velocity 0.
  public var startsNote: Bool { status & 0xF0 == 0x90 && data2 > 0 }

  /// Whether a key is let go: a note-off, or a note-on at velocity 0.
  public var endsNote: Bool {
    status & 0xF0 == 0x80 || (status & 0xF0 == 0x90 && data2 == 0)
  }

  /// The message's bytes, status byte first.
  public var bytes: [UInt8] { count == 2 ? [status, data1] : [status, data1, data2] }
}
