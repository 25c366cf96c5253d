// SPDX-License-Identifier: MIT
import ContinuoSession
import Foundation
import Synchronization

/// What ending signals do to a task: the first takes it back, the second does not wait for that.
///
/// Made before the task, so that no signal finds the process without an answer.
final class Interruption<Success: Sendable>: Sendable {
  private struct State {
    var signals = 0
    var isReleased = false
    var task: Task<Success, Never>?
  }

  private let state = Mutex(State())
  private let console: Console

  init(console: Console) { self.console = console }

  /// Takes charge of the task, which may have been taken back already.
  func watch(_ task: Task<Success, Never>) {
    let signals = state.withLock { state in
      state.task = task
      return state.signals
    }
    if signals > 0 { task.cancel() }
  }

  /// Lets go of the task: signals are another's matter from here on.
  func release() { state.withLock { $0.isReleased = true } }

  /// Cancels the task, or, the second time, ends the process where it is.
  func interrupt() {
    let (signals, task) = state.withLock { state in
      if !state.isReleased { state.signals += 1 }
      return (state.isReleased ? 0 : state.signals, state.task)
    }
    guard signals > 0 else { return }
    task?.cancel()
    guard signals > 1 else { return }
    console.complain("Left at once: the work was not ended in order")
    exit(Int32(ExitReason.failed.rawValue))
  }
}
