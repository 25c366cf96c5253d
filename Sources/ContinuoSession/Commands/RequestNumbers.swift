// SPDX-License-Identifier: MIT
internal import ContinuoComposer

/// What a request asks for by number rather than by word; nil leaves it to the words.
public struct RequestNumbers: Codable, Hashable, Sendable {
  /// Notes a quarter, 0.05...8.
  public var density: Double?
  /// The key the part lies about, 0...127.
  public var register: Int?
  /// The most notes at once, 1...10.
  public var voices: Int?
  /// The first eighth's length over the second's, 1...3: 1 even, 2 a triplet.
  public var swing: Double?

  /// Asks for what is given; `check()` holds the ranges.
  public init(
    density: Double? = nil, register: Int? = nil, voices: Int? = nil, swing: Double? = nil
  ) {
    self.density = density
    self.register = register
    self.voices = voices
    self.swing = swing
  }

  /// Whether nothing is asked for.
  public var isEmpty: Bool { self == RequestNumbers() }

  /// Throws for the first number out of its range.
  func check() throws(CommandError) {
    try Self.check("--density", density, Steering.densityLimits)
    try Self.check("--swing", swing, Steering.swingLimits)
    try Check.range("the register, as a MIDI key,", register, 0...127)
    try Check.range("the number of voices", voices, Steering.polyphonyLimits)
  }

  private static func check(
    _ name: String, _ value: Double?, _ range: ClosedRange<Double>
  ) throws(CommandError) {
    guard let value, !range.contains(value) else { return }
    throw .badSetting(
      name: name, value: String(value),
      reason: "it lies in \(range.lowerBound)…\(range.upperBound)")
  }

  /// The same for the composer.
  var steering: Steering {
    Steering(density: density, register: register, polyphony: voices, swing: swing)
  }
}
