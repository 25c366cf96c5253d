// SPDX-License-Identifier: MIT
import ArgumentParser
public import ContinuoSession
import Foundation

/// The program: a command line in, an exit status out.
public enum Program {
  /// Does what the process's command line says and ends the process.
  ///
  /// - Parameter factory: opens the sessions.
  public static func main(_ factory: any SessionFactory) async -> Never {
    let status = await run(
      Array(CommandLine.arguments.dropFirst()), ProcessInfo.processInfo.environment, factory)
    exit(Int32(status.rawValue))
  }

  private static func run(
    _ arguments: [String], _ environment: [String: String], _ factory: any SessionFactory
  ) async -> ExitReason {
    let invocation: any Invocable
    do {
      invocation = try RootCommand.invocation(arguments)
    } catch {
      return explain(error, isJSON: arguments.contains("--json"))
    }
    let console = Console(isJSON: invocation.common.json)
    do throws(CommandError) {
      let file = try SettingsFile(environment: environment)
      let settings: Settings
      do throws(CommandError) {
        settings = try Settings(
          flags: invocation.flags, environment: file.filling(environment))
      } catch {
        throw file.naming(error, environment)
      }
      let folder = FileManager.default.currentDirectoryPath
      let action = try invocation.action.settled(in: folder)
      var runner = Runner(settings: settings, factory: factory, console: console)
      runner.isFirstRun = !file.isThere
      return await runner.run(action)
    } catch {
      console.show(.failed(CommandFailure(error)))
      return .usage
    }
  }

  /// Shows help, the version or a usage error.
  private static func explain(_ error: any Error, isJSON: Bool) -> ExitReason {
    if let error = error as? CommandError {
      Console(isJSON: isJSON).show(.failed(CommandFailure(error)))
      return .usage
    }
    guard RootCommand.exitCode(for: error).rawValue != 0 else {
      Console(isJSON: false).print(RootCommand.fullMessage(for: error))
      return .done
    }
    if isJSON {
      Console(isJSON: true).show(.failed(.usage, RootCommand.message(for: error)))
    } else {
      let message = RootCommand.fullMessage(for: error)
      Output.write(Array((message + "\n").utf8), to: FileHandle.standardError.fileDescriptor)
    }
    return .usage
  }
}
