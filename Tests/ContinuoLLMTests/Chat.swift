// SPDX-License-Identifier: MIT
import ContinuoLLM
import ContinuoTestSupport
import Foundation

/// Asks a double and gathers what comes.
enum Chat {
  static let key = "sk-test-0123456789abcdef-secret"
  static let keys = KeySource(variable: "OPENAI_API_KEY", value: key)

  static var quick: TransferLimits {
    var limits = TransferLimits()
    limits.connectSeconds = 0.5
    limits.firstTokenSeconds = 0.8
    limits.stallSeconds = 0.6
    limits.wholeSeconds = 3
    limits.maximumBytes = 1 << 20
    limits.backoffSeconds = 0.05
    return limits
  }

  static func client(
    _ double: ModelDouble, model: String, dialect: ModelProtocol = .openai
  ) throws -> ModelClient {
    ModelClient(
      endpoint: try ModelEndpoint(dialect: dialect, baseURL: double.url, model: model), keys: keys)
  }

  static var request: ChatRequest {
    ChatRequest(
      system: "You test.", messages: [.init(.user, "Say hello\u{7} \"now\".")],
      schema: .init(name: "answer", value: ["type": "object", "properties": [:]]),
      maximumTokens: 100, temperature: 0.5, seed: 7)
  }

  static func events(_ client: ModelClient) async -> ([ChatEvent], (any Error)?) {
    var events: [ChatEvent] = []
    do {
      for try await event in client.stream(request) { events.append(event) }
    } catch {
      return (events, error)
    }
    return (events, nil)
  }

  static func ask(_ client: ModelClient) async -> (String, (any Error)?) {
    let (events, error) = await events(client)
    return (
      events.map { if case .text(let text) = $0 { text } else { "" } }.joined(), error
    )
  }
}

/// A socket that listens, and whose backlog is full.
final class FullListener {
  let port: Int
  private var sockets: [Int32] = []

  init() throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let size = length
    func at<Result>(_ body: (UnsafeMutablePointer<sockaddr>) -> Result) -> Result {
      withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
      }
    }
    guard at({ bind(listener, $0, size) }) == 0, listen(listener, 0) == 0,
      at({ getsockname(listener, $0, &length) }) == 0
    else { throw TestSupportError.failedCommand(command: "listen", answer: "\(errno)") }
    port = Int(UInt16(bigEndian: address.sin_port))
    sockets.append(listener)
    for _ in 0..<4 {
      let one = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
      _ = at { connect(one, $0, size) }
      sockets.append(one)
    }
  }

  deinit { for one in sockets { close(one) } }
}
