// SPDX-License-Identifier: MIT
import ContinuoSession
import Synchronization

/// Keeps what a session tells unasked.
final class Told: Sendable {
  private let lines = Mutex<[String]>([])
  var sink: ProgressSink { { line in self.lines.withLock { $0.append(line) } } }
  var all: [String] { lines.withLock { $0 } }
}
