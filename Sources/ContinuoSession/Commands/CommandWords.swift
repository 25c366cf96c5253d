// SPDX-License-Identifier: MIT

/// The words of one line, with quotation marks respected.
struct CommandWords {
  /// One word, and whether quotation marks held it together.
  struct Word: Hashable {
    var text: String
    /// A quoted word is a value, never a keyword.
    var isQuoted: Bool

    /// The word as keywords are compared: lower case, and nothing when it was quoted.
    var keyword: String { isQuoted ? "" : text.lowercased() }
  }

  /// Lines longer than this many bytes are refused unread.
  static let maximumBytes = 16_384

  private(set) var words: [Word]

  /// Splits `line` at white space.
  ///
  /// A word that begins with `"` or `'` runs to the same mark; a `'` without a partner is an
  /// apostrophe ('til). A backslash takes the meaning from a space, a mark or a backslash.
  init(_ line: String) throws(CommandError) {
    guard line.utf8.count <= Self.maximumBytes else {
      throw .tooLong(what: "the line", limit: Self.maximumBytes)
    }
    let characters = Array(line)
    words = []
    var index = 0
    while index < characters.count {
      guard !characters[index].isWhitespace else {
        index += 1
        continue
      }
      words.append(try Self.word(in: characters, from: &index))
    }
  }

  private static func word(
    in characters: [Character], from index: inout Int
  ) throws(CommandError) -> Word {
    let opening = characters[index]
    if opening == "\"" || opening == "'" {
      // An apostrophe inside a word (don't) closes nothing.
      let closes: (Character, Character?) -> Bool = { character, next in
        character == opening && (opening == "\"" || next.map(\.isWhitespace) ?? true)
      }
      var after = index + 1
      if let text = take(characters, &after, until: closes, needsEnd: true) {
        index = after + 1
        return Word(text: text, isQuoted: true)
      }
      if opening == "\"" { throw .unclosedQuote(column: index + 1) }
    }
    let text =
      take(characters, &index, until: { first, _ in first.isWhitespace }, needsEnd: false) ?? ""
    return Word(text: text, isQuoted: false)
  }

  /// Reads up to the first character that `ends`; nil when none does and one is needed.
  private static func take(
    _ characters: [Character], _ index: inout Int, until ends: (Character, Character?) -> Bool,
    needsEnd: Bool
  ) -> String? {
    var text = ""
    while index < characters.count {
      let character = characters[index]
      let next = index + 1 < characters.count ? characters[index + 1] : nil
      if ends(character, next) { return text }
      if character == "\\", let next, [" ", "\"", "'", "\\"].contains(next) {
        text.append(next)
        index += 2
      } else {
        text.append(character)
        index += 1
      }
    }
    return needsEnd ? nil : text
  }

  /// The next word, left in place.
  var first: Word? { words.first }

  /// Whether every word has been taken.
  var isEmpty: Bool { words.isEmpty }

  /// Takes the next word.
  mutating func next() -> Word? { words.isEmpty ? nil : words.removeFirst() }

  /// Takes the next word when it is one of these keywords.
  mutating func take(_ keywords: String...) -> Bool {
    guard let first, keywords.contains(first.keyword) else { return false }
    words.removeFirst()
    return true
  }
}
