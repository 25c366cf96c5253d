// SPDX-License-Identifier: MIT
public import ContinuoMusic
import Foundation

/// Which chord sounds in each stretch of some notes.
///
/// Every window's notes, weighted by how long they sound in it, are held against 13 chord types on
/// 12 roots; a Viterbi search over all windows then prefers chords that last, that change where the
/// metre is strong, and that belong to the key. As durations weigh rather than onsets, strummed and
/// humanised chords are read as well as written ones.
public enum ChordEstimate {
  /// How often the chord may change.
  public enum Resolution: String, Hashable, Sendable, Codable {
    /// One chord a bar.
    case bar
    /// One for each group of the bar: half bars in 4/4, 2+2+3 eighths in 7/8, whole bars in 3/4.
    case halfBar
    /// One for each pulse of the metre.
    case pulse
    /// Every half quarter where it changes, told by `Harmony` with a quarter's delay.
    case halfBeat
  }

  /// More windows than this are not looked at; what lies beyond has no chord.
  public static let mostWindows = 4_096
  /// A note held longer than this, in quarters, is a stuck one: the rest of it is not counted.
  public static let longestHold = 64.0

  /// The chords of `notes` (of one or several tracks together) from the origin to `length`.
  ///
  /// Spans are in order, without gaps, one per window or longer where the chord stays (at `.bar`,
  /// one for every bar). Channel 10 is left out. `length` that is not above zero gives no spans.
  ///
  /// - Complexity: O(notes × windows they sound in + windows × 157).
  public static func spans(
    of notes: [Note], length: Beats, meter: Meter, resolution: Resolution = .bar,
    key: KeyEstimate = .unknown
  ) -> [ChordSpan] {
    guard length.quarters.isFinite, length > .zero else { return [] }
    if resolution == .halfBeat { return Harmony.spans(of: notes, length: length, meter: meter) }
    let edges = windowEdges(length: length.quarters, meter: meter, resolution: resolution)
    var windows = edges.map { ChordWindow(start: $0.start, end: $0.end, weight: $0.weight) }
    fill(&windows, with: UsableNotes.of(notes, pitched: true))
    let path = ChordDecoder(key: key.key, keyConfidence: key.confidence).decode(windows)
    var spans: [ChordSpan] = []
    for (window, found) in zip(windows, path) {
      let chord = found.chord.map {
        Chord(root: $0.root, quality: $0.quality, bass: window.bassClass ?? $0.root)
      }
      let span = ChordSpan(
        start: Beats(window.start), end: Beats(window.end), chord: chord,
        confidence: found.confidence)
      if resolution != .bar, let last = spans.last, continues(last.chord, chord) {
        spans[spans.count - 1] = joined(last, span)
      } else {
        spans.append(span)
      }
    }
    return spans
  }

  /// The fifth under a chord that has sounded already is a bass line alternating, no inversion.
  static func continues(_ first: Chord?, _ second: Chord?) -> Bool {
    guard let first, let second else { return first == nil && second == nil }
    guard first.root == second.root, first.quality == second.quality else { return false }
    let tones = second.pitchClasses
    return first.bass == second.bass || !tones.contains(second.bass) || second.bass == tones[2]
  }

  static func joined(_ first: ChordSpan, _ second: ChordSpan) -> ChordSpan {
    let length = (first.end - first.start).quarters
    let added = (second.end - second.start).quarters
    return ChordSpan(
      start: first.start, end: second.end, chord: first.chord,
      confidence: (first.confidence * length + second.confidence * added) / (length + added))
  }

  private static func windowEdges(
    length: Double, meter: Meter, resolution: Resolution
  ) -> [(start: Double, end: Double, weight: Int)] {
    let grid = MetricGrid(meter)
    let steps =
      switch resolution {
      case .bar: [0]
      case .halfBar: grid.strongSteps
      case .pulse, .halfBeat: grid.pulses.map(\.lowerBound)
      }
    let bar = meter.barLength.quarters
    var edges: [(start: Double, end: Double, weight: Int)] = []
    var index = 0
    while edges.count < mostWindows {
      let start = Double(index) * bar
      guard start < length - 1e-9 else { break }
      for (place, step) in steps.enumerated() where edges.count < mostWindows {
        let from = start + Double(step) * grid.step.quarters
        let next = place + 1 < steps.count ? steps[place + 1] : grid.stepsPerBar
        let to = min(start + Double(next) * grid.step.quarters, length)
        if to > from + 1e-9 { edges.append((from, to, grid.weights[step])) }
      }
      index += 1
    }
    return edges
  }

  private static func fill(_ windows: inout [ChordWindow], with notes: [Note]) {
    for note in notes {
      let start = note.start.quarters
      let end = start + min(note.duration.quarters, longestHold)
      var index = firstWindow(endingAfter: start, in: windows)
      while index < windows.count, windows[index].start < end {
        windows[index].add(pitch: Int(note.pitch), from: start, to: end)
        index += 1
      }
    }
  }

  private static func firstWindow(endingAfter place: Double, in windows: [ChordWindow]) -> Int {
    var low = 0
    var high = windows.count
    while low < high {
      let middle = (low + high) / 2
      if windows[middle].end <= place { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
