// SPDX-License-Identifier: MIT
import Synchronization

/// What the status line told last: it is drawn again only when that changes.
final class StatusLine: Sendable {
  /// Whether the session is being asked.
  let isAsking = Atomic(false)
  private let told = Mutex("")

  /// Has `source` show `text`, unless it does already.
  func tell(_ text: String, to source: any LineSource) {
    let isNew = told.withLock { told in
      defer { told = text }
      return told != text
    }
    if isNew { source.tell(text) }
  }
}
