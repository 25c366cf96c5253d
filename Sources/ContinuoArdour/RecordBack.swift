// SPDX-License-Identifier: MIT
public import ContinuoMusic
public import Foundation

/// Records a pattern into an Ardour track and proves that it is there.
///
/// Saves the session, arms the track alone, rolls, has the pattern played, stops, puts back the
/// arm states, playhead, global recording, transport and connections as they were, saves again,
/// reads what Ardour wrote, and compares it note by note. Every step waits until Ardour shows that
/// it obeyed; one that fails is named, after all that was changed has been put back. What is on
/// the track already stays: Ardour lays the take over it.
public struct RecordBack: Sendable {
  /// What a take may be told.
  public struct Settings: Sendable {
    /// How far ahead of the pattern to roll; nil for what Ardour needs.
    ///
    /// Without latency that is nothing, and the new region begins exactly with the pattern. With
    /// latency Ardour writes nothing in the first four to five periods of a roll.
    public var preRoll: Beats?
    /// How Ardour's ports lie, for the offset to expect.
    public var latency = RecordedOffset.Latency.none
    /// The offset an earlier take measured, in frames; goes before the one expected by `latency`.
    public var knownOffset: Int?
    /// Whether events are sent later by the offset, so that they are recorded in their places.
    public var compensates = true
    /// Frames by which an event reaches an Ardour on its own clock late: a period.
    ///
    /// Its clock comes to the performer first, so JACK delays the way back. Nil when the performer
    /// cannot follow that clock.
    public var ownClockLag: Int?
    /// Ardour's JACK client name.
    public var ardourClient = ArdourPort.standardClient
    /// The session's file or folder; nil to find it.
    public var session: String?
    /// How long any one step may take.
    public var stepTimeout = Duration.seconds(5)

    /// Pre-roll as needed, no latency, compensating, five seconds a step.
    public init() {}
  }

  private let ardour: ArdourClient
  private let performer: any TakePerformer
  private let settings: Settings
  private let locator: SessionLocator

  /// Records with `ardour` what `performer` plays.
  public init(
    ardour: ArdourClient, performer: any TakePerformer, settings: Settings = Settings(),
    locator: SessionLocator = SessionLocator()
  ) {
    self.ardour = ardour
    self.performer = performer
    self.settings = settings
    self.locator = locator
  }

  /// Records `pattern` into the MIDI track `track` from the start of `bar` (from 1).
  ///
  /// Throws `noSuchTrack` or `noMIDITrack` before anything is changed, and `takeFailed` after all
  /// has been put back. A take that differs from what was played is no error but in the report.
  public func record(
    _ pattern: Pattern, track: String, bar: Int
  ) async throws(ArdourError) -> TakeReport {
    let strip = try await ardour.midiTrack(named: track)
    let take = RunningTake(
      ardour: ardour, performer: performer, settings: settings, locator: locator)
    var changed: (back: [String], left: [String]) = ([], [])
    do {
      let plan = try await take.plan(pattern, strip: strip, bar: bar)
      try await take.perform(plan)
      changed = await take.putBack()
      return try await take.verify(plan, leftChanged: changed.left)
    } catch {
      let step = await take.step
      let more = await take.putBack()
      let pieces = await take.pieces()
      let left = changed.left + more.left
      var damage: TakeFailure.Damage?
      if case .takeDamaged = error, left.isEmpty { damage = pieces.damage }
      throw .takeFailed(
        TakeFailure(
          step: step, reason: error.description, putBack: changed.back + more.back,
          leftChanged: left + pieces.words, damage: damage))
    }
  }
}

/// The step of a take that failed, and how the session was left.
public struct TakeFailure: Hashable, Sendable {
  /// What a take consists of, in order; the raw value completes "could not …".
  public enum Step: String, Hashable, Sendable {
    /// Nothing was changed yet but the file.
    case saveBefore = "save the session before the take"
    /// Looking for and reading the session's file.
    case readSession = "read the saved session"
    /// Whether a take is possible as things stand.
    case check = "find the session ready for a take"
    /// Transport to a stop.
    case stopTransport = "stop the transport"
    /// Punch in and out, which would cut the take.
    case punch = "switch punch in and out off"
    /// Tracks that would record too.
    case disarmOthers = "disarm the other tracks"
    /// The track itself.
    case arm = "arm the track"
    /// Playhead to the start.
    case locate = "move the playhead to the start"
    /// JACK connection into the track.
    case connect = "connect to the track"
    /// Events made ready.
    case prepare = "make the pattern ready"
    /// Global recording on.
    case enableRecord = "switch on recording"
    /// Transport rolling.
    case roll = "start the transport"
    /// The pattern itself.
    case play = "play the pattern to its end"
    /// Transport to a stop after the take.
    case stopRecording = "stop after the take"
    /// The take to disk.
    case saveAfter = "save the take"
    /// Reading it back.
    case verify = "read the take back"
  }

  /// The step that failed.
  public let step: Step
  /// Why, in a sentence.
  public let reason: String
  /// What had been changed and was put back.
  public let putBack: [String]
  /// What had been changed and could not be put back, with the reason; what has the same reason stands together.
  public let leftChanged: [String]
  /// Nil when the take failed for another reason than damage, as by an xrun, or not all could be put
  /// back.
  public let damage: Damage?

  /// What a damaged take left on its track.
  public enum Damage: Hashable, Sendable {
    /// Nothing: it can be recorded again at once.
    case nothing
    /// A region or more.
    case take(PlacedTake)
  }
}

/// A take that ended, and what of it Ardour wrote.
public struct TakeReport: Sendable {
  /// The track, as Ardour spells it.
  public let track: String
  /// The take's bars, from 1.
  public let bars: ClosedRange<Int>
  /// The session file it was read from.
  public let session: URL
  /// The regions the take made; one, unless something went wrong.
  public let regions: [SessionFile.Region]
  /// Played and recorded, compared.
  public let verification: TakeVerification
  /// The offset reckoned with: remembered from an earlier take, or expected for Ardour's mode.
  public let expectedOffset: Int
  /// By how many frames events were sent late to make up for it.
  public let delay: Int
  /// The offset that was measured, in frames and without the delay; nil when nothing was recorded.
  public let measuredOffset: Double?
  /// Regions that were on the track before and are gone or changed; always empty, or Ardour has
  /// done what it should not.
  public let disturbed: [SessionFile.Region]
  /// What could not be put back after the take, each with its reason.
  public let leftChanged: [String]
  /// What of the session is otherwise than before the take, though the take did not touch it.
  public let changedMeanwhile: [String]

  /// Whether the measured offset is another than the one reckoned with, beyond rounding.
  public var isOffsetSurprising: Bool {
    guard let measuredOffset else { return false }
    return abs(measuredOffset - Double(expectedOffset)) > 8
  }

  /// Whether nothing is wrong with the take but the offset that was reckoned with.
  public var needsItsOffset: Bool {
    !verification.isExact && verification.isExactButForOffset && offsetToRemember != nil
  }

  /// The offset to reckon with in the next take, in whole frames.
  public var offsetToRemember: Int? {
    measuredOffset.flatMap { Int(exactly: $0.rounded()) }
  }

  /// Whether the take is in the track as it was played and nothing else was touched.
  public var isGood: Bool {
    verification.isExact && disturbed.isEmpty && leftChanged.isEmpty
  }
}
