// SPDX-License-Identifier: MIT
public import ContinuoAnalysis
public import ContinuoMusic

/// What is to be written.
public enum CompositionKind: String, Hashable, Sendable, Codable, CaseIterable {
  /// One low line.
  case bass
  /// A General MIDI kit on channel 10.
  case drums
  /// A tune.
  case melody
  /// Chords.
  case harmony
  /// Whatever the source track's role is.
  case general
}

/// What a musician asks of a composer, and the music it must fit.
public struct CompositionRequest: Hashable, Sendable {
  /// Bars that may be asked for.
  public static let barLimits = 1...64
  /// Candidates that may be asked for.
  public static let countLimits = 1...8
  /// The longest pattern, in quarters.
  public static let longest = 1024.0

  /// What to write.
  public var kind: CompositionKind
  /// The wish in plain words; empty for "something that fits".
  public var text: String
  /// What the track plays now, from where the context starts; without notes for an empty track.
  public var source: Pattern
  /// The music around it.
  public var context: MusicContext
  /// Length of the answer, in bars, within `barLimits`.
  public var bars: Int
  /// Lowest and highest pitch allowed; nil takes the source's range widened to the instrument's.
  public var range: ClosedRange<Int>?
  /// The same seed and request give the same notes.
  public var seed: UInt64
  /// How many candidates, within `countLimits`.
  public var count: Int

  /// Asks for `count` candidates of `bars` bars; checked when composed.
  public init(
    kind: CompositionKind, text: String = "", source: Pattern, context: MusicContext, bars: Int,
    range: ClosedRange<Int>? = nil, seed: UInt64 = 1, count: Int = 3
  ) {
    self.kind = kind
    self.text = text
    self.source = source
    self.context = context
    self.bars = bars
    self.range = range
    self.seed = seed
    self.count = count
  }

  /// The metre the answer is written in: the context's, else the source's.
  public var meter: Meter { context.meter ?? source.meter }

  /// The answer's length.
  public var length: Beats { Beats(meter.barLength.quarters * Double(bars)) }

  /// The kind with `general` settled by the source's measured role.
  public var settledKind: CompositionKind {
    guard kind == .general else { return kind }
    switch TrackRole(name: source.name, notes: source.notes).role {
    case .drums: return .drums
    case .bass: return .bass
    case .harmony: return .harmony
    case .melody, .unknown: return .melody
    }
  }

  /// The pitches that may be used.
  public var settledRange: ClosedRange<Int> {
    if let range { return range }
    let instrument =
      switch settledKind {
      case .bass: 28...55
      case .drums: 35...81
      case .harmony: 48...79
      case .melody, .general: 57...84
      }
    guard settledKind != .drums else { return instrument }
    let pitches = UsableNotes.of(source.notes).map { Int($0.pitch) }
    let lowest = min(pitches.min() ?? instrument.lowerBound, instrument.lowerBound)
    return lowest...max(pitches.max() ?? lowest, instrument.upperBound)
  }

  /// Throws what makes the request impossible.
  func check() throws(ComposerError) {
    guard Self.barLimits.contains(bars) else { throw .bars(bars) }
    guard length.quarters <= Self.longest else { throw .length(bars: bars, meter: meter) }
    guard Self.countLimits.contains(count) else { throw .count(count) }
    let range = settledRange
    guard range.lowerBound >= 0, range.upperBound <= 127 else { throw .rangeOutside(range) }
    guard settledKind == .drums || range.count > 12 else { throw .rangeNarrow(range) }
  }
}
