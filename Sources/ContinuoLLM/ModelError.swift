// SPDX-License-Identifier: MIT

/// Why a language model did not answer; no case ever holds a key.
public enum ModelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was waited for when time ran out.
  public enum Wait: String, Hashable, Sendable {
    /// The connection.
    case connection
    /// The first piece of the reply.
    case firstToken
    /// The next piece of the reply.
    case nextToken
    /// The whole reply.
    case whole
  }

  /// The base URL cannot be used.
  case badURL(String, reason: String)
  /// A model's name is needed.
  case noModelName(provider: String)
  /// No key was found; `where` says where it was looked for.
  case noKey(provider: String, places: String)
  /// The key cannot be used or read.
  case badKey(reason: String)
  /// There is no connection to the server.
  case unreachable(server: String, reason: String)
  /// The server did not prove who it is.
  case untrusted(server: String, reason: String)
  /// Time ran out.
  case timedOut(Wait, server: String, seconds: Double)
  /// The connection ended in mid-reply.
  case broken(server: String, reason: String)
  /// The server does not accept the key (401, 403).
  case unauthorized(server: String, status: Int, message: String, keySent: Bool)
  /// The server asks to wait longer than there is time (429).
  case limited(server: String, message: String, retryAfter: Double?)
  /// The server does not accept the request (400 and the like).
  case refused(server: String, status: Int, message: String)
  /// The server failed (500 and the like), as often as it was tried.
  case failed(server: String, status: Int, message: String, tries: Int)
  /// The server sends elsewhere, where the key is not taken.
  case redirected(server: String, status: Int, to: String)
  /// What came is no reply of a model.
  case wrongType(server: String, type: String)
  /// The reply is longer than allowed.
  case tooLong(server: String, bytes: Int)
  /// The reply does not follow the protocol.
  case malformed(server: String, reason: String)

  /// One sentence: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .badURL(let url, let reason): "The base URL “\(url)” cannot be used: \(reason)"
    case .noModelName(let provider):
      "\(provider) needs a model's name: give --model or CONTINUO_MODEL"
    case .noKey(let provider, let places): "There is no key for \(provider): set \(places)"
    case .badKey(let reason): reason
    case .unreachable(let server, let reason):
      "There is no language model at \(server) (\(reason)): is its server running?"
    case .untrusted(let server, let reason):
      "\(server) did not prove who it is (\(reason)): nothing was sent"
    case .timedOut(let wait, let server, let seconds):
      "\(server) \(wait.missed) within \(Self.figure(seconds)) s"
    case .broken(let server, let reason):
      "\(server) ended the connection in mid-reply (\(reason)): ask again"
    case .unauthorized(let server, let status, let message, let keySent):
      keySent
        ? "\(server) does not accept the key (\(status)\(Self.said(message))): check it"
        : "\(server) wants a key (\(status)\(Self.said(message))) and none was sent: set one, and"
          + " use https:// unless the server is on this machine"
    case .limited(let server, let message, let after):
      "\(server) has had too many requests (429\(Self.said(message))): "
        + (after.map { "try again in \(Self.figure($0)) s" } ?? "try again later")
    case .refused(let server, let status, let message):
      "\(server) refuses the request (\(status)\(Self.said(message))): check model and base URL"
    case .failed(let server, let status, let message, let tries):
      "\(server) failed \(tries == 1 ? "once" : "\(tries) times")"
        + " (\(status)\(Self.said(message))): try again later"
    case .redirected(let server, let status, let target):
      "\(server) redirects to \(target) (\(status)), where nothing was sent: "
        + "set that as the base URL if you trust it"
    case .wrongType(let server, let type):
      "\(server) answered with \(type) where a model's reply belongs: check the base URL"
    case .tooLong(let server, let bytes):
      "The reply of \(server) passed \(bytes) bytes and was cut off"
    case .malformed(let server, let reason): "\(server) does not speak the protocol: \(reason)"
    }
  }

  private static func said(_ message: String) -> String { message.isEmpty ? "" : ": \(message)" }

  private static func figure(_ seconds: Double) -> String {
    let tenths = (min(max(seconds, 0), 1e6) * 10).rounded() / 10
    return tenths == tenths.rounded() ? String(Int(tenths)) : "\(tenths)"
  }
}

extension ModelError.Wait {
  /// What the server did not do.
  fileprivate var missed: String {
    switch self {
    case .connection: "could not be connected to"
    case .firstToken: "did not begin to answer"
    case .nextToken: "stopped in mid-reply and sent nothing more"
    case .whole: "did not finish its reply"
    }
  }
}
