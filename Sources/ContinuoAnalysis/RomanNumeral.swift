// SPDX-License-Identifier: MIT

extension Chord {
  private static let degrees = [
    "I", "bII", "II", "bIII", "III", "IV", "#IV", "V", "bVI", "VI", "bVII", "VII",
  ]
  private static let minorDegrees = [
    "I", "bII", "II", "III", "#III", "IV", "#IV", "V", "VI", "#VI", "VII", "#VII",
  ]

  /// The chord as a degree of `key`: "V7", "ii", "viio", "iiø7"; small letters have a minor third.
  ///
  /// In minor, degrees of the natural scale bear no sign: VI and VII are the flat ones.
  public func romanNumeral(in key: Key) -> String {
    let step = wrappedPitchClass(root - key.tonic)
    let degree = key.mode == .major ? Self.degrees[step] : Self.minorDegrees[step]
    let small = degree.lowercased()
    return switch quality {
    case .major: degree
    case .minor: small
    case .diminished: small + "o"
    case .augmented: degree + "+"
    case .suspendedSecond: degree + "sus2"
    case .suspendedFourth: degree + "sus4"
    case .sixth: degree + "add6"
    case .minorSixth: small + "add6"
    case .dominantSeventh: degree + "7"
    case .majorSeventh: degree + "maj7"
    case .minorSeventh: small + "7"
    case .halfDiminished: small + "ø7"
    case .diminishedSeventh: small + "o7"
    }
  }
}
