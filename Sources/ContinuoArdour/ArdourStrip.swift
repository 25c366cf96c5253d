// SPDX-License-Identifier: MIT

/// A channel strip of Ardour's mixer: a track, a bus or a fader group.
public struct ArdourStrip: Hashable, Sendable, Codable {
  /// What kind of strip it is; the raw value is Ardour's own code.
  public enum Kind: String, Hashable, Sendable, Codable {
    /// A track that records audio.
    case audioTrack = "AT"
    /// A track that records MIDI.
    case midiTrack = "MT"
    /// A bus for audio.
    case audioBus = "B"
    /// A bus for MIDI.
    case midiBus = "MB"
    /// A monitor mix for a performer.
    case foldback = "FB"
    /// A fader that moves others.
    case vca = "V"
    /// The master bus.
    case master = "MA"
    /// The control-room monitor.
    case monitor = "MO"

    /// As a musician would say it: "MIDI track".
    public var label: String {
      switch self {
      case .audioTrack: "audio track"
      case .midiTrack: "MIDI track"
      case .audioBus: "audio bus"
      case .midiBus: "MIDI bus"
      case .foldback: "foldback bus"
      case .vca: "VCA"
      case .master: "master bus"
      case .monitor: "monitor"
      }
    }

    /// Whether it can record.
    public var isTrack: Bool { self == .audioTrack || self == .midiTrack }
  }

  /// Its number in this surface's list, from 1; changes when strips are added, removed or moved.
  public var id: Int
  /// Its name, which no other strip of the session has.
  public var name: String
  /// What it is.
  public var kind: Kind
  /// Whether it is silenced.
  public var isMuted: Bool
  /// Whether it is soloed.
  public var isSoloed: Bool
  /// Whether it is armed for recording; always false when it is no track.
  public var isArmed: Bool

  /// Makes a strip.
  public init(
    id: Int, name: String, kind: Kind, isMuted: Bool = false, isSoloed: Bool = false,
    isArmed: Bool = false
  ) {
    self.id = id
    self.name = name
    self.kind = kind
    self.isMuted = isMuted
    self.isSoloed = isSoloed
    self.isArmed = isArmed
  }
}

/// The names of Ardour's JACK ports.
public enum ArdourPort {
  /// Ardour's JACK client name unless it was started with `-c`.
  public static let standardClient = "ardour"

  /// The port that a MIDI track records from.
  public static func midiInput(track: String, client: String = standardClient) -> String {
    "\(client):\(track)/midi_in 1"
  }

  /// The port that a MIDI track plays to.
  public static func midiOutput(track: String, client: String = standardClient) -> String {
    "\(client):\(track)/midi_out 1"
  }
}
