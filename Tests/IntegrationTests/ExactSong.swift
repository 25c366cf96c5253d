// SPDX-License-Identifier: MIT
import ContinuoTestSupport

/// A song's tempo and metre in whole numbers, so that every frame can be told without rounding
/// error: what the master's line is judged by.
struct ExactSong {
  /// From a bar on: hundredths of a quarter a minute, and the metre.
  struct Piece {
    var bar = 1
    var hundredths: Int
    var beats = 4
    var unit = 4
  }

  let pieces: [Piece]
  let rate: Int
  /// Ticks a quarter.
  let resolution = 480
  /// Where each piece begins.
  private let starts: [(tick: Int, frame: Fraction)]

  init(_ pieces: [Piece], rate: Int) {
    self.pieces = pieces
    self.rate = rate
    var starts: [(tick: Int, frame: Fraction)] = [(0, Fraction(0, 1))]
    for (piece, next) in zip(pieces, pieces.dropFirst()) {
      let last = starts[starts.count - 1]
      let ticks = (next.bar - piece.bar) * Self.barTicks(piece, resolution)
      starts.append(
        (last.tick + ticks, last.frame + Self.length(ticks, piece, rate, resolution)))
    }
    self.starts = starts
  }

  /// The same, as the witness's time base wants it.
  var map: [TempoMapLine] {
    pieces.map {
      TempoMapLine(
        bar: $0.bar, bpm: Double($0.hundredths) / 100, beatsPerBar: $0.beats, beatUnit: $0.unit)
    }
  }

  /// The tick at which `bar` begins.
  func tick(ofBar bar: Int) -> Int {
    let index = pieces.lastIndex { $0.bar <= bar } ?? 0
    return starts[index].tick
      + (bar - pieces[index].bar) * Self.barTicks(pieces[index], resolution)
  }

  /// The transport frame at which `tick` is played: floor(exact + ½ + 10⁻⁶).
  func frame(ofTick tick: Int) -> Int { exactFrame(ofTick: tick).rounded }

  /// The transport frame at which `tick` lies, unrounded.
  func exactFrame(ofTick tick: Int) -> Fraction {
    let index = starts.lastIndex { $0.tick <= tick } ?? 0
    return starts[index].frame
      + Self.length(tick - starts[index].tick, pieces[index], rate, resolution)
  }

  /// The bar, beat and tick (1920 a beat) of transport frame `frame`.
  func place(ofFrame frame: Int) -> (bar: Int, beat: Int, tick: Double) {
    let at = Fraction(Int128(frame), 1)
    let index = starts.lastIndex { $0.frame <= at } ?? 0
    let piece = pieces[index]
    let beatLength = Self.length(resolution * 4 / piece.unit, piece, rate, resolution)
    let beats = (at - starts[index].frame) / beatLength
    let whole = beats.floor
    return (
      piece.bar + whole / piece.beats, whole % piece.beats + 1,
      (beats - Fraction(Int128(whole), 1)).value * 1920
    )
  }

  private static func barTicks(_ piece: Piece, _ resolution: Int) -> Int {
    piece.beats * resolution * 4 / piece.unit
  }

  private static func length(
    _ ticks: Int, _ piece: Piece, _ rate: Int, _ resolution: Int
  ) -> Fraction {
    Fraction(Int128(ticks) * 6000 * Int128(rate), Int128(resolution * piece.hundredths))
  }
}

/// A fraction in lowest terms, its denominator above zero.
struct Fraction: Comparable {
  let numerator: Int128
  let denominator: Int128

  init(_ numerator: Int128, _ denominator: Int128) {
    var (a, b) = (numerator.magnitude, denominator.magnitude)
    while b != 0 { (a, b) = (b, a % b) }
    let divisor = max(Int128(a), 1)
    self.numerator = numerator / divisor
    self.denominator = denominator / divisor
  }

  var value: Double { Double(numerator) / Double(denominator) }

  /// The greatest whole number that is not greater.
  var floor: Int {
    let quotient = numerator / denominator
    return Int(numerator % denominator < 0 ? quotient - 1 : quotient)
  }

  /// By the product's rule: halves upwards, and what is within a millionth of one too.
  var rounded: Int { (self + Fraction(500_001, 1_000_000)).floor }

  static func + (left: Fraction, right: Fraction) -> Fraction {
    Fraction(
      left.numerator * right.denominator + right.numerator * left.denominator,
      left.denominator * right.denominator)
  }

  static func - (left: Fraction, right: Fraction) -> Fraction {
    left + Fraction(-right.numerator, right.denominator)
  }

  static func / (left: Fraction, right: Fraction) -> Fraction {
    Fraction(left.numerator * right.denominator, left.denominator * right.numerator)
  }

  static func < (left: Fraction, right: Fraction) -> Bool {
    left.numerator * right.denominator < right.numerator * left.denominator
  }
}
