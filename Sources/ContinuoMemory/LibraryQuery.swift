// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// What is looked for in the library; a part left nil narrows nothing.
public struct LibraryQuery: Codable, Hashable, Sendable {
  /// Words that must all occur, each as the beginning of one: in the request, the name, the summary,
  /// the track's name.
  public var words: String?
  /// The sort of part.
  public var kind: String?
  /// The key's tonic, 0...11.
  public var tonic: Int?
  /// "major" or "minor".
  public var mode: String?
  /// The metre.
  public var meter: Meter?
  /// Quarter notes a minute.
  public var tempo: ClosedRange<Double>?
  /// The least score, 0...1.
  public var score: Double?
  /// Only what was starred.
  public var isStarred = false
  /// Only what was kept, and not taken back.
  public var isKept = false
  /// The best first, instead of the newest.
  public var isByScore = false
  /// The most to answer with, 1...1000.
  public var limit: Int?

  /// Looks for everything.
  public init() {}

  /// How many are listed when no limit is given.
  public static let usualLimit = 20
}
