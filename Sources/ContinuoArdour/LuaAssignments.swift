// SPDX-License-Identifier: MIT

/// Reads the Lua that Ardour's own serialiser writes, and no other.
///
/// The grammar is assignments `scripts[KEY]… = VALUE` with whole numbers and quoted strings as keys,
/// and empty tables, quoted strings, numbers, booleans and nil as values.
enum LuaAssignments {
  /// A key of a table.
  enum Key: Hashable, Sendable {
    case number(Int)
    case text(String)
  }

  /// What is assigned.
  enum Value: Hashable, Sendable {
    case table
    case string([UInt8])
    /// A number, boolean or nil, as it is written.
    case word(String)
  }

  /// One assignment.
  struct Statement: Hashable, Sendable {
    let keys: [Key]
    let value: Value
    /// Where it stands, with the blanks after it.
    let range: Range<Int>
  }

  /// The text is not what Ardour writes.
  struct Malformed: Error, Hashable, Sendable {
    /// Bytes from the start.
    let offset: Int
  }

  /// More assignments are refused.
  static let maximumCount = 100_000

  /// Reads all of `text`; the first assignment makes `scripts` a table, and no later one does.
  static func read(_ text: [UInt8]) throws(Malformed) -> [Statement] {
    var reader = Reader(text: text)
    var statements: [Statement] = []
    reader.skipBlanks()
    while !reader.isAtEnd {
      guard statements.count < maximumCount else { throw Malformed(offset: reader.position) }
      let statement = try reader.statement()
      guard statement.keys.isEmpty == statements.isEmpty,
        !statement.keys.isEmpty
          || statement.value == .table
      else { throw Malformed(offset: statement.range.lowerBound) }
      statements.append(statement)
    }
    guard !statements.isEmpty else { throw Malformed(offset: 0) }
    return statements
  }

  /// `bytes` as a Lua string, as `%q` would write it.
  static func quoted(_ bytes: [UInt8]) -> [UInt8] {
    var quoted: [UInt8] = [0x22]
    for byte in bytes {
      switch byte {
      case 0x22, 0x5C, 0x0A: quoted += [0x5C, byte]
      case 0x0D: quoted += Array("\\013".utf8)
      case 0x00: quoted += Array("\\000".utf8)
      default: quoted.append(byte)
      }
    }
    return quoted + [0x22]
  }
}

private struct Reader {
  let text: [UInt8]
  var position = 0

  init(text: [UInt8]) { self.text = text }

  var isAtEnd: Bool { position >= text.count }
  private var next: UInt8? { isAtEnd ? nil : text[position] }

  mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  mutating func statement() throws(LuaAssignments.Malformed) -> LuaAssignments.Statement {
    let start = position
    try take("scripts")
    var keys: [LuaAssignments.Key] = []
    while next == UInt8(ascii: "[") {
      position += 1
      keys.append(try key())
      try take("]")
    }
    skipBlanks()
    try take("=")
    skipBlanks()
    let value = try value()
    skipBlanks()
    return LuaAssignments.Statement(keys: keys, value: value, range: start..<position)
  }

  private mutating func key() throws(LuaAssignments.Malformed) -> LuaAssignments.Key {
    if next == 0x22 { return .text(String(decoding: try string(), as: UTF8.self)) }
    let word = word()
    guard let number = Int(word) else { throw malformed }
    return .number(number)
  }

  private mutating func value() throws(LuaAssignments.Malformed) -> LuaAssignments.Value {
    if next == 0x22 { return .string(try string()) }
    if next == UInt8(ascii: "{") {
      try take("{}")
      return .table
    }
    let word = word()
    guard ["true", "false", "nil"].contains(word) || Double(word) != nil else { throw malformed }
    return .word(word)
  }

  private mutating func word() -> String {
    let start = position
    while let byte = next,
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || byte == 0x2B || byte == 0x2D || byte == 0x2E
    { position += 1 }
    return String(decoding: text[start..<position], as: UTF8.self)
  }

  /// What `%q` escapes, and Lua's own letters, which a file made by hand may have.
  private static let escapes: [UInt8: UInt8] = [
    0x22: 0x22, 0x27: 0x27, 0x5C: 0x5C, 0x0A: 0x0A, 0x61: 0x07, 0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A,
    0x72: 0x0D, 0x74: 0x09, 0x76: 0x0B,
  ]

  /// A quoted string with its escapes: the above and decimal numbers.
  private mutating func string() throws(LuaAssignments.Malformed) -> [UInt8] {
    try take("\"")
    var bytes: [UInt8] = []
    while let byte = next, byte != 0x22 {
      position += 1
      guard byte == 0x5C else {
        guard byte != 0x0A else { throw malformed }
        bytes.append(byte)
        continue
      }
      guard let escaped = next else { throw malformed }
      if (0x30...0x39).contains(escaped) {
        bytes.append(try decimal())
      } else {
        guard let meant = Self.escapes[escaped] else { throw malformed }
        bytes.append(meant)
        position += 1
      }
    }
    try take("\"")
    return bytes
  }

  private mutating func decimal() throws(LuaAssignments.Malformed) -> UInt8 {
    var value = 0
    var count = 0
    while count < 3, let byte = next, (0x30...0x39).contains(byte) {
      value = value * 10 + Int(byte - 0x30)
      position += 1
      count += 1
    }
    guard let byte = UInt8(exactly: value) else { throw malformed }
    return byte
  }

  private mutating func take(_ word: StaticString) throws(LuaAssignments.Malformed) {
    let bytes = Array("\(word)".utf8)
    guard text[position...].starts(with: bytes) else { throw malformed }
    position += bytes.count
  }

  private var malformed: LuaAssignments.Malformed { .init(offset: position) }
}
