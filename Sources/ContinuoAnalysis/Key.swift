// SPDX-License-Identifier: MIT
import ContinuoMusic

/// Major or minor; the church modes are heard as the nearer of the two.
public enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
  /// Ionian and its neighbours (mixolydian, lydian).
  case major
  /// Aeolian and its neighbours (harmonic and melodic minor, dorian, phrygian).
  case minor
}

/// A key: a tonic and a mode.
public struct Key: Hashable, Sendable, Codable, CustomStringConvertible {
  /// Pitch class of the tonic, 0...11, 0 = C.
  public let tonic: Int
  /// Major or minor.
  public let mode: Mode

  /// Makes a key; `tonic` wraps into 0...11.
  public init(tonic: Int, mode: Mode) {
    self.tonic = wrappedPitchClass(tonic)
    self.mode = mode
  }

  /// The seven pitch classes of the major or natural minor scale, from the tonic upwards.
  public var scale: [Int] {
    let steps = mode == .major ? [0, 2, 4, 5, 7, 9, 11] : [0, 2, 3, 5, 7, 8, 10]
    return steps.map { ($0 + tonic) % 12 }
  }

  /// Pitch classes that do not sound foreign: the scale, and in minor the raised sixth and seventh.
  public var accepted: Set<Int> {
    let raised = mode == .minor ? [(tonic + 9) % 12, (tonic + 11) % 12] : []
    return Set(scale + raised)
  }

  /// Whether the key is written with flats rather than sharps.
  public var usesFlats: Bool {
    // C, G, D, A, E, B and F# major (and their relative minors) take sharps, the rest flats.
    let major = mode == .major ? tonic : (tonic + 3) % 12
    return ![0, 2, 4, 6, 7, 9, 11].contains(major)
  }

  /// As a musician says it: "A minor", "Bb major".
  public var description: String {
    "\(PitchName.name(ofClass: tonic, flats: usesFlats)) \(mode.rawValue)"
  }
}

/// `number` folded into 0...11.
func wrappedPitchClass(_ number: Int) -> Int {
  let rest = number % 12
  return rest < 0 ? rest + 12 : rest
}
