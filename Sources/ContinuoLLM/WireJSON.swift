// SPDX-License-Identifier: MIT

/// A JSON value whose members keep their order.
///
/// Servers that hold a reply to a schema write its members in the schema's order, so a schema's
/// order is part of what it says.
public enum WireJSON: Hashable, Sendable {
  /// A member of an object.
  public struct Member: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// Its value.
    public let value: WireJSON

    /// Names a value.
    public init(_ name: String, _ value: WireJSON) {
      self.name = name
      self.value = value
    }
  }

  /// True or false.
  case bool(Bool)
  /// A whole number.
  case int(Int)
  /// Any finite number; others are written as 0.
  case number(Double)
  /// A text.
  case string(String)
  /// A list.
  case array([WireJSON])
  /// Named values in their order.
  case object([Member])

  /// One line of JSON.
  public var text: String {
    var text = ""
    write(into: &text)
    return text
  }

  private func write(into text: inout String) {
    switch self {
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .number(let value): text += value.isFinite ? "\(value)" : "0"
    case .string(let value): Self.quote(value, into: &text)
    case .array(let items):
      text += "["
      for (index, item) in items.enumerated() {
        if index > 0 { text += "," }
        item.write(into: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += "," }
        Self.quote(member.name, into: &text)
        text += ":"
        member.value.write(into: &text)
      }
      text += "}"
    }
  }

  private static func quote(_ value: String, into text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension WireJSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// True or false.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A list.
  public init(arrayLiteral elements: WireJSON...) { self = .array(elements) }
  /// Named values in the order written.
  public init(dictionaryLiteral elements: (String, WireJSON)...) {
    self = .object(elements.map { Member($0, $1) })
  }
}
