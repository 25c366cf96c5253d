// SPDX-License-Identifier: MIT
public import ContinuoOSC

/// Why the session manager could not be joined.
public enum NSMError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `NSM_URL` names no server that can be spoken to.
  case badURL(String)
  /// Nobody answers there.
  case noAnswer(port: UInt16)
  /// The server does not take this program.
  case refused(reason: String)
  /// Its project has no usable place or name.
  case badProject(reason: String)
  /// OSC itself failed.
  case osc(OSCError)

  /// One sentence: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .badURL(let url):
      "NSM_URL is “\(url.prefix(100))”: it must read osc.udp://THIS-MACHINE:PORT/; unset it to start "
        + "without a session manager"
    case .noAnswer(let port):
      "No session manager answers on port \(port): unset NSM_URL to start without one"
    case .refused(let reason): "The session manager refuses: \(reason.prefix(200))"
    case .badProject(let reason): "The session manager's project cannot be opened: \(reason)"
    case .osc(let error): error.description
    }
  }
}
