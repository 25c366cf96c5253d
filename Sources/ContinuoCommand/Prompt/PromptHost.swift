// SPDX-License-Identifier: MIT
import ContinuoSession
import ContinuoWeb
import Foundation
import Glibc
import Synchronization

/// The program that stays: it holds the session, answers the control socket, and the prompt.
struct PromptHost: Sendable {
  let settings: Settings
  let factory: any SessionFactory
  let console: Console
  /// The session manager that started this program; nil for none.
  var manager: Manager?
  /// Whether lines are read; without, only signals and `quit` end the program.
  var hasPrompt = true

  /// Opens the session and serves until someone leaves; how that ended.
  func run() async -> ExitReason {
    let (events, continuation) = AsyncStream.makeStream(of: PromptEvent.self)
    let page = PageNews()
    let emit: @Sendable (PromptEvent) -> Void = { event in
      if case .notice(let text) = event { page.say(text) }
      continuation.yield(event)
    }
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
      let web: WebServer?
      do throws(WebError) {
        web = try await serve(opened.session, desk)
      } catch {
        await opened.server?.stop()
        await Ending.shutDown(opened.session)
        console.show(.failed(.failed, error.description))
        return .failed
      }
      page.know(web)
      opened.server?.start(desk)
      let loop = PromptLoop(
        desk: desk, session: opened.session, source: source(emit), console: console, emit: emit)
      let telling = await manager?.serve(opened.session)
      let status = await loop.run(events)
      telling?.cancel()
      await web?.stop()
      await opened.server?.stop()
      await Ending.shutDown(opened.session)
      return status
    }
  }

  /// Serves the page when the settings say so, and prints its link.
  private func serve(
    _ session: any OpenSession, _ desk: Desk
  ) async throws(WebError) -> WebServer? {
    guard let port = settings.webPort else { return nil }
    let web = try await WebServer.start(session, desk: desk, settings: settings, port: port)
    console.tell("Open \(web.link)")
    return web
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
    if !hasPrompt { return NoLines(console: console) }
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

/// Passes what happens unasked on to the page, once there is one.
private final class PageNews: Sendable {
  private let server = Mutex<WebServer?>(nil)

  func know(_ server: WebServer?) { self.server.withLock { $0 = server } }

  func say(_ text: String) { server.withLock { $0 }?.say(text) }
}

/// No lines at all: who serves the page only waits.
private struct NoLines: LineSource {
  let console: Console

  var isInteractive: Bool { false }
  func next() {}
  func interrupt() {}
  func show(_ lines: [String]) { lines.forEach(console.tell) }
  func tell(_ status: String) {}
  func know(_ names: Completions) {}
  func close() async {}
}
