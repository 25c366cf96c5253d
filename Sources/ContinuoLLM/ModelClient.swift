// SPDX-License-Identifier: MIT
internal import Foundation

/// Speaks to one language model; knows nothing of what is spoken about.
///
/// Every request runs on a thread of its own, so that no thread of Swift's tasks ever waits for a
/// network. Cancelling the task that reads a stream, or dropping the stream, ends the request at
/// once.
public struct ModelClient: Sendable {
  /// Where the model is.
  public let endpoint: ModelEndpoint
  /// Where its key is.
  public let keys: KeySource
  /// Bounds of time and size.
  public var limits: TransferLimits
  /// What its server was found not to take.
  public let abilities: ModelAbilities

  /// Makes a client; nothing is connected or read.
  public init(
    endpoint: ModelEndpoint, keys: KeySource, limits: TransferLimits = TransferLimits(),
    abilities: ModelAbilities = ModelAbilities()
  ) {
    self.endpoint = endpoint
    self.keys = keys
    self.limits = limits
    self.abilities = abilities
  }

  /// The name abilities are remembered under.
  var place: String { "\(endpoint.url) \(endpoint.model ?? "")" }

  func headers(_ key: APIKey?) -> [(name: String, value: String)] {
    let own = [("Content-Type", "application/json"), ("Accept", "text/event-stream")]
    let further = endpoint.headers.sorted { $0.key < $1.key }.filter {
      ($0.key + $0.value).unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }
    return own + endpoint.dialect.dialect.headers(key) + further.map { ($0.key, $0.value) }
  }

  /// Asks; the stream's last event is `.finished`, and it throws `ModelError` or `CancellationError`.
  ///
  /// What came before an error has been handed over: a reply that broke off is still half a reply.
  public func stream(_ request: ChatRequest) -> AsyncThrowingStream<ChatEvent, any Error> {
    let (stream, continuation) = AsyncThrowingStream<ChatEvent, any Error>.makeStream()
    let cancel = TransferSwitch()
    continuation.onTermination = { _ in cancel.cancel() }
    let thread = Thread {
      do {
        let run = ChatRun(self, request, cancel: cancel) { continuation.yield($0) }
        continuation.yield(.finished(try run.run()))
        continuation.finish()
      } catch {
        continuation.finish(throwing: error)
      }
    }
    thread.name = "continuo-model"
    thread.stackSize = 4 << 20
    thread.start()
    return stream
  }

  /// Exactly what `stream` would send: request line, headers with the key left out, and body.
  public func preview(_ request: ChatRequest) -> String {
    let place = place
    let (body, _) = endpoint.dialect.dialect.body(request, model: endpoint.model) {
      abilities.lacks($0, at: place)
    }
    let key = keys.isLikely && endpoint.isPrivate ? APIKey.shown : nil
    let lines = headers(key).map { "\($0.name): \($0.value)" }
    return (["POST \(endpoint.url)"] + lines + ["", body.text]).joined(separator: "\n")
  }
}
