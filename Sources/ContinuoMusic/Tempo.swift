// SPDX-License-Identifier: MIT

/// A tempo, in quarter notes per minute.
public struct Tempo: Hashable, Sendable, Codable {
  /// Quarter notes per minute, in `Tempo.range`.
  public let quartersPerMinute: Double

  /// What a song may ask for; a Standard MIDI File's three tempo bytes reach 3.58.
  public static let range = 1.0...1000.0

  /// Nil when `quartersPerMinute` is not a number or outside `Tempo.range`.
  public init?(_ quartersPerMinute: Double) {
    guard Tempo.range.contains(quartersPerMinute) else { return nil }
    self.quartersPerMinute = quartersPerMinute
  }

  /// Reads what was encoded; throws `DecodingError` when it lies outside `Tempo.range`.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    guard let tempo = Tempo(try values.decode(Double.self, forKey: .quartersPerMinute)) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a tempo out of range"))
    }
    self = tempo
  }

  private init(valid quartersPerMinute: Double) {
    self.quartersPerMinute = quartersPerMinute
  }

  /// 120: what a Standard MIDI File without a tempo event means.
  public static let standard = Tempo(valid: 120)

  /// How long `beats` last, in seconds.
  public func seconds(of beats: Beats) -> Double { beats.quarters * 60 / quartersPerMinute }

  /// How many quarter notes fit in `seconds`.
  public func beats(inSeconds seconds: Double) -> Beats { Beats(seconds * quartersPerMinute / 60) }
}
