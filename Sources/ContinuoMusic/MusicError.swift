// SPDX-License-Identifier: MIT

/// Why music could not be read, written or converted.
public enum MusicError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Bytes that are no single MIDI message; `at` counts from its first byte, `found` is nil at the
  /// end.
  case message(at: Int, expected: String, found: UInt8?)
  /// Text that names no pitch between C-1 and G9.
  case pitchName(String)
  /// A Standard MIDI File that breaks off or breaks the rules at byte `at`.
  case midiFile(at: Int, expected: String, found: String)
  /// An event that a Standard MIDI File cannot hold; track and event count from 1.
  case unwritableEvent(track: Int, event: Int, reason: String)
  /// A file whose header cannot be written.
  case unwritableFile(reason: String)
  /// A choice of track or channel that the file does not offer.
  case selection(reason: String)
  /// A pattern that cannot go into a file.
  case pattern(reason: String)
  /// A take that cannot go into a file.
  case take(reason: String)
  /// A line of a percussion map that cannot be read; lines count from 1.
  case drumMap(file: String, line: Int, reason: String)
  /// The system refused a file operation; `saved` names what is safe on disk, if anything.
  case disk(operation: String, path: String, code: Int32, saved: String?)

  /// One sentence: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .message(let at, let expected, let found):
      let what = found.map { "0x" + hex($0) } ?? "the end"
      return "Not one MIDI message: byte \(at + 1) should be \(expected) but is \(what)"
    case .pitchName(let text):
      return "\"\(printable(text, limit: 20))\" is no note between C-1 and G9; write C4, F#2 or Bb1"
    case .midiFile(let at, let expected, let found):
      return "Damaged MIDI file at byte \(at): expected \(expected), found \(found); "
        + "export it again from the program that wrote it"
    case .unwritableEvent(let track, let event, let reason):
      return "Event \(event) of track \(track) does not fit a MIDI file: \(reason)"
    case .unwritableFile(let reason):
      return "Cannot make a MIDI file of this: \(reason)"
    case .selection(let reason):
      return "Nothing to take from the MIDI file: \(reason)"
    case .pattern(let reason):
      return "The pattern cannot be written: \(reason)"
    case .take(let reason):
      return "The take cannot be written: \(reason)"
    case .drumMap(let file, let line, let reason):
      return "\(printable(file, limit: 200)), line \(line): \(reason)"
    case .disk(let operation, let path, let code, let saved):
      let safe = saved.map { "; what was written until then is in \($0)" } ?? ""
      return "Cannot \(operation) \(path): \(systemMessage(code))\(safe)"
    }
  }
}
