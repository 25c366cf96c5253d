// SPDX-License-Identifier: MIT
internal import ContinuoMemory
public import ContinuoMusic

/// Commands about what is remembered.
extension CommandReader {
  /// A number of the library, as 12 or #12.
  mutating func libraryNumber() throws(CommandError) -> Int {
    let text = try word("a number of the library")
    guard let id = LibraryWords.id(text) else {
      throw .notANumber(what: "a number of the library", word: text)
    }
    return id
  }

  mutating func library() throws(CommandError) -> MemoryCommand {
    if let first = words.first, !first.isQuoted, words.words.count == 1,
      let id = LibraryWords.id(first.text)
    {
      _ = words.next()
      return .show(id: id)
    }
    var query = LibraryQuery()
    var text: [String] = []
    while let word = words.first {
      let keyword = word.keyword.hasPrefix("--") ? String(word.keyword.dropFirst(2)) : word.keyword
      _ = words.next()
      switch keyword {
      case "kind": query.kind = try choice("a kind of part", PartKind.self)?.rawValue
      case "key":
        var key = try self.word("a key such as A minor")
        if let mode = words.first?.keyword, ["major", "minor"].contains(mode) {
          key += " " + mode
          _ = words.next()
        }
        (query.tonic, query.mode) = try LibraryWords.key(key)
      case "metre", "meter":
        query.meter = try LibraryWords.metre(try self.word("a metre such as 7/8"))
      case "tempo": query.tempo = try LibraryWords.tempo(try self.word("a tempo such as 90-110"))
      case "score": query.score = try LibraryWords.score(try self.word("the least score"))
      case "count": query.limit = try number("the number of entries")
      case "starred": query.isStarred = true
      case "kept": query.isKept = true
      case "best": query.isByScore = true
      default: text.append(word.text)
      }
    }
    query.words = text.isEmpty ? nil : text.joined(separator: " ")
    return .library(query: query)
  }

  mutating func forget() throws(CommandError) -> MemoryCommand {
    let id = try libraryNumber()
    return .forget(id: id, agreed: words.take("yes", "--yes") ? true : nil)
  }

  mutating func recall() throws(CommandError) -> RecallRequest {
    var request = RecallRequest(id: try libraryNumber())
    while let option = words.first {
      _ = words.next()
      switch option.keyword {
      case "as-it-was", "--as-it-was": request.asItWas = true
      case "track", "--track": request.track = try word("the track's name")
      case "from", "--from": request.fromBar = try number("the first bar")
      case "bars", "--bars": request.bars = try number("the number of bars")
      default: throw .unexpected(word: option.text, usage: usage)
      }
    }
    return request
  }
}

/// How keys, tempos and metres are written where the library is asked.
public enum LibraryWords {
  /// A number of the library, as 12 or #12; nil for anything else.
  public static func id(_ text: String) -> Int? {
    Int(text.hasPrefix("#") ? String(text.dropFirst()) : text)
  }

  /// A key: "A minor", "Am", "F#", "Bb major"; the mode nil where none is said.
  public static func key(_ text: String) throws(CommandError) -> (tonic: Int, mode: String?) {
    let fault = CommandError.badSetting(
      name: "key", value: text, reason: "a key is written as in A minor, Am or F# major")
    var name = text.trimmingSpaces
    var mode: String?
    for known in ["major", "minor"] where name.lowercased().hasSuffix(known) {
      mode = known
      name = String(name.dropLast(known.count)).trimmingSpaces
    }
    if mode == nil, name.count > 1, name.hasSuffix("m") {
      mode = "minor"
      name = String(name.dropLast())
    }
    // Octave 4 holds every spelling of a pitch class within the keyboard.
    guard let key = try? PitchName.key(name + "4") else { throw fault }
    return (Int(key) % 12, mode)
  }

  /// A metre: 7/8.
  public static func metre(_ text: String) throws(CommandError) -> Meter {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let beats = parts[0], let unit = parts[1],
      let meter = Meter(beats, unit)
    else {
      throw .badSetting(name: "metre", value: text, reason: "a metre is written as in 7/8")
    }
    return meter
  }

  /// A tempo, 97.3, which allows for one either way, or a range of them, 90-110.
  public static func tempo(_ text: String) throws(CommandError) -> ClosedRange<Double> {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Double($0) }
    let values = parts.compactMap { $0 }.filter { $0.isFinite && $0 > 0 }
    if values.count == parts.count {
      if values.count == 1 { return values[0] - 1...values[0] + 1 }
      if values.count == 2, values[0] <= values[1] { return values[0]...values[1] }
    }
    throw .badSetting(
      name: "tempo", value: text, reason: "a tempo is written as in 120, or 90-110 for a range")
  }

  /// A score, 0...1.
  public static func score(_ text: String) throws(CommandError) -> Double {
    guard let score = Double(text), (0...1).contains(score) else {
      throw .badSetting(name: "score", value: text, reason: "it lies in 0…1")
    }
    return score
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
