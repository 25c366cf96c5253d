// SPDX-License-Identifier: MIT
import ContinuoMusic

/// The chords and keys of a live take so far: each half quarter is heard once.
///
/// Windows are numbered from the take's origin. What is heard stays heard until the tracks change
/// what they have to say (`kinds`), which makes a new value necessary.
struct LiveHarmony {
  /// How each track was heard.
  let kinds: [MusicParts.Kind]
  private let meter: Meter
  private var chords = ChordLine()
  private var keys = KeyLine()

  init(kinds: [MusicParts.Kind], meter: Meter) {
    self.kinds = kinds
    self.meter = meter
  }

  /// Windows heard.
  var count: Int { chords.count }

  /// The chord and key right after the last window.
  var provisional: (chord: ChordFilter.Finding?, key: (key: Key, share: Double)?) {
    (chords.provisional, keys.provisional)
  }

  /// Hears on up to the window numbered `end`, or to the end of `notes` if that is sooner.
  ///
  /// `notes`, track by track, are all that sound from window `count` on.
  mutating func hear(_ notes: [[Note]], to end: Int, length: Beats) {
    func heard(_ wanted: (MusicParts.Kind) -> Bool) -> [Note] {
      zip(notes, kinds).filter { wanted($1) }.flatMap(\.0)
    }
    let sound = HarmonySound(
      notes: heard { $0 == .harmony }, melody: heard { $0 == .tune }, meter: meter)
    let all = HarmonySound(notes: heard { $0 != .drums }, melody: [], meter: meter)
    let range = count..<max(count, min(end, sound.windowCount(within: length)))
    for window in sound.windows(range) { chords.hear(window) }
    for window in all.windows(range) { keys.hear(window) }
  }

  /// Everything up to `length`, as if nothing followed.
  func finished(_ length: Beats) -> MusicParts.Harmony {
    MusicParts.Harmony(chords: chords.spans(length: length), keys: keys.spans(length: length))
  }
}
