// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// The chords of some music, told half quarter by half quarter with a quarter's delay.
public enum Harmony {
  /// More windows than this (4,096 bars of 4/4) are not looked at; what lies beyond has no chord.
  public static let mostWindows = 32_768

  /// The chords of `notes` from the origin to `length`; `melody` is a tune that others accompany.
  ///
  /// A tune's passing notes weigh less than what accompanies it; without accompaniment pass every
  /// note as `notes`. Spans are in order, without gaps; equal neighbours are one span. Channel 10 is
  /// left out. Each chord rests on what sounded up to one quarter after it, nothing later.
  ///
  /// - Complexity: O(notes × windows they sound in + windows × 157).
  public static func spans(
    of notes: [Note], melody: [Note] = [], length: Beats, meter: Meter
  ) -> [ChordSpan] {
    guard length.quarters.isFinite, length > .zero else { return [] }
    let windows = windows(of: notes, melody: melody, length: length, meter: meter)
    var filter = ChordFilter()
    var findings = windows.compactMap { filter.hear($0) }
    findings += filter.finish()
    // What follows the last note is one long silence, not worth a window each.
    let limit = min(length.quarters, Double(mostWindows) * ChordModel.step)
    var spans: [ChordSpan] = []
    for (index, finding) in findings.enumerated() {
      let start = Double(index) * ChordModel.step
      let chord = finding.chord.map {
        Chord(root: $0.root, quality: $0.quality, bass: windows[index].bass ?? $0.root)
      }
      let span = ChordSpan(
        start: Beats(start), end: Beats(min(start + ChordModel.step, length.quarters)),
        chord: chord, confidence: finding.confidence)
      if let last = spans.last, ChordEstimate.continues(last.chord, chord) {
        spans[spans.count - 1] = ChordEstimate.joined(last, span)
      } else {
        spans.append(span)
      }
    }
    if let last = spans.last, last.end.quarters < limit {
      let silence = ChordSpan(start: last.end, end: Beats(limit), chord: nil, confidence: 1)
      if last.chord == nil {
        spans[spans.count - 1] = ChordEstimate.joined(last, silence)
      } else {
        spans.append(silence)
      }
    }
    return spans
  }

  /// What sounds in each half quarter up to the last note's end, or to `length` if that is sooner.
  static func windows(
    of notes: [Note], melody: [Note], length: Beats, meter: Meter
  ) -> [HarmonyWindow] {
    let notes = UsableNotes.of(notes, pitched: true)
    let melody = UsableNotes.of(melody, pitched: true)
    let ends = (notes + melody).map {
      $0.start.quarters + min($0.duration.quarters, ChordEstimate.longestHold)
    }
    let heard = min(length.quarters, max(0, ends.max() ?? 0))
    let wanted = (heard / ChordModel.step - 1e-9).rounded(.up)
    let count = max(1, Int(min(wanted, Double(mostWindows))))
    var windows = (0..<count).map { index in
      var window = HarmonyWindow()
      window.place = place(Double(index) * ChordModel.step, meter)
      return window
    }
    var lowest = [(pitch: Int, from: Double)?](repeating: nil, count: count)
    for note in notes {
      each(note, count) { index, from, sound in
        windows[index].classes[Int(note.pitch) % 12] += sound
        let pitch = Int(note.pitch)
        guard let held = lowest[index] else {
          lowest[index] = (pitch, from)
          return
        }
        let early = from <= (Double(index) + 0.5) * ChordModel.step
        if pitch < held.pitch, early || held.from >= from - 0.1 { lowest[index] = (pitch, from) }
      }
    }
    for note in melody {
      each(note, count) { index, _, sound in
        windows[index].melody[Int(note.pitch) % 12] += sound
      }
    }
    for index in windows.indices { windows[index].bass = lowest[index].map { $0.pitch % 12 } }
    return windows
  }

  private static func each(
    _ note: Note, _ count: Int, _ body: (_ window: Int, _ from: Double, _ sound: Double) -> Void
  ) {
    let start = note.start.quarters
    let end = start + min(note.duration.quarters, ChordEstimate.longestHold)
    var index = Int(max(0, start / ChordModel.step))
    while index < count, Double(index) * ChordModel.step < end {
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
