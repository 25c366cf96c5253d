// SPDX-License-Identifier: MIT
import Glibc

/// Why OSC could not be sent or a socket not be opened.
public enum OSCError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The system refused a socket operation on `port` (0: any); `code` is its errno.
  case socket(operation: String, port: UInt16, code: Int32)
  /// The receive thread did not start; `code` is its errno.
  case thread(code: Int32)
  /// A message that OSC cannot carry.
  case unsendable(address: String, reason: String)
  /// The socket was closed before.
  case closed

  /// One sentence: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .socket(let operation, let port, let code):
      let place = port == 0 ? "an OSC socket" : "OSC port \(port)"
      return "Cannot \(operation) \(place): \(String(cString: strerror(code)))"
    case .thread(let code):
      return "Cannot start the thread that receives OSC: \(String(cString: strerror(code)))"
    case .unsendable(let address, let reason):
      return "Cannot send the OSC message \(address.prefix(60)): \(reason)"
    case .closed:
      return "The OSC connection is closed; connect again"
    }
  }
}
