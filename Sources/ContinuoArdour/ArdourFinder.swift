// SPDX-License-Identifier: MIT
import ContinuoOSC
import Synchronization

/// Finds running Ardours by the port their OSC listens on.
///
/// The first Ardour takes 3819, further ones the next free port up to 3838.
public enum ArdourFinder {
  /// The ports Ardour tries.
  public static let ports: ClosedRange<UInt16> = 3819...3838

  /// The question every Ardour answers to whoever asks: how this surface is set up.
  static let question = OSCMessage("/set_surface")

  /// Whether `message` is an Ardour's answer to `question`.
  static func isAnswer(_ message: OSCMessage) -> Bool {
    message.address == "/set_surface" && message.arguments.count >= 7
      && message.arguments.allSatisfy { $0.number != nil }
  }

  /// The ports among `ports` on which an Ardour answers, in order; empty when none does.
  ///
  /// Returns 0.2 s after the first answer and at `timeout` at the latest. Throws `ArdourError.osc`
  /// when no socket can be opened.
  public static func find(
    on ports: ClosedRange<UInt16> = ports, timeout: Duration = .seconds(1)
  ) async throws(ArdourError) -> [UInt16] {
    let socket: OSCSocket
    do { socket = try OSCSocket() } catch { throw .osc(error) }
    let found = Answers()
    let reading = Task {
      for await received in socket.messages
      where ports.contains(received.port) && isAnswer(received.message) {
        found.ports.withLock { _ = $0.insert(received.port) }
      }
    }
    let clock = ContinuousClock()
    var deadline = clock.now + timeout
    var nextQuestion = clock.now
    var hasAnswer = false
    while clock.now < deadline, !Task.isCancelled {
      if clock.now >= nextQuestion {
        // A port where nobody listens refuses; that is what is to be found out.
        for port in ports { try? socket.send(question, to: port) }
        nextQuestion = clock.now + .milliseconds(250)
      }
      try? await clock.sleep(for: .milliseconds(5))
      if !hasAnswer, found.ports.withLock({ !$0.isEmpty }) {
        hasAnswer = true
        if ports.count == 1 { break }
        deadline = min(deadline, clock.now + .milliseconds(200))
      }
    }
    socket.close()
    await reading.value
    return found.ports.withLock { $0.sorted() }
  }
}

/// Ports heard from, shared between the reading task and the asking one.
private final class Answers: Sendable {
  let ports = Mutex<Set<UInt16>>([])
}
