// SPDX-License-Identifier: MIT
import Glibc

/// Why one instance cannot be set up, or another be spoken to.
public enum InstanceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No instance of that name runs.
  case notRunning(name: String)
  /// An instance of that name runs already; `pid` is nil when it has not said.
  case alreadyRunning(name: String, pid: Int32?)
  /// The folder that should hold the folder of sockets is not there.
  case folderMissing(path: String)
  /// The folder of sockets is not safe to use.
  case folderUnsafe(path: String, reason: String)
  /// The socket's path is longer than the system allows.
  case pathTooLong(path: String)
  /// A system call failed.
  case system(call: String, path: String, code: Int32)
  /// The instance took the connection, or not even that, and said nothing in time.
  case notAnswering(name: String)
  /// The instance turned the request down.
  case refused(reason: String)
  /// Another user holds the other end.
  case otherUser(name: String)
  /// The instance left before it answered.
  case hungUp(name: String)
  /// What came back is not Continuo's protocol, or another version of it.
  case garbled(name: String)

  /// One sentence: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .notRunning(let name):
      "No instance named \(name) is running: start one with continuo"
        + (name == Settings.defaultName
          ? "" : name.contains(" ") ? " --name \"\(name)\"" : " --name \(name)")
    case .alreadyRunning(let name, let pid):
      "An instance named \(name) is already running"
        + (pid.map { " (pid \($0))" } ?? "") + ": choose another --name, or quit that one"
    case .folderMissing(let path):
      "The folder \(shown(path)) is not there: set XDG_RUNTIME_DIR to a folder of your own, "
        + "or unset it"
    case .folderUnsafe(let path, let reason):
      "The folder \(shown(path)) is not safe for control sockets: \(reason)"
    case .pathTooLong(let path):
      "The socket's path \(shown(path)) is too long: set XDG_RUNTIME_DIR to a shorter one"
    case .system(let call, let path, let code):
      "\(call) failed on \(shown(path)): \(String(cString: strerror(code)))"
    case .notAnswering(let name):
      "The instance named \(name) does not answer: it may still be starting, or hang"
    case .refused(let reason):
      "The instance refused: \(TerminalText.shortened(reason, to: 200))"
    case .otherUser(let name):
      "The instance named \(name) belongs to another user"
    case .hungUp(let name):
      "The instance named \(name) left before it answered"
    case .garbled(let name):
      "The instance named \(name) speaks another protocol: both ends must be the same version"
    }
  }

  private func shown(_ path: String) -> String { TerminalText.shortened(path, to: 120) }
}
