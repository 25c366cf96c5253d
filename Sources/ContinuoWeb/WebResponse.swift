// SPDX-License-Identifier: MIT
import ContinuoSession
import Foundation
import NIOCore
import NIOHTTP1

/// An answer, whole, with the headers that every answer has.
struct WebResponse: Sendable {
  let status: HTTPResponseStatus
  let type: String
  let body: [UInt8]
  /// Whether the connection ends with it.
  var closes = false

  /// A refusal in one sentence, as the API tells it.
  static func refused(_ status: HTTPResponseStatus, _ why: String, closes: Bool = false)
    -> WebResponse
  {
    let value: JSONValue = ["error": .string(why)]
    return WebResponse(
      status: status, type: "application/json", body: Array(value.line.utf8), closes: closes)
  }

  /// A reply of the session's.
  static func reply(_ reply: Reply, status: HTTPResponseStatus = .ok) -> WebResponse {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // A reply holds nothing that JSON cannot write.
    let body = (try? encoder.encode(reply)) ?? Data("{}".utf8)
    return WebResponse(status: status, type: "application/json", body: Array(body))
  }

  /// The headers: nothing is kept, framed, guessed at or fetched from elsewhere.
  func headers(keepsAlive: Bool, port: Int) -> HTTPHeaders {
    HTTPHeaders([
      ("Content-Type", type), ("Content-Length", String(body.count)),
      ("Connection", keepsAlive && !closes ? "keep-alive" : "close"),
      (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
          + "connect-src 'self' ws://127.0.0.1:\(port) ws://localhost:\(port); base-uri 'none'; "
          + "form-action 'none'; frame-ancestors 'none'"
      ),
      ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
      ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store"),
      ("Cross-Origin-Opener-Policy", "same-origin"),
      ("Cross-Origin-Resource-Policy", "same-origin"),
    ])
  }
}
