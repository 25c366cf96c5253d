// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// Why nothing was composed.
public enum ComposerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The number of bars is out of bounds.
  case bars(Int)
  /// The bars are too long, taken together.
  case length(bars: Int, meter: Meter)
  /// The number of candidates is out of bounds.
  case count(Int)
  /// The range holds less than an octave.
  case rangeNarrow(ClosedRange<Int>)
  /// The range leaves MIDI's keys.
  case rangeOutside(ClosedRange<Int>)
  /// A number of the steering is out of bounds; the text says which and what may be asked.
  case steering(String)
  /// There are no notes to do this with, in a musician's words.
  case noSource(String)
  /// Bars named, counted from the part's first, lie outside the part, which the song calls `from`.
  case barsOutside(ClosedRange<Int>, of: Int, from: Int)
  /// Every bar is locked.
  case allLocked
  /// No candidate passed the checks.
  case nothingUsable(reason: String)

  /// One sentence: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .bars(let bars):
      "Cannot compose \(bars) bars: ask for 1 to \(CompositionRequest.barLimits.upperBound)"
    case .length(let bars, let meter):
      "\(bars) bars of \(meter) are longer than \(Int(CompositionRequest.longest)) quarter notes:"
        + " ask for fewer bars"
    case .count(let count):
      "Cannot make \(count) candidates: ask for 1 to"
        + " \(CompositionRequest.countLimits.upperBound)"
    case .rangeNarrow(let range):
      "The range from pitch \(range.lowerBound) to \(range.upperBound) is less than an octave:"
        + " widen it"
    case .rangeOutside(let range):
      "The range from pitch \(range.lowerBound) to \(range.upperBound) leaves MIDI's 0 to 127:"
        + " narrow it"
    case .steering(let fault): fault
    case .noSource(let what):
      "The track plays nothing in these bars, so there is nothing for \(what):"
        + " play something first, or ask for a new part"
    case .barsOutside(let wanted, let bars, let first):
      "The part lies in \(Self.words(1...max(bars, 1), first)): \(Self.words(wanted, first))"
        + (wanted.lowerBound == wanted.upperBound ? " is outside" : " are not all in it")
    case .allLocked: "Every bar is locked, so there is nothing to write: unlock some"
    case .nothingUsable(let reason):
      "No candidate passed the checks (\(reason)): try other words or another seed"
    }
  }

  /// "bar 9" or "bars 9-12", as the song counts.
  private static func words(_ bars: ClosedRange<Int>, _ first: Int) -> String {
    let lower = bars.lowerBound + first - 1
    let upper = bars.upperBound + first - 1
    return lower == upper ? "bar \(lower)" : "bars \(lower)-\(upper)"
  }
}
