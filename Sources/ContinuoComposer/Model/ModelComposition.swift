// SPDX-License-Identifier: MIT
public import ContinuoLLM
public import ContinuoMusic

/// A candidate that grows while the model writes: what of it may be played by now.
public struct PatternRevision: Hashable, Sendable {
  /// Which candidate it is or would be, from 1; one that does not pass gives its number to the next.
  public let number: Int
  /// What to call it.
  public let name: String
  /// Valid, and as long as the request; bars to come hold what the track plays now.
  public let pattern: Pattern
  /// Bars that the model has written, from the first.
  public let bars: Int
  /// Whether nothing more comes.
  public let isWhole: Bool
  /// Seconds since the request.
  public let seconds: Double
}

/// What happens while a model composes.
public enum ModelCompositionEvent: Hashable, Sendable {
  /// Something a waiting musician should know: the server is busy, the model is asked once more.
  case note(String)
  /// A candidate has grown by a bar or more, and may be played as it is.
  case revision(PatternRevision)
  /// A candidate is whole, measured, and may be played.
  case candidate(Candidate)
  /// Everything is done; the last event.
  case finished(ModelComposition)
}

/// What a model composed, and what it took.
public struct ModelComposition: Hashable, Sendable {
  /// The candidates and remarks.
  public let composition: Composition
  /// How many of the candidates are the model's; the rest are the built-in composer's.
  public let modelCount: Int
  /// Why the model has none; nil when it has.
  public let failure: String?
  /// One for each time the model was asked and answered to the end.
  public let results: [ChatResult]
  /// Seconds from the request to the first bar that could be played; nil when none came.
  public let firstPlayableSeconds: Double?
}

/// When the built-in composer stands in for a model.
public enum StandIn: Hashable, Sendable {
  /// When the model answered and gave nothing usable.
  case whenUnusable
  /// Also when there is no model to be had.
  case always
  /// Never.
  case never
}
