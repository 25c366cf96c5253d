// SPDX-License-Identifier: MIT

/// Note names for MIDI keys: 60 is C4, the lowest is C-1 (0), the highest G9 (127).
public enum PitchName {
  private static let sharps = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
  private static let flats = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]

  /// The name of `key`: "F#2", or "Gb2" where `flats` is asked for.
  public static func name(of key: UInt8, flats: Bool = false) -> String {
    let name = (flats ? Self.flats : sharps)[Int(key) % 12]
    return name + String(Int(key) / 12 - 1)
  }

  /// The name of a pitch class, 0 = C, in any octave; other numbers wrap round.
  public static func name(ofClass pitchClass: Int, flats: Bool = false) -> String {
    (flats ? Self.flats : sharps)[((pitchClass % 12) + 12) % 12]
  }

  /// The key that `text` names: a letter, up to two of # ♯ b ♭ x, and an octave from -1 to 9.
  ///
  /// Throws `MusicError.pitchName` for anything else, or a pitch outside C-1...G9.
  public static func key(_ text: String) throws(MusicError) -> UInt8 {
    let fault = MusicError.pitchName(text)
    guard text.utf8.count <= 16 else { throw fault }
    var rest = text[...]
    guard let letter = rest.popFirst(), let offset = semitone(of: letter) else { throw fault }
    var pitch = offset
    var accidentals = 0
    while let mark = rest.first, let shift = shift(of: mark) {
      pitch += shift
      accidentals += 1
      rest.removeFirst()
      guard accidentals <= 2 else { throw fault }
    }
    // `Int(_:)` would take "+4" and "04" too: a name is one spelling.
    guard let octave = Int(rest), (-1...9).contains(octave), String(octave) == rest else {
      throw fault
    }
    guard let key = UInt8(exactly: pitch + (octave + 1) * 12), key < 128 else { throw fault }
    return key
  }

  private static func semitone(of letter: Character) -> Int? {
    switch letter {
    case "C", "c": 0
    case "D", "d": 2
    case "E", "e": 4
    case "F", "f": 5
    case "G", "g": 7
    case "A", "a": 9
    case "B", "b": 11
    default: nil
    }
  }

  private static func shift(of mark: Character) -> Int? {
    switch mark {
    case "#", "♯": 1
    case "b", "♭": -1
    case "x": 2
    default: nil
    }
  }
}
