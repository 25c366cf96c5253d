// SPDX-License-Identifier: MIT
public import ContinuoOSC

/// Why something with Ardour did not work.
public enum ArdourError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Nobody answered on any of the ports.
  case notAnswering(ports: ClosedRange<UInt16>)
  /// Several Ardours answered and none was chosen.
  case severalRunning(ports: [UInt16])
  /// Ardour was there and has fallen silent.
  case gone(port: UInt16)
  /// A step was sent but Ardour never showed that it obeyed; `seen` is what it showed instead.
  case unconfirmed(step: String, milliseconds: Int, seen: String)
  /// No track has that name; `near` holds names that look like it, or all when none does.
  case noSuchTrack(name: String, near: [String])
  /// The strip is there but records no MIDI.
  case noMIDITrack(name: String, kind: ArdourStrip.Kind)
  /// A place that OSC cannot name: frames go from 0 to 2147483647.
  case unreachableFrame(Int)
  /// OSC itself failed.
  case osc(OSCError)
  /// The work was cancelled.
  case cancelled(step: String)
  /// The session's file was not found; `looked` says where it was sought.
  case sessionNotFound(name: String, looked: [String])
  /// The session's file, or a file it names, cannot be read or makes no sense.
  case unreadable(path: String, reason: String)
  /// A file that Ardour reads could not be written; it is as it was.
  case unwritable(path: String, reason: String)
  /// Ardour uses the files that were to be written, and would overwrite them when it ends.
  case stillRunning(processes: [Int])
  /// A take that cannot be recorded as things stand.
  case takeRefused(reason: String)
  /// Playing into the track failed.
  case performer(reason: String)
  /// What was played was late or incomplete for a passing reason; the next try may be whole.
  case takeDamaged(reason: String)
  /// A step of a take failed; what had been changed was put back as far as it could.
  case takeFailed(TakeFailure)
  /// Continuo's action in Ardour's editor was needed and did not do its work.
  case editor(EditorFailure)

  /// One sentence: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .notAnswering(let ports):
      let place =
        ports.count == 1
        ? "OSC port \(ports.lowerBound)"
        : "OSC ports \(ports.lowerBound) to \(ports.upperBound)"
      return "Ardour is not answering on \(place): start it, and switch on Edit > Preferences > "
        + "Control Surfaces > Open Sound Control (OSC)"
    case .severalRunning(let ports):
      let list = ports.map(String.init).joined(separator: ", ")
      return "More than one Ardour is running, on OSC ports \(list): name the port of yours"
    case .gone(let port):
      return "Ardour on OSC port \(port) has fallen silent; it is looked for again every second"
    case .unconfirmed(let step, let milliseconds, let seen):
      let seconds = Double(milliseconds / 100) / 10
      return "Ardour did not \(step) within \(seconds) s\(seen.isEmpty ? "" : ": \(seen)")"
    case .noSuchTrack(let name, let near):
      let list = near.map { "\"\($0)\"" }.joined(separator: ", ")
      let advice = near.isEmpty ? "the session has no tracks" : "there is \(list)"
      return "No track is named \"\(name)\"; \(advice)"
    case .noMIDITrack(let name, let kind):
      return "\"\(name)\" is \(kind == .audioTrack || kind == .audioBus ? "an" : "a") "
        + "\(kind.label) and records no MIDI; choose a MIDI track"
    case .unreachableFrame(let frame):
      return "Ardour's OSC cannot go to frame \(frame), only to 0 to 2147483647"
    case .osc(let error):
      return error.description
    case .cancelled(let step):
      return "Cancelled before Ardour could \(step)"
    case .sessionNotFound(let name, let looked):
      return "The file of the session \"\(name)\" was not found; sought "
        + "\(looked.joined(separator: ", ")); name its folder with --session"
    case .unreadable(let path, let reason):
      return "Cannot read \(path): \(reason)"
    case .unwritable(let path, let reason):
      return "Cannot write \(path): \(reason)"
    case .stillRunning(let processes):
      let list = processes.map(String.init).joined(separator: ", ")
      return "Ardour is running (process \(list)) and would overwrite its settings when it ends: "
        + "save, quit it, and ask again"
    case .takeRefused(let reason):
      return "Nothing was recorded: \(reason)"
    case .performer(let reason):
      return "The pattern could not be played into the track: \(reason)"
    case .takeDamaged(let reason):
      return reason.prefix(1).uppercased() + reason.dropFirst()
    case .takeFailed(let failure):
      let left = failure.leftChanged.joined(separator: "; ")
      return "The take failed, could not \(failure.step.rawValue): \(failure.reason). "
        + (left.isEmpty ? "The session is as it was" : "Not put back: \(left)")
    case .editor(let failure):
      return failure.description
    }
  }
}
