// SPDX-License-Identifier: MIT
import ContinuoMusic

/// What sounds in each half quarter of some music, counted from its origin.
struct HarmonySound {
  private let notes: [Note]
  private let melody: [Note]
  private let meter: Meter

  /// Hears `notes`, and `melody` apart from them; channel 10 is left out of both.
  init(notes: [Note], melody: [Note], meter: Meter) {
    self.notes = UsableNotes.of(notes, pitched: true)
    self.melody = UsableNotes.of(melody, pitched: true)
    self.meter = meter
  }

  /// How many windows there are up to the last note's end, or to `length` if that is sooner; one at
  /// least.
  func windowCount(within length: Beats) -> Int {
    var end = 0.0
    for note in notes { end = max(end, Self.end(note)) }
    for note in melody { end = max(end, Self.end(note)) }
    let wanted = (min(length.quarters, end) / ChordModel.step - 1e-9).rounded(.up)
    return max(1, Int(min(wanted, Double(Harmony.mostWindows))))
  }

  /// The windows numbered `range`, the first of the music being 0.
  ///
  /// They are the same whichever other windows are asked for, and whichever notes there are besides
  /// those that sound in them.
  ///
  /// - Complexity: O(notes + notes × windows they sound in).
  func windows(_ range: Range<Int>) -> [HarmonyWindow] {
    var windows = range.map { index in
      var window = HarmonyWindow()
      window.place = Self.place(Double(index) * ChordModel.step, meter)
      return window
    }
    var lowest = [(pitch: Int, from: Double)?](repeating: nil, count: range.count)
    for note in notes {
      Self.each(note, range) { index, from, sound in
        let slot = index - range.lowerBound
        windows[slot].classes[Int(note.pitch) % 12] += sound
        let pitch = Int(note.pitch)
        guard let held = lowest[slot] else {
          lowest[slot] = (pitch, from)
          return
        }
        let early = from <= (Double(index) + 0.5) * ChordModel.step
        if pitch < held.pitch, early || held.from >= from - 0.1 { lowest[slot] = (pitch, from) }
      }
    }
    for note in melody {
      Self.each(note, range) { index, _, sound in
        windows[index - range.lowerBound].melody[Int(note.pitch) % 12] += sound
      }
    }
    for slot in windows.indices { windows[slot].bass = lowest[slot].map { $0.pitch % 12 } }
    return windows
  }

  /// Where a note stops counting: a stuck one does so before its end.
  private static func end(_ note: Note) -> Double {
    note.start.quarters + min(note.duration.quarters, ChordEstimate.longestHold)
  }

  private static func each(
    _ note: Note, _ range: Range<Int>,
    _ body: (_ window: Int, _ from: Double, _ sound: Double) -> Void
  ) {
    let start = note.start.quarters
    let end = end(note)
    var index = max(range.lowerBound, Int(max(0, start / ChordModel.step)))
    while index < range.upperBound, Double(index) * ChordModel.step < end {
      let from = max(start, Double(index) * ChordModel.step)
      let sound = min(end, Double(index + 1) * ChordModel.step) - from
      // A neighbour's humanised edge is no note of this window.
      if sound > 0.06 { body(index, from, sound) }
      index += 1
    }
  }

  private static func place(_ at: Double, _ meter: Meter) -> Int {
    let bar = meter.barLength.quarters
    let inBar = at.truncatingRemainder(dividingBy: bar)
    if inBar < 1e-6 { return 0 }
    if meter.beatsPerBar % 2 == 0, abs(inBar - bar / 2) < 1e-6 { return 1 }
    return abs(inBar - inBar.rounded()) < 1e-6 ? 2 : 3
  }
}
