// SPDX-License-Identifier: MIT
internal import Foundation

/// What one event of a reply's stream says.
struct ReplyPiece {
  /// Text of the reply; empty when the model thinks aloud or only counts.
  var text = ""
  /// Whether the model has moved on: a sign of life that a comment is not.
  var isProgress = false
  /// Whether nothing more comes.
  var isLast = false
  /// The server's own error, in its words.
  var fault: String?
}

/// A protocol's requests and replies.
protocol Dialect {
  /// Which parts may be left out, in the order of what a refusal's words mean.
  func suspects(_ message: String) -> [ModelAbilities.Feature]
  /// Headers, the key's among them.
  func headers(_ key: APIKey?) -> [(name: String, value: String)]
  /// The body, and how it asks for structure.
  func body(
    _ request: ChatRequest, model: String?, lacks: (ModelAbilities.Feature) -> Bool
  ) -> (body: WireJSON, structure: String)
  /// Reads one event of a stream into `result`; nil when it is not JSON of this protocol.
  func read(_ event: [UInt8], into result: inout ChatResult) -> ReplyPiece?
  /// Reads a reply that came whole, from a server that does not stream.
  func readWhole(_ body: [UInt8], into result: inout ChatResult) -> ReplyPiece?
}

extension ModelProtocol {
  var dialect: any Dialect {
    switch self {
    case .openai: OpenAIDialect()
    case .anthropic: AnthropicDialect()
    }
  }
}

/// The error that both protocols, and most servers, send.
struct WireFault: Decodable {
  struct Detail: Decodable {
    var message: String?

    init(from decoder: any Decoder) throws {
      if let text = try? decoder.singleValueContainer().decode(String.self) {
        message = text
      } else {
        let values = try decoder.container(keyedBy: Keys.self)
        message = try? values.decode(String.self, forKey: .message)
      }
    }

    private enum Keys: String, CodingKey { case message }
  }

  var error: Detail?
  var message: String?
  var detail: String?

  private enum Keys: String, CodingKey { case error, message, detail }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Keys.self)
    error = try? values.decode(Detail.self, forKey: .error)
    message = try? values.decode(String.self, forKey: .message)
    detail = try? values.decode(String.self, forKey: .detail)
  }

  /// What the server says in `body`, made fit to print: one line, 300 characters, no key.
  static func message(in body: [UInt8], key: APIKey?) -> String {
    let fault = try? JSONDecoder().decode(WireFault.self, from: Data(body))
    let said = fault?.error?.message ?? fault?.message ?? fault?.detail
    // A page of HTML tells a musician nothing.
    let raw = said ?? (body.first == 0x3C ? "" : String(decoding: body.prefix(2000), as: UTF8.self))
    return clean(raw, key: key)
  }

  static func clean(_ text: String, key: APIKey?) -> String {
    let redacted = key?.redacted(text) ?? APIKey.redactedShapes(text)
    let line = String(
      String.UnicodeScalarView(
        redacted.unicodeScalars.map {
          $0.value < 0x20 || $0.properties.generalCategory == .control
            || $0.properties.generalCategory == .format ? " " : $0
        }))
    let words = line.split(separator: " ").joined(separator: " ")
    return words.count > 300 ? words.prefix(300) + "…" : words
  }
}
