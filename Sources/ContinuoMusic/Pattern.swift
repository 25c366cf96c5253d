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
    self.notes = Self.inOrder(notes, by: Self.precedes)
    self.controls = Self.inOrder(controls) { $0.at.quarters < $1.at.quarters }
    self.length = length > .zero ? length : meter.barLength
    self.meter = meter
  }

  /// Reads what was encoded, with the checks of `Note` and the order of `init`.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try values.decode(String.self, forKey: .name),
      notes: try values.decode([Note].self, forKey: .notes),
      controls: try values.decode([Control].self, forKey: .controls),
      length: try values.decode(Beats.self, forKey: .length),
      meter: try values.decode(Meter.self, forKey: .meter))
  }

  /// Music mostly comes in order already, and then is not even copied; `sorted` is stable.
  private static func inOrder<Element>(
    _ elements: [Element], by precedes: (Element, Element) -> Bool
  ) -> [Element] {
    let isSorted = zip(elements, elements.dropFirst()).allSatisfy { !precedes($1, $0) }
    return isSorted ? elements : elements.sorted(by: precedes)
  }

  private static func precedes(_ left: Note, _ right: Note) -> Bool {
    if left.start.quarters != right.start.quarters {
      return left.start.quarters < right.start.quarters
    }
    if left.pitch != right.pitch { return left.pitch < right.pitch }
    if left.channel != right.channel { return left.channel < right.channel }
    return left.duration.quarters < right.duration.quarters
  }

  /// How many bars it fills, counting a begun bar as whole.
  public var bars: Int {
    max(1, clampedInt((length.quarters / meter.barLength.quarters - 1e-9).rounded(.up)))
  }
}
