// SPDX-License-Identifier: MIT

/// A time signature such as 4/4, 7/8 or 5/4.
public struct Meter: Hashable, Sendable, Codable, CustomStringConvertible {
  /// Beats in a bar, 1...64.
  public let beatsPerBar: Int
  /// The note value of a beat: 1, 2, 4, 8, 16, 32 or 64.
  public let beatUnit: Int

  /// Nil when `beatsPerBar` is outside 1...64 or `beatUnit` is not a power of two up to 64.
  public init?(_ beatsPerBar: Int, _ beatUnit: Int) {
    guard (1...64).contains(beatsPerBar), (1...64).contains(beatUnit),
      beatUnit & (beatUnit - 1) == 0
    else { return nil }
    self.beatsPerBar = beatsPerBar
    self.beatUnit = beatUnit
  }

  /// Reads what was encoded; throws `DecodingError` when it is no metre.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let beatsPerBar = try values.decode(Int.self, forKey: .beatsPerBar)
    guard let meter = Meter(beatsPerBar, try values.decode(Int.self, forKey: .beatUnit)) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a time signature out of range"))
    }
    self = meter
  }

  private init(valid beatsPerBar: Int, _ beatUnit: Int) {
    self.beatsPerBar = beatsPerBar
    self.beatUnit = beatUnit
  }

  /// 4/4.
  public static let common = Meter(valid: 4, 4)

  /// A beat's length: a quarter in 4/4, half a quarter in 7/8.
  public var beatLength: Beats { Beats(4 / Double(beatUnit)) }

  /// A bar's length: 4 quarters in 4/4, 3.5 in 7/8.
  public var barLength: Beats { Beats(4 * Double(beatsPerBar) / Double(beatUnit)) }

  /// As a musician writes it: "7/8".
  public var description: String { "\(beatsPerBar)/\(beatUnit)" }
}
