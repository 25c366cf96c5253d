// SPDX-License-Identifier: MIT

/// What is asked for by number rather than by word; nil leaves it open.
public struct Steering: Hashable, Sendable, Codable {
  /// Onsets a quarter that may be asked for.
  public static let densityLimits = 0.05...8.0
  /// Factors on the source's density that may be asked for.
  public static let factorLimits = 0.1...8.0
  /// Ratios of the eighths that may be asked for.
  public static let swingLimits = 1.0...3.0
  /// Notes at once that may be asked for.
  public static let polyphonyLimits = 1...10

  /// Onsets a quarter, within `densityLimits`.
  public var density: Double?
  /// Onsets as a multiple of the source's, within `factorLimits`; `density` comes first.
  public var densityFactor: Double?
  /// The pitch the part lies about, 0...127; 60 is middle C.
  public var register: Int?
  /// The most notes that may sound at once, within `polyphonyLimits`; chords have as many voices.
  public var polyphony: Int?
  /// The first eighth's length over the second's, within `swingLimits`: 1 even, 2 a triplet.
  public var swing: Double?

  /// Asks for what is given.
  public init(
    density: Double? = nil, densityFactor: Double? = nil, register: Int? = nil,
    polyphony: Int? = nil, swing: Double? = nil
  ) {
    self.density = density
    self.densityFactor = densityFactor
    self.register = register
    self.polyphony = polyphony
    self.swing = swing
  }

  /// These numbers, and for those left open the ones of `other`.
  public func filled(from other: Steering) -> Steering {
    Steering(
      density: density ?? (densityFactor == nil ? other.density : nil),
      densityFactor: densityFactor ?? other.densityFactor, register: register ?? other.register,
      polyphony: polyphony ?? other.polyphony, swing: swing ?? other.swing)
  }

  /// Throws `ComposerError.steering` for the first number that is out of bounds.
  func check() throws(ComposerError) {
    try Self.check(density, Self.densityLimits, "The density, in notes a quarter,")
    try Self.check(densityFactor, Self.factorLimits, "The density's factor")
    try Self.check(swing, Self.swingLimits, "The swing ratio")
    try Self.check(register.map(Double.init), 0...127, "The register, as a MIDI key,")
    let voices = Self.polyphonyLimits
    try Self.check(
      polyphony.map(Double.init), Double(voices.lowerBound)...Double(voices.upperBound),
      "The polyphony")
  }

  private static func check(
    _ value: Double?, _ limits: ClosedRange<Double>, _ what: String
  ) throws(ComposerError) {
    guard let value, !limits.contains(value) else { return }
    throw .steering("\(what) must be \(brief(limits.lowerBound)) to \(brief(limits.upperBound))")
  }

  private static func brief(_ value: Double) -> String {
    value == value.rounded() ? String(Int(value)) : String(value)
  }
}
