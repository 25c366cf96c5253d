// SPDX-License-Identifier: MIT

/// A Standard MIDI File: what is in it, event for event, without interpretation.
///
/// `SongMap` gives its time a meaning, `PatternFile` its notes. Reading and writing round-trip every
/// event exactly; only the spelling (running status, padded lengths, foreign chunks) is not kept.
public struct StandardMIDIFile: Hashable, Sendable {
  /// How the tracks belong together.
  public enum Format: UInt16, Hashable, Sendable {
    /// One track.
    case single = 0
    /// Tracks that sound together; the first holds tempo and metre.
    case parallel = 1
    /// Tracks that are songs of their own.
    case sequential = 2
  }

  /// Frames a second of a time-code division.
  public enum FrameRate: Int, Hashable, Sendable {
    /// Film.
    case fps24 = 24
    /// PAL television.
    case fps25 = 25
    /// NTSC television with dropped frame numbers: 30000/1001 frames a second.
    case fps30Drop = 29
    /// 30 frames a second.
    case fps30 = 30

    /// Frames a second.
    public var framesPerSecond: Double {
      self == .fps30Drop ? 30_000.0 / 1_001 : Double(rawValue)
    }
  }

  /// What one tick is.
  public enum Division: Hashable, Sendable {
    /// Ticks in a quarter note, 1...32767.
    case ticksPerQuarter(Int)
    /// Ticks in a frame, 1...255, at a frame rate.
    case timeCode(FrameRate, ticksPerFrame: Int)
  }

  /// What an event says.
  public enum Payload: Hashable, Sendable {
    /// A channel message.
    case channel(ChannelMessage)
    /// An F0 event: the bytes after F0 and the length. Unless they end in F7 the message goes on in
    /// the next escape.
    case sysEx([UInt8])
    /// An F7 event: bytes to be sent as they are, such as the rest of a SysEx.
    case escape([UInt8])
    /// A meta event.
    case meta(MetaEvent)
  }

  /// An event in its place.
  public struct Event: Hashable, Sendable {
    /// Ticks from the track's start, 0...`StandardMIDIFile.maximumTick`.
    public var tick: Int
    /// What it says.
    public var payload: Payload

    /// Places `payload` at `tick`.
    public init(tick: Int, _ payload: Payload) {
      self.tick = tick
      self.payload = payload
    }
  }

  /// A file read, and what had to be forgiven.
  public struct Reading: Hashable, Sendable {
    /// The file.
    public let file: StandardMIDIFile
    /// What was put right, in the order it was met; empty for a faultless file.
    public let repairs: [Repair]
  }

  /// The latest tick read or written, 2⁴⁰: half a year at 32767 ticks a quarter and 120 BPM.
  public static let maximumTick = 1 << 40
  /// The longest delta time, data length or gap between two events.
  public static let maximumDelta = 0x0FFF_FFFF

  /// How the tracks belong together.
  public var format: Format
  /// What one tick is.
  public var division: Division
  /// The tracks' events in order of tick, the last of each an end of track.
  public var tracks: [[Event]]

  /// Makes a file of `tracks`; nothing is checked until it is written.
  public init(format: Format, division: Division, tracks: [[Event]]) {
    self.format = format
    self.division = division
    self.tracks = tracks
  }

  /// Reads `bytes`, forgiving what `read(_:)` forgives.
  public init(_ bytes: [UInt8]) throws(MusicError) {
    self = try Self.read(bytes).file
  }

  /// The latest tick in any track, its end included.
  public var lastTick: Int { tracks.reduce(0) { max($0, $1.last?.tick ?? 0) } }
}
