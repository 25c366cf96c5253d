// SPDX-License-Identifier: MIT
import ArgumentParser
import ContinuoSession

struct FollowCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "follow", abstract: "Listens to these tracks, and to no others.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The tracks' names.")
  var tracks: [String]

  var action: Action { .command(.follow(tracks: tracks), .instanceOnly) }
}

struct ConnectCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "connect",
    abstract: "Looks for JACK and Ardour again and restores the connections.")

  @OptionGroup var common: CommonOptions

  var action: Action { .command(.connect, .instanceOnly) }
}

struct CandidatesCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "candidates", abstract: "Lists what the last requests made.")

  @OptionGroup var common: CommonOptions

  var action: Action { .command(.candidates, .instanceOnly) }
}

struct ShowCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Draws a candidate over the original, as a piano roll.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The candidate's number; what sounds otherwise.")
  var candidate: Int?

  var action: Action { .command(.show(candidate: candidate), .instanceOnly) }
}

struct AuditionCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "audition", abstract: "Plays a candidate in place of the original.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The candidate's number.")
  var candidate: Int

  @Argument(help: "When to switch.")
  var quantise: Quantise = .bar

  var action: Action {
    .command(.audition(candidate: candidate, quantise: quantise), .instanceOnly)
  }
}

struct NextCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "next", abstract: "Plays the candidate after the one that sounds.")

  @OptionGroup var common: CommonOptions

  var action: Action { .command(.step(isForward: true), .instanceOnly) }
}

struct PreviousCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "previous", abstract: "Plays the candidate before the one that sounds.")

  @OptionGroup var common: CommonOptions

  var action: Action { .command(.step(isForward: false), .instanceOnly) }
}

struct OriginalCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "original", abstract: "Lets the original sound again.")

  @OptionGroup var common: CommonOptions

  var action: Action { .command(.original, .instanceOnly) }
}

struct VaryCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "vary",
    abstract: "Makes variations of a candidate and adds them to the candidates.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The candidate's number.")
  var candidate: Int

  @Argument(help: "What to change, such as \"make it busier\".")
  var request: [String] = []

  @OptionGroup var composing: ComposingOptions

  var action: Action {
    let words = request.joined(separator: " ")
    return .command(
      .vary(
        candidate: candidate,
        request: EnhanceRequest(
          request: words.isEmpty ? "vary" : words, seed: composing.seed, count: composing.count,
          model: composing.choice, numbers: composing.numbers.numbers)),
      .instanceOnly)
  }
}

struct DiffCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Shows note by note what a candidate changes.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The candidate's number.")
  var candidate: Int

  @Argument(help: "The candidate to compare with (the original otherwise).")
  var against: Int?

  var action: Action { .command(.diff(candidate: candidate, against: against), .instanceOnly) }
}

struct LockCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "lock", abstract: "Keeps notes as they are in the requests to come.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "Bars, beats, drums or notes, such as \"bars 9-10 and the kick\".")
  var what: [String] = []

  var action: Action {
    .command(.lock(words: what.isEmpty ? nil : what.joined(separator: " ")), .instanceOnly)
  }
}

struct UnlockCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "unlock", abstract: "Locks nothing any more.")

  @OptionGroup var common: CommonOptions

  var action: Action { .command(.unlock, .instanceOnly) }
}

struct KeepCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "keep", abstract: "Records a candidate into its Ardour track and verifies it.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The candidate's number (the one that sounds otherwise).")
  var candidate: Int?

  @Flag(help: "Agree beforehand to what it will do.")
  var yes = false

  @Option(help: "Another track, which is made when it is not there (needs Ardour's window).")
  var to: String?

  var action: Action {
    .command(.keep(candidate: candidate, to: to, agreed: yes ? true : nil), .instanceOnly)
  }
}

struct ImportCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Puts a candidate or a file on a track's timeline, without recording it.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The candidate's number (the one that sounds otherwise), or a .mid file.")
  var source: String?

  @Option(help: "The MIDI track (the candidate's own otherwise).")
  var to: String?

  @Option(help: "The bar, from 1 (the candidate's own otherwise).")
  var at: Int?

  var action: Action {
    let source = source.map { text in
      Int(text).map { ImportRequest.Source.candidate($0) } ?? .file(text)
    }
    return .command(
      .importPattern(
        request: ImportRequest(source: source ?? .candidate(nil), track: to, atBar: at)),
      .instanceOnly)
  }
}

struct UndoCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "undo", abstract: "Takes the last keep or import back, and nothing else.")

  @OptionGroup var common: CommonOptions

  var action: Action { .command(.undo, .instanceOnly) }
}

struct DiscardCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "discard",
    abstract: "Takes the last keep back; when there is none, forgets every candidate.")

  @OptionGroup var common: CommonOptions

  var action: Action { .command(.discard, .instanceOnly) }
}

struct ExportCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes a candidate to a Standard MIDI File.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The candidate's number.")
  var candidate: Int

  @Argument(help: "The file to write; it ends in .mid.")
  var file: String

  var action: Action { .command(.export(candidate: candidate, file: file), .instanceOnly) }
}

struct TakeCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "take",
    abstract: "Takes the last bars as they lay on the timeline, whenever they were played.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "How many bars, 1…512.")
  var bars: Int

  @Option(help: "The pass to take them from, as an earlier take numbered it.")
  var pass: Int?

  @Argument(help: "A file to write them to; it ends in .mid.")
  var file: String?

  var action: Action {
    .command(.take(request: TakeRequest(bars: bars, pass: pass, file: file)), .instanceOnly)
  }
}

struct TempoCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "tempo", abstract: "Gives JACK bars and beats at a tempo of Continuo's own.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "Quarter notes a minute, 10…400; or off.")
  var tempo: TempoArgument

  @Argument(help: "The metre, as in 7/8.")
  var metre = MetreArgument(beats: 4, unit: 4)

  var action: Action {
    guard let tempo = tempo.quartersPerMinute else {
      return .command(.tempo(setting: .others), .instanceOnly)
    }
    return .command(
      .tempo(
        setting: .steady(
          quartersPerMinute: tempo, beatsPerBar: metre.beats, beatUnit: metre.unit)),
      .instanceOnly)
  }
}

/// A tempo, or "off".
struct TempoArgument: ExpressibleByArgument {
  /// Nil for "off".
  let quartersPerMinute: Double?

  init?(argument: String) {
    let word = argument.lowercased()
    guard word != "off", word != "others" else {
      quartersPerMinute = nil
      return
    }
    guard let number = Double(argument), number.isFinite else { return nil }
    quartersPerMinute = number
  }
}

/// A metre such as 7/8.
struct MetreArgument: ExpressibleByArgument {
  let beats: Int
  let unit: Int

  init(beats: Int, unit: Int) {
    self.beats = beats
    self.unit = unit
  }

  init?(argument: String) {
    let parts = argument.split(separator: "/").map { Int($0) }
    guard parts.count == 2, let beats = parts[0], let unit = parts[1] else { return nil }
    self.init(beats: beats, unit: unit)
  }

  var defaultValueDescription: String { "\(beats)/\(unit)" }
}

struct LearnCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "learn", abstract: "Binds a pedal, pad or key of the control port.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The action whose press is waited for; tells what is bound without one.")
  var doing: ControlAction?

  @Option(help: "Bind nothing to this action any more.")
  var clear: ControlAction?

  @Flag(help: "Wait for no press any more.")
  var cancel = false

  func validate() throws {
    guard [doing != nil, clear != nil, cancel].count(where: { $0 }) <= 1 else {
      throw ValidationError("An action, --clear or --cancel: one of them")
    }
  }

  var action: Action {
    let request: LearnRequest =
      cancel ? .cancel : clear.map { .clear($0) } ?? doing.map { .learn($0) } ?? .list
    return .command(.learn(request: request), .instanceOnly)
  }
}

struct StopCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Silences whatever Continuo plays.")

  @OptionGroup var common: CommonOptions

  var action: Action { .command(.stop, .instanceOnly) }
}

struct QuitCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "quit", abstract: "Ends the running instance, after the last note-off.")

  @OptionGroup var common: CommonOptions

  var action: Action { .command(.quit, .instanceOnly) }
}

struct TransportRootCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transport", abstract: "Moves the transport.",
    subcommands: [Play.self, Stop.self, Locate.self])

  struct Play: Invocable {
    static let configuration = CommandConfiguration(abstract: "Starts rolling.")

    @OptionGroup var common: CommonOptions

    var action: Action { .command(.transport(move: .play), .instanceOnly) }
  }

  struct Stop: Invocable {
    static let configuration = CommandConfiguration(abstract: "Stops rolling.")

    @OptionGroup var common: CommonOptions

    var action: Action { .command(.transport(move: .stop), .instanceOnly) }
  }

  struct Locate: Invocable {
    static let configuration = CommandConfiguration(abstract: "Goes to the start of a bar.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The bar, from 1.")
    var bar: Int

    var action: Action { .command(.transport(move: .locate(bar: bar)), .instanceOnly) }
  }
}
