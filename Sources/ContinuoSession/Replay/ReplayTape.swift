// SPDX-License-Identifier: MIT
internal import Synchronization

/// The answers a log holds for each command, and the place the replay has come to.
///
/// A command that is carried out again asks for its answers in the order in which it was answered.
/// Two things it waits for: what the log tells later, and Ardour. Whenever it waits or is done the
/// replay goes on, so that neither runs ahead of the other.
final class ReplayTape: Sendable {
  /// What a session asks of the world outside.
  enum Question: Hashable, Sendable {
    case status, traffic, figures, present, song, caughtUp, ports, wired, waited, ardour
  }

  private struct Answer {
    let line: Int
    let event: LogEvent
  }

  private struct Key: Hashable {
    let command: Int
    let question: Question
  }

  private struct State {
    var answers: [Key: [Answer]] = [:]
    var next: [Key: Int] = [:]
    /// What is waited for, and who waits.
    var awaited: (key: Key, waiter: CheckedContinuation<LogEvent?, Never>)?
    /// Lines that the replay has passed.
    var passed = 0
    /// How often somebody was let go on, and how often somebody waited or was done.
    var released = 0
    var arrived = 0
    var settling: CheckedContinuation<Void, Never>?
    var missing = 0
  }

  private let state = Mutex(State())

  init(_ lines: [LogLine]) {
    state.withLock { state in
      for (index, line) in lines.enumerated() {
        guard let (command, question) = line.event.answers else { continue }
        let key = Key(command: command, question: question)
        state.answers[key, default: []].append(Answer(line: index, event: line.event))
      }
    }
  }

  /// Questions of replayed commands that the log has no answer to.
  var missing: Int { state.withLock { $0.missing } }

  /// The next answer for the command that is being carried out, and its line.
  func next(_ question: Question) -> (line: Int, event: LogEvent)? {
    guard let command = LogScope.command else { return nil }
    let key = Key(command: command, question: question)
    return state.withLock { state in
      let index = state.next[key, default: 0]
      guard let answer = state.answers[key]?.dropFirst(index).first else {
        state.missing += 1
        return nil
      }
      state.next[key] = index + 1
      return (answer.line, answer.event)
    }
  }

  /// Waits until the replay comes to the next answer; nil when there is none.
  func await(_ question: Question) async -> LogEvent? {
    guard let command = LogScope.command, let answer = next(question) else { return nil }
    return await withCheckedContinuation { waiter in
      let isThere = state.withLock { state in
        guard answer.line >= state.passed else { return true }
        state.awaited = (Key(command: command, question: question), waiter)
        return false
      }
      if isThere { waiter.resume(returning: answer.event) } else { arrive() }
    }
  }

  /// The replay has come to line `index`: whoever waits for it goes on.
  ///
  /// Returns how many did.
  func pass(_ index: Int, _ event: LogEvent) -> Int {
    let waiter = state.withLock { state -> CheckedContinuation<LogEvent?, Never>? in
      state.passed = index + 1
      guard let awaited = state.awaited, let (command, question) = event.answers,
        awaited.key == Key(command: command, question: question)
      else { return nil }
      state.awaited = nil
      return awaited.waiter
    }
    waiter?.resume(returning: event)
    return waiter == nil ? 0 : 1
  }

  /// Whoever waits still waits in vain; how many there were.
  func giveUp() -> Int {
    let awaited = state.withLock { state in
      defer { state.awaited = nil }
      return state.awaited
    }
    awaited?.waiter.resume(returning: nil)
    return awaited == nil ? 0 : 1
  }

  // MARK: Keeping step

  /// Nobody runs.
  func rest() {
    state.withLock { state in
      state.released = 0
      state.arrived = 0
    }
  }

  /// Somebody waits again, or is done.
  func arrive() {
    let waiter = state.withLock { state in
      state.arrived += 1
      guard state.arrived >= state.released else { return nil as CheckedContinuation<Void, Never>? }
      defer { state.settling = nil }
      return state.settling
    }
    waiter?.resume()
  }

  /// Waits until `count` that were let go on wait again or are done.
  func settle(_ count: Int) async {
    guard count > 0 else { return }
    await withCheckedContinuation { waiter in
      let isThere = state.withLock { state in
        state.released += count
        guard state.arrived < state.released else { return true }
        state.settling = waiter
        return false
      }
      if isThere { waiter.resume() }
    }
  }
}

extension LogEvent {
  /// Which command's question it answers; nil when it answers none.
  fileprivate var answers: (command: Int, question: ReplayTape.Question)? {
    switch self {
    case .status(let command, _): (command, .status)
    case .traffic(let command, _): (command, .traffic)
    case .figures(let command, _): (command, .figures)
    case .present(let command, _): (command, .present)
    case .song(let command, _): (command, .song)
    case .caughtUp(let command): (command, .caughtUp)
    case .ports(let command, _): (command, .ports)
    case .wired(let command, _): (command, .wired)
    case .waited(let command, _): (command, .waited)
    case .ardourTaken(_, let command?): (command, .ardour)
    case .ardourMissing(let command, _): (command, .ardour)
    default: nil
    }
  }
}
