// SPDX-License-Identifier: MIT

/// What a percussion track's keys strike: General MIDI's drums, or what a musician's own kit has there.
///
/// A map is text, one key a line: `36 = kick`, `C2 = snare, rim shot`. The key is a number, 0...127, or
/// a pitch name. The name is free, 40 characters at most; the drum it speaks of (kick, snare, hat,
/// tom, …) is what analysis hears there, and a name that speaks of none is neither kick nor snare.
/// Empty lines and lines that begin with `#` say nothing. Keys that the map leaves out are General
/// MIDI's.
public struct DrumMap: Hashable, Sendable {
  /// Texts longer than this, in bytes, are no map.
  public static let mostBytes = 65_536
  /// General MIDI's kit.
  public static let standard = DrumMap(names: [:])

  private static let mostCharacters = 40
  private let names: [UInt8: String]

  private init(names: [UInt8: String]) {
    self.names = names
  }

  /// Reads `text`; `file` names it in errors.
  ///
  /// Throws `MusicError.drumMap` for the first line that is none of a map, or names a key twice.
  public init(_ text: String, file: String) throws(MusicError) {
    guard text.utf8.count <= Self.mostBytes else {
      throw .drumMap(file: file, line: 1, reason: "more than \(Self.mostBytes) bytes are no map")
    }
    var names: [UInt8: String] = [:]
    var number = 0
    // Carriage return and line feed are one character: `isNewline` takes each as one end.
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      number += 1
      let words = Self.trimmed(line)
      if words.isEmpty || words.hasPrefix("#") { continue }
      guard let equals = words.firstIndex(of: "=") else {
        throw .drumMap(file: file, line: number, reason: "there is no = in it; write 36 = kick")
      }
      let key = try Self.key(Self.trimmed(words[..<equals]), file, number)
      let name = printable(String(Self.trimmed(words[words.index(after: equals)...])), limit: 4_096)
      guard !name.isEmpty, name.count <= Self.mostCharacters else {
        throw .drumMap(
          file: file, line: number,
          reason: "a name has 1 to \(Self.mostCharacters) characters, not \(name.count)")
      }
      guard names[key] == nil else {
        throw .drumMap(
          file: file, line: number, reason: "key \(key) has a name already: remove one of them")
      }
      names[key] = name
    }
    self.names = names
  }

  /// What to call the drum on `key`; nil for a key without one.
  public func name(of key: UInt8) -> String? { names[key] ?? Self.general[key] }

  /// The General MIDI key of the drum on `key`; nil for a name that speaks of no known drum.
  public func generalKey(of key: UInt8) -> UInt8? {
    guard let name = names[key] else { return key }
    return Self.generalKey(named: name)
  }

  /// The General MIDI key of the drum that `name` speaks of; nil for what is none.
  public static func generalKey(named name: String) -> UInt8? {
    let lower = String(
      name.prefix(mostCharacters).lowercased().map { $0 == "_" || $0 == "," ? " " : $0 })
    return spoken.first { $0.words.contains { lower.contains($0) } }?.key
  }

  private static func key(
    _ word: Substring, _ file: String, _ line: Int
  ) throws(MusicError) -> UInt8 {
    if let number = Int(word), (0...127).contains(number) { return UInt8(number) }
    if let key = try? PitchName.key(String(word)) { return key }
    throw .drumMap(
      file: file, line: line,
      reason: "\"\(printable(String(word), limit: 20))\" is no key; write 0 to 127, or C-1 to G9")
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let begun = text.drop { $0.isWhitespace }
    guard let last = begun.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return begun[...last]
  }

  /// More special names first: an open hat is a hat too.
  private static let spoken: [(key: UInt8, words: [String])] = [
    (46, ["open hat", "open hi-hat", "open hihat", "ohh", "hihat open", "hat open"]),
    (44, ["pedal"]),
    (42, ["hat", "hh", "hi-hat", "hihat"]),
    (37, ["rim", "side stick", "sidestick"]),
    (39, ["clap"]),
    (38, ["snare", "sd"]),
    (36, ["kick", "bass drum", "bd"]),
    (51, ["ride"]),
    (49, ["crash", "cymbal"]),
    (50, ["high tom", "hi tom"]),
    (41, ["floor tom", "low tom"]),
    (45, ["tom"]),
    (56, ["cowbell"]),
    (54, ["tambourine"]),
    (70, ["shaker", "maracas"]),
  ]

  /// The General MIDI kit's short names.
  private static let general: [UInt8: String] = [
    35: "Kick 2", 36: "Kick", 37: "Rim", 38: "Snare", 39: "Clap", 40: "Snare 2", 41: "Tom 6",
    42: "Hat", 43: "Tom 5", 44: "Pedal", 45: "Tom 4", 46: "Open", 47: "Tom 3", 48: "Tom 2",
    49: "Crash", 50: "Tom 1", 51: "Ride", 52: "China", 53: "Bell", 54: "Tamb", 55: "Splash",
    56: "Cowbell", 57: "Crash 2", 59: "Ride 2", 62: "Conga m", 63: "Conga h", 64: "Conga l",
    69: "Cabasa", 70: "Maracas", 75: "Claves",
  ]
}
