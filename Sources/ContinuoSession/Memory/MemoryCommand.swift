// SPDX-License-Identifier: MIT
public import ContinuoMemory

/// What can be asked of the memory alone, without JACK or Ardour.
public enum MemoryCommand: Codable, Hashable, Sendable {
  /// The last requests and what came of them.
  case history(count: Int?)
  /// Candidates of every session, the newest or the best first.
  case library(query: LibraryQuery)
  /// One candidate, drawn.
  case show(id: Int)
  /// Mark a candidate, or take the mark away.
  case star(id: Int, isStarred: Bool)
  /// Forget a candidate for good; told what that is unless agreed.
  case forget(id: Int, agreed: Bool? = nil)
  /// Put a Standard MIDI File's voices into the library; with words to find them by.
  case remember(file: String, words: String?)
  /// Write the last session as Markdown; onto the screen when no file is given.
  case story(file: String?)

  /// A candidate's number in the library.
  static let ids = 1...Int(Int32.max)

  /// - Throws: `CommandError` for the first value that cannot be.
  func check() throws(CommandError) {
    switch self {
    case .history(let count):
      try Check.range("the number of requests", count, 1...1000)
    case .library(let query):
      if let words = query.words {
        try Check.text("the words to look for", words, characters: 500)
      }
      if let kind = query.kind, PartKind(rawValue: kind) == nil {
        let allowed = PartKind.allCases.map(\.rawValue)
        throw .notOneOf(what: "a kind of part", word: kind, allowed: allowed, near: [])
      }
      try Check.range("the key's tonic", query.tonic, 0...11)
      if let mode = query.mode, mode != "major", mode != "minor" {
        throw .notOneOf(what: "a mode", word: mode, allowed: ["major", "minor"], near: [])
      }
      try Check.range("the number of entries", query.limit, 1...1000)
      if let score = query.score, !(0...1).contains(score) {
        throw .badSetting(name: "score", value: decimal(score), reason: "it lies in 0…1")
      }
      if let tempo = query.tempo, !tempo.lowerBound.isFinite || !tempo.upperBound.isFinite {
        throw .badSetting(name: "tempo", value: "…", reason: "it must be a number")
      }
    case .show(let id), .star(let id, _), .forget(let id, _):
      try Check.range("a number of the library", id, Self.ids)
    case .remember(let file, let words):
      try Check.file(file, endings: FileEndings.midi)
      if let words {
        try Check.text(
          "the words to find it by", words, characters: CommandLimits.requestCharacters)
      }
    case .story(let file):
      if let file { try Check.file(file, endings: FileEndings.story) }
    }
  }
}

/// What to bring back from the library.
public struct RecallRequest: Codable, Hashable, Sendable {
  /// The candidate's number in the library.
  public var id: Int
  /// The track it is for; nil for that of the candidates there are, else as in a request.
  public var track: String?
  /// The first bar it is for, from 1; nil as in a request.
  public var fromBar: Int?
  /// How many bars it is to fill, 1...64; nil for as many as there are.
  public var bars: Int?
  /// Whether it stays note for note as it was.
  public var asItWas: Bool

  /// Makes a request; `Command.validated()` holds the ranges.
  public init(
    id: Int, track: String? = nil, fromBar: Int? = nil, bars: Int? = nil, asItWas: Bool = false
  ) {
    self.id = id
    self.track = track
    self.fromBar = fromBar
    self.bars = bars
    self.asItWas = asItWas
  }

  /// - Throws: `CommandError` for the first value that cannot be.
  func check() throws(CommandError) {
    try Check.range("a number of the library", id, MemoryCommand.ids)
    if let track { try Check.name("track", track) }
    try Check.range("the number of bars", bars, CommandLimits.bars)
    try Check.range("the first bar", fromBar, CommandLimits.bar)
  }
}
