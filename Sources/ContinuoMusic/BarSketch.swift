// SPDX-License-Identifier: MIT

/// One bar in one row of text: how a line moves, at a glance.
public enum BarSketch {
  private static let heights: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
  private static let mostCells = 64

  /// Bar `bar` of `pattern`, from 1, a sixteenth a column: `▁` … `█` a note struck, low to high within
  /// the pattern, `─` one that sounds on, `·` silence.
  ///
  /// Of several notes the highest counts. Empty for a bar outside the pattern.
  public static func line(_ pattern: Pattern, bar: Int) -> String {
    guard bar >= 1, bar <= pattern.bars else { return "" }
    let length = pattern.meter.barLength.quarters
    let start = Double(bar - 1) * length
    let count = min(max(1, Int((length * 4).rounded())), mostCells)
    let step = length / Double(count)
    let pitches = pattern.notes.map(\.pitch)
    guard let low = pitches.min(), let high = pitches.max() else {
      return String(repeating: "·", count: count)
    }
    var cells = [Character](repeating: "·", count: count)
    var struck = [Int](repeating: -1, count: count)
    for note in pattern.notes {
      let first = cell(note.start.quarters - start, step)
      let last = max(first, Int(((note.end.quarters - start) / step - 0.5).rounded(.up)) - 1)
      guard first < count, last >= 0 else { continue }
      for index in max(first, 0)...max(min(last, count - 1), max(first, 0)) {
        if index == first, Int(note.pitch) > struck[index] {
          struck[index] = Int(note.pitch)
          let range = max(1, Int(high) - Int(low))
          cells[index] = heights[(Int(note.pitch) - Int(low)) * 7 / range]
        } else if struck[index] < 0 {
          cells[index] = "─"
        }
      }
    }
    return String(cells)
  }

  /// The nearest cell, so that a note a hair before its place counts there.
  private static func cell(_ offset: Double, _ step: Double) -> Int {
    let cell = (offset / step).rounded()
    return abs(cell) < 1e6 ? Int(cell) : -1
  }
}
