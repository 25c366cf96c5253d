// SPDX-License-Identifier: MIT
import NIOCore
import Synchronization

/// The connections there are, so that idle strangers cannot keep others out.
final class ConnectionBook: Sendable {
  private struct Entry {
    let channel: any Channel
    var isTrusted = false
  }

  private struct State {
    var entries: [Int: Entry] = [:]
    var next = 0
  }

  private let state = Mutex(State())

  /// Enters a connection; when there is no room the oldest that has shown no token is closed.
  ///
  /// Returns its number; nil when every connection there is has shown a token.
  func enter(_ channel: any Channel) -> Int? {
    let (number, victim) = state.withLock { state -> (Int?, (any Channel)?) in
      var victim: (any Channel)?
      if state.entries.count >= WebLimits.connections {
        let strangers = state.entries.filter { !$0.value.isTrusted }
        guard let oldest = strangers.keys.min() else { return (nil, nil) }
        victim = state.entries.removeValue(forKey: oldest)?.channel
      }
      state.next += 1
      state.entries[state.next] = Entry(channel: channel)
      return (state.next, victim)
    }
    victim?.close(promise: nil)
    return number
  }

  /// The connection has shown the token.
  func trust(_ number: Int) { state.withLock { $0.entries[number]?.isTrusted = true } }

  /// The connection is closed.
  func leave(_ number: Int) { state.withLock { $0.entries[number] = nil } }

  /// How many connections there are.
  var count: Int { state.withLock { $0.entries.count } }

  /// Closes every connection.
  func closeAll() async {
    let channels = state.withLock { $0.entries.values.map(\.channel) }
    for channel in channels { try? await channel.close() }
  }
}
