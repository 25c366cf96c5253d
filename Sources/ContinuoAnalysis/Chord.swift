// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// The kinds of chord that are told apart, spelt as in chord charts.
public enum ChordQuality: String, Hashable, Sendable, Codable, CaseIterable {
  /// Major triad.
  case major = "maj"
  /// Minor triad.
  case minor = "min"
  /// Diminished triad.
  case diminished = "dim"
  /// Augmented triad.
  case augmented = "aug"
  /// Second instead of the third.
  case suspendedSecond = "sus2"
  /// Fourth instead of the third.
  case suspendedFourth = "sus4"
  /// Major triad with a major sixth.
  case sixth = "6"
  /// Minor triad with a major sixth.
  case minorSixth = "m6"
  /// Dominant seventh.
  case dominantSeventh = "7"
  /// Major seventh.
  case majorSeventh = "maj7"
  /// Minor seventh.
  case minorSeventh = "m7"
  /// Half diminished.
  case halfDiminished = "m7b5"
  /// Diminished seventh.
  case diminishedSeventh = "dim7"

  /// Semitones above the root, the root first.
  public var intervals: [Int] {
    switch self {
    case .major: [0, 4, 7]
    case .minor: [0, 3, 7]
    case .diminished: [0, 3, 6]
    case .augmented: [0, 4, 8]
    case .suspendedSecond: [0, 2, 7]
    case .suspendedFourth: [0, 5, 7]
    case .sixth: [0, 4, 7, 9]
    case .minorSixth: [0, 3, 7, 9]
    case .dominantSeventh: [0, 4, 7, 10]
    case .majorSeventh: [0, 4, 7, 11]
    case .minorSeventh: [0, 3, 7, 10]
    case .halfDiminished: [0, 3, 6, 10]
    case .diminishedSeventh: [0, 3, 6, 9]
    }
  }

  /// What follows the root's name on a chart: "" for major, "m" for minor, "m7", "maj7".
  public var suffix: String {
    switch self {
    case .major: ""
    case .minor: "m"
    default: rawValue
    }
  }
}

/// A chord: root, quality, and the pitch class in the bass.
public struct Chord: Hashable, Sendable, Codable {
  /// Pitch class of the root, 0...11.
  public let root: Int
  /// Its kind.
  public let quality: ChordQuality
  /// Pitch class in the bass, 0...11; the root unless inverted or over a pedal.
  public let bass: Int

  /// Makes a chord; `root` and `bass` wrap into 0...11, and `bass` is the root when not given.
  public init(root: Int, quality: ChordQuality, bass: Int? = nil) {
    self.root = wrappedPitchClass(root)
    self.quality = quality
    self.bass = wrappedPitchClass(bass ?? root)
  }

  /// Its pitch classes, the root first.
  public var pitchClasses: [Int] { quality.intervals.map { (root + $0) % 12 } }

  /// As on a chart: "Am7", "C/E".
  public func symbol(flats: Bool) -> String {
    let name = PitchName.name(ofClass: root, flats: flats) + quality.suffix
    return bass == root ? name : name + "/" + PitchName.name(ofClass: bass, flats: flats)
  }
}

/// A stretch of music over one chord, or over none that could be told.
public struct ChordSpan: Hashable, Sendable {
  /// Where it starts, from the start of what was analysed.
  public let start: Beats
  /// Where it ends.
  public let end: Beats
  /// The chord; nil where there is none.
  public let chord: Chord?
  /// How probable root and quality are given the notes, 0...1.
  public let confidence: Double

  /// States a chord from `start` to `end`.
  public init(start: Beats, end: Beats, chord: Chord?, confidence: Double) {
    self.start = start
    self.end = end
    self.chord = chord
    self.confidence = confidence.isFinite ? min(max(confidence, 0), 1) : 0
  }
}

extension ChordSpan: Codable {
  private enum CodingKeys: String, CodingKey { case start, end, root, quality, bass, confidence }

  /// Reads what `encode(to:)` wrote.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let root = try values.decodeIfPresent(Int.self, forKey: .root)
    let bass = try values.decodeIfPresent(Int.self, forKey: .bass)
    let quality = ChordQuality(rawValue: try values.decode(String.self, forKey: .quality))
    let start = try values.decode(Double.self, forKey: .start)
    let end = try values.decode(Double.self, forKey: .end)
    guard start.isFinite, end.isFinite, start <= end else {
      throw DecodingError.dataCorruptedError(
        forKey: .end, in: values, debugDescription: "A chord cannot end before it starts")
    }
    self.init(
      start: Beats(start), end: Beats(end),
      chord: root.flatMap { root in quality.map { Chord(root: root, quality: $0, bass: bass) } },
      confidence: try values.decode(Double.self, forKey: .confidence))
  }

  /// Writes {start, end in quarters, root 0-11 or null, quality or "none", bass, confidence}.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(start.quarters, forKey: .start)
    try values.encode(end.quarters, forKey: .end)
    try values.encode(chord?.root, forKey: .root)
    try values.encode(chord?.quality.rawValue ?? "none", forKey: .quality)
    try values.encode(chord?.bass, forKey: .bass)
    try values.encode(confidence, forKey: .confidence)
  }
}
