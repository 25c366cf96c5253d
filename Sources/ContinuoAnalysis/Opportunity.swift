// SPDX-License-Identifier: MIT

/// Something that was measured and could be done otherwise, with a request that would do it.
public struct Opportunity: Hashable, Sendable, Codable {
  /// What was found.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// A bass that plays roots on the beat.
    case plainBass
    /// One bar played again and again.
    case sameBars
    /// Notes that are all equally loud.
    case evenLoudness
    /// A kick and a bass that do not meet.
    case looseKick
    /// Notes a semitone from those of another track.
    case clashes
    /// Bars in which a track that plays elsewhere is silent.
    case gap
    /// Notes that lie exactly on the grid.
    case stiffTiming
  }

  /// What was found.
  public let kind: Kind
  /// The track, by its name.
  public let track: String
  /// Its role.
  public let role: Role
  /// The first and last bar it was found in, as the song counts them.
  public let firstBar: Int
  /// The last bar.
  public let lastBar: Int
  /// What was counted, in a sentence.
  public let evidence: String
  /// The same in figures, by name.
  public let figures: [String: Double]
  /// The words to ask a composer with.
  public let request: String
  /// How much it stands out, 0...1; the order of suggestions.
  public let strength: Double
}
