// SPDX-License-Identifier: MIT

/// How pitches are written in a given key.
public enum Spelling {
  private static let sharps = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
  private static let flats = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]

  /// The name of a pitch class, 0 = C; other numbers wrap round.
  public static func name(ofClass pitchClass: Int, flats: Bool) -> String {
    (flats ? Self.flats : sharps)[wrappedPitchClass(pitchClass)]
  }

  /// The name of a MIDI key with its octave, 60 being C4: "Bb2".
  public static func name(ofPitch pitch: Int, flats: Bool) -> String {
    let bounded = min(max(pitch, 0), 127)
    return name(ofClass: bounded, flats: flats) + String(bounded / 12 - 1)
  }
}
