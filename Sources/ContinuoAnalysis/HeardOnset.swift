// SPDX-License-Identifier: MIT

/// A note's beginning in time, as beats are found from.
public struct HeardOnset: Hashable, Sendable {
  /// Seconds from the start of what was heard.
  public let seconds: Double
  /// MIDI key, 0...127.
  public let pitch: UInt8
  /// MIDI velocity, 1...127.
  public let velocity: UInt8
  /// Whether the key names a drum (General MIDI) rather than a pitch.
  public let isDrum: Bool

  /// A note that begins at `seconds`.
  public init(seconds: Double, pitch: UInt8, velocity: UInt8, isDrum: Bool) {
    self.seconds = seconds
    self.pitch = pitch
    self.velocity = velocity
    self.isDrum = isDrum
  }

  /// How much it says of the beat: kick, snare, crash and low notes say more.
  var weight: Double {
    guard isDrum else { return pitch < 48 ? 1.5 : pitch < 60 ? 1 : 0.7 }
    switch pitch {
    case 35, 36: return 2.5
    case 38, 40, 49, 57: return 2
    default: return 0.5
    }
  }
}
