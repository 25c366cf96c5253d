// SPDX-License-Identifier: MIT

/// The song and what sounds in it at one moment, as short as a status line.
public struct Pulse: Codable, Hashable, Sendable {
  /// The bar, from 1; nil while the place is unknown.
  public var bar: Int?
  /// The beat in it, from 1; nil while the place is unknown.
  public var beat: Int?
  /// Quarter notes a minute; nil when not known.
  public var tempo: Double?
  /// Whether the song rolls.
  public var isRolling = false
  /// The chord that sounds or sounded last; nil where none is told.
  public var chord: String?
  /// The candidate that is auditioned; nil for the original.
  public var candidate: Int?
  /// Whether it has begun to sound.
  public var isSounding = false
  /// Whether a take is being recorded.
  public var isRecording = false

  /// Nothing is known.
  public init() {}

  /// In a musician's words, at most some 40 columns: "17|2  120 BPM  Am7  candidate 2".
  public var words: String {
    var parts: [String] = []
    if let bar, let beat { parts.append("\(isRolling ? "" : "stopped ")\(bar)|\(beat)") }
    if isRolling, let tempo { parts.append("\(decimal(tempo)) BPM") }
    if let chord { parts.append(TerminalText.shortened(chord, to: 12)) }
    if isRecording {
      parts.append("recording")
    } else if let candidate {
      parts.append("candidate \(candidate)\(isSounding ? "" : " next")")
    }
    return parts.joined(separator: "  ")
  }
}
