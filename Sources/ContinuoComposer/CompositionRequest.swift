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
  /// What is done with the source; nil leaves it to the words, and else asks for a part of its own.
  public var mode: CompositionMode?
  /// Notes of the source that must stay; what the words lock comes on top.
  public var lock: NoteLock
  /// What is asked for by number; comes before what the words say.
  public var steering: Steering
  /// The tracks that sound with the part, from the same origin; the judge looks for clashes with them.
  public var others: [Pattern]
  /// The candidate that the source is, when a candidate is varied: kept in each lineage.
  public var parent: Candidate.Parent?
  /// What the song calls the part's first bar; bars named in `text` count from the song's first.
  public var firstBar: Int

  /// Asks for `count` candidates of `bars` bars; checked when composed.
  public init(
    kind: CompositionKind, text: String = "", source: Pattern, context: MusicContext, bars: Int,
    range: ClosedRange<Int>? = nil, seed: UInt64 = 1, count: Int = 3,
    mode: CompositionMode? = nil, lock: NoteLock = NoteLock(), steering: Steering = Steering(),
    others: [Pattern] = [], parent: Candidate.Parent? = nil, firstBar: Int = 1
  ) {
    self.kind = kind
    self.text = text
    self.source = source
    self.context = context
    self.bars = bars
    self.range = range
    self.seed = seed
    self.count = count
    self.mode = mode
    self.lock = lock
    self.steering = steering
    self.others = others
    self.parent = parent
    self.firstBar = firstBar
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
    try check(Asked(self))
  }

  private func check(_ asked: Asked) throws(ComposerError) {
    try asked.steering.check()
    let heard = NoteLock.clipped(source.notes, length: length)
    if asked.mode != .part || !asked.lock.isEmpty, heard.isEmpty {
      throw .noSource(asked.mode == .part ? "what is locked" : asked.mode.words)
    }
    if case .fill(let wanted) = asked.mode, wanted.lowerBound < 1 || wanted.upperBound > bars {
      throw .barsOutside(wanted, of: bars, from: firstBar)
    }
    let closed = asked.lock.bars
    if let outside = closed.first(where: { !$0.overlaps(1...bars) }) {
      throw .barsOutside(outside, of: bars, from: firstBar)
    }
    if (1...bars).allSatisfy({ bar in closed.contains { $0.contains(bar) } }) { throw .allLocked }
  }
}
