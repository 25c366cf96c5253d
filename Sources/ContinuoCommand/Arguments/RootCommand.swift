// SPDX-License-Identifier: MIT
import ContinuoMusic
import ArgumentParser
import ContinuoSession

/// The command line of the program.
struct RootCommand: ParsableCommand {
  static let version = ProgramVersion.current

  static let configuration = CommandConfiguration(
    commandName: "continuo",
    abstract: "A real-time MIDI client that listens to your tracks and plays along.",
    discussion: """
      Without a command it opens the prompt, and stays: other commands find it by its --name.
      Exit status: 0 done, 1 failed, 2 usage, 3 no JACK server, 4 no Ardour, 5 no model.
      """,
    version: "continuo \(version)",
    groupedSubcommands: [
      CommandGroup(
        name: "A session",
        subcommands: [
          PromptCommand.self, ServeCommand.self, StatusCommand.self, TracksCommand.self,
          RegionsCommand.self,
          RefreshCommand.self, SuggestCommand.self, EnhanceCommand.self, DoctorCommand.self,
        ]),
      CommandGroup(
        name: "The running instance",
        subcommands: [
          FollowCommand.self, ConnectCommand.self, CandidatesCommand.self, ShowCommand.self,
          AuditionCommand.self, NextCommand.self, PreviousCommand.self,
          OriginalCommand.self, DiffCommand.self, VaryCommand.self, LockCommand.self,
          UnlockCommand.self, KeepCommand.self, ImportCommand.self, UndoCommand.self,
          DiscardCommand.self, ExportCommand.self, TakeCommand.self, StopCommand.self,
          TransportRootCommand.self, TempoCommand.self, LearnCommand.self, SaveStateCommand.self,
          LoadStateCommand.self, QuitCommand.self,
        ]),
      CommandGroup(
        name: "The memory",
        subcommands: [
          HistoryCommand.self, LibraryCommand.self, RecallCommand.self, StarCommand.self,
          UnstarCommand.self, ForgetCommand.self, RememberCommand.self, StoryCommand.self,
        ]),
      CommandGroup(
        name: "Files",
        subcommands: [
          CaptureCommandLine.self, PlayCommand.self, AnalyzeCommand.self, ComposeCommand.self,
          ReplayCommand.self, ModelCommand.self, ArdourScriptCommand.self, ConfigRootCommand.self,
        ]),
    ],
    defaultSubcommand: PromptCommand.self)

  /// Parses a command line, without the program's name.
  ///
  /// - Throws: ArgumentParser's errors, or `CommandError` for a first word that is no command.
  static func invocation(_ arguments: [String]) throws -> any Invocable {
    if let first = arguments.first, !first.hasPrefix("-"), !words.contains(first) {
      throw CommandError.unknownCommand(word: first, near: NearNames.near(first, among: words))
    }
    var command: any ParsableCommand
    do {
      command = try parseAsRoot(arguments)
    } catch  where exitCode(for: error) != .success {
      // `--name x status` would be an unexpected word to the prompt: say what to do instead.
      guard arguments.first?.hasPrefix("-") == true,
        let late = arguments.dropFirst().first(where: words.contains)
      else { throw error }
      throw CommandError.optionsFirst(command: late)
    }
    guard let invocable = command as? any Invocable else {
      // `help` is ArgumentParser's own command: running it throws the text to show.
      try command.run()
      throw CleanExit.helpRequest(self)
    }
    return invocable
  }

  /// Every word a command line may begin with.
  private static var words: [String] {
    configuration.groupedSubcommands.flatMap(\.subcommands)
      .compactMap { $0.configuration.commandName } + ["help"]
  }
}

/// What a session that stays is told, with a prompt and without.
struct StayingOptions: ParsableArguments {
  @OptionGroup var model: ModelOptions

  @Option(help: "The folder the session is taken up from, and put away in at the end.")
  var project: String?

  @Option(help: "A new file to write down all that is heard and answered, for replay.")
  var log: String?

  @Option(help: "The port on 127.0.0.1 to be played by OSC on; 0 for a free one.")
  var oscSurface: Int?

  @Flag(help: "Open a port for pedals and pads: NAME:control.")
  var control = false

  /// `common`'s flags with these.
  func flags(_ common: CommonOptions, webPort: Int?) -> Settings.Flags {
    var flags = common.flags
    flags.project = project
    flags.log = log
    flags.model = model.choice()
    flags.webPort = webPort
    flags.surfacePort = oscSurface
    flags.control = control
    return flags
  }
}

struct PromptCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "prompt", abstract: "Opens the prompt, and stays (what happens by itself).")

  @OptionGroup var common: CommonOptions
  @OptionGroup var staying: StayingOptions

  @Flag(help: "Serve the page and the API on loopback too, and print the link.")
  var web = false

  var flags: Settings.Flags {
    var flags = staying.flags(common, webPort: nil)
    flags.servesPage = web
    return flags
  }
  var action: Action { .prompt }
}

struct ServeCommand: Invocable {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serves the page and the API on loopback, without a prompt.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var staying: StayingOptions

  @Option(help: "The port on 127.0.0.1; a free one otherwise.")
  var port: Int?

  var flags: Settings.Flags {
    var flags = staying.flags(common, webPort: port)
    flags.servesPage = true
    return flags
  }
  var action: Action { .serve }
}
