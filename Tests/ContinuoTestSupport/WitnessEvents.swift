// SPDX-License-Identifier: MIT
import Foundation

/// An event to send: when, on which port, what.
public struct ScriptEvent: Equatable, Sendable {
  /// Frames from the base (`send`) or of the transport (`play`).
  public var frame: Int
  /// 1…K; `play` has one port and does not look.
  public var port: Int
  public var bytes: [UInt8]

  public init(_ frame: Int, port: Int = 1, _ bytes: [UInt8]) {
    self.frame = frame
    self.port = port
    self.bytes = bytes
  }
}

/// An event as the witness saw it go or come.
public struct WitnessedEvent: Equatable, Sendable {
  /// Absolute, 64 bits.
  public var frame: UInt64
  /// 1…K for what `send` sent, else nil.
  public var port: Int?
  /// Transport frame while rolling, else nil.
  public var transport: Int?
  /// A whole event, or one fragment of a SysEx.
  public var bytes: [UInt8]

  public init(frame: UInt64, port: Int? = nil, transport: Int? = nil, bytes: [UInt8]) {
    self.frame = frame
    self.port = port
    self.transport = transport
    self.bytes = bytes
  }
}

/// What the transport did: a state that changed or a place that jumped, seen at a cycle's start.
public struct TransportChange: Equatable, Sendable {
  public var frame: UInt64
  /// "stopped", "starting" or "rolling".
  public var state: String
  public var transport: Int
}

/// The line of JSON with which a witness ends; a field that its command does not have is nil.
public struct WitnessSummary: Decodable, Equatable, Sendable {
  public var command: String
  public var rate: Int
  public var period: Int
  public var base: UInt64?
  public var events: Int?
  public var sent: Int?
  /// Events and fragments.
  public var pieces: Int?
  /// Events that found the port's buffer full and waited for a later cycle.
  public var retried: Int?
  /// Events that began later than asked for.
  public var late: Int?
  public var unsendable: Int?
  /// Most bytes that an empty port buffer takes in one event.
  public var largest: Int?
  public var xruns: Int?
  public var lost: Int?
  /// Events missing from the log because the witness's own ring was full.
  public var unlogged: Int?
  public var wraps: Int?
}

/// The bytes as lower-case hex pairs.
public func hex(_ bytes: some Sequence<UInt8>) -> String {
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}

private let digits = Array("0123456789abcdef".utf8)

/// The bytes of hex pairs, or nil when it is something else.
public func bytes(hex text: some StringProtocol) -> [UInt8]? {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.utf8.count / 2)
  var high: UInt8?
  for character in text.utf8 {
    guard let digit = digit(character) else { return nil }
    if let first = high {
      bytes.append(first << 4 | digit)
      high = nil
    } else {
      high = digit
    }
  }
  return high == nil ? bytes : nil
}

private func digit(_ character: UInt8) -> UInt8? {
  switch character {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
  default: nil
  }
}

/// Reads the whole lines of a witness's log with `parse`; a line it refuses is an error.
func readLog<Event>(_ path: String, _ parse: ([Substring]) -> Event?) throws -> [Event] {
  let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
  return try lines.map { line in
    guard let event = parse(line.split(separator: " ")) else {
      throw TestSupportError.unreadable(what: "a line of the witness's log", text: String(line))
    }
    return event
  }
}

/// `<absolute frame> <transport frame or -1> <hex>`
func placedEvent(_ fields: [Substring]) -> WitnessedEvent? {
  guard fields.count == 3, let frame = UInt64(fields[0]), let transport = Int(fields[1]),
    let bytes = bytes(hex: fields[2])
  else { return nil }
  return WitnessedEvent(frame: frame, transport: transport < 0 ? nil : transport, bytes: bytes)
}

/// `<absolute frame> <port> <hex>`
func sentEvent(_ fields: [Substring]) -> WitnessedEvent? {
  guard fields.count == 3, let frame = UInt64(fields[0]), let port = Int(fields[1]),
    let bytes = bytes(hex: fields[2])
  else { return nil }
  return WitnessedEvent(frame: frame, port: port, bytes: bytes)
}
