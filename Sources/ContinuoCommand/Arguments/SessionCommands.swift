// SPDX-License-Identifier: MIT
import ArgumentParser
import ContinuoSession

struct StatusCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Tells where the song is, what is connected, and how the real-time thread does.")

  @OptionGroup var common: CommonOptions

  var action: Action { .command(.status, .instanceOrOwn) }
}

struct TracksCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "tracks", abstract: "Lists Ardour's tracks.")

  @OptionGroup var common: CommonOptions

  var action: Action { .command(.tracks, .instanceOrOwn) }
}

struct DoctorCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Checks everything Continuo depends on and says what to do.")

  @OptionGroup var common: CommonOptions

  @Flag(
    name: .customLong("write-ardour-settings"),
    help: "Write the settings of Ardour's that Continuo needs, with Ardour closed.")
  var writesArdourSettings = false

  @Option(help: "The session file to write to; the one Ardour opened last otherwise.")
  var session: String?

  @Flag(help: "Write without asking.")
  var yes = false

  func validate() throws {
    guard writesArdourSettings || (session == nil && !yes) else {
      throw ValidationError("--session and --yes belong to --write-ardour-settings")
    }
  }

  var action: Action {
    writesArdourSettings
      ? .job(.ardourSettings(ArdourSettingsJob(session: session, isAllowed: yes))) : .job(.doctor)
  }
}

struct SuggestCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "suggest",
    abstract: "Tells what could be done otherwise, each with what was counted.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "Ask a composer for this one.")
  var number: Int?

  var action: Action { .command(.suggest(number: number), .instanceOrOwn) }
}

struct EnhanceCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "enhance", abstract: "Makes candidates from a request in your own words.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The request, such as \"make the bassline groovier\".")
  var request: [String]

  @Option(help: "The track to start from (the followed one otherwise).")
  var track: String?

  @Option(help: "The kind of part.")
  var kind: PartKind?

  @Option(help: "Bars to make, 1…64.")
  var bars: Int?

  @Option(name: .customLong("from"), help: "The first bar of the source.")
  var fromBar: Int?

  @OptionGroup var composing: ComposingOptions

  var action: Action {
    .command(
      .enhance(
        request: EnhanceRequest(
          kind: kind, request: request.joined(separator: " "), track: track, bars: bars,
          fromBar: fromBar, seed: composing.seed, count: composing.count, model: composing.choice,
          numbers: composing.numbers.numbers)),
      .instanceOrOwn)
  }
}
