// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// A request as it goes into the memory.
public struct RequestToRemember: Sendable {
  /// The musician's words; a file's name for what was put in by hand.
  public var words: String
  /// The sort of part: "bass", "drums", "melody", "harmony", "general".
  public var kind: String
  /// The track it was asked for.
  public var track: String
  /// The first bar of its place in the song, from 1.
  public var firstBar: Int
  /// Quarter notes a minute; nil when not known.
  public var tempo: Double?
  /// The key's tonic, 0...11; nil when not known.
  public var tonic: Int?
  /// "major" or "minor"; nil when not known.
  public var mode: String?
  /// Where the original was read from, in words.
  public var source: String
  /// What a model was sent, word for word; nil when none was asked.
  public var sent: String?
  /// What was heard round it, as JSON.
  public var context: String
  /// What the track played.
  public var original: Pattern
  /// The candidate that is varied; nil for a request of its own.
  public var varies: CandidateMark?

  /// Gathers a request; texts are kept as they are.
  public init(
    words: String, kind: String, track: String, firstBar: Int, tempo: Double? = nil,
    tonic: Int? = nil, mode: String? = nil, source: String, sent: String? = nil, context: String,
    original: Pattern, varies: CandidateMark? = nil
  ) {
    self.words = words
    self.kind = kind
    self.track = track
    self.firstBar = firstBar
    self.tempo = tempo
    self.tonic = tonic
    self.mode = mode
    self.source = source
    self.sent = sent
    self.context = context
    self.original = original
    self.varies = varies
  }
}

/// What names a candidate outside the memory: its composer's name for it, and the seed.
public struct CandidateMark: Hashable, Sendable {
  /// Unique among the candidates of one request.
  public let mark: String
  /// The seed it followed from.
  public let seed: UInt64

  /// Names a candidate.
  public init(mark: String, seed: UInt64) {
    self.mark = mark
    self.seed = seed
  }
}

/// A candidate as it goes into the memory.
public struct CandidateToRemember: Sendable {
  /// What it is found by again.
  public var mark: CandidateMark
  /// Its number on the shelf, from 1.
  public var number: Int
  /// In a few words.
  public var name: String
  /// What was done, in a musician's words.
  public var summary: String
  /// "builtin", or a model's name.
  public var composer: String
  /// Variations between it and the track.
  public var generation: Int
  /// As measured, 0...1; what is no number counts as 0.
  public var score: Double
  /// What was measured, as JSON.
  public var figures: String
  /// Its notes.
  public var pattern: Pattern

  /// Gathers a candidate.
  public init(
    mark: CandidateMark, number: Int, name: String, summary: String, composer: String,
    generation: Int = 0, score: Double, figures: String, pattern: Pattern
  ) {
    self.mark = mark
    self.number = number
    self.name = name
    self.summary = summary
    self.composer = composer
    self.generation = generation
    self.score = score.isFinite ? score : 0
    self.figures = figures
    self.pattern = pattern
  }
}
