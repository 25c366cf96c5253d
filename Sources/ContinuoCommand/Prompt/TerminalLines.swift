// SPDX-License-Identifier: MIT
import ContinuoSession
import Foundation
import Glibc
import Synchronization

/// Lines typed at a terminal.
///
/// The line editor and everything it draws belong to one thread;
/// this is what other threads hold.
final class TerminalLines: LineSource {
  /// Something for the editor's thread to do.
  enum Letter: Sendable {
    case next
    case interrupt
    case show([String])
    case resize
    case status(String)
    case close
  }

  let isInteractive = true
  /// What Tab completes.
  let names = Mutex(Completions())
  let wake: WakePipe
  let emit: @Sendable (PromptEvent) -> Void
  private let letters = Mutex<[Letter]>([])
  private let end = AsyncStream.makeStream(of: Never.self)
  private let resized = Mutex<Signals?>(nil)

  /// Starts the editor's thread; nil when the system has no descriptors left.
  init?(
    prompt: String, history: HistoryFile?, emit: @escaping @Sendable (PromptEvent) -> Void
  ) {
    guard let wake = try? WakePipe() else { return nil }
    self.wake = wake
    self.emit = emit
    // A stopped JACK client is thrown out of the graph: Ctrl-Z must not do that to the music.
    signal(SIGTSTP, SIG_IGN)
    resized.withLock { $0 = Signals([SIGWINCH]) { [weak self] _ in self?.post(.resize) } }
    let thread = Thread {
      LineEditor(owner: self, prompt: prompt, history: history).run()
      self.end.continuation.finish()
    }
    thread.name = "continuo-prompt"
    thread.start()
  }

  func next() { post(.next) }
  func interrupt() { post(.interrupt) }
  func show(_ lines: [String]) { post(.show(lines)) }
  func tell(_ status: String) { post(.status(status)) }
  func know(_ names: Completions) { self.names.withLock { $0 = names } }

  func close() async {
    post(.close)
    for await _ in end.stream {}
    resized.withLock { $0 = nil }
  }

  /// What others left for the editor's thread.
  func collect() -> [Letter] {
    wake.drain()
    return letters.withLock { letters in
      defer { letters = [] }
      return letters
    }
  }

  private func post(_ letter: Letter) {
    letters.withLock { $0.append(letter) }
    wake.wake()
  }
}
