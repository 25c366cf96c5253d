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
    let sound = HarmonySound(notes: notes, melody: melody, meter: meter)
    var line = ChordLine()
    for window in sound.windows(0..<sound.windowCount(within: length)) { line.hear(window) }
    return line.spans(length: length)
  }
}
