// SPDX-License-Identifier: MIT

/// What is known about the running Ardour, from what it last said.
public struct ArdourState: Hashable, Sendable {
  /// Whether Ardour is there.
  public enum Presence: Hashable, Sendable {
    /// It has spoken within the last 2.5 s.
    case present
    /// Nothing has been heard from it for longer; it is asked again every second.
    case gone
  }

  /// Whether Ardour is there; what else stands here is its last word.
  public internal(set) var presence: Presence = .present
  /// The session's name; nil until it was told.
  public internal(set) var sessionName: String?
  /// All strips in the mixer's order; empty until they were listed.
  public internal(set) var strips: [ArdourStrip] = []
  /// Frames per second; nil until the strips were listed.
  public internal(set) var sampleRate: Int?
  /// The last frame of the session's range; nil until the strips were listed.
  public internal(set) var endFrame: Int?
  /// 0 stopped, 1 playing, negative backwards; nil until it was told.
  ///
  /// At most 0.5 s old while Ardour is present.
  public internal(set) var speed: Double?
  /// The playhead, in frames from the session's start; every 100 ms while it moves.
  public internal(set) var frame: Int?
  /// Whether tracks that are armed record when the transport rolls; nil until it was told.
  public internal(set) var recordsGlobally: Bool?
  /// Whether any track is armed; nil until it was told.
  public internal(set) var hasArmedTrack: Bool?
  /// Whether recording begins at the punch range's start; nil until it was told.
  public internal(set) var punchesIn: Bool?
  /// Whether recording ends at the punch range's end; nil until it was told.
  public internal(set) var punchesOut: Bool?
  /// Whether the transport goes round the loop range; nil until it was told.
  public internal(set) var loops: Bool?
  /// The markers round the playhead, as Ardour words them ("verse <-> chorus"); nil until told.
  public internal(set) var marker: String?
  /// When Ardour last spoke.
  public internal(set) var lastHeard: ContinuousClock.Instant?

  /// Nothing known yet.
  public init() {}

  /// Whether the transport moves; nil until it was told.
  public var isRolling: Bool? { speed.map { $0 != 0 } }

  /// Whether notes are being written now, as far as OSC can tell.
  public var isRecording: Bool {
    recordsGlobally == true && hasArmedTrack == true && isRolling == true
  }

  /// How long ago Ardour last spoke; its heartbeat comes about every 1.05 s.
  public func heartbeatAge(now: ContinuousClock.Instant = .now) -> Duration? {
    lastHeard.map { now - $0 }
  }

  /// The strip of this name; an exact match goes before one that differs in case alone.
  public func strip(named name: String) -> ArdourStrip? {
    strips.first { $0.name == name }
      ?? strips.first { $0.name.lowercased() == name.lowercased() }
  }

  /// Whether an end of the punch range is switched on; nil until it was told.
  public func punches(_ side: ArdourClient.PunchSide) -> Bool? {
    switch side {
    case .in: punchesIn
    case .out: punchesOut
    }
  }
}
