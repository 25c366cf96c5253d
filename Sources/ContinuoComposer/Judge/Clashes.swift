// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// How much of a part rubs against what sounds with it.
enum Clashes {
  /// Notes that sound together for less than this, in quarters, only brush each other.
  static let shortest = 1.0 / 8

  /// Share of the part's sounding time, 0...1, in which it lies a half step, or that and octaves, from
  /// a note of another track; nil when no pitched notes sound with it.
  ///
  /// A major seventh that both tracks' chord asks for is no clash: `tones` at each place are the chord's.
  static func share(
    _ notes: [Note], against others: [Note], tones: (Beats) -> [Int]
  ) -> Double? {
    guard !others.isEmpty, !notes.isEmpty else { return nil }
    var clashing = 0.0
    var sounding = 0.0
    var first = 0
    let longest = others.map(\.duration.quarters).max() ?? 0
    for note in notes {
      sounding += note.duration.quarters
      while first < others.count, others[first].start.quarters < note.start.quarters - longest {
        first += 1
      }
      var worst = 0.0
      for other in others[first...] {
        if other.start >= note.end { break }
        let apart = (Int(note.pitch) - Int(other.pitch) + 1_200) % 12
        guard apart == 1 || apart == 11 else { continue }
        let chord = tones(max(note.start, other.start))
        if chord.contains(Int(note.pitch) % 12), chord.contains(Int(other.pitch) % 12) { continue }
        let shared =
          min(note.end.quarters, other.end.quarters)
          - max(note.start.quarters, other.start.quarters)
        if shared >= shortest { worst = max(worst, shared) }
      }
      clashing += worst
    }
    return sounding > 0 ? min(clashing / sounding, 1) : nil
  }
}
