// SPDX-License-Identifier: MIT

/// A meta event of a Standard MIDI File: its type and its bytes, whatever they mean.
public struct MetaEvent: Hashable, Sendable {
  // The bytes come first because that makes every event of a file eight bytes smaller.
  /// What follows the length; at most 2²⁸ − 1 bytes fit a file.
  public let bytes: [UInt8]
  /// Type, 0...127.
  public let type: UInt8

  /// Nil when `type` is above 127.
  public init?(type: UInt8, bytes: [UInt8]) {
    guard type < 0x80 else { return nil }
    self.init(valid: type, bytes)
  }

  init(valid type: UInt8, _ bytes: [UInt8]) {
    self.bytes = bytes
    self.type = type
  }

  /// The last event of every track.
  public static let endOfTrack = MetaEvent(valid: 0x2F, [])

  /// A remark (type 1), in UTF-8.
  public static func text(_ text: String) -> MetaEvent { MetaEvent(valid: 0x01, Array(text.utf8)) }

  /// A track's name (type 3), in UTF-8.
  public static func trackName(_ name: String) -> MetaEvent {
    MetaEvent(valid: 0x03, Array(name.utf8))
  }

  /// A tempo (type 51 hex), rounded to whole microseconds a quarter note.
  ///
  /// Below 3.58 quarters a minute it becomes 3.58, the slowest three bytes can say.
  public static func tempo(_ tempo: Tempo) -> MetaEvent {
    let micros = min(clampedInt((60_000_000 / tempo.quartersPerMinute).rounded()), 0xFF_FFFF)
    return MetaEvent(
      valid: 0x51,
      [
        UInt8(truncatingIfNeeded: micros >> 16), UInt8(truncatingIfNeeded: micros >> 8),
        UInt8(truncatingIfNeeded: micros),
      ])
  }

  /// A time signature (type 58 hex), with a metronome click on every beat.
  public static func meter(_ meter: Meter) -> MetaEvent {
    let power = UInt8(meter.beatUnit.trailingZeroBitCount)
    let clocks = UInt8(max(1, 96 / meter.beatUnit))
    return MetaEvent(valid: 0x58, [UInt8(meter.beatsPerBar), power, clocks, 8])
  }

  /// Whether this ends its track.
  public var isEndOfTrack: Bool { type == 0x2F }

  /// Microseconds a quarter note when this is a usable tempo, 1...16777215.
  public var microsecondsPerQuarter: Int? {
    guard type == 0x51, bytes.count == 3 else { return nil }
    let micros = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
    return micros > 0 ? micros : nil
  }

  /// The metre when this is a usable time signature.
  public var meter: Meter? {
    guard type == 0x58, bytes.count >= 2, bytes[1] <= 6 else { return nil }
    return Meter(Int(bytes[0]), 1 << Int(bytes[1]))
  }

  /// The words of a text event (types 1...15): UTF-8, or Latin-1 when it is not valid UTF-8.
  public var text: String? {
    guard (0x01...0x0F).contains(type) else { return nil }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }
}
