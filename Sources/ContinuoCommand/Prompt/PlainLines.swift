// SPDX-License-Identifier: MIT
import ContinuoSession
import Foundation
import Glibc
import Synchronization

/// Lines from a pipe or a file: one command after another, each done before the next is read.
final class PlainLines: LineSource {
  let isInteractive = false
  private let console: Console
  private let emit: @Sendable (PromptEvent) -> Void
  private let wanted = DispatchSemaphore(value: 0)
  private let isClosed = Mutex(false)

  /// Reads standard input, on a thread of its own, whenever a line is asked for.
  init(console: Console, emit: @escaping @Sendable (PromptEvent) -> Void) {
    self.console = console
    self.emit = emit
    let thread = Thread { self.read() }
    thread.name = "continuo-input"
    thread.start()
  }

  func next() { wanted.signal() }

  func interrupt() { emit(.leaveAsked) }

  func show(_ lines: [String]) {
    for line in lines { console.print(TerminalText.clean(line)) }
  }

  func tell(_ status: String) {}

  func know(_ names: Completions) {}

  /// The thread may sit in `read` until its input ends: it holds nothing that must be given back.
  func close() async {
    isClosed.withLock { $0 = true }
    wanted.signal()
  }

  private func read() {
    var cutter = LineCutter(limit: 16_384)
    var ready: [[UInt8]] = []
    var isOver = false
    while true {
      wanted.wait()
      if isClosed.withLock({ $0 }) { return }
      while ready.isEmpty, !isOver {
        guard let bytes = Self.chunk() else {
          ready = cutter.remainder().map { [$0] } ?? []
          isOver = true
          break
        }
        guard let lines = cutter.lines(adding: bytes) else { return emit(.lineTooLong) }
        ready = lines
      }
      guard !ready.isEmpty else { return emit(.endOfInput) }
      emit(.line(String(decoding: ready.removeFirst(), as: UTF8.self)))
    }
  }

  /// What can be read now; nil at the end.
  private static func chunk() -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = Glibc.read(STDIN_FILENO, &bytes, bytes.count)
      if count > 0 { return Array(bytes[..<count]) }
      if count < 0, errno == EAGAIN {
        var wait = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        _ = poll(&wait, 1, -1)
      } else if count == 0 || errno != EINTR {
        return nil
      }
    }
  }
}
