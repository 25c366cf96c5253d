// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// What is to be played into a track, at exact frames of the transport.
public struct TakePerformance: Hashable, Sendable {
  /// One message at its frame.
  public struct Event: Hashable, Sendable {
    /// Frame of the transport, from the song's start; never negative.
    public let frame: Int
    /// One whole MIDI message.
    public let bytes: [UInt8]
  }

  /// The events in order of frame; at one frame, notes end before others begin.
  public let events: [Event]
  /// The notes as they are played, in song time: what a perfect recording holds.
  public let notes: [Note]
  /// The controls as they are played, in song time.
  public let controls: [Pattern.Control]
  /// Where the take begins, in song time.
  public let start: Beats
  /// Where the take ends, in song time.
  public let end: Beats
  /// The frame after which nothing more comes.
  public let endFrame: Int
  /// Whether Ardour rolls on its own clock, so that JACK's transport tells nothing of its frames.
  public let followsOwnClock: Bool

  /// Lays `pattern` into the song at `start`, each event `delay` frames later than its place.
  ///
  /// A note that would sound on when its key is struck again on its channel is cut there, and a
  /// note that outlasts the pattern is cut at its end, as a recording holds neither. Events that
  /// would fall before frame 0 are moved to it.
  public init(
    _ pattern: Pattern, at start: Beats, in map: SongMap, sampleRate: Int, delay: Int = 0,
    followsOwnClock: Bool = false
  ) {
    self.followsOwnClock = followsOwnClock
    func frame(_ beats: Beats) -> Int {
      let frame = (map.seconds(at: beats) * Double(sampleRate)).rounded() + Double(delay)
      return max(0, Int(exactly: frame) ?? 0)
    }
    let end = start + pattern.length
    let played = Self.separated(pattern.notes, length: pattern.length).map { note in
      var placed = note
      placed.start += start
      return placed
    }
    var ordered: [(event: Event, rank: Int)] = []
    controls = pattern.controls.filter { $0.at >= .zero && $0.at < pattern.length }
      .map { Pattern.Control(at: start + $0.at, bytes: $0.bytes) }
    for control in controls {
      ordered.append((Event(frame: frame(control.at), bytes: control.bytes), 1))
    }
    for note in played {
      let on = [0x90 | note.channel, note.pitch, note.velocity]
      let off = [0x80 | note.channel, note.pitch, note.releaseVelocity]
      let first = frame(note.start)
      ordered.append((Event(frame: first, bytes: on), 2))
      ordered.append((Event(frame: max(first + 1, frame(note.end)), bytes: off), 0))
    }
    events = ordered.enumerated()
      .sorted {
        ($0.element.event.frame, $0.element.rank, $0.offset)
          < ($1.element.event.frame, $1.element.rank, $1.offset)
      }
      .map(\.element.event)
    notes = played
    self.start = start
    self.end = end
    endFrame = max(frame(end), events.last?.frame ?? 0)
  }

  private static func separated(_ notes: [Note], length: Beats) -> [Note] {
    var next: [Int: Beats] = [:]
    var result: [Note] = []
    for var note in notes.reversed() where note.start >= .zero && note.start < length {
      let key = Int(note.channel) << 7 | Int(note.pitch)
      let limit = next[key] ?? length
      // Two notes of one key at one place are one note.
      guard note.start < limit else { continue }
      note.duration = min(note.end, limit) - note.start
      next[key] = note.start
      result.append(note)
    }
    return result.reversed()
  }
}

/// Plays a take into Ardour: the JACK client, seen from here.
///
/// The calls come in the order `connect`, `prepare`, `finished`, then `end` and `disconnect`
/// whatever happened. What a call throws ends the take and is reported as the reason.
public protocol TakePerformer: Sendable {
  /// Connects the output to the JACK port `port`; true when this call made the connection, false
  /// when it was there before.
  func connect(to port: String) async throws -> Bool

  /// Makes ready to send each event when the rolling song reaches its frame: JACK's transport, or
  /// Ardour's own where the performance says so.
  ///
  /// Nothing may be sent while that transport stands still or is elsewhere.
  func prepare(_ performance: TakePerformance) async throws

  /// Returns when the last event has been sent; throws when any could not be.
  func finished() async throws

  /// Ends whatever still sounds and forgets the performance.
  func end() async

  /// Takes back the connection to `port`.
  func disconnect(from port: String) async throws
}
