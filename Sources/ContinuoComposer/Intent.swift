// SPDX-License-Identifier: MIT

/// What the words of a request ask for, and the words that were not understood.
struct Intent: Hashable, Sendable {
  /// The dials that words turn; 0 is "as it comes", 1 is "clearly more".
  enum Dial: String, Hashable, Sendable, CaseIterable {
    case groove, density, syncopation, funk, walking, octaves, ghosts, approach, swing, register
    case lateness, loudness, length, floor, latin
  }

  private var values: [Dial: Double] = [:]
  /// The words that turned a dial, as written.
  private(set) var understood: [String] = []
  /// The words that mean nothing to this composer, as written.
  private(set) var notUnderstood: [String] = []

  subscript(dial: Dial) -> Double { min(max(values[dial] ?? 0, -2), 2) }

  /// Whether more lean against the beat was asked for.
  var wantsGroove: Bool { self[.groove] > 0 || self[.syncopation] > 0 || self[.funk] > 0 }

  init() {}

  /// Reads at most 64 words of `text`.
  init(_ text: String) {
    var sign = 1.0
    for word in Self.words(of: text) {
      if let factor = IntentWords.modifiers[word] {
        sign = factor
      } else if let turns = IntentWords.turns[word] {
        for (dial, amount) in turns { values[dial, default: 0] += amount * sign }
        understood.append(word)
        sign = 1
      } else if !IntentWords.neutral.contains(word) {
        if !notUnderstood.contains(word) { notUnderstood.append(word) }
        sign = 1
      }
    }
  }

  private static func words(of text: String) -> [String] {
    var words: [String] = []
    for word in text.prefix(1_000).lowercased().split(whereSeparator: { !isWordPart($0) }) {
      // "laid-back" is two words that belong together, "off-beat" two that do not.
      let parts = word.split(separator: "-").map(String.init)
      words += IntentWords.joined.contains(parts.joined()) ? [parts.joined()] : parts
      if words.count >= 64 { break }
    }
    var joined: [String] = []
    for word in words {
      if let last = joined.last, IntentWords.joined.contains(last + word) {
        joined[joined.count - 1] = last + word
      } else {
        joined.append(word)
      }
    }
    return joined
  }

  private static func isWordPart(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "-" || character == "'"
  }
}
