// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// Writes a pattern down in few tokens: a line for each bar, a word for each note.
///
/// `1 C2:2 3 G2:1` reads: on step 1 a C2 for two steps, on step 3 a G2 for one. Notes struck together
/// share their step: `1 C4+E4+G4:8`. A `!` is loud, a `?` soft.
enum NoteNotation {
  /// Words in a bar, at most; the rest is told as "+N".
  static let mostWords = 32

  static func lines(
    _ pattern: Pattern, bars: Range<Int>, meter: Meter, swing: Swing, flats: Bool, drums: Bool
  ) -> [String] {
    let grid = MetricGrid(meter)
    let notes = UsableNotes.of(pattern.notes)
    let mean = notes.isEmpty ? 0 : notes.reduce(0) { $0 + Int($1.velocity) } / notes.count
    var perBar: [Int: [(step: Int, notes: [Note])]] = [:]
    for note in notes {
      let step = grid.nearestStep(to: swing.straightened(note.start, meter: meter))
      guard step >= 0 else { continue }
      let bar = step / grid.stepsPerBar
      guard bars.contains(bar) else { continue }
      let rest = step % grid.stepsPerBar
      var onsets = perBar[bar] ?? []
      if let last = onsets.last, last.step == rest {
        onsets[onsets.count - 1].notes.append(note)
      } else {
        onsets.append((rest, [note]))
      }
      perBar[bar] = onsets
    }
    return bars.map { bar in
      let onsets = perBar[bar] ?? []
      let words = onsets.prefix(mostWords).map { onset in
        let names = onset.notes.prefix(6).map { note in
          drums ? String(note.pitch) : PitchName.name(of: note.pitch, flats: flats)
        }
        let first = onset.notes[0]
        let length = max(1, Int((first.duration.quarters / grid.step.quarters).rounded()))
        let mark =
          Int(first.velocity) > mean + 15 ? "!" : Int(first.velocity) < mean - 15 ? "?" : ""
        return "\(onset.step + 1) \(names.joined(separator: "+"))"
          + (drums ? "" : ":\(min(length, 999))") + mark
      }
      let more = onsets.count > mostWords ? " +\(onsets.count - mostWords)" : ""
      return "bar \(bar + 1): " + (words.isEmpty ? "silent" : words.joined(separator: " ")) + more
    }
  }
}
