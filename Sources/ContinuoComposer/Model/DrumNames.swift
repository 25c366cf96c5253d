// SPDX-License-Identifier: MIT

/// What models call a kit's drums, in General MIDI's keys.
enum DrumNames {
  private static let names: [(key: Int, words: [String])] = [
    (46, ["open hat", "open hi-hat", "open hihat", "ohh", "hihat open"]),
    (44, ["pedal"]),
    (42, ["hat", "hh", "hi-hat", "hihat"]),
    (37, ["rim", "side stick", "sidestick"]),
    (39, ["clap"]),
    (38, ["snare", "sd"]),
    (36, ["kick", "bass drum", "bd"]),
    (51, ["ride"]),
    (49, ["crash", "cymbal"]),
    (50, ["high tom", "hi tom"]),
    (41, ["floor tom", "low tom"]),
    (45, ["tom"]),
    (56, ["cowbell"]),
    (54, ["tambourine"]),
    (70, ["shaker", "maracas"]),
  ]

  /// The key of the drum that `name` names; nil for what is none.
  static func key(_ name: String) -> Int? {
    let lower = name.prefix(32).lowercased().replacing("_", with: " ")
    return names.first { $0.words.contains { lower.contains($0) } }?.key
  }
}
