// SPDX-License-Identifier: MIT

/// One whole, valid MIDI 1.0 message, status byte first.
///
/// Made only from bytes that were checked, so what it holds can be trusted. Refuses running status,
/// several messages at once, undefined status bytes (F4 F5 F9 FD) and SysEx without its end.
public struct MIDIMessage: Hashable, Sendable {
  /// What the message says; channels are 0...15, data bytes 0...127.
  public enum Kind: Hashable, Sendable {
    /// A key released.
    case noteOff(channel: UInt8, key: UInt8, velocity: UInt8)
    /// A key struck; at velocity 0 it means released: see `MIDIMessage.startsNote`.
    case noteOn(channel: UInt8, key: UInt8, velocity: UInt8)
    /// Pressure on one key.
    case polyPressure(channel: UInt8, key: UInt8, pressure: UInt8)
    /// A controller moved.
    case controller(channel: UInt8, number: UInt8, value: UInt8)
    /// Another sound chosen.
    case program(channel: UInt8, number: UInt8)
    /// Pressure on the whole channel.
    case channelPressure(channel: UInt8, pressure: UInt8)
    /// The pitch wheel, -8192...8191, 0 at rest.
    case pitchBend(channel: UInt8, value: Int16)
    /// A system-exclusive message: F0, data, F7.
    case sysEx([UInt8])
    /// A MIDI time code quarter frame.
    case timeCode(UInt8)
    /// The song position in sixteenths, 0...16383.
    case songPosition(sixteenths: UInt16)
    /// A song chosen.
    case songSelect(UInt8)
    /// A request to tune.
    case tuneRequest
    /// A timing message, which may arrive inside another.
    case realtime(Realtime)
  }

  /// The one-byte timing messages.
  public enum Realtime: UInt8, Hashable, Sendable {
    /// 24 a quarter note.
    case clock = 0xF8
    /// Play from the beginning.
    case start = 0xFA
    /// Play on.
    case `continue` = 0xFB
    /// Stop.
    case stop = 0xFC
    /// "I am still here."
    case activeSensing = 0xFE
    /// Back to the state at power-on.
    case reset = 0xFF
  }

  /// What the message says.
  public let kind: Kind

  /// Checks `bytes`; throws `MusicError.message` with the place of the first byte that is wrong.
  public init(_ bytes: some RandomAccessCollection<UInt8>) throws(MusicError) {
    guard let status = bytes.first else {
      throw .message(at: 0, expected: "a status byte", found: nil)
    }
    if status == 0xF0 {
      kind = try Self.sysEx(bytes)
      return
    }
    guard let count = Self.dataCount(status: status) else {
      throw .message(at: 0, expected: "a status byte", found: status)
    }
    var data: (UInt8, UInt8) = (0, 0)
    for index in 0..<count {
      guard index + 1 < bytes.count else {
        throw .message(at: index + 1, expected: "a data byte", found: nil)
      }
      let byte = bytes[bytes.index(bytes.startIndex, offsetBy: index + 1)]
      guard byte < 0x80 else {
        throw .message(at: index + 1, expected: "a data byte", found: byte)
      }
      if index == 0 { data.0 = byte } else { data.1 = byte }
    }
    guard bytes.count == count + 1 else {
      let extra = bytes[bytes.index(bytes.startIndex, offsetBy: count + 1)]
      throw .message(at: count + 1, expected: "the end", found: extra)
    }
    kind = Self.kind(status: status, data.0, data.1)
  }

  /// The message a file's channel event stands for.
  public init(_ message: ChannelMessage) {
    kind = Self.kind(status: message.status, message.data1, message.data2)
  }

  /// How many data bytes follow `status`; nil for SysEx, undefined and data bytes.
  static func dataCount(status: UInt8) -> Int? {
    switch status {
    case 0x80..<0xC0, 0xE0..<0xF0, 0xF2: 2
    case 0xC0..<0xE0, 0xF1, 0xF3: 1
    case 0xF6, 0xF8, 0xFA, 0xFB, 0xFC, 0xFE, 0xFF: 0
    default: nil
    }
  }

  /// Channel 0...15 of a channel message, else nil.
  public var channel: UInt8? {
    switch kind {
    case .noteOff(let channel, _, _), .noteOn(let channel, _, _),
      .polyPressure(let channel, _, _), .controller(let channel, _, _),
      .program(let channel, _), .channelPressure(let channel, _), .pitchBend(let channel, _):
      channel
    default: nil
    }
  }

  /// Whether a key begins to sound: a note-on above velocity 0.
  public var startsNote: Bool {
    if case .noteOn(_, _, let velocity) = kind { return velocity > 0 }
    return false
  }

  /// Whether a key is let go: a note-off, or a note-on at velocity 0.
  public var endsNote: Bool {
    switch kind {
    case .noteOff: true
    case .noteOn(_, _, let velocity): velocity == 0
    default: false
    }
  }

  /// The message's bytes, exactly those it was made from.
  public var bytes: [UInt8] {
    switch kind {
    case .noteOff(let channel, let key, let velocity): [0x80 | channel, key, velocity]
    case .noteOn(let channel, let key, let velocity): [0x90 | channel, key, velocity]
    case .polyPressure(let channel, let key, let pressure): [0xA0 | channel, key, pressure]
    case .controller(let channel, let number, let value): [0xB0 | channel, number, value]
    case .program(let channel, let number): [0xC0 | channel, number]
    case .channelPressure(let channel, let pressure): [0xD0 | channel, pressure]
    case .pitchBend(let channel, let value): [0xE0 | channel] + Self.split(UInt16(value + 8192))
    case .sysEx(let bytes): bytes
    case .timeCode(let data): [0xF1, data]
    case .songPosition(let sixteenths): [0xF2] + Self.split(sixteenths)
    case .songSelect(let song): [0xF3, song]
    case .tuneRequest: [0xF6]
    case .realtime(let message): [message.rawValue]
    }
  }
}

extension MIDIMessage {
  private static func split(_ value: UInt16) -> [UInt8] {
    [UInt8(value & 0x7F), UInt8((value >> 7) & 0x7F)]
  }

  private static func sysEx(
    _ bytes: some RandomAccessCollection<UInt8>
  ) throws(MusicError) -> Kind {
    var at = 0
    for byte in bytes.dropFirst() {
      at += 1
      guard byte >= 0x80 else { continue }
      guard byte == 0xF7 else {
        throw .message(at: at, expected: "a data byte or F7", found: byte)
      }
      guard at == bytes.count - 1 else {
        let extra = bytes[bytes.index(bytes.startIndex, offsetBy: at + 1)]
        throw .message(at: at + 1, expected: "the end", found: extra)
      }
      return .sysEx(Array(bytes))
    }
    throw .message(at: bytes.count, expected: "F7, the end of the SysEx", found: nil)
  }

  private static func kind(status: UInt8, _ first: UInt8, _ second: UInt8) -> Kind {
    let channel = status & 0x0F
    switch status {
    case 0x80..<0x90: return .noteOff(channel: channel, key: first, velocity: second)
    case 0x90..<0xA0: return .noteOn(channel: channel, key: first, velocity: second)
    case 0xA0..<0xB0: return .polyPressure(channel: channel, key: first, pressure: second)
    case 0xB0..<0xC0: return .controller(channel: channel, number: first, value: second)
    case 0xC0..<0xD0: return .program(channel: channel, number: first)
    case 0xD0..<0xE0: return .channelPressure(channel: channel, pressure: first)
    case 0xE0..<0xF0:
      return .pitchBend(channel: channel, value: (Int16(second) << 7 | Int16(first)) - 8192)
    case 0xF1: return .timeCode(first)
    case 0xF2: return .songPosition(sixteenths: UInt16(second) << 7 | UInt16(first))
    case 0xF3: return .songSelect(first)
    case 0xF6: return .tuneRequest
    default: return .realtime(Realtime(rawValue: status) ?? .reset)
    }
  }
}
