// SPDX-License-Identifier: MIT

/// What was measured of a candidate, and the score that ranks it.
public struct CandidateFigures: Hashable, Sendable, Codable {
  /// One part of the score.
  public struct Part: Hashable, Sendable, Codable {
    /// What it looks at: "in key".
    public let name: String
    /// How good it is, 0...1.
    public let value: Double
    /// How much it counts, above 0.
    public let weight: Double
  }

  /// Share of notes in the key, 0...1; nil when the key is unknown or the notes are drums.
  public let inKey: Double?
  /// Share of strong places that sound a chord tone, 0...1; nil without known chords.
  public let chordTonesOnStrong: Double?
  /// Lowest pitch.
  public let lowest: Int
  /// Highest pitch.
  public let highest: Int
  /// The largest leap between neighbouring notes, in semitones; 0 for chords and drums.
  public let largestLeap: Int
  /// The shortest time between two strikes of one pitch, in quarters; nil when none comes back.
  public let fastestRepeat: Double?
  /// Longuet-Higgins and Lee, per bar.
  public let syncopation: Double
  /// The same of the source; nil without one.
  public let sourceSyncopation: Double?
  /// The eighths' ratio; nil when it cannot be told.
  public let swing: Double?
  /// Onsets a quarter.
  public let density: Double
  /// The same of the source; nil without one.
  public let sourceDensity: Double?
  /// Share of time in which nothing sounds, 0...1.
  public let silence: Double
  /// Share of sounding time that rubs a half step against another track, 0...1; nil without others.
  public let clashes: Double?
  /// Share of moments that two hands reach, or two hands and two feet on a kit, 0...1.
  public let reachable: Double?
  /// The mean likeness of each bar's rhythm to the nearest before it, 0...1; nil for one bar.
  public let repetition: Double?
  /// `PatternDistance` from the source; nil without one.
  public let distanceFromSource: Double?
  /// `PatternDistance` from the nearest other candidate; nil when alone.
  public internal(set) var distanceFromOthers: Double?
  /// The score's parts.
  public let parts: [Part]

  /// The weighted mean of the parts, 0...1: what ranks candidates.
  public var score: Double {
    let weight = parts.reduce(0) { $0 + $1.weight }
    return weight > 0 ? parts.reduce(0) { $0 + $1.value * $1.weight } / weight : 0
  }
}
