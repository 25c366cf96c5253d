// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// What was put right in a model's pattern, counted; said to the musician.
public struct Mending: Hashable, Sendable, Codable {
  /// One sort of repair and how often.
  public struct Repair: Hashable, Sendable, Codable {
    /// A clause: "moved into the range".
    public let what: String
    /// How many notes; 1 for what concerns the whole.
    public let count: Int
  }

  /// In the order they were made.
  public private(set) var repairs: [Repair] = []

  mutating func note(_ what: String, _ count: Int = 1) {
    guard count > 0 else { return }
    repairs.append(Repair(what: what, count: count))
  }

  /// One line, or nil when nothing was put right.
  public var line: String? {
    guard !repairs.isEmpty else { return nil }
    return repairs.map { $0.count == 1 ? $0.what : "\($0.what) (\($0.count))" }
      .joined(separator: ", ")
  }
}

/// A model's pattern made fit to play, as far as the reply has come.
public struct MendedPattern: Hashable, Sendable {
  /// Valid: it passes `PatternCheck`.
  public let pattern: Pattern
  /// Bars that the model wrote; the rest holds what the track plays now.
  public let bars: Int
  /// Whether the model's part of it is whole.
  public let isWhole: Bool
  /// What was put right.
  public let mending: Mending
}
