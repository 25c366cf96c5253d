// SPDX-License-Identifier: MIT
internal import ContinuoOSC

/// Who is told how the session stands; bounded, and forgotten when not heard of for long.
struct Subscribers {
  private struct Entry {
    /// Where the subscription came from; any packet from there renews it.
    let sender: UInt16
    var heard: ContinuousClock.Instant
    /// What was told last, by address.
    var told: [String: [OSCArgument]] = [:]
  }

  /// As many as there may be.
  static let most = 16

  private let lifetime: Duration
  private var entries: [UInt16: Entry] = [:]

  init(lifetime: Duration) { self.lifetime = lifetime }

  /// The ports told.
  var ports: [UInt16] { entries.keys.sorted() }

  /// Adds or renews `port`, told everything anew; false when there are as many as there may be.
  mutating func add(_ port: UInt16, from sender: UInt16, at now: ContinuousClock.Instant) -> Bool {
    forget(at: now)
    guard entries[port] != nil || entries.count < Self.most else { return false }
    entries[port] = Entry(sender: sender, heard: now)
    return true
  }

  mutating func remove(_ port: UInt16) { entries[port] = nil }

  /// A packet came from `sender`.
  mutating func heard(_ sender: UInt16, at now: ContinuousClock.Instant) {
    for (port, entry) in entries where entry.sender == sender || port == sender {
      entries[port]?.heard = now
    }
  }

  /// Drops whoever was not heard of within the lifetime.
  mutating func forget(at now: ContinuousClock.Instant) {
    entries = entries.filter { now - $0.value.heard <= lifetime }
  }

  /// Which of `messages` differ from what each port was told last; they count as told.
  mutating func news(in messages: [OSCMessage]) -> [(port: UInt16, message: OSCMessage)] {
    var news: [(port: UInt16, message: OSCMessage)] = []
    for port in ports {
      for message in messages where entries[port]?.told[message.address] != message.arguments {
        entries[port]?.told[message.address] = message.arguments
        news.append((port, message))
      }
    }
    return news
  }
}
