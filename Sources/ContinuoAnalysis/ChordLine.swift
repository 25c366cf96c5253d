// SPDX-License-Identifier: MIT
import ContinuoMusic

/// The chords of music heard window by window; a file and a live take go the same way through it.
///
/// A copy may hear on without touching the original.
struct ChordLine {
  private var filter = ChordFilter()
  private var findings: [ChordFilter.Finding] = []
  private var basses: [Int?] = []

  /// Windows heard.
  var count: Int { basses.count }

  /// The likeliest chord right after the last window, before any delay; nil before the first.
  var provisional: ChordFilter.Finding? {
    guard let found = filter.provisional, let chord = found.chord else { return filter.provisional }
    let bass = basses.last.flatMap { $0 } ?? chord.root
    return ChordFilter.Finding(
      chord: Chord(root: chord.root, quality: chord.quality, bass: bass),
      confidence: found.confidence)
  }

  /// Takes the next window.
  mutating func hear(_ window: HarmonyWindow) {
    basses.append(window.bass)
    if let finding = filter.hear(window) { findings.append(finding) }
  }

  /// The chords from the origin to `length`, as if nothing followed the last window.
  func spans(length: Beats) -> [ChordSpan] {
    var filter = filter
    // What follows the last note is one long silence, not worth a window each.
    let limit = min(length.quarters, Double(Harmony.mostWindows) * ChordModel.step)
    var spans: [ChordSpan] = []
    for (index, finding) in (findings + filter.finish()).enumerated() {
      let start = Double(index) * ChordModel.step
      let chord = finding.chord.map {
        Chord(root: $0.root, quality: $0.quality, bass: basses[index] ?? $0.root)
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
}
