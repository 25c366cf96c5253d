// SPDX-License-Identifier: MIT

/// A note in a pattern: pitch, loudness, channel, and its place in beats.
public struct Note: Hashable, Sendable, Codable {
  /// MIDI key, 0...127; 60 is middle C (C4).
  public var pitch: UInt8
  /// Note-on velocity, 1...127.
  public var velocity: UInt8
  /// Note-off velocity, 0...127; 64 when the source gave none.
  public var releaseVelocity: UInt8
  /// MIDI channel, 0...15 (shown to musicians as 1...16).
  public var channel: UInt8
  /// Where it starts, from the pattern's start.
  public var start: Beats
  /// How long it sounds; more than zero.
  public var duration: Beats

  /// Nil when a value lies outside the range its field states.
  public init?(
    pitch: Int, velocity: Int, releaseVelocity: Int = 64, channel: Int = 0, start: Beats,
    duration: Beats
  ) {
    guard (0...127).contains(pitch), (1...127).contains(velocity),
      (0...127).contains(releaseVelocity), (0...15).contains(channel),
      start.quarters.isFinite, duration.quarters.isFinite, duration > .zero
    else { return nil }
    self.pitch = UInt8(pitch)
    self.velocity = UInt8(velocity)
    self.releaseVelocity = UInt8(releaseVelocity)
    self.channel = UInt8(channel)
    self.start = start
    self.duration = duration
  }

  /// Reads what was encoded; throws `DecodingError` when a value lies outside its range.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    guard
      let note = Note(
        pitch: try values.decode(Int.self, forKey: .pitch),
        velocity: try values.decode(Int.self, forKey: .velocity),
        releaseVelocity: try values.decode(Int.self, forKey: .releaseVelocity),
        channel: try values.decode(Int.self, forKey: .channel),
        start: try values.decode(Beats.self, forKey: .start),
        duration: try values.decode(Beats.self, forKey: .duration))
    else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a note outside its ranges"))
    }
    self = note
  }

  /// Where it ends, from the pattern's start.
  public var end: Beats { start + duration }
}
