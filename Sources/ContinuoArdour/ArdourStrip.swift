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

  /// What Ardour tells of it besides its line in the list; nil until it was told.
  public var details = Details()

  /// What Ardour tells of a strip one by one.
  public struct Details: Hashable, Sendable, Codable {
    /// Whether its In button is on: its input sounds.
    public var monitorsInput: Bool?
    /// Whether its Disk button is on: its recording sounds.
    public var monitorsDisk: Bool?
    /// Its fader, in decibels.
    public var gain: Double?
    /// Whether it is selected in the mixer.
    public var isSelected: Bool?
    /// Whether it is hidden in the mixer.
    public var isHidden: Bool?
    /// Its group; empty when it is in none.
    public var group: String?

    /// Nothing told yet.
    public init() {}
  }

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

  /// The track whose MIDI port `port` ("client:track/midi_in 1") is; nil for any other port.
  public static func track(ofPort port: String) -> String? {
    guard let colon = port.firstIndex(of: ":") else { return nil }
    for ending in ["/midi_in 1", "/midi_out 1"] where port.hasSuffix(ending) {
      let name = port[port.index(after: colon)...].dropLast(ending.count)
      return name.isEmpty ? nil : String(name)
    }
    return nil
  }
}
