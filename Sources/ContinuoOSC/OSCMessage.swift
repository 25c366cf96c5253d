// SPDX-License-Identifier: MIT

/// One value in an OSC message.
public enum OSCArgument: Hashable, Sendable {
  /// Type tag `i`.
  case int32(Int32)
  /// Type tag `h`.
  case int64(Int64)
  /// Type tag `f`; may be infinite or not a number when it comes from outside.
  case float(Float)
  /// Type tag `d`; may be infinite or not a number when it comes from outside.
  case double(Double)
  /// Type tag `s`; bytes that are no UTF-8 arrive as U+FFFD.
  case string(String)
  /// Type tag `S`, an alternative string.
  case symbol(String)
  /// Type tag `c`: one byte.
  case character(UInt8)
  /// Type tags `T` and `F`.
  case bool(Bool)
  /// Type tag `N`.
  case null
  /// Type tag `I`.
  case impulse
  /// Type tag `b`.
  case blob([UInt8])
  /// Type tag `t`: seconds since 1900 in the upper 32 bits, their fraction in the lower.
  case timetag(UInt64)
  /// Type tag `m`: port, status and two data bytes, first byte uppermost.
  case midi(UInt32)

  /// A finite number, whichever numeric type or truth value carries it, else nil.
  public var number: Double? {
    let value: Double
    switch self {
    case .int32(let number): value = Double(number)
    case .int64(let number): value = Double(number)
    case .float(let number): value = Double(number)
    case .double(let number): value = number
    case .bool(let truth): value = truth ? 1 : 0
    default: return nil
    }
    return value.isFinite ? value : nil
  }

  /// A whole number, exact for integers and rounded towards zero for others; nil when it has none
  /// within 64 bits.
  public var integer: Int? {
    switch self {
    case .int32(let number): Int(number)
    case .int64(let number): Int(exactly: number)
    default: number.flatMap { Int(exactly: $0.rounded(.towardZero)) }
    }
  }

  /// The text of a string or symbol, else nil.
  public var text: String? {
    switch self {
    case .string(let text), .symbol(let text): text
    default: nil
    }
  }
}

/// An OSC address with its arguments.
public struct OSCMessage: Hashable, Sendable {
  /// The address pattern, beginning with "/".
  public var address: String
  /// The values, in order.
  public var arguments: [OSCArgument]

  /// Makes a message; it is checked when it is sent.
  public init(_ address: String, _ arguments: [OSCArgument] = []) {
    self.address = address
    self.arguments = arguments
  }
}
