// SPDX-License-Identifier: MIT
import ContinuoMusic

/// Turns a line typed at the prompt into a command.
///
/// Pure: no state, no files, no session.
public enum CommandParser {
  /// The command that `line` says, with every value inside `CommandLimits`.
  ///
  /// - Throws: `CommandError`, whose description says what to write instead;
  ///   `.nothing` for an empty line.
  public static func parse(_ line: String) throws(CommandError) -> Command {
    var words = try CommandWords(line)
    guard let first = words.next() else { throw .nothing }
    guard let page = CommandManual.page(for: first.text) else {
      throw .unknownCommand(
        word: first.text, near: NearNames.near(first.text, among: CommandManual.allWords))
    }
    var reader = CommandReader(words: words, usage: page.usage)
    let command = try command(page.name, &reader)
    try reader.end()
    return try command.validated()
  }

  private static func command(
    _ name: CommandName, _ reader: inout CommandReader
  ) throws(CommandError) -> Command {
    switch name {
    case .status: .status
    case .tracks: .tracks
    case .regions: .regions(request: reader.regions())
    case .refresh: .refresh(isAllowed: reader.words.take("yes", "--yes"))
    case .follow: .follow(tracks: try reader.names("a track's name"))
    case .connect: .connect
    case .analyze: .analyze
    case .enhance: .enhance(request: try reader.enhance())
    case .suggest: .suggest(number: try reader.optionalNumber("a suggestion's number"))
    case .vary:
      .vary(
        candidate: try reader.number("a candidate's number"),
        request: try reader.enhance(words: "vary"))
    case .diff:
      .diff(
        candidate: try reader.number("a candidate's number"),
        against: try reader.optionalNumber("the other candidate's number"))
    case .lock: .lock(words: reader.rest())
    case .unlock: .unlock
    case .candidates: .candidates
    case .show: .show(candidate: try reader.optionalNumber("a candidate's number"))
    case .audition:
      .audition(
        candidate: try reader.number("a candidate's number"),
        quantise: try reader.choice("a moment to switch", Quantise.self) ?? .bar)
    case .next: .step(isForward: true)
    case .previous: .step(isForward: false)
    case .original: .original
    case .stop: .stop
    case .keep: try reader.keep()
    case .importing: .importPattern(request: try reader.importing())
    case .undo: .undo
    case .discard: .discard
    case .export:
      .export(
        candidate: try reader.number("a candidate's number"),
        file: try reader.word("a file's name"))
    case .capture: .capture(action: try reader.capture())
    case .take: .take(request: try reader.take())
    case .tempo: .tempo(setting: try reader.tempo())
    case .play: .play(request: try reader.play())
    case .transport: .transport(move: try reader.transport())
    case .history: .memory(request: .history(count: try reader.optionalNumber("how many requests")))
    case .library: .memory(request: try reader.library())
    case .recall: .recall(request: try reader.recall())
    case .star: .memory(request: .star(id: try reader.libraryNumber(), isStarred: true))
    case .unstar: .memory(request: .star(id: try reader.libraryNumber(), isStarred: false))
    case .forget: .memory(request: try reader.forget())
    case .remember:
      .memory(
        request: .remember(file: try reader.word("a file's name"), words: reader.rest()))
    case .story: .memory(request: .story(file: reader.words.next()?.text))
    case .learn: .learn(request: try reader.learn())
    case .saveState: .saveState(file: reader.words.next()?.text)
    case .loadState: .loadState(file: reader.words.next()?.text)
    case .doctor: .doctor
    case .help: .help(topic: reader.words.next()?.text)
    case .quit: .quit
    }
  }
}

/// Reads the values of one command, word by word.
struct CommandReader {
  var words: CommandWords
  let usage: String

  mutating func word(_ what: String) throws(CommandError) -> String {
    guard let word = words.next() else { throw .missing(what: what, usage: usage) }
    return word.text
  }

  mutating func number(_ what: String) throws(CommandError) -> Int {
    let text = try word(what)
    guard let number = Int(text) else { throw .notANumber(what: what, word: text) }
    return number
  }

  mutating func optionalNumber(_ what: String) throws(CommandError) -> Int? {
    words.isEmpty ? nil : try number(what)
  }

  mutating func seed() throws(CommandError) -> UInt64 {
    let text = try word("a seed")
    guard let seed = UInt64(text) else { throw .notANumber(what: "a seed", word: text) }
    return seed
  }

  /// The words that are left, as they were written; nil when there are none.
  mutating func rest() -> String? {
    var text: [String] = []
    while let next = words.next() { text.append(next.text) }
    return text.isEmpty ? nil : text.joined(separator: " ")
  }

  mutating func names(_ what: String) throws(CommandError) -> [String] {
    var names = [try word(what)]
    while let next = words.next() { names.append(next.text) }
    return names
  }

  /// The next word as one of a type's values; nil when there is no word.
  mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ what: String, _ type: Choice.Type
  ) throws(CommandError) -> Choice? where Choice.RawValue == String {
    guard let word = words.next() else { return nil }
    if let choice = Choice(rawValue: word.text.lowercased()) { return choice }
    let allowed = Choice.allCases.map(\.rawValue)
    throw .notOneOf(
      what: what, word: word.text, allowed: allowed,
      near: NearNames.near(word.text, among: allowed))
  }

  mutating func learn() throws(CommandError) -> LearnRequest {
    if words.isEmpty { return .list }
    if words.take("cancel") { return .cancel }
    let clears = words.take("clear")
    guard let action = try choice("an action", ControlAction.self) else {
      throw .missing(what: "the action", usage: usage)
    }
    return clears ? .clear(action) : .learn(action)
  }

  func end() throws(CommandError) {
    if let extra = words.first { throw .unexpected(word: extra.text, usage: usage) }
  }

  // MARK: - Commands with a grammar of their own

  mutating func capture() throws(CommandError) -> CaptureCommand {
    let what = "what to do: start, bars or stop"
    let verb = try word(what)
    switch verb.lowercased() {
    case "start":
      return .start(track: try captureTrack())
    case "bars":
      let count = try number("the number of bars")
      return .bars(count: count, track: try captureTrack())
    case "stop":
      return .stop(file: words.next()?.text)
    default:
      let allowed = ["start", "bars", "stop"]
      throw .notOneOf(
        what: "a way to capture", word: verb, allowed: allowed,
        near: NearNames.near(verb, among: allowed))
    }
  }

  private mutating func captureTrack() throws(CommandError) -> String? {
    guard words.take("from", "--from") else { return nil }
    return try word("the track's name")
  }

  mutating func regions() -> RegionsRequest {
    var request = RegionsRequest()
    request.showsNotes = words.take("notes", "--notes")
    guard !request.showsNotes, let track = words.next() else { return request }
    request.track = track.text
    request.showsNotes = words.take("notes", "--notes")
    return request
  }

  mutating func take() throws(CommandError) -> TakeRequest {
    var request = TakeRequest(bars: try number("the number of bars"))
    if words.take("pass", "--pass") { request.pass = try number("the pass") }
    request.file = words.next()?.text
    return request
  }

  mutating func keep() throws(CommandError) -> Command {
    var candidate: Int?
    if let word = words.first, !["to", "--to", "yes", "--yes"].contains(word.keyword) {
      candidate = try number("a candidate's number")
    }
    var agreed = words.take("yes", "--yes")
    let track = words.take("to", "--to") ? try word("the track's name") : nil
    agreed = words.take("yes", "--yes") || agreed
    return .keep(candidate: candidate, to: track, agreed: agreed ? true : nil)
  }

  mutating func importing() throws(CommandError) -> ImportRequest {
    var request = ImportRequest(source: .candidate(nil))
    if let first = words.first, !["to", "--to", "at", "--at"].contains(first.keyword) {
      _ = words.next()
      request.source = Int(first.text).map { .candidate($0) } ?? .file(first.text)
    }
    while let option = words.first {
      switch option.keyword {
      case "to", "--to":
        guard request.track == nil else { throw .repeated(option: "to") }
        _ = words.next()
        request.track = try word("the track's name")
      case "at", "--at":
        guard request.atBar == nil else { throw .repeated(option: "at") }
        _ = words.next()
        _ = words.take("bar")
        request.atBar = try number("the bar")
      default: throw .unexpected(word: option.text, usage: usage)
      }
    }
    return request
  }

  mutating func tempo() throws(CommandError) -> TempoSetting {
    if words.take("off", "others") { return .others }
    let text = try word("a tempo in quarter notes a minute, or off")
    guard let tempo = Double(text), tempo.isFinite else {
      throw .notANumber(what: "a tempo", word: text)
    }
    guard let metre = words.next()?.text else {
      return .steady(quartersPerMinute: tempo, beatsPerBar: 4, beatUnit: 4)
    }
    let parts = metre.split(separator: "/").map { Int($0) }
    guard parts.count == 2, let beats = parts[0], let unit = parts[1] else {
      throw .notANumber(what: "a metre such as 7/8", word: metre)
    }
    return .steady(quartersPerMinute: tempo, beatsPerBar: beats, beatUnit: unit)
  }

  mutating func play() throws(CommandError) -> PlayRequest {
    var request = PlayRequest(file: try word("the file's name"))
    while let option = words.first {
      switch option.keyword {
      case "loop", "--loop":
        guard !request.loop else { throw .repeated(option: "loop") }
        request.loop = true
        _ = words.next()
      case "free", "--free":
        guard !request.free else { throw .repeated(option: "free") }
        request.free = true
        _ = words.next()
      case "at", "--at":
        guard request.atBar == nil else { throw .repeated(option: "at") }
        _ = words.next()
        _ = words.take("bar")
        request.atBar = try number("the bar")
      default:
        throw .unexpected(word: option.text, usage: usage)
      }
    }
    return request
  }

  mutating func transport() throws(CommandError) -> TransportCommand {
    let verb = try word("what to do: play, stop or locate")
    switch verb.lowercased() {
    case "play", "start": return .play
    case "stop": return .stop
    case "locate":
      _ = words.take("bar")
      return .locate(bar: try number("the bar"))
    default:
      let allowed = ["play", "stop", "locate"]
      throw .notOneOf(
        what: "a move of the transport", word: verb, allowed: allowed,
        near: NearNames.near(verb, among: allowed))
    }
  }
}
