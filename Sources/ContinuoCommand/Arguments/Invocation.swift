// SPDX-License-Identifier: MIT
import ArgumentParser
import ContinuoSession

/// What a command line asks the program to do.
enum Action: Hashable {
  /// Open the prompt.
  case prompt
  /// Stay without a prompt, for the page and the API.
  case serve
  /// Have a session carry a command out.
  case command(Command, Standing)
  /// Do a job in this process.
  case job(Job)
}

/// Which session a one-shot command speaks to.
enum Standing: Hashable {
  /// The running instance; where none runs, a short-lived session of its own.
  case instanceOrOwn
  /// The running instance only: the command is about what it holds.
  case instanceOnly
  /// The running instance; where none runs, this process without a session: it is about the memory.
  case instanceOrMemory
}

/// A command that only says what to do; `Runner` does it.
protocol Invocable: ParsableCommand {
  /// The options of every command.
  var common: CommonOptions { get }

  /// What the command line says of the settings.
  var flags: Settings.Flags { get }

  /// What to do. Relative file names are still relative.
  var action: Action { get }
}

extension Invocable {
  /// The common options, for every command that has no more of them.
  var flags: Settings.Flags { common.flags }
}

extension Action {
  /// This action with every value checked and every file name absolute.
  ///
  /// An instance has its own current folder, so a name must mean the same there as here.
  /// - Throws: `CommandError` for the first value that cannot be.
  func settled(in folder: String) throws(CommandError) -> Action {
    switch self {
    case .prompt: .prompt
    case .serve: .serve
    case .command(let command, let standing):
      .command(
        try command.locatingFiles(in: folder).drawn(in: TerminalPaint.columns).validated(), standing
      )
    case .job(let job): .job(try job.validated())
    }
  }
}

extension Command {
  /// This command drawing as wide as the terminal; as it is without one.
  func drawn(in columns: Int?) -> Command {
    guard case .show(let candidate, nil) = self, let columns else { return self }
    let limits = CommandLimits.columns
    return .show(
      candidate: candidate, columns: min(max(columns, limits.lowerBound), limits.upperBound))
  }
}
