// SPDX-License-Identifier: MIT
import ContinuoOSC
import ContinuoRealtime
import Foundation

@testable import ContinuoSession

/// A log as a session would have written it: an Ardour with one track, two bars played, a take.
struct HandMadeLog {
  private(set) var lines: [String] = []
  private var at: UInt64 = 0

  init() {
    let header = LogHeader(
      program: "0.1.0", date: "2026-11-23T18:00:00Z", name: "hand", sampleRate: 48_000,
      bufferSize: 256)
    lines.append(Self.text(header))
  }

  /// Adds a line, a millisecond or `later` nanoseconds after the last.
  mutating func add(_ event: LogEvent, later: UInt64 = 1_000_000) {
    at += later
    lines.append(Self.text(LogLine(at: at, event: event)))
  }

  var bytes: [UInt8] { [UInt8]((lines.joined(separator: "\n") + "\n").utf8) }

  private static func text(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: (try? encoder.encode(value)) ?? Data(), as: UTF8.self)
  }

  mutating func receive(_ address: String, _ arguments: OSCArgument...) {
    let bytes = (try? OSCPacket.encode(OSCMessage(address, arguments))) ?? []
    add(.oscReceived(client: 1, address: address, bytes: Data(bytes)))
  }

  mutating func listStrips() {
    receive(
      "/reply", .string("MT"), .string("Bass"), .int32(0), .int32(2), .int32(0), .int32(0),
      .int32(1), .int32(0))
    receive("/reply", .string("end_route_list"), .int64(48_000), .int64(480_000), .int32(0))
  }

  static let bass = ProjectState.Followed(input: 1, name: "Bass", port: "ardour:Bass/midi_out 1")

  static func state(_ followed: [ProjectState.Followed] = [], sounds: Bool = false) -> LoggedState {
    LoggedState(followed: followed, followsSelection: false, sounds: sounds)
  }

  mutating func reply(
    _ command: Int, _ lines: [String], _ data: JSONValue, followed: [ProjectState.Followed],
    later: UInt64 = 1_000_000
  ) {
    add(
      .reply(
        command: command, reply: .done(lines, data: data), after: Self.state(followed)),
      later: later)
  }

  mutating func meetArdour() {
    add(.ardourMet(client: 1, port: 3819))
    receive("/session_name", .string("Song"))
    listStrips()
    add(.ardourTaken(client: 1, command: nil))
  }

  /// `tracks`: answered only after Ardour has answered.
  mutating func askTracks(_ number: Int, name: String = "Bass") {
    add(.command(number: number, command: .tracks))
    listStrips()
    reply(
      number, ["1  \(name)  MIDI track"],
      [
        "tracks": [
          [
            "id": 1, "name": .string(name), "kind": "MIDI track", "armed": false, "muted": false,
            "soloed": false, "followed": false,
          ]
        ]
      ], followed: [])
  }

  mutating func follow(_ number: Int) {
    add(.command(number: number, command: .follow(tracks: ["Bass"])))
    listStrips()
    add(.ports(command: number, names: ["ardour:Bass/midi_out 1"]))
    add(.wired(command: number, failure: nil))
    reply(
      number, ["Following:", "in_1  Bass"],
      ["followed": [["input": 1, "track": "Bass", "port": "ardour:Bass/midi_out 1"]]],
      followed: [Self.bass])
  }

  /// Two bars of quarters at 120 BPM, key 36 upwards, then a stop on bar 3.
  mutating func play() {
    func record(_ kind: RealtimeEvent.Kind, _ quarters: Double) -> CapturedEvent {
      var event = RealtimeEvent(kind: kind, frame: UInt64(quarters * 24_000))
      event.quarters = quarters
      event.flags = 3
      return CapturedEvent(event: event, bytes: [])
    }
    func note(_ status: UInt8, _ key: Int, _ quarters: Double) -> CapturedEvent {
      var event = record(.midi, quarters).event
      event.port = 1
      event.bar = Int32(quarters / 4) + 1
      event.beat = Int16(quarters) % 4 + 1
      event.length = 3
      return CapturedEvent(event: event, bytes: [status, UInt8(key), 100])
    }
    add(.captured(events: [LoggedEvent(record(.transportStarted, 0))]))
    for quarter in 0..<8 {
      let at = Double(quarter)
      let pair = [note(0x90, 36 + quarter, at), note(0x80, 36 + quarter, at + 0.5)]
      add(.captured(events: pair.map { LoggedEvent($0) }))
    }
  }

  /// `take 2`: the stop comes out of the ring only while the command runs.
  mutating func take(_ number: Int, notes: Int = 8) {
    add(.command(number: number, command: .take(request: TakeRequest(bars: 2))))
    var snapshot = RealtimeSnapshot()
    snapshot.frame = 192_000
    snapshot.frames = 256
    snapshot.sampleRate = 48_000
    snapshot.song.isKnown = true
    snapshot.song.quarters = 8
    snapshot.song.bar = 3
    snapshot.song.barStart = 8
    snapshot.song.quartersPerMinute = 120
    add(.song(command: number, place: LoggedPlace(snapshot)))
    var stop = RealtimeEvent(kind: .transportStopped, frame: 192_000)
    stop.quarters = 8
    stop.flags = 2
    add(.captured(events: [LoggedEvent(CapturedEvent(event: stop, bytes: []))]))
    add(.caughtUp(command: number))
    reply(
      number, ["Took bars 1-2", "Bass: \(notes) notes"],
      [
        "firstBar": 1, "bars": 2, "tempo": 120, "meter": "4/4", "file": nil,
        "tracks": [["name": "Bass", "notes": .int(notes)]],
        "passes": [["pass": 1, "firstBar": 1, "lastBar": 2]],
      ], followed: [Self.bass])
  }

  /// The end, with what the take holds.
  mutating func end(captured: Int = 16) {
    add(
      .ended(
        state: FinalState(
          session: "Song",
          strips: [
            .init(
              number: 1, name: "Bass", kind: "MIDI track", isArmed: false, isMuted: false,
              isSoloed: false)
          ], followed: [Self.bass], captured: captured, forgotten: 0,
          heard: .init(
            firstBar: 1, bars: 2,
            tracks: [
              .init(name: "Bass", notes: (0..<8).map { [36 + Double($0), 100, Double($0), 0.5] })
            ]))))
  }

  /// The whole story.
  static func whole() -> HandMadeLog {
    var log = HandMadeLog()
    log.meetArdour()
    log.askTracks(1)
    log.follow(2)
    log.play()
    log.take(3)
    log.end()
    return log
  }
}
