// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// How the take is played: where in the bar it is early or late, and where it is loud.
///
/// A groove template after Bilmes, "Timing is of the Essence" (MIT, 1993): the mean deviation of the
/// onsets on each step of the bar from the evenly written (or evenly swung) place, and the same of the
/// velocities. Each mean is drawn towards nothing by two imagined notes, so that one accident in a
/// short take is no habit.
struct Feel {
  /// Fewer notes than this teach nothing.
  static let fewestNotes = 8

  /// Quarters late (or early, below 0) at each step of the bar.
  private let offsets: [Double]
  /// Velocity over the take's mean at each step; nil where nothing was played.
  private let accents: [Double?]

  /// Learns from `source`, whose places were straightened from `swing`.
  init(of source: [(step: Int, note: Note)], grid: MetricGrid, swing: Swing) {
    let count = grid.stepsPerBar
    guard source.count >= Self.fewestNotes else {
      offsets = [Double](repeating: 0, count: count)
      accents = [Double?](repeating: nil, count: count)
      return
    }
    // A whole step's neighbourhood must stay the note's own, with what hands and words add to it.
    let bound = grid.step.quarters * 0.18
    var late = [Double](repeating: 0, count: count)
    var loud = [Double](repeating: 0, count: count)
    var notes = [Double](repeating: 0, count: count)
    let mean = source.reduce(0) { $0 + Double($1.note.velocity) } / Double(source.count)
    for (step, note) in source {
      let place = ((step % count) + count) % count
      let even = swing.swung(Beats(Double(step) * grid.step.quarters), meter: grid.meter)
      late[place] += min(max((note.start - even).quarters, -bound), bound)
      loud[place] += Double(note.velocity) / mean
      notes[place] += 1
    }
    let overall = late.reduce(0, +) / Double(source.count)
    offsets = zip(late, notes).map { sum, count in
      // Where nothing was played, the player's general lean is the best guess.
      (sum + 2 * overall) / (count + 2)
    }
    accents = zip(loud, notes).map { sum, count in count > 0 ? (sum + 2) / (count + 2) : nil }
  }

  /// Quarters that a note on `step` is played late.
  func offset(ofStep step: Int) -> Double { offsets[step % offsets.count] }

  /// What to multiply the velocity on `step` by; nil where the take says nothing.
  func accent(ofStep step: Int) -> Double? { accents[step % accents.count] }
}
