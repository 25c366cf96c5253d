// SPDX-License-Identifier: MIT

/// Something that was wrong in a file or pattern and was put right rather than refused.
///
/// Nothing is repaired in silence: readers and writers hand back the list of what they changed.
/// Tracks count from 1.
public enum Repair: Hashable, Sendable, CustomStringConvertible {
  /// The header declares more tracks than the file holds.
  case missingTracks(declared: Int, found: Int)
  /// Bytes follow the last declared track.
  case bytesAfterLastTrack(count: Int)
  /// A chunk that is no track was passed over, as the specification asks.
  case skippedChunk(at: Int, length: Int)
  /// A track without an end-of-track event was given one at its last event.
  case missingEndOfTrack(track: Int)
  /// Bytes after a track's end-of-track event were passed over.
  case bytesAfterEndOfTrack(track: Int, count: Int)
  /// Running status went on after a meta or SysEx event, which ought to have ended it.
  case runningStatusAfterMeta(track: Int, count: Int)
  /// A tempo of zero or of the wrong size was passed over.
  case unusableTempo(tick: Int)
  /// A time signature that is no metre was passed over.
  case unusableMeter(tick: Int)
  /// Notes never ended were ended at the end of their track.
  case closedNotes(count: Int)
  /// Note-offs without a sounding note were dropped.
  case strayNoteOffs(count: Int)
  /// Notes struck again while they sounded were paired first on, first off.
  case overlappingNotes(count: Int)
  /// Notes of no length were made one tick long.
  case emptyNotes(count: Int)
  /// SysEx messages without an end, or escaped bytes that are no message, were dropped.
  case droppedMessages(count: Int)
  /// A pattern has one tempo: later changes were dropped.
  case droppedTempoChanges(count: Int)
  /// A pattern has one metre: later changes were dropped.
  case droppedMeterChanges(count: Int)
  /// A note inside a longer one of the same pitch and channel: a MIDI file exchanges their ends.
  case nestedNotes(count: Int)
  /// Events beyond the pattern's length made its track that much longer.
  case eventsPastEnd(count: Int)

  /// One sentence for a musician.
  public var description: String {
    switch self {
    case .missingTracks(let declared, let found):
      "The file promises \(declared) tracks and holds \(found)"
    case .bytesAfterLastTrack(let count):
      "Passed over \(count) bytes after the last track"
    case .skippedChunk(let at, let length):
      "Passed over \(length) bytes at byte \(at) that are no track"
    case .missingEndOfTrack(let track):
      "Track \(track) had no end; it ends with its last event"
    case .bytesAfterEndOfTrack(let track, let count):
      "Passed over \(count) bytes after the end of track \(track)"
    case .runningStatusAfterMeta(let track, let count):
      "Track \(track) leaves out \(count) status bytes it should not"
    case .unusableTempo(let tick):
      "Passed over an impossible tempo at tick \(tick)"
    case .unusableMeter(let tick):
      "Passed over an impossible time signature at tick \(tick)"
    case .closedNotes(let count):
      "Ended \(count) hanging notes at the end of their track"
    case .strayNoteOffs(let count):
      "Dropped \(count) note-offs without a note"
    case .overlappingNotes(let count):
      "Paired \(count) notes struck again while they sounded, first on first off"
    case .emptyNotes(let count):
      "Made \(count) notes of no length one tick long"
    case .droppedMessages(let count):
      "Dropped \(count) unfinished system messages"
    case .droppedTempoChanges(let count):
      "Dropped \(count) tempo changes: a pattern has one tempo"
    case .droppedMeterChanges(let count):
      "Dropped \(count) metre changes: a pattern has one metre"
    case .nestedNotes(let count):
      "\(count) notes lie inside longer ones of the same pitch: a MIDI file exchanges their ends"
    case .eventsPastEnd(let count):
      "\(count) events lie beyond the pattern's length: the track is longer"
    }
  }
}
