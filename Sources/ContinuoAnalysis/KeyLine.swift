// SPDX-License-Identifier: MIT
import ContinuoMusic

/// The keys of music heard window by window; a file and a live take go the same way through it.
struct KeyLine {
  private var filter = KeyFilter()
  /// The first window that something sounds in; what is silent before it belongs to no key.
  private var first: Int?
  private var answers: [(key: Int, share: Double)] = []
  /// Windows heard.
  private(set) var count = 0

  /// The likeliest key right after the last window, and its share; nil before the first sound.
  var provisional: (key: Key, share: Double)? {
    guard let best = Self.best(filter.provisional) else { return nil }
    return (Key(tonic: best.key % 12, mode: best.key < 12 ? .major : .minor), best.share)
  }

  /// Takes the next window.
  mutating func hear(_ window: HarmonyWindow) {
    if first == nil, window.bass != nil { first = count }
    count += 1
    guard first != nil, let row = filter.hear(window), let best = Self.best(row) else { return }
    answers.append(best)
  }

  /// The keys from the first sound to `length`, as if nothing followed the last window.
  func spans(length: Beats) -> [KeySpan] {
    guard let first else { return [] }
    var filter = filter
    var spans: [KeySpan] = []
    for (offset, answer) in (answers + filter.finish().compactMap(Self.best)).enumerated() {
      let start = Double(first + offset) * ChordModel.step
      let end = min(start + ChordModel.step, length.quarters)
      let confidence = Calibration.localKey.confidence(answer.share)
      let mode = answer.key < 12 ? Mode.major : Mode.minor
      if let last = spans.last, last.tonic == answer.key % 12, last.mode == mode {
        let share =
          (last.confidence * (last.end - last.start) + confidence * (end - start))
          / (end - last.start)
        spans[spans.count - 1] = KeySpan(
          start: last.start, end: end, tonic: last.tonic, mode: mode, confidence: share)
      } else {
        spans.append(
          KeySpan(
            start: start, end: end, tonic: answer.key % 12, mode: mode, confidence: confidence))
      }
    }
    let limit = min(length.quarters, Double(Harmony.mostWindows) * ChordModel.step)
    if let last = spans.popLast() {
      spans.append(
        KeySpan(
          start: last.start, end: max(last.end, limit), tonic: last.tonic, mode: last.mode,
          confidence: last.confidence))
    }
    return spans
  }

  private static func best(_ row: [Double]) -> (key: Int, share: Double)? {
    row.indices.max { row[$0] < row[$1] }.map { ($0, row[$0]) }
  }
}
