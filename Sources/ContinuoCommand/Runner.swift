// SPDX-License-Identifier: MIT
import ContinuoSession
import ContinuoSurface
import Foundation
import Glibc

/// Carries out what a command line asks for.
struct Runner: Sendable {
  let settings: Settings
  let factory: any SessionFactory
  let console: Console
  /// Whether there is no settings' file yet.
  var isFirstRun = false

  /// Carries out `action`; how it ended.
  func run(_ action: Action) async -> ExitReason {
    let factory = SurfacedSessions(factory)
    switch action {
    case .prompt:
      if isFirstRun, !console.isJSON, isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 {
        console.tell(
          "First time here? `continuo config init` asks three questions; help lists commands")
      }
      do {
        guard let manager = try await Manager.join(settings) else {
          return await PromptHost(settings: settings, factory: factory, console: console).run()
        }
        let status = await PromptHost(
          settings: manager.settings, factory: factory, console: console, manager: manager
        ).run()
        await manager.leave()
        return status
      } catch {
        console.show(.failed(error))
        return error.exit
      }
    case .serve:
      var host = PromptHost(settings: settings, factory: factory, console: console)
      host.hasPrompt = false
      return await host.run()
    case .command(let command, let standing):
      return await finish { await answerAsking(command, standing) }
    case .job(.config(.create)):
      let answers = FirstQuestions(console: console).ask()
      return await finish {
        await factory.run(.config(.create(answers)), settings) { console.tell($0) }
      }
    case .job(.ardourSettings(let job)):
      return await write(job)
    case .job(let job):
      return await finish {
        await factory.run(job, settings) { console.tell($0) }
      }
    }
  }

  /// Shows what would be written, asks whoever sits at the terminal, and writes on a yes.
  ///
  /// Without a terminal there is nobody to ask: only `--yes` writes.
  private func write(_ job: ArdourSettingsJob) async -> ExitReason {
    let (factory, settings, console) = (factory, settings, console)
    let plan = await factory.run(.ardourSettings(job), settings) { console.tell($0) }
    console.show(plan)
    guard plan.data["needsLeave"] == .bool(true) else { return plan.exit }
    guard isatty(STDIN_FILENO) == 1 else {
      console.complain("Nothing was written: say --yes to write")
      return .usage
    }
    console.tell("Write this? yes or no")
    guard ["y", "yes"].contains(readLine()?.lowercased() ?? "") else {
      console.tell("Nothing was written")
      return .failed
    }
    var allowed = job
    allowed.isAllowed = true
    return await finish { [allowed] in
      await factory.run(.ardourSettings(allowed), settings) { console.tell($0) }
    }
  }

  /// Shows the reply of `work`, which the ending signals cancel; a second one ends at once.
  private func finish(_ work: @escaping @Sendable () async -> Reply) async -> ExitReason {
    let heard = Interruption<Reply>(console: console)
    let signals = Signals(Signals.ending) { _ in heard.interrupt() }
    let task = Task { await work() }
    heard.watch(task)
    let reply = await task.value
    withExtendedLifetime(signals) { console.show(reply) }
    return reply.exit
  }

  /// Carries a command out, after asking where it asks and a person can answer.
  private func answerAsking(_ command: Command, _ standing: Standing) async -> Reply {
    let reply = await answer(command, standing)
    guard let question = reply.question, let agreed = command.agreed, !console.isJSON,
      isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1
    else { return reply }
    reply.lines.forEach(console.tell)
    print("\(question) y/n")
    guard ["y", "yes"].contains(readLine()?.lowercased() ?? "") else {
      return .done(["Left as it is"], data: ["asked": .string(question), "agreed": false])
    }
    return await answer(agreed, standing)
  }

  private func answer(_ command: Command, _ standing: Standing) async -> Reply {
    let client = InstanceClient(name: settings.name, folder: settings.runtimeFolder)
    do {
      return try await client.send(command) { console.tell($0) }
    } catch .notRunning where standing == .instanceOrOwn {
      return await answerAlone(command)
    } catch .notRunning where standing == .instanceOrMemory {
      guard case .memory(let request) = command else { return .failed(.usage, "No session runs") }
      return await factory.run(.memory(request), settings) { console.tell($0) }
    } catch {
      return .failed(.failed, error.description)
    }
  }

  /// Carries a command out in a session of its own.
  private func answerAlone(_ command: Command) async -> Reply {
    do {
      let session = try await factory.open(settings, for: .oneCommand) { console.tell($0) }
      let reply = await session.handle(command) { console.tell($0) }
      await Ending.shutDown(session)
      return reply
    } catch {
      return .failed(error)
    }
  }
}

/// Ends sessions.
enum Ending {
  /// How long a session may take to release its notes and close, in seconds.
  static let patience = 10

  /// Shuts a session down; a session that hangs must not keep the program from ending.
  static func shutDown(_ session: any OpenSession) async {
    let watchdog = Task.detached {
      try await Task.sleep(for: .seconds(patience))
      Console(isJSON: false).complain("The session did not close in \(patience) s: left as it was")
      exit(Int32(ExitReason.failed.rawValue))
    }
    await session.shutdown()
    watchdog.cancel()
  }
}
