// SPDX-License-Identifier: MIT
import ArgumentParser
import ContinuoSession
import Foundation

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
      .command(try command.locatingFiles(in: folder).validated(), standing)
    case .job(let job): .job(try job.validated())
    }
  }
}

extension Command {
  /// This command with its file name absolute: relative to `folder`, or `~/` the home folder.
  func locatingFiles(in folder: String) -> Command {
    func located(_ file: String) -> String {
      guard !file.isEmpty else { return file }
      let expanded = NSString(string: file).expandingTildeInPath
      return expanded.hasPrefix("/") ? expanded : "\(folder)/\(expanded)"
    }
    switch self {
    case .export(let candidate, let file):
      return .export(candidate: candidate, file: located(file))
    case .capture(.stop(let file?)):
      return .capture(action: .stop(file: located(file)))
    case .saveState(let file?):
      return .saveState(file: located(file))
    case .loadState(let file?):
      return .loadState(file: located(file))
    case .take(var request):
      request.file = request.file.map(located)
      return .take(request: request)
    case .importPattern(var request):
      if case .file(let file) = request.source { request.source = .file(located(file)) }
      return .importPattern(request: request)
    case .play(var request):
      request.file = located(request.file)
      return .play(request: request)
    default:
      return self
    }
  }
}
