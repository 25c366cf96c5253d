// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis

/// The bounds of everything a command carries, from whichever face it came.
public enum CommandLimits {
  /// Candidate numbers, as `candidates` lists them.
  public static let candidate = 1...99
  /// Columns of a drawing.
  public static let columns = 24...1000
  /// Bars to make or to read.
  public static let bars = 1...64
  /// A bar's number in the song.
  public static let bar = 1...99_999
  /// Candidates in one request: one for each pattern slot.
  public static let count = 1...8
  /// Bars to capture in one go.
  public static let captureBars = 1...512
  /// A tempo of our own, in quarter notes a minute.
  public static let tempo = 10.0...400.0
  /// The note values a beat can have.
  public static let beatUnits = [1, 2, 4, 8, 16, 32, 64]
  /// Tracks to follow at once.
  public static let followed = 1...64
  /// Characters of a request in words.
  public static let requestCharacters = 2000
  /// Bytes of a track's name.
  public static let nameBytes = 256
  /// Bytes of a file's path.
  public static let pathBytes = 4000
}

extension Command {
  /// This command when every value in it lies within `CommandLimits`.
  ///
  /// - Throws: `CommandError` for the first value that does not.
  public func validated() throws(CommandError) -> Command {
    switch self {
    case .status, .analyze, .tracks, .refresh, .connect, .candidates, .step, .original, .stop,
      .undo,
      .discard,
      .doctor, .quit, .unlock, .learn:
      break
    case .regions(let request):
      if let track = request.track { try Check.name("track", track) }
    case .follow(let tracks):
      try Check.range("the number of tracks", tracks.count, CommandLimits.followed)
      for track in tracks { try Check.name("track", track) }
    case .enhance(let request):
      try request.check()
      try request.model?.check()
    case .vary(let candidate, let request):
      try Check.range("a candidate's number", candidate, CommandLimits.candidate)
      try request.check()
      try request.model?.check()
      if request.track != nil || request.bars != nil || request.fromBar != nil {
        throw .unexpected(
          word: request.track == nil ? (request.bars == nil ? "from" : "bars") : "track",
          usage: CommandManual.page(for: "vary")?.usage ?? "")
      }
    case .suggest(let number):
      try Check.range("a suggestion's number", number, 1...Opportunities.most)
    case .diff(let candidate, let other):
      try Check.range("a candidate's number", candidate, CommandLimits.candidate)
      try Check.range("a candidate's number", other, CommandLimits.candidate)
    case .lock(let words):
      if let words { try Check.text("what to lock", words, characters: 500) }
    case .show(let candidate, let columns):
      try Check.range("a candidate's number", candidate, CommandLimits.candidate)
      try Check.range("the columns", columns, CommandLimits.columns)
    case .audition(let candidate, _):
      try Check.range("a candidate's number", candidate, CommandLimits.candidate)
    case .keep(let candidate, let track, _):
      try Check.range("a candidate's number", candidate, CommandLimits.candidate)
      if let track { try Check.name("track", track) }
    case .importPattern(let request): try request.check()
    case .memory(let request): try request.check()
    case .recall(let request): try request.check()
    case .export(let candidate, let file):
      try Check.range("a candidate's number", candidate, CommandLimits.candidate)
      try Check.file(file, endings: FileEndings.export)
    case .saveState(let file), .loadState(let file):
      if let file { try Check.file(file, endings: FileEndings.state) }
    case .capture(let capture):
      try capture.check()
    case .take(let request):
      try Check.range("the number of bars", request.bars, CommandLimits.captureBars)
      try Check.range("the pass", request.pass, 1...1_000_000)
      if let file = request.file { try Check.file(file, endings: FileEndings.midi) }
    case .tempo(.others): break
    case .tempo(.steady(let tempo, let beats, let unit)):
      guard CommandLimits.tempo.contains(tempo) else {
        throw .badSetting(
          name: "tempo", value: String(tempo), reason: "it lies in 10…400 quarter notes a minute")
      }
      try Check.range("the beats in a bar", beats, 1...64)
      guard CommandLimits.beatUnits.contains(unit) else {
        throw .badSetting(
          name: "metre", value: "\(beats)/\(unit)",
          reason: "a beat is a 1, 2, 4, 8, 16, 32 or 64")
      }
    case .play(let request):
      try Check.file(request.file, endings: FileEndings.midi)
      try Check.range("the bar", request.atBar, CommandLimits.bar)
    case .transport(let transport):
      if case .locate(let bar) = transport { try Check.range("the bar", bar, CommandLimits.bar) }
    case .help(let topic):
      if let topic { try Check.name("topic", topic) }
    }
    return self
  }
}

extension EnhanceRequest {
  fileprivate func check() throws(CommandError) {
    try Check.text("the request", request, characters: CommandLimits.requestCharacters)
    if let track { try Check.name("track", track) }
    try Check.range("the number of bars", bars, CommandLimits.bars)
    try Check.range("the first bar", fromBar, CommandLimits.bar)
    try Check.range("the number of candidates", count, CommandLimits.count)
    try numbers?.check()
  }
}

extension ImportRequest {
  fileprivate func check() throws(CommandError) {
    switch source {
    case .candidate(let number):
      try Check.range("a candidate's number", number, CommandLimits.candidate)
    case .file(let file): try Check.file(file, endings: FileEndings.midi)
    }
    if let track { try Check.name("track", track) }
    try Check.range("the bar", atBar, CommandLimits.bar)
  }
}

extension CaptureCommand {
  fileprivate func check() throws(CommandError) {
    switch self {
    case .start(let track):
      if let track { try Check.name("track", track) }
    case .bars(let count, let track):
      try Check.range("the number of bars", count, CommandLimits.captureBars)
      if let track { try Check.name("track", track) }
    case .stop(let file):
      if let file { try Check.file(file, endings: FileEndings.capture) }
    }
  }
}

/// The file names' endings each use allows, lower case.
public enum FileEndings {
  /// A Standard MIDI File.
  public static let midi = [".mid", ".midi"]
  /// What a candidate is written to: a Standard MIDI File, or a picture.
  public static let export = [".mid", ".midi", ".svg"]
  /// What a session's story is written to.
  public static let story = [".md"]
  /// What a session is put away in.
  public static let state = [".json"]
  /// What a capture is written to.
  public static let capture = [".mid", ".midi", ".jsonl"]
}

/// Checks of single values, shared by every face.
public enum Check {
  /// Throws unless `value` is nil or lies in `range`; `what` names it in the error.
  public static func range(
    _ what: String, _ value: Int?, _ range: ClosedRange<Int>
  ) throws(CommandError) {
    guard let value, !range.contains(value) else { return }
    throw .outOfRange(what: what, given: String(value), range: range)
  }

  /// Throws unless `text` has a character to see, `characters` at most, and no control character.
  public static func text(
    _ what: String, _ text: String, characters: Int
  ) throws(CommandError) {
    guard !text.allSatisfy(\.isWhitespace) else { throw .empty(what: what) }
    guard text.utf8.count <= characters * 4, text.count <= characters else {
      throw .tooLong(what: what, limit: characters)
    }
    guard TerminalText.isClean(text) else { throw .controlCharacter(what: what) }
  }

  /// Throws unless `name` has a character to see, 256 bytes at most, and no control character.
  public static func name(_ what: String, _ name: String) throws(CommandError) {
    guard !name.allSatisfy(\.isWhitespace) else { throw .empty(what: "the \(what)'s name") }
    guard name.utf8.count <= CommandLimits.nameBytes else {
      throw .tooLong(what: "the \(what)'s name", limit: CommandLimits.nameBytes)
    }
    guard TerminalText.isClean(name) else {
      throw .controlCharacter(what: "the \(what)'s name")
    }
  }

  /// Throws unless `file` may name a file and ends as one of `endings` says.
  ///
  /// Whether the file is there, or may be written, is found out by who opens it.
  public static func file(_ file: String, endings: [String]) throws(CommandError) {
    guard !file.isEmpty else { throw .empty(what: "the file's name") }
    guard file.utf8.count <= CommandLimits.pathBytes else {
      throw .tooLong(what: "the file's name", limit: CommandLimits.pathBytes)
    }
    guard TerminalText.isClean(file) else { throw .controlCharacter(what: "the file's name") }
    let leaf = file.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    let ends = endings.contains { leaf.lowercased().hasSuffix($0) && leaf.count > $0.count }
    guard ends else { throw .wrongEnding(file: file, endings: endings) }
  }
}
