// SPDX-License-Identifier: MIT

/// A plain value in a reply.
public enum ReplyScalar: Hashable, Sendable {
  /// Any finite number.
  case number(Double)
  /// A text of at most `ReplyScanner.longestText` bytes.
  case text(String)
  /// True, false or null.
  case other
}

/// Takes JSON out of a model's reply as it arrives, whatever stands round it.
///
/// Prose and fences are passed over; what is no JSON ends the value begun and the search starts
/// again. Nothing is kept but the text under way: depth, text and number lengths are bounded, so a
/// reply of any size takes constant memory here.
struct ReplyScanner {
  /// What was found.
  enum Token: Hashable {
    case objectStart, objectEnd, arrayStart, arrayEnd
    case key(String)
    case scalar(ReplyScalar)
    /// What was begun is no JSON after all; every open value ends.
    case broken
  }

  /// Deeper values are no reply.
  static let deepest = 32
  /// Longer texts are cut, in bytes.
  static let longestText = 2000

  private enum Place {
    case outside, wantsKey, wantsColon, wantsValue, afterValue
  }

  private enum Lexeme {
    case none, text, escape, unicode, word
  }

  private var isObject: [Bool] = []
  private var place = Place.outside
  private var lexeme = Lexeme.none
  private var bytes: [UInt8] = []
  private var digits: [UInt8] = []
  private var highSurrogate: UInt32?

  /// Whether a value is under way.
  var isInside: Bool { !isObject.isEmpty }

  mutating func feed(_ byte: UInt8, _ found: (Token) -> Void) {
    switch lexeme {
    case .text: feedText(byte, found)
    case .escape: feedEscape(byte)
    case .unicode: feedUnicode(byte)
    case .word:
      if Self.isWord(byte) {
        bytes.append(byte)
        if bytes.count > 64 { fail(found) }
      } else {
        endWord(found)
        feedBetween(byte, found)
      }
    case .none: feedBetween(byte, found)
    }
  }

  private mutating func feedText(_ byte: UInt8, _ found: (Token) -> Void) {
    switch byte {
    case UInt8(ascii: "\""):
      lexeme = .none
      endText(found)
    case UInt8(ascii: "\\"): lexeme = .escape
    default: append(byte)
    }
  }

  private mutating func append(_ byte: UInt8) {
    if bytes.count < Self.longestText { bytes.append(byte) }
  }

  private mutating func feedEscape(_ byte: UInt8) {
    lexeme = .text
    switch byte {
    case UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "r"), UInt8(ascii: "b"),
      UInt8(ascii: "f"):
      append(UInt8(ascii: " "))
    case UInt8(ascii: "u"):
      digits.removeAll(keepingCapacity: true)
      lexeme = .unicode
    default: append(byte)
    }
  }

  private mutating func feedUnicode(_ byte: UInt8) {
    digits.append(byte)
    guard digits.count == 4 else { return }
    lexeme = .text
    let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0xFFFD
    if (0xD800..<0xDC00).contains(code) {
      highSurrogate = code
      return
    }
    var value = code
    if let high = highSurrogate, (0xDC00..<0xE000).contains(code) {
      value = 0x10000 + (high - 0xD800) << 10 + (code - 0xDC00)
    }
    highSurrogate = nil
    for byte in String(Unicode.Scalar(value).map(Character.init) ?? "\u{FFFD}").utf8 {
      append(byte)
    }
  }

  private mutating func feedBetween(_ byte: UInt8, _ found: (Token) -> Void) {
    let opens = byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
    guard place != .outside else {
      if opens { open(byte, found) }
      return
    }
    switch byte {
    case 0x20, 0x09, 0x0A, 0x0D: return
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard place == .wantsValue else { return fail(byte, found) }
      open(byte, found)
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      close(byte, found)
    case UInt8(ascii: ","):
      guard place == .afterValue else { return fail(found) }
      place = isObject.last == true ? .wantsKey : .wantsValue
    case UInt8(ascii: ":"):
      guard place == .wantsColon else { return fail(found) }
      place = .wantsValue
    case UInt8(ascii: "\""):
      guard place == .wantsKey || place == .wantsValue else { return fail(found) }
      bytes.removeAll(keepingCapacity: true)
      lexeme = .text
    case _ where Self.isWord(byte):
      guard place == .wantsKey || place == .wantsValue else { return fail(found) }
      bytes = [byte]
      lexeme = .word
    default: fail(found)
    }
  }

  private mutating func open(_ byte: UInt8, _ found: (Token) -> Void) {
    guard isObject.count < Self.deepest else { return fail(found) }
    let object = byte == UInt8(ascii: "{")
    isObject.append(object)
    place = object ? .wantsKey : .wantsValue
    found(object ? .objectStart : .arrayStart)
  }

  private mutating func close(_ byte: UInt8, _ found: (Token) -> Void) {
    let object = byte == UInt8(ascii: "}")
    guard isObject.last == object, place != .wantsColon, object ? place != .wantsValue : true
    else { return fail(found) }
    isObject.removeLast()
    place = isObject.isEmpty ? .outside : .afterValue
    found(object ? .objectEnd : .arrayEnd)
  }

  private mutating func endText(_ found: (Token) -> Void) {
    let text = String(decoding: bytes, as: UTF8.self)
    if place == .wantsKey {
      place = .wantsColon
      found(.key(text))
    } else {
      place = .afterValue
      found(.scalar(.text(text)))
    }
  }

  /// A number, true, false, null, or a word that a model forgot to quote.
  private mutating func endWord(_ found: (Token) -> Void) {
    lexeme = .none
    let word = String(decoding: bytes, as: UTF8.self)
    if place == .wantsKey {
      place = .wantsColon
      return found(.key(word))
    }
    place = .afterValue
    if let number = Double(word), number.isFinite {
      found(.scalar(.number(number)))
    } else if ["true", "false", "null", "True", "False", "None", "NaN"].contains(word) {
      found(.scalar(.other))
    } else {
      found(.scalar(.text(word)))
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."), UInt8(ascii: "#"), UInt8(ascii: "_"), UInt8(ascii: "/"):
      true
    default: false
    }
  }

  private mutating func fail(_ found: (Token) -> Void) {
    isObject.removeAll(keepingCapacity: true)
    place = .outside
    lexeme = .none
    bytes.removeAll(keepingCapacity: true)
    highSurrogate = nil
    found(.broken)
  }

  /// A bracket where none belongs may begin the next value.
  private mutating func fail(_ byte: UInt8, _ found: (Token) -> Void) {
    fail(found)
    open(byte, found)
  }
}
