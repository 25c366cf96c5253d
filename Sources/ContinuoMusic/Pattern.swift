// SPDX-License-Identifier: MIT

/// A stretch of music in beats, ready to be played, compared or written to a file.
///
/// Immutable once handed on: a changed pattern is a new value.
public struct Pattern: Hashable, Sendable, Codable {
  /// A message that is no note (controller, pitch bend, program, pressure, SysEx), in its place.
  public struct Control: Hashable, Sendable, Codable {
    /// From the pattern's start.
    public var at: Beats
    /// One whole MIDI message, status byte first.
    public var bytes: [UInt8]

    /// Places `bytes`, one whole MIDI message, at `at`.
    public init(at: Beats, bytes: [UInt8]) {
      self.at = at
      self.bytes = bytes
    }
  }

  /// What to call it before a musician: "Bass 1: octaves".
  public var name: String
  /// Sorted by start, then pitch, channel and duration.
  public private(set) var notes: [Note]
  /// Sorted by place; order among equals is the source's.
  public private(set) var controls: [Control]
  /// The pattern's length, which is the loop length too; more than zero.
  public var length: Beats
  /// The metre its bars are counted in.
  public var meter: Meter

  /// Sorts `notes` and `controls`; `length` at or below zero becomes one bar.
  public init(
    name: String, notes: [Note], controls: [Control] = [], length: Beats, meter: Meter = .common
  ) {
    self.name = name
    self.notes = notes.sorted {
      ($0.start, $0.pitch, $0.channel, $0.duration)
        < ($1.start, $1.pitch, $1.channel, $1.duration)
    }
    self.controls = controls.enumerated()
      .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
      .map(\.element)
    self.length = length > .zero ? length : meter.barLength
    self.meter = meter
  }

  /// How many bars it fills, counting a begun bar as whole.
  public var bars: Int {
    max(1, clampedInt((length.quarters / meter.barLength.quarters - 1e-9).rounded(.up)))
  }
}
