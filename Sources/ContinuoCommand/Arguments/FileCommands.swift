// SPDX-License-Identifier: MIT
import ArgumentParser
import ContinuoSession
import Foundation

struct CaptureCommandLine: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "capture", abstract: "Captures MIDI from JACK into a file.")

  @OptionGroup var common: CommonOptions

  @Option(help: "Input ports to open, 1…64.")
  var inputs = 1

  @Option(help: "How long, in seconds.")
  var seconds: Double

  @Option(help: "The file to write: .mid or .jsonl.")
  var output: String

  var action: Action {
    .job(.capture(CaptureJob(inputs: inputs, seconds: seconds, output: output)))
  }
}

struct PlayCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "play", abstract: "Plays a Standard MIDI File along with the JACK transport.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The file to play.")
  var file: String

  @Flag(help: "Start again at the file's end.")
  var loop = false

  @Option(help: "The bar of the song where the file's first bar falls.")
  var at: Int?

  @Flag(help: "Ignore the transport and start at once.")
  var free = false

  var action: Action {
    .job(.play(PlayRequest(file: file, loop: loop, atBar: at, free: free)))
  }
}

struct AnalyzeCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "analyze", abstract: "Tells key, chords, groove and roles.",
    discussion:
      "Of a Standard MIDI File, or without one of what the running session has heard.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The file to analyse; what the running session hears without one.")
  var file: String?

  @Option(help: "Draw notes, chords, keys and grooves into this file; it ends in .svg.")
  var plot: String?

  @Flag(help: "Ignore the file's tempo and metre, and find the beats from its notes.")
  var free = false

  @Option(help: "A track's percussion map, TRACK=FILE; once for each such track.")
  var drums: [String] = []

  func validate() throws {
    guard file != nil || (plot == nil && !free && drums.isEmpty) else {
      throw ValidationError("--plot, --free and --drums belong to a file: analyze FILE")
    }
  }

  var action: Action {
    guard let file else { return .command(.analyze, .instanceOnly) }
    return .job(.analyze(file: file, plot: plot, free: free, drums: drums))
  }
}

struct ComposeCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "compose", abstract: "Makes candidates for a Standard MIDI File, into a folder.")

  @OptionGroup var common: CommonOptions

  @Option(help: "The Standard MIDI File to compose for.")
  var context: String

  @Option(help: "The kind of part.")
  var kind: PartKind = .general

  @Option(help: "Bars to make, 1…64.")
  var bars = 4

  @Option(help: "What you want, in your own words.")
  var request: String?

  @Option(help: "Makes the built-in composer repeat itself.")
  var seed: UInt64?

  @Option(help: "Candidates to make, 1…8.")
  var count: Int?

  @OptionGroup var model: ModelOptions

  @Flag(
    name: .customLong("dry-run"), help: "Show exactly what a model would be sent; send nothing.")
  var dryRun = false

  @Option(help: "The folder to write to.")
  var output: String

  var action: Action {
    .job(
      .compose(
        ComposeJob(
          context: context, kind: kind, bars: bars, request: request, seed: seed, count: count,
          model: model.choice(dryRun: dryRun), output: output)))
  }
}

struct ReplayCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Hears a session's log again, without JACK and Ardour, and compares the replies.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The log, as continuo --log wrote it.")
  var file: String

  var action: Action { .job(.replay(file: file)) }
}

struct ArdourScriptCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "install-ardour-script",
    abstract: "Puts Continuo's action into Ardour's editor: import, undo, new tracks.")

  @OptionGroup var common: CommonOptions

  @Flag(help: "Take it out again.")
  var remove = false

  @Option(help: "Ardour's settings folder, such as ~/.config/ardour7 (otherwise the newest).")
  var settings: String?

  var action: Action {
    let folder = settings.map { NSString(string: $0).expandingTildeInPath }
    return .job(.ardourScript(ArdourScriptJob(removes: remove, settings: folder)))
  }
}

struct ModelCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Runs the small local language model that make model sets up.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "start, stop or status.")
  var what: ModelAction

  var action: Action { .job(.model(what)) }
}
