// SPDX-License-Identifier: MIT

/// Why something with Continuo's action in Ardour's editor did not work.
public enum EditorFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The Ardour spoken to runs without its window, and so without an editor.
  case noWindow
  /// The process that has Ardour's OSC port is not this user's, or not on this machine.
  case notHere(port: UInt16)
  /// Ardour's settings do not hold the action.
  case notInstalled(settings: String)
  /// Ardour's settings hold the action, but this Ardour has not loaded it, or an older one.
  case notLoaded
  /// Ardour did not begin the job; it was taken back.
  case notBegun(milliseconds: Int)
  /// Ardour began the job and did not say how it ended.
  case unanswered(milliseconds: Int)
  /// The job was begun and refused, or failed, in Ardour.
  case refused(reason: String)
  /// Another Continuo has a job in this Ardour.
  case busy
  /// A file or folder that is not as it must be.
  case unusable(path: String, reason: String)
  /// What is to be taken back is no longer as Continuo left it.
  case changedSince(reason: String)
  /// What was put on the track is not what was asked for; `left` says what is on the track now.
  case notAsAsked(reason: String, left: String)

  /// One sentence: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .noWindow:
      "This Ardour runs without its window, which alone can import and take back: `keep` records "
        + "instead"
    case .notHere(let port):
      "The Ardour on OSC port \(port) is no process of yours on this machine, so its editor cannot "
        + "be reached: `keep` records instead"
    case .notInstalled(let settings):
      "Ardour's editor has no action of Continuo's in \(settings): run `continuo "
        + "install-ardour-script`, then open the session anew"
    case .notLoaded:
      "This Ardour has not loaded Continuo's action as it is now: save and open the session anew, "
        + "or start Ardour again"
    case .notBegun(let milliseconds):
      "Ardour did not begin the job within \(milliseconds / 1000) s and nothing was changed: look "
        + "whether a dialogue of its window waits for an answer"
    case .unanswered(let milliseconds):
      "Ardour began the job and did not say within \(milliseconds / 1000) s how it ended: look at "
        + "its window and at the track"
    case .refused(let reason):
      "Ardour's editor did not do it: \(reason)"
    case .busy:
      "Another Continuo is at work in this Ardour's editor: try again"
    case .unusable(let path, let reason):
      "Cannot use \(path): \(reason)"
    case .changedSince(let reason):
      "Not taken back, since it has been edited: \(reason); Edit > Undo in Ardour goes step by step"
    case .notAsAsked(let reason, let left):
      "Not as it was asked for: \(reason); \(left)"
    }
  }
}
