// SPDX-License-Identifier: MIT

/// What can go wrong with the fixtures themselves, told in one sentence.
public enum TestSupportError: Error, CustomStringConvertible, Sendable {
  case timedOut(waitingFor: String, after: Duration, detail: String)
  case cannotLaunch(program: String, reason: String)
  case ended(program: String, status: String, while: String, errors: String)
  case noFile(path: String, hint: String)
  case unreadable(what: String, text: String)
  case failedCommand(command: String, answer: String)

  public var description: String {
    switch self {
    case .timedOut(let what, let duration, let detail):
      "Waited \(duration) in vain for \(what)" + (detail.isEmpty ? "" : ": \(detail)")
    case .cannotLaunch(let program, let reason): "Cannot launch \(program): \(reason)"
    case .ended(let program, let status, let activity, let errors):
      "\(program) ended (\(status)) while \(activity): \(errors)"
    case .noFile(let path, let hint): "There is no \(path): \(hint)"
    case .unreadable(let what, let text): "This is not \(what): \(text.prefix(200))"
    case .failedCommand(let command, let answer): "'\(command)' was answered with '\(answer)'"
    }
  }
}
