// SPDX-License-Identifier: MIT
import ArgumentParser
import ContinuoMemory
import ContinuoMusic
import ContinuoSession

/// A number of the library, as 12 or #12.
struct LibraryNumber: ExpressibleByArgument {
  let id: Int

  init?(argument: String) {
    guard let id = LibraryWords.id(argument) else { return nil }
    self.id = id
  }
}

struct HistoryCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Tells the last requests and what became of each candidate.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "How many requests; ten otherwise.")
  var count: Int?

  var action: Action { .command(.memory(request: .history(count: count)), .instanceOrMemory) }
}

struct LibraryCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "library", abstract: "Finds candidates of every session; with a number draws one.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "Words that must all occur, or the number of one candidate.")
  var words: [String] = []

  @Option(help: "The kind of part.")
  var kind: PartKind?

  @Option(help: "The key, as in \"A minor\" or Am.", transform: { try TonalityArgument($0) })
  var key: TonalityArgument?

  @Option(help: "The metre, as in 7/8.", transform: { try LibraryWords.metre($0) })
  var metre: Meter?

  @Option(help: "The tempo, as in 120 or 90-110.", transform: { try LibraryWords.tempo($0) })
  var tempo: ClosedRange<Double>?

  @Option(help: "The least score, 0…1.", transform: { try LibraryWords.score($0) })
  var score: Double?

  @Flag(help: "Only what has a star.")
  var starred = false

  @Flag(help: "Only what was kept.")
  var kept = false

  @Flag(help: "The best first, instead of the newest.")
  var best = false

  @Option(help: "How many to list.")
  var count: Int?

  var action: Action {
    var query = LibraryQuery()
    query.kind = kind?.rawValue
    (query.tonic, query.mode) = (key?.tonic, key?.mode)
    query.meter = metre
    query.tempo = tempo
    query.score = score
    query.isStarred = starred
    query.isKept = kept
    query.isByScore = best
    query.limit = count
    if words.count == 1, let id = LibraryWords.id(words[0]), query == LibraryQuery() {
      return .command(.memory(request: .show(id: id)), .instanceOrMemory)
    }
    query.words = words.isEmpty ? nil : words.joined(separator: " ")
    return .command(.memory(request: .library(query: query)), .instanceOrMemory)
  }
}

/// A key as the command line writes it.
struct TonalityArgument {
  let tonic: Int
  let mode: String?

  init(_ text: String) throws { (tonic, mode) = try LibraryWords.key(text) }
}

struct RecallCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "recall",
    abstract: "Brings a candidate back from the library, fitted to what sounds now.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The candidate's number in the library.")
  var number: LibraryNumber

  @Flag(help: "Note for note as it was, not fitted.")
  var asItWas = false

  @Option(help: "The track it is for.")
  var track: String?

  @Option(name: .customLong("from"), help: "The first bar it is for.")
  var fromBar: Int?

  @Option(help: "How many bars it fills, 1…64.")
  var bars: Int?

  var action: Action {
    .command(
      .recall(
        request: RecallRequest(
          id: number.id, track: track, fromBar: fromBar, bars: bars, asItWas: asItWas)),
      .instanceOnly)
  }
}

struct StarCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "star", abstract: "Marks a candidate of the library.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The candidate's number in the library.")
  var number: LibraryNumber

  var action: Action {
    .command(.memory(request: .star(id: number.id, isStarred: true)), .instanceOrMemory)
  }
}

struct UnstarCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "unstar", abstract: "Takes the mark of a candidate of the library away.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The candidate's number in the library.")
  var number: LibraryNumber

  var action: Action {
    .command(.memory(request: .star(id: number.id, isStarred: false)), .instanceOrMemory)
  }
}

struct ForgetCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "forget", abstract: "Takes a candidate out of the library for good.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The candidate's number in the library.")
  var number: LibraryNumber

  @Flag(help: "Do not ask.")
  var yes = false

  var action: Action {
    .command(
      .memory(request: .forget(id: number.id, agreed: yes ? true : nil)), .instanceOrMemory)
  }
}

struct RememberCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "remember", abstract: "Puts a Standard MIDI File's voices into the library.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The file.")
  var file: String

  @Argument(help: "Words to find it by.")
  var words: [String] = []

  var action: Action {
    let words = words.isEmpty ? nil : words.joined(separator: " ")
    return .command(.memory(request: .remember(file: file, words: words)), .instanceOrMemory)
  }
}

struct StoryCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "story", abstract: "Tells the last session as Markdown, with piano rolls.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The file to write, ending in .md; shown otherwise.")
  var file: String?

  var action: Action { .command(.memory(request: .story(file: file)), .instanceOrMemory) }
}
