// SPDX-License-Identifier: MIT

/// What a face that draws wants to know.
public struct ViewWish: Sendable {
  /// The number of the first captured message to tell; nil for the latest there are.
  public let notesFrom: Int?
  /// Messages looked through at most, the newest.
  public let mostNotes: Int
  /// The candidates are told when they are of a later revision.
  public let shelfAfter: Int
  /// Whether the health is told, which asks JACK.
  public let includesHealth: Bool

  /// Makes a wish.
  public init(notesFrom: Int?, mostNotes: Int, shelfAfter: Int, includesHealth: Bool) {
    self.notesFrom = notesFrom
    self.mostNotes = mostNotes
    self.shelfAfter = shelfAfter
    self.includesHealth = includesHealth
  }
}

/// A session at one moment, for a face that draws; docs/page.md has the members.
public struct SessionView: Sendable {
  /// A captured note-on or note-off.
  public struct HeardNote: Sendable {
    /// Its number among all captured messages.
    public let number: Int
    /// `[input, channel, key, velocity, quarters]`, velocity 0 for an end, as JSON.
    public let line: String
  }

  /// Where the song is.
  public var song: JSONValue
  /// What was captured, in order.
  public var notes: [HeardNote]
  /// The number of the first message that could be told.
  public var firstNote: Int
  /// The number that the next message will have.
  public var nextNote: Int
  /// What is followed, sounds and is locked, and the chords heard last.
  public var state: JSONValue
  /// The candidates with their notes; nil when they are as they were.
  public var shelf: JSONValue?
  /// Rises with every change of the candidates.
  public var shelfRevision: Int
  /// JACK, the process thread, Ardour and the model; nil when not asked for.
  public var health: JSONValue?
}
