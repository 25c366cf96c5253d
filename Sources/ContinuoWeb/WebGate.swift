// SPDX-License-Identifier: MIT
import NIOHTTP1

/// Decides on a request's head alone whether its sender is one of ours.
struct WebGate: Sendable {
  let token: WebToken
  let port: Int

  /// Why a request is turned down.
  enum Refusal: Error, Equatable {
    /// The host asked for is not this one: a name that a stranger points at this machine.
    case host
    /// Another site's page asks.
    case origin
    /// No token, or a wrong one.
    case token
  }

  private var hosts: [String] { ["127.0.0.1:\(port)", "localhost:\(port)"] }

  /// Checks the host, and the origin where a browser tells one.
  func checkPlace(_ head: HTTPRequestHead) throws(Refusal) {
    let asked = head.headers["host"]
    guard asked.count == 1, let host = asked.first, hosts.contains(host.lowercased()) else {
      throw .host
    }
    let origins = head.headers["origin"]
    // A page's scripts may fetch from the page's own address only, under the same name.
    guard origins.isEmpty || origins == ["http://\(host.lowercased())"] else { throw .origin }
    let sites = head.headers["sec-fetch-site"]
    guard sites.allSatisfy({ ["same-origin", "none"].contains($0) }) else { throw .origin }
  }

  /// Checks a request of the API: besides the place, `Authorization: Bearer TOKEN`.
  func checkCall(_ head: HTTPRequestHead) throws(Refusal) {
    try checkPlace(head)
    let shown = head.headers["authorization"]
    guard shown.count == 1, let value = shown.first, value.hasPrefix("Bearer "),
      token.matches(value.dropFirst(7))
    else { throw .token }
  }

  /// Checks the upgrade to a WebSocket, where a script can set no header: the token comes as the
  /// second protocol offered, `continuo, token.TOKEN`, and an origin must be told.
  func checkUpgrade(_ head: HTTPRequestHead) throws(Refusal) {
    try checkPlace(head)
    guard !head.headers["origin"].isEmpty else { throw .origin }
    let offered = head.headers[canonicalForm: "sec-websocket-protocol"]
    guard offered.count == 2, offered[0] == Self.protocolName, offered[1].hasPrefix("token."),
      token.matches(offered[1].dropFirst(6))
    else { throw .token }
  }

  /// The protocol that the server agrees to.
  static let protocolName = "continuo"
}
