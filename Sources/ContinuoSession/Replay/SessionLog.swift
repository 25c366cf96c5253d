// SPDX-License-Identifier: MIT
internal import Dispatch
internal import Foundation
internal import Glibc
internal import Synchronization

/// Writes down what a session is told and answers, one JSON object a line, for `continuo replay`.
///
/// Whoever notes something only puts it into a bounded memory; a queue of the log's own encodes and
/// writes. Keys are never written: neither those of the settings nor what looks like one.
/// - Thread: any but the process thread.
final class SessionLog: Sendable {
  /// Lines held at most while they wait for the disk; an event of a batch counts as one.
  static let maximumWaiting = 1 << 16
  /// Bytes a log may have.
  static let maximumBytes = 256 << 20

  private struct State {
    var waiting: [LogLine] = []
    /// Lines that `waiting` counts as.
    var weight = 0
    var isScheduled = false
    var figures = LogFigures(lines: 0, dropped: 0)
    /// Lines dropped since the last one that was taken.
    var gap = 0
    var commands = 0
    var clients = 0
    var isFinished = false
  }

  private let state = Mutex(State())
  private let file: LogFile
  private let queue = DispatchQueue(label: "continuo.log", qos: .utility)
  private let begin = DispatchTime.now().uptimeNanoseconds
  private let notice: ProgressSink

  /// Makes the file at `path`, for its owner alone.
  ///
  /// `secrets` are texts that must not come into it; `notice` is told, once each, that lines were
  /// dropped and that nothing is written any more.
  /// - Throws: `CommandFailure` when the file is there already or cannot be made.
  init(
    _ path: String, secrets: [String], limit: Int = SessionLog.maximumBytes,
    notice: @escaping ProgressSink
  ) throws(CommandFailure) {
    file = try LogFile(path, secrets: secrets, limit: limit)
    self.notice = notice
  }

  /// Writes the first line, before any other.
  func open(_ header: LogHeader) {
    queue.async { [self] in
      if let fault = file.write([header]) { fail(fault) }
    }
  }

  /// Notes that something happens now.
  func note(_ event: LogEvent) {
    var isFirstDrop = false
    state.withLock { state in
      guard !state.isFinished, state.figures.fault == nil else { return }
      let weight = event.weight
      guard state.weight + weight <= Self.maximumWaiting else {
        isFirstDrop = state.figures.dropped == 0
        state.figures.dropped += 1
        state.gap += 1
        return
      }
      let at = DispatchTime.now().uptimeNanoseconds - begin
      if state.gap > 0 {
        state.waiting.append(LogLine(at: at, event: .dropped(lines: state.gap)))
        state.gap = 0
      }
      state.waiting.append(LogLine(at: at, event: event))
      state.weight += weight
      state.figures.lines += 1
      guard !state.isScheduled else { return }
      state.isScheduled = true
      queue.async { self.drain() }
    }
    if isFirstDrop { notice("The log cannot keep up: lines are dropped, and counted in it") }
  }

  /// A number for a command, from 1.
  func nextCommand() -> Int {
    state.withLock { state in
      state.commands += 1
      return state.commands
    }
  }

  /// A number for an Ardour, from 1.
  func nextClient() -> Int {
    state.withLock { state in
      state.clients += 1
      return state.clients
    }
  }

  /// How the log does.
  var figures: LogFigures { state.withLock { $0.figures } }

  /// Writes what waits, then no more.
  func finish() async {
    await withCheckedContinuation { continuation in
      queue.async { [self] in
        drain()
        let dropped = state.withLock { state in
          state.isFinished = true
          return state.figures.dropped
        }
        file.close()
        if dropped > 0 { notice("The log lacks \(dropped) lines that came too fast") }
        continuation.resume()
      }
    }
  }

  /// Takes the file away again: there was no session.
  func abandon() {
    queue.sync {
      state.withLock { $0.isFinished = true }
      file.remove()
    }
  }

  private func drain() {
    while true {
      let lines = state.withLock { state in
        defer {
          state.waiting = []
          state.weight = 0
        }
        if state.waiting.isEmpty { state.isScheduled = false }
        return state.waiting
      }
      if lines.isEmpty { return }
      if let fault = file.write(lines) { fail(fault) }
    }
  }

  private func fail(_ fault: String) {
    let isFirst = state.withLock { state in
      defer { state.figures.fault = fault }
      return state.figures.fault == nil
    }
    if isFirst { notice("The log ends here: \(fault). The session goes on without it") }
  }
}

extension LogEvent {
  /// How many lines it counts as in memory.
  fileprivate var weight: Int {
    guard case .captured(let events) = self else { return 1 }
    return max(1, events.reduce(0) { $0 + 1 + ($1.bytes?.count ?? 0) / 256 })
  }
}

/// The command that is being carried out, as a log numbers it.
enum LogScope {
  @TaskLocal static var command: Int?
}
