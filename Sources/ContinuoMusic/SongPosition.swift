// SPDX-License-Identifier: MIT

/// A place in the song as a musician counts it.
public struct SongPosition: Hashable, Sendable, Codable {
  /// Ticks in one beat, everywhere in Continuo (Ardour's own figure).
  public static let ticksPerBeat = 1920.0

  /// Bar, from 1.
  public var bar: Int
  /// Beat of the bar, from 1, in the metre's own unit.
  public var beat: Int
  /// Tick of the beat, 0..<1920; a fraction is kept.
  public var tick: Double
  /// The same place in quarter notes from bar 1 beat 1, as far as the metre map is known.
  public var quarters: Beats

  /// Places bar, beat and tick, and the same place in quarters.
  public init(bar: Int, beat: Int, tick: Double, quarters: Beats) {
    self.bar = bar
    self.beat = beat
    self.tick = tick
    self.quarters = quarters
  }
}
