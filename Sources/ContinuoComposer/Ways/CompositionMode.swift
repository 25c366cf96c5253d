// SPDX-License-Identifier: MIT

/// What is done with what the track plays now.
///
/// All but `part` start from the source, and are refused when it has no notes in the bars asked for.
public enum CompositionMode: Hashable, Sendable, Codable {
  /// A part of its own, which fits the source and its surroundings.
  case part
  /// The source with some of its notes moved, repitched, added or left out.
  case vary
  /// New notes in these bars, counted from 1; the source, unchanged, in all others.
  case fill(ClosedRange<Int>)
  /// What might come next, from the source's own material.
  case continuation
  /// A reply: the source's rhythm with its contour turned round, come to rest at the end.
  case answer
  /// The source's places, lengths and loudness with other pitches.
  case keepRhythm
  /// The source's pitches in their order, with another rhythm and feel.
  case keepPitches

  /// In a musician's words: "keep the rhythm".
  public var words: String {
    switch self {
    case .part: "a new part"
    case .vary: "a variation"
    case .fill(let bars): "bars \(bars.lowerBound)-\(bars.upperBound) filled"
    case .continuation: "a continuation"
    case .answer: "an answer"
    case .keepRhythm: "the rhythm kept, other pitches"
    case .keepPitches: "the pitches kept, another feel"
    }
  }
}
