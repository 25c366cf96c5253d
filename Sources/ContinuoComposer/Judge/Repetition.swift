// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// How much a part comes back to what it said.
///
/// Each bar after the first is held against those before it: the best Jaccard likeness of their
/// rhythms. Their mean is about 0.2 for random rhythms, above 0.5 for music with a motif, and 1 for a
/// loop. Repetition is what marks a phrase as meant (Margulis, "On Repeat", 2014).
enum Repetition {
  /// The mean likeness, 0...1; nil for fewer than two bars that sound.
  static func likeness(
    _ notes: [Note], grid: MetricGrid, bars: Int, swing: Swing
  ) -> (rhythm: Double, exact: Double)? {
    var rows = [Set<Int>](repeating: [], count: bars)
    var full = [Set<Int>](repeating: [], count: bars)
    for note in notes {
      let step = grid.nearestStep(to: swing.straightened(note.start, meter: grid.meter))
      let bar = step / grid.stepsPerBar
      guard step >= 0, bar < bars else { continue }
      let place = step - bar * grid.stepsPerBar
      rows[bar].insert(place)
      full[bar].insert(place * 128 + Int(note.pitch))
    }
    let sounding = rows.indices.filter { !rows[$0].isEmpty }
    guard sounding.count > 1 else { return nil }
    var rhythm = 0.0
    var exact = 0.0
    for (index, bar) in sounding.enumerated().dropFirst() {
      let before = sounding[..<index]
      rhythm += before.map { likeness(rows[bar], rows[$0]) }.max() ?? 0
      exact += before.map { likeness(full[bar], full[$0]) }.max() ?? 0
    }
    let count = Double(sounding.count - 1)
    return (rhythm / count, exact / count)
  }

  private static func likeness(_ first: Set<Int>, _ second: Set<Int>) -> Double {
    let shared = first.intersection(second).count
    let union = first.count + second.count - shared
    return union == 0 ? 0 : Double(shared) / Double(union)
  }
}
