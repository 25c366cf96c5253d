// SPDX-License-Identifier: MIT

/// What was captured: every MIDI event with its frame and its place in the song.
public struct Take: Hashable, Sendable, Codable {
  /// One captured MIDI event.
  public struct Event: Hashable, Sendable, Codable {
    /// Absolute frame, 64 bits, on the sample clock of the audio server.
    public var frame: UInt64
    /// Input port, from 1.
    public var port: Int
    /// The message exactly as it arrived.
    public var bytes: [UInt8]
    /// Where the song was; nil when no time base was known.
    public var position: SongPosition?
    /// Whether the transport was rolling.
    public var rolling: Bool

    /// Makes one event of a take.
    public init(
      frame: UInt64, port: Int, bytes: [UInt8], position: SongPosition?, rolling: Bool
    ) {
      self.frame = frame
      self.port = port
      self.bytes = bytes
      self.position = position
      self.rolling = rolling
    }
  }

  /// In the order they arrived, which is the order of their frames.
  public var events: [Event]
  /// Frames per second while it was captured.
  public var sampleRate: Double

  /// Makes a take of `events` at `sampleRate` frames per second.
  public init(events: [Event] = [], sampleRate: Double) {
    self.events = events
    self.sampleRate = sampleRate
  }
}
