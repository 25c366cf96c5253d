// SPDX-License-Identifier: MIT
import ContinuoSession
import Foundation
import Glibc

/// The program that stays: it holds the session, answers the control socket, and the prompt.
struct PromptHost: Sendable {
  let settings: Settings
  let factory: any SessionFactory
  let console: Console
  /// The session manager that started this program; nil for none.
  var manager: Manager?

  /// Opens the session and serves until someone leaves; how that ended.
  func run() async -> ExitReason {
    let (events, continuation) = AsyncStream.makeStream(of: PromptEvent.self)
    let emit: @Sendable (PromptEvent) -> Void = { continuation.yield($0) }
    let early = Interruption<Result<Opened, CommandFailure>>(console: console)
    let signals = Signals(Signals.ending) { number in
      emit(.signal(number))
      early.interrupt()
    }
    defer { withExtendedLifetime(signals) {} }
    let opening = Task { await open(emit) }
    early.watch(opening)
    let result = await opening.value
    early.release()
    switch result {
    case .failure(let failure):
      await manager?.refuse(failure.message)
      console.show(.failed(failure))
      return failure.exit
    case .success(let opened):
      if opening.isCancelled {
        await opened.server?.stop()
        await Ending.shutDown(opened.session)
        return .failed
      }
      let desk = Desk(opened.session) { emit(.quit) }
      opened.server?.start(desk)
      let loop = PromptLoop(
        desk: desk, session: opened.session, source: source(emit), console: console, emit: emit)
      let telling = await manager?.serve(opened.session)
      let status = await loop.run(events)
      telling?.cancel()
      await opened.server?.stop()
      await Ending.shutDown(opened.session)
      return status
    }
  }

  private struct Opened: Sendable {
    let session: any OpenSession
    /// Nil when there is no place for a control socket.
    let server: InstanceServer?
  }

  /// Claims the name before JACK or Ardour sees it, then opens the session.
  private func open(
    _ emit: @escaping @Sendable (PromptEvent) -> Void
  ) async -> Result<Opened, CommandFailure> {
    var server: InstanceServer?
    do throws(InstanceError) {
      server = try InstanceServer(name: settings.name, folder: settings.runtimeFolder)
    } catch .alreadyRunning(let name, let pid) {
      let error = InstanceError.alreadyRunning(name: name, pid: pid)
      return .failure(CommandFailure(.failed, error.description))
    } catch {
      console.complain("\(error); one-shot commands will not find this instance")
    }
    do throws(CommandFailure) {
      let session = try await factory.open(settings, for: .staying) { emit(.notice($0)) }
      return .success(Opened(session: session, server: server))
    } catch {
      await server?.stop()
      return .failure(error)
    }
  }

  private func source(_ emit: @escaping @Sendable (PromptEvent) -> Void) -> any LineSource {
    let isTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
    if isTerminal, !console.isJSON {
      let history = settings.stateFolder.flatMap(HistoryFile.init(folder:))
      if let editor = TerminalLines(prompt: "\(settings.name)> ", history: history, emit: emit) {
        return editor
      }
    }
    // Who is started by a session manager has no input, and stays until that ends it.
    let isManaged = settings.isManaged
    return PlainLines(console: console) { event in
      if case .endOfInput = event, isManaged { return }
      emit(event)
    }
  }
}
