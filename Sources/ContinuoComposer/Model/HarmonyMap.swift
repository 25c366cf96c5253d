// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// The chord and the scale at each place of a request's bars, for cells that name tones by function.
struct HarmonyMap {
  private let spans: [ChordSpan]
  private let length: Double
  private let fallback: Chord
  /// The key's, or the fallback chord's, seven tones from the tonic upwards.
  let scale: [Int]

  init(_ context: MusicContext) {
    spans = context.chords
    length = max(context.chords.last?.end.quarters ?? 0, context.countedMeter.barLength.quarters)
    let key = context.key.key
    fallback =
      key.map { Chord(root: $0.tonic, quality: $0.mode == .major ? .major : .minor) }
      ?? context.chords.lazy.compactMap(\.chord).first ?? Chord(root: 0, quality: .major)
    let minor = fallback.quality.intervals.contains(3)
    scale = key?.scale ?? Key(tonic: fallback.root, mode: minor ? .minor : .major).scale
  }

  /// The chord in force at `place`; what was heard comes round again.
  func chord(at place: Double) -> Chord {
    let wrapped = place - (place / length).rounded(.down) * length + 1e-6
    var found = fallback
    for span in spans where span.start.quarters <= wrapped {
      if let chord = span.chord { found = chord }
    }
    return found
  }

  /// The pitch of class `pitchClass` nearest to `near` inside `range`; nil when it holds none.
  static func place(_ pitchClass: Int, near: Int, in range: ClosedRange<Int>) -> Int? {
    let wanted = ((pitchClass % 12) + 12) % 12
    return range.filter { $0 % 12 == wanted }.min { abs($0 - near) < abs($1 - near) }
  }
}
