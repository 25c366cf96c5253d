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

    /// The candidate it is a variation of; nil when it was made from the track itself.
    public let parent: Parent?
    /// How many variations lie between it and the track: 0 for none.
    public var generation: Int { parent.map { $0.generation + 1 } ?? 0 }

    /// States a composer and a seed, and the candidate that was varied.
    public init(composer: String, seed: UInt64, parent: Parent? = nil) {
      self.composer = composer
      self.seed = seed
      self.parent = parent
    }
  }

  /// The candidate that another is a variation of.
  public struct Parent: Hashable, Sendable, Codable {
    /// Its `Candidate.id`.
    public let id: String
    /// Its lineage's generation.
    public let generation: Int

    /// Names a candidate; `generation` below 0 becomes 0.
    public init(id: String, generation: Int) {
      self.id = id
      self.generation = max(0, generation)
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

extension Candidate {
  /// What a variation of this candidate names as its origin.
  public var asParent: Parent { Parent(id: id, generation: lineage.generation) }
}
