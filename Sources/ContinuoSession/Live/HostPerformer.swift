// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoJack
internal import ContinuoMusic
internal import ContinuoRealtime
internal import Foundation
internal import Synchronization

/// Plays a take into Ardour through the real-time host: the hands of *keep*.
///
/// Events lie on frames of the song and are sent at them, so tempo changes and ramps cost nothing.
/// JACK's transport tells those frames. Where Ardour keeps its own clock they are worked out from
/// its MIDI Clock, held against the saved tempo map, while it rolls towards the take.
final class HostPerformer: TakePerformer {
  /// The slot a take is played from; auditions use others.
  static let slot = 7
  /// Frames in one unit of the program.
  private static let unit = 16.0

  let host: any SessionHost
  /// The song's tempo and metre, from the saved session.
  let map: SongMap
  let sampleRate: Int
  let output: String
  private let prepared = Mutex<TakePerformance?>(nil)

  init(host: any SessionHost, map: SongMap, sampleRate: Int, output: String) {
    self.host = host
    self.map = map
    self.sampleRate = sampleRate
    self.output = output
  }

  func connect(to port: String) async throws -> Bool {
    let wire = RealtimeHost.Wire(from: output, to: port)
    if host.isMade(wire) { return false }
    try host.keepConnected(wire)
    return true
  }

  func disconnect(from port: String) async throws {
    host.letGo(.init(from: output, to: port))
  }

  func prepare(_ performance: TakePerformance) async throws {
    let first = performance.events.first?.frame ?? performance.endFrame
    let events = Self.program(performance, from: first)
    // A bar more than the music, so that the last note's end lies within the program.
    let length = Double(performance.endFrame - first + 4 * sampleRate) / Self.unit
    let program = try PatternProgram(
      identity: host.makeIdentity(), length: max(length, 1), events: events)
    guard host.load(program, into: Self.slot),
      host.send(
        .take(slot: Self.slot, from: first, byTransport: !performance.followsOwnClock))
    else { throw ArdourError.performer(reason: "the JACK server does not run") }
    prepared.withLock { $0 = performance }
  }

  /// The events as the process thread plays them, in units from frame `first` on.
  private static func program(
    _ performance: TakePerformance, from first: Int
  ) -> [PatternProgram.Event] {
    var events: [PatternProgram.Event] = []
    var open: [Int: [(at: Double, velocity: UInt8)]] = [:]
    for event in performance.events {
      let at = Double(event.frame - first) / unit
      let bytes = event.bytes
      guard let status = bytes.first, bytes.count <= 3, status < 0xF0 else { continue }
      let data = bytes.dropFirst() + [0, 0]
      let (first, second) = (data[1], data[2])
      let key = Int(status & 0x0F) << 7 | Int(first)
      switch status & 0xF0 {
      case 0x90 where second > 0:
        open[key, default: []].append((at, second))
      case 0x80, 0x90:
        guard let begun = open[key]?.first else { continue }
        open[key]?.removeFirst()
        events.append(
          .init(
            at: begun.at, end: at,
            noteOn: ShortMessage(0x90 | status & 0x0F, first, begun.velocity), release: second))
      default:
        events.append(
          .init(at: at, message: ShortMessage(status, first, second, size: UInt8(bytes.count))))
      }
    }
    return events
  }

  func finished() async throws {
    guard let performance = prepared.withLock({ $0 }) else {
      throw ArdourError.performer(reason: "no take was prepared")
    }
    let before = host.status.counters
    /// Where frame 0 of the song lies in ours; nil where JACK's transport tells it.
    var origin: Int64?
    if performance.followsOwnClock {
      origin = try await place(performance)
    } else {
      guard await host.wait(seconds: 10, until: \.transportRolling) else {
        throw ArdourError.performer(
          reason: "the JACK transport does not roll with Ardour: set Ardour's transport master to "
            + "JACK, and switch on external sync")
      }
    }
    try await reachEnd(performance.endFrame, origin: origin)
    let after = host.status.counters
    func grew(_ name: String) -> UInt64 { (after[name] ?? 0) &- (before[name] ?? 0) }
    guard grew("playLost") == 0 else {
      throw ArdourError.performer(reason: "the output port had no room for every event")
    }
    guard grew("playLate") == 0, grew("xruns") == 0 else {
      throw ArdourError.takeDamaged(
        reason: "JACK ran without Continuo for a moment (\(grew("xruns")) xruns, "
          + "\(grew("playLate")) late notes)")
    }
  }

  /// Returns once the playhead is past the take's last event.
  private func reachEnd(_ endFrame: Int, origin: Int64?) async throws {
    let end = Int64(endFrame)
    @Sendable func frame(_ snapshot: RealtimeSnapshot) -> Int64 {
      guard let origin else { return Int64(snapshot.transportFrame) }
      return Int64(bitPattern: snapshot.frame) - origin
    }
    @Sendable func rolls(_ snapshot: RealtimeSnapshot) -> Bool {
      origin == nil ? snapshot.transportRolling : snapshot.song.rolling
    }
    let left = Double(max(end - frame(host.snapshot()), 0)) / Double(sampleRate)
    let margin = Int64(sampleRate / 50)
    let reached = await host.wait(seconds: left + 5) { !rolls($0) || frame($0) > end + margin }
    try Task.checkCancellation()
    guard host.isConnected else {
      throw ArdourError.performer(reason: "the JACK server went before the take was over")
    }
    let last = host.snapshot()
    guard reached, frame(last) > end else {
      let place = map.position(at: map.beats(atSeconds: Double(frame(last)) / Double(sampleRate)))
      throw ArdourError.performer(
        reason: "the transport stopped before the take was over, at bar \(place.bar)")
    }
  }

  /// Finds the song's frame 0 from Ardour's MIDI Clock, and tells the process thread.
  ///
  /// A clock bounds the song's place to a frame; from the second beat on their line is a frame off
  /// at most (`docs/realtime-contract.md`).
  private func place(_ performance: TakePerformance) async throws -> Int64 {
    let heard = host.snapshot().clocks
    let rolled = await host.wait(seconds: 3) {
      $0.source == .midiClock && $0.song.rolling && $0.song.isKnown && $0.clocks >= heard + 30
    }
    guard rolled else {
      throw ArdourError.performer(
        reason: host.snapshot().clocks > heard
          ? "Ardour's MIDI Clock does not tell where the song is"
          : "Ardour rolls on its own clock but sends no MIDI Clock: Preferences > MIDI > Send MIDI "
            + "Clock")
    }
    var origins: [Int64] = []
    var lastFrame: UInt64 = 0
    while origins.count < 5 {
      let after = lastFrame
      guard await host.wait(seconds: 1, until: { $0.frame > after }) else { break }
      let snapshot = host.snapshot()
      lastFrame = snapshot.frame
      guard snapshot.song.rolling, snapshot.song.isKnown else { break }
      let seconds = map.seconds(at: Beats(snapshot.song.quarters))
      let origin = Double(snapshot.frame) - seconds * Double(sampleRate)
      origins.append(Int64(origin.rounded()))
    }
    origins.sort()
    guard origins.count == 5, origins[4] - origins[0] <= 3 else {
      throw ArdourError.performer(
        reason: "Ardour's MIDI Clock does not keep to the tempo map as it was saved")
    }
    let origin = origins[2]
    let first = Int64(performance.events.first?.frame ?? 0)
    guard host.send(.placeTake(origin: origin)),
      Int64(bitPattern: host.snapshot().frame) + 2 * Int64(host.snapshot().frames) < origin + first
    else {
      throw ArdourError.performer(reason: "the playhead was too near to the take to find its place")
    }
    return origin
  }

  func end() async {
    prepared.withLock { $0 = nil }
    host.send(.stop(at: .now))
    // The note-offs leave before the ports part; status shows what sounds still.
    _ = await host.awaitQuiet(seconds: 1)
  }
}
