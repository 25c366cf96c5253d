// SPDX-License-Identifier: MIT
import ContinuoAnalysis
public import ContinuoMusic

/// What may be wrong with a candidate's notes, whoever wrote them.
public enum PatternFault: Hashable, Sendable, CustomStringConvertible {
  /// There are no notes.
  case empty
  /// A note starts before the pattern or sounds past its end.
  case outside(bar: Int)
  /// A note is beyond the range.
  case range(pitch: Int)
  /// A value that MIDI does not have: velocity 0, a pitch past 127, a length that is not above zero.
  case value(bar: Int)
  /// A note starts while the same pitch sounds.
  case overlap(pitch: Int, bar: Int)
  /// Two notes sound at once in a line that has one voice.
  case polyphony(bar: Int)

  /// One clause in a musician's words.
  public var description: String {
    switch self {
    case .empty: "it has no notes"
    case .outside(let bar): "a note in bar \(bar) leaves the pattern"
    case .range(let pitch):
      "\(PitchName.name(of: UInt8(clamping: pitch))) is outside the range"
    case .value(let bar): "a note in bar \(bar) has an impossible value"
    case .overlap(let pitch, let bar):
      "\(PitchName.name(of: UInt8(clamping: pitch))) is struck in bar \(bar) while it sounds"
    case .polyphony(let bar): "two notes sound at once in bar \(bar) of a one-voice line"
    }
  }
}

/// The rules every candidate keeps before anyone hears it.
public enum PatternCheck {
  /// The faults of `pattern`, at most one of each sort; empty when it may be played.
  public static func faults(
    of pattern: Pattern, length: Beats, meter: Meter, range: ClosedRange<Int>, oneVoice: Bool
  ) -> [PatternFault] {
    guard !pattern.notes.isEmpty else { return [.empty] }
    var outside: PatternFault?
    var beyond: PatternFault?
    var value: PatternFault?
    var overlap: PatternFault?
    var voices: PatternFault?
    var ends: [UInt16: Beats] = [:]
    var lastEnd = Beats(-.infinity)
    for note in pattern.notes {
      let bar = barNumber(note.start, meter)
      guard note.start.quarters.isFinite, note.duration.quarters.isFinite, note.duration > .zero,
        note.pitch < 128, (1...127).contains(note.velocity), note.channel < 16
      else {
        value = .value(bar: bar)
        continue
      }
      if note.start < .zero || note.end.quarters > length.quarters + 1e-9 {
        outside = .outside(bar: bar)
      }
      if !range.contains(Int(note.pitch)) { beyond = .range(pitch: Int(note.pitch)) }
      let voice = UInt16(note.channel) << 8 | UInt16(note.pitch)
      if let end = ends[voice], note.start.quarters < end.quarters - 1e-9 {
        overlap = .overlap(pitch: Int(note.pitch), bar: bar)
      }
      if note.start.quarters < lastEnd.quarters - 1e-9 { voices = .polyphony(bar: bar) }
      ends[voice] = max(ends[voice] ?? note.end, note.end)
      lastEnd = max(lastEnd, note.end)
    }
    return [outside, beyond, value, overlap, oneVoice ? voices : nil].compactMap { $0 }
  }

  private static func barNumber(_ place: Beats, _ meter: Meter) -> Int {
    let bar = place.quarters / meter.barLength.quarters
    return bar.isFinite && abs(bar) < 1e6 ? Int((bar + 1e-6).rounded(.down)) + 1 : 0
  }
}
