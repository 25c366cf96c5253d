// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import Foundation

/// What each source of the song's place loses as Ardour is set now, and which setting mends it.
enum SongSources {
  private static let write = "continuo doctor --write-ardour-settings, with Ardour closed"

  /// The findings, one for each source.
  static func findings(_ settings: ArdourSettings, lendsTime: Bool) -> [Finding] {
    [jack(settings, lendsTime: lendsTime), ardour(settings), own]
  }

  private static func jack(_ settings: ArdourSettings, lendsTime: Bool) -> Finding {
    let check = "song: JACK transport"
    guard settings.followsExternalClock else {
      return Finding(
        check: check, verdict: .doubtful,
        found: "Ardour keeps its own clock: its start, stop and place do not reach JACK",
        mend: "Session > Properties > Timecode: external sync (external-sync), or \(write)")
    }
    guard settings.transportMaster == ArdourSettings.jackMaster else {
      return Finding(
        check: check, verdict: .doubtful,
        found: "Ardour waits for \(TerminalText.clean(settings.transportMaster ?? "MIDI Clock")) "
          + "and will not roll with JACK",
        mend: "Window > Transport Masters: JACK Transport (TransportMasters/current), or \(write)")
    }
    guard lendsTime else {
      return Finding(
        check: check, verdict: .doubtful,
        found: "start, stop and frame are shared; bars and beats are not told",
        mend: "Session > Properties > Timecode: Ardour is JACK time master (jack-time-master)")
    }
    return Finding(
      check: check, verdict: .good,
      found: "shared with Ardour, exact to the frame; no loop and no varispeed in this mode",
      mend: nil)
  }

  private static func ardour(_ settings: ArdourSettings) -> Finding {
    let check = "song: Ardour's own clock"
    guard settings.answersOSC else {
      return Finding(
        check: check, verdict: .doubtful,
        found: "OSC is off in this session: place, tracks, arming and keep are lost",
        mend: "Preferences > Control Surfaces > Open Sound Control (OSC), or \(write)")
    }
    guard settings.sendsMIDIClock else {
      return Finding(
        check: check, verdict: .doubtful,
        found: "OSC alone: the place is known to some milliseconds, the tempo only as saved",
        mend: "Preferences > MIDI: send MIDI Clock (send-midi-clock), or \(write)")
    }
    return Finding(
      check: check, verdict: .good,
      found: "MIDI Clock is sent: exact to the frame; no metre is told, a candidate is heard one "
        + "JACK period late, and keep needs a second and a half of song before its place", mend: nil
    )
  }

  /// Continuo's own clock, whatever Ardour's settings are.
  static let own = Finding(
    check: "song: Continuo's own clock", verdict: .good,
    found: "tempo BPM METRE sets it; it knows nothing of Ardour's bars, so keep does not fit them",
    mend: nil)
}
