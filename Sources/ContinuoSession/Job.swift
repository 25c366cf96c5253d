// SPDX-License-Identifier: MIT

/// Work of a one-shot command that needs no session: it opens what it needs and closes it again.
public enum Job: Hashable, Sendable {
  /// Capture for a while, into a file.
  case capture(CaptureJob)
  /// Play a file until it ends, or until cancelled.
  case play(PlayRequest)
  /// Analyse a Standard MIDI File, and draw what was found when a picture's name is given.
  ///
  /// `drums` are percussion maps, each "TRACK=FILE".
  case analyze(file: String, plot: String? = nil, free: Bool = false, drums: [String] = [])
  /// Make candidates for a Standard MIDI File, into a folder.
  case compose(ComposeJob)
  /// Start, stop or look at the local language model.
  case model(ModelAction)
  /// Put Continuo's action into Ardour's editor, or take it out.
  case ardourScript(ArdourScriptJob)
  /// Write the settings of Ardour's that Continuo needs.
  case ardourSettings(ArdourSettingsJob)
  /// Tell or change the settings' file.
  case config(ConfigAction)
  /// Ask the memory.
  case memory(MemoryCommand)
  /// Hear a log again.
  case replay(file: String)
  /// Check everything Continuo depends on.
  case doctor

  /// This job when every value in it lies within its range.
  ///
  /// - Throws: `CommandError` for the first value that does not.
  public func validated() throws(CommandError) -> Job {
    switch self {
    case .capture(let job): try job.check()
    case .play(let request): _ = try Command.play(request: request).validated()
    case .analyze(let file, let plot, _, let drums):
      try Check.file(file, endings: FileEndings.midi)
      if let plot { try Check.file(plot, endings: [".svg"]) }
      for map in drums {
        try Check.text("the percussion map", map, characters: CommandLimits.pathBytes)
      }
    case .compose(let job): try job.check()
    case .ardourScript(let job): try job.check()
    case .ardourSettings(let job): try job.check()
    case .memory(let request): try request.check()
    case .replay(let file): try Check.file(file, endings: [""])
    case .doctor, .model, .config: break
    }
    return self
  }
}

/// What `continuo capture` does.
public struct CaptureJob: Hashable, Sendable {
  /// Input ports to open, 1...64.
  public var inputs: Int
  /// How long, in seconds; more than zero, a day at most.
  public var seconds: Double
  /// The file to write: .mid or .jsonl.
  public var output: String

  /// The longest capture, in seconds.
  public static let longest = 86_400.0
  /// Input ports.
  public static let inputs = 1...64

  /// Makes a job; `Job.validated()` holds the ranges.
  public init(inputs: Int, seconds: Double, output: String) {
    self.inputs = inputs
    self.seconds = seconds
    self.output = output
  }

  fileprivate func check() throws(CommandError) {
    try Check.range("the number of inputs", inputs, Self.inputs)
    guard seconds > 0, seconds <= Self.longest else {
      throw .badSetting(
        name: "--seconds", value: String(seconds),
        reason: "it must be more than 0 and at most \(Int(Self.longest))")
    }
    try Check.file(output, endings: FileEndings.capture)
  }
}

/// What `continuo install-ardour-script` does.
public struct ArdourScriptJob: Hashable, Sendable {
  /// Whether the action is taken out instead of put in.
  public var removes: Bool
  /// Ardour's settings folder; nil for the newest Ardour's.
  public var settings: String?

  /// Makes a job; `Job.validated()` holds the ranges.
  public init(removes: Bool, settings: String? = nil) {
    self.removes = removes
    self.settings = settings
  }

  fileprivate func check() throws(CommandError) {
    guard let settings else { return }
    guard !settings.isEmpty, settings.utf8.count <= CommandLimits.pathBytes,
      TerminalText.isClean(settings)
    else {
      throw .badSetting(name: "--settings", value: settings, reason: "it must name a folder")
    }
  }
}

/// What to do with the local language model.
public enum ModelAction: String, Hashable, Sendable, CaseIterable {
  /// Start it; it goes on when Continuo ends.
  case start
  /// End it.
  case stop
  /// Tell whether it runs.
  case status
}

/// Who composes.
public enum ComposerProvider: String, Codable, Hashable, Sendable, CaseIterable {
  /// The built-in composer: no model, no network.
  case builtin
  /// A server that speaks OpenAI's chat completions, local or far.
  case openai
  /// Anthropic's messages.
  case anthropic
  /// The small model on this machine that `continuo model start` runs.
  case local
}

/// What `continuo compose` does.
public struct ComposeJob: Hashable, Sendable {
  /// The Standard MIDI File to compose for.
  public var context: String
  /// The sort of part.
  public var kind: PartKind
  /// Bars to make, 1...64.
  public var bars: Int
  /// The musician's words; nil for none.
  public var request: String?
  /// Makes the built-in composer repeat itself.
  public var seed: UInt64?
  /// Candidates to make, 1...8; nil for the usual number.
  public var count: Int?
  /// Who composes; what it leaves open, the settings say.
  public var model: ModelChoice
  /// The folder the candidates are written to.
  public var output: String

  /// Makes a job; `Job.validated()` holds the ranges.
  public init(
    context: String, kind: PartKind, bars: Int, request: String? = nil, seed: UInt64? = nil,
    count: Int? = nil, model: ModelChoice = ModelChoice(), output: String
  ) {
    self.context = context
    self.kind = kind
    self.bars = bars
    self.request = request
    self.seed = seed
    self.count = count
    self.model = model
    self.output = output
  }

  fileprivate func check() throws(CommandError) {
    try Check.file(context, endings: FileEndings.midi)
    try Check.range("the number of bars", bars, CommandLimits.bars)
    try Check.range("the number of candidates", count, CommandLimits.count)
    if let request {
      try Check.text("the request", request, characters: CommandLimits.requestCharacters)
    }
    try model.check()
    guard !output.isEmpty, output.utf8.count <= CommandLimits.pathBytes,
      TerminalText.isClean(output)
    else {
      throw .badSetting(name: "--output", value: output, reason: "it must name a folder")
    }
  }
}
