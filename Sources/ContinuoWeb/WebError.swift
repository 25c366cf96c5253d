// SPDX-License-Identifier: MIT
import Glibc

/// Why the page and its API cannot be served.
public enum WebError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The port is another program's.
  case portTaken(port: UInt16)
  /// The system would not listen.
  case cannotListen(reason: String)
  /// The token's file cannot be written.
  case cannotWrite(path: String, code: Int32)

  /// One sentence: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .portTaken(let port):
      "Another program listens on port \(port): choose another with --port, or none for a free one"
    case .cannotListen(let reason): "The page cannot be served on 127.0.0.1: \(reason)"
    case .cannotWrite(let path, let code):
      "The token's file \(path) cannot be written: \(String(cString: strerror(code)))"
    }
  }
}
