// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// A stretch of music in one key.
public struct KeySpan: Hashable, Sendable, Codable {
  /// Where it starts, in quarters.
  public let start: Double
  /// Where it ends, in quarters.
  public let end: Double
  /// Pitch class of the tonic, 0...11.
  public let tonic: Int
  /// Major or minor.
  public let mode: Mode
  /// How often such an answer is right, 0...1: from the key's share among the 24, the mean over
  /// the stretch.
  public let confidence: Double
}

/// The keys that music passes through, told with four quarters' delay.
///
/// A hidden Markov model over the 24 keys (as Temperley's, 2007): each half quarter's sound is
/// scored with Albrecht and Shanahan's profiles, and a change of key costs more the further round
/// the circle of fifths it goes, which is the hysteresis. Each answer rests on what sounded up to four
/// quarters later, nothing after that.
public enum LocalKey {
  /// Windows of half a quarter that are heard before an answer.
  static let delay = 8
  static let sharpness = 0.7
  static let changeCost = 4.5
  static let fifthCost = 0.6

  /// The keys of `notes` from the origin to `length`, in order; silence before the first note
  /// belongs to none, silence after the last to the last key.
  ///
  /// - Complexity: O(notes × windows they sound in + windows × 576 × 9).
  public static func spans(of notes: [Note], length: Beats, meter: Meter) -> [KeySpan] {
    guard length.quarters.isFinite, length > .zero else { return [] }
    let sound = HarmonySound(notes: notes, melody: [], meter: meter)
    var line = KeyLine()
    for window in sound.windows(0..<sound.windowCount(within: length)) { line.hear(window) }
    return line.spans(length: length)
  }
}
