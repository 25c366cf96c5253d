// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoJack
internal import ContinuoMusic
internal import ContinuoRealtime
internal import Foundation
internal import Synchronization

/// Plays a take into Ardour through the real-time host: the hands of *keep*.
final class HostPerformer: TakePerformer {
  /// The slot a take is played from; auditions use others.
  static let slot = 7

  let host: any SessionHost
  /// The song's tempo and metre, from the saved session.
  let map: SongMap
  let sampleRate: Int
  let output: String
  /// Where the take that was prepared begins and ends, in quarters.
  private let prepared = Mutex<(start: Double, end: Double)?>(nil)

  init(host: any SessionHost, map: SongMap, sampleRate: Int, output: String) {
    self.host = host
    self.map = map
    self.sampleRate = sampleRate
    self.output = output
  }

  func connect(to port: String) async throws -> Bool {
    let isThere = host.withClient { $0.connections(of: output).contains(port) } ?? false
    try host.keepConnected(.init(from: output, to: port))
    return !isThere
  }

  func disconnect(from port: String) async throws {
    host.letGo(.init(from: output, to: port))
  }

  func prepare(_ performance: TakePerformance) async throws {
    let start = performance.start.quarters
    let end = quarters(performance.endFrame)
    var events: [PatternProgram.Event] = []
    var open: [Int: [(at: Double, velocity: UInt8)]] = [:]
    for event in performance.events {
      let at = quarters(event.frame) - start
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
    let identity = host.makeIdentity()
    // A bar more than the music, so that the last note's end lies within the program.
    let program = try PatternProgram(
      identity: identity, length: max(end - start, 0) + 4, events: events)
    guard host.load(program, into: Self.slot),
      host.send(.start(slot: Self.slot, at: .now, anchor: start, loops: false))
    else { throw ArdourError.performer(reason: "the JACK server does not run") }
    prepared.withLock { $0 = (start, end) }
  }

  func finished() async throws {
    guard let take = prepared.withLock({ $0 }) else {
      throw ArdourError.performer(reason: "no take was prepared")
    }
    let before = host.status.counters
    guard await host.wait(seconds: 10, until: { $0.song.rolling && $0.song.isKnown }) else {
      throw ArdourError.performer(
        reason: "the JACK transport does not roll with Ardour: set Ardour's transport master to "
          + "JACK, and switch on external sync")
    }
    let now = host.snapshot().song
    let seconds = (take.end - min(now.quarters, take.start)) * 60 / max(now.quartersPerMinute, 1)
    let reached = await host.wait(seconds: max(seconds, 0) + 5) {
      !$0.song.rolling || $0.song.quarters > take.end + 0.05
    }
    try Task.checkCancellation()
    guard host.isConnected else {
      throw ArdourError.performer(reason: "the JACK server went before the take was over")
    }
    let snapshot = host.snapshot()
    guard reached, snapshot.song.quarters > take.end else {
      throw ArdourError.performer(
        reason: "the transport stopped before the take was over, at bar \(snapshot.song.bar)")
    }
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

  func end() async {
    prepared.withLock { $0 = nil }
    host.send(.stop(at: .now))
    // The note-offs leave before the ports part; status shows what sounds still.
    _ = await host.awaitQuiet(seconds: 1)
  }

  private func quarters(_ frame: Int) -> Double {
    map.beats(atSeconds: Double(frame) / Double(sampleRate)).quarters
  }
}
