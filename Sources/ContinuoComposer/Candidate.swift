// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// A proposed pattern, where it comes from, and what the judge measured.
public struct Candidate: Hashable, Sendable, Codable, Identifiable {
  /// Where a candidate comes from.
  public struct Lineage: Hashable, Sendable, Codable {
    /// The composer's name: "builtin", or a model's.
    public let composer: String
    /// The seed its notes follow from, with the request.
    public let seed: UInt64

    /// States a composer and a seed.
    public init(composer: String, seed: UInt64) {
      self.composer = composer
      self.seed = seed
    }
  }

  /// Unique among the candidates of one request: "builtin-7-riff" and the like.
  public let id: String
  /// What to call it: "octave riff".
  public let name: String
  /// What was done, in a musician's words.
  public let description: String
  /// The notes, from bar 1.
  public let pattern: Pattern
  /// Where it comes from.
  public let lineage: Lineage
  /// What was measured of it.
  public let figures: CandidateFigures

  /// Puts a candidate together; nothing is checked (see `PatternCheck`).
  public init(
    id: String, name: String, description: String, pattern: Pattern, lineage: Lineage,
    figures: CandidateFigures
  ) {
    self.id = id
    self.name = name
    self.description = description
    self.pattern = pattern
    self.lineage = lineage
    self.figures = figures
  }
}
