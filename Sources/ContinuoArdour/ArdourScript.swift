// SPDX-License-Identifier: MIT
public import ContinuoOSC

/// What a client takes in and sends, as a log wants it.
public enum ArdourHappening: Hashable, Sendable {
  /// An Ardour was found on `port`.
  case met(port: UInt16)
  /// A message of Ardour's, about to be applied.
  case received(OSCMessage)
  /// A message to Ardour, about to leave.
  case sent(OSCMessage)
  /// Ardour counts as gone from here on, until its next answer.
  case lost
}

/// Told of what happens, on the client's own executor and in order; returns at once.
public typealias ArdourTap = @Sendable (ArdourHappening) -> Void

/// What stands in for the socket and the clock of a client that hears a log.
struct ArdourScript: Sendable {
  /// The log's time.
  let now: @Sendable () -> ContinuousClock.Instant
  /// Told each time somebody begins to wait for an answer.
  let waits: @Sendable () -> Void
}

extension ArdourClient {
  /// A client that hears only what `replay(_:)` gives it and sends nowhere.
  ///
  /// - Parameters:
  ///   - port: the port the real client spoke to, for its messages.
  ///   - now: the log's time.
  ///   - waits: told each time somebody begins to wait for an answer.
  public static func replaying(
    port: UInt16, now: @escaping @Sendable () -> ContinuousClock.Instant,
    waits: @escaping @Sendable () -> Void
  ) -> ArdourClient {
    ArdourClient(
      link: SilentLink(), port: port, script: ArdourScript(now: now, waits: waits))
  }

  /// Takes in what a log tells; how many waited for it and go on now.
  ///
  /// What was sent is passed over: a replay sends for itself, into the void.
  public func replay(_ happening: ArdourHappening) -> Int {
    let before = waiting
    switch happening {
    case .received(let message): receive(message)
    case .lost: lose()
    case .met, .sent: break
    }
    return before - waiting
  }

  /// Tells everybody who waits that no answer comes; how many waited and go on now.
  public func replayTimeout() -> Int { expire() }
}

/// A link to nobody.
private final class SilentLink: OSCLink {
  let messages = AsyncStream<OSCSocket.Received> { $0.finish() }
  let counters = OSCSocket.Counters()

  func send(_ message: OSCMessage, to port: UInt16) throws(OSCError) {}
  func close() {}
}
