// SPDX-License-Identifier: MIT
import ContinuoArdour
import ContinuoMusic
import ContinuoRealtime
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoSession

/// What *keep* does through the whole session, beside the real Ardour 7.3.
@Suite(.serialized) struct KeepIntegrationTests {
  static let tracks = [
    ArdourSession.Track("Bass", notes: scale(36)), ArdourSession.Track("Keys", notes: scale(60)),
  ]

  /// How Ardour and its server are set for a keep.
  struct Case: Sendable, CustomTestStringConvertible {
    var period: Int
    var tempo: Double
    var changes: [String] = []
    var followsJack: Bool
    var capturesByTime: Bool

    var testDescription: String {
      "\(period) frames, \(tempo) BPM\(changes.isEmpty ? "" : " then \(changes)"), "
        + "\(followsJack ? "JACK's" : "Ardour's own") clock, "
        + (capturesByTime ? "capture time" : "existing material")
    }
  }

  /// Every pair of settings meets in one of them; the pattern lies over bars 3 to 6.
  static let cases = [
    Case(period: 256, tempo: 120, followsJack: true, capturesByTime: false),
    Case(period: 1024, tempo: 97.3, followsJack: true, capturesByTime: true),
    Case(
      period: 256, tempo: 97.3, changes: ["12=141.7"], followsJack: true, capturesByTime: true),
    Case(
      period: 1024, tempo: 120, changes: ["10=120-90", "18=90"], followsJack: true,
      capturesByTime: false),
    Case(period: 256, tempo: 97.3, followsJack: false, capturesByTime: false),
    Case(period: 1024, tempo: 120, followsJack: false, capturesByTime: true),
    Case(
      period: 1024, tempo: 97.3, changes: ["12=141.7"], followsJack: false, capturesByTime: false),
    Case(
      period: 256, tempo: 120, changes: ["10=120-90", "18=90"], followsJack: false,
      capturesByTime: true),
  ]

  /// Sixty-four notes over four bars, sixteenths on and off the grid.
  static var pattern: Pattern {
    let notes = (0..<64).compactMap { index in
      Note(
        pitch: 36 + index * 5 % 24, velocity: 30 + index,
        start: Beats(Double(index) / 4 + (index % 3 == 0 ? 1.0 / 24 : 0)),
        duration: Beats(0.1875))
    }
    return Pattern(name: "sixty-four", notes: notes, length: Beats(16))
  }

  static func live(
    _ server: JackServer, _ ardour: HeadlessArdour, name: String = "live"
  ) async throws -> LiveSession {
    let settings = try Settings(
      flags: .init(server: server.name, name: name, ardourPort: Int(ardour.port)),
      environment: [:])
    let session = try LiveSession(settings) { _ in }
    await session.lookForArdour()
    return session
  }

  @discardableResult
  static func say(_ session: LiveSession, _ line: String) async throws -> [String: JSONValue] {
    let reply = await session.handle(try CommandParser.parse(line)) { _ in }
    #expect(reply.exit == .done, "\(line): \(reply.error ?? "")")
    guard case .object(let members) = reply.data else { return [:] }
    return members
  }

  /// Puts `pattern` on the shelf as candidate 1 for the track Bass from bar `bar` on.
  static func shelve(
    _ session: LiveSession, _ pattern: Pattern = pattern, bar: Int
  ) async throws {
    try await say(session, "enhance track Bass seed 3 make it groovier")
    let client = try await session.needArdour()
    let start = try await session.savedSession(client).songMap.barStart(bar).quarters
    await session.replaceFirstCandidate(with: pattern, firstBar: bar, start: start)
  }

  @Test(.timeLimit(.minutes(3)), arguments: cases)
  func `sixty-four notes land within half a tick, and the session is as it was`(
    _ settings: Case
  ) async throws {
    let made = try await ArdourSession.make(
      Self.tracks, tempo: settings.tempo, tempoChanges: settings.changes,
      followsJack: settings.followsJack, capturesByTime: settings.capturesByTime)
    try await withArdour(made, period: settings.period) { ardour, server in
      let session = try await Self.live(server, ardour)
      let client = try await session.needArdour()
      try await client.setArmed(true, track: "Keys")
      try await client.locate(to: 12_345)
      if !settings.followsJack {
        // A bar played by the musician: Ardour's clock has been heard.
        try await Self.say(session, "transport play")
        let host = await session.host
        #expect(await host.wait(seconds: 10) { $0.clocks > 96 })
        try await Self.say(session, "transport stop")
        try await client.locate(to: 12_345)
      }
      try await Self.shelve(session, bar: 3)
      let before = await client.state
      let kept = try await Self.say(session, "keep 1 yes")
      #expect(kept["verified"] == .bool(true) && kept["recorded"] == .int(64))
      #expect(kept["leftChanged"] == .array([]) && kept["changedMeanwhile"] == .array([]))
      let after = await client.state
      #expect(after.strips == before.strips)
      #expect(after.frame == before.frame && after.speed == 0 && after.isRecording == false)

      // Read from the file with no help of the reply.
      let saved = try SessionFile(made.file)
      let start = saved.songMap.barStart(3)
      let region = try #require(saved.regions(onTrack: "Bass").last { $0.end > start + Beats(12) })
      let notes = try saved.notes(of: region).map(\.note)
        .sorted { ($0.start, $0.pitch) < ($1.start, $1.pitch) }
      let wanted = Self.pattern.notes.sorted { ($0.start, $0.pitch) < ($1.start, $1.pitch) }
      #expect(notes.map(\.pitch) == wanted.map(\.pitch))
      #expect(notes.map(\.velocity) == wanted.map(\.velocity))
      var worst = 0.0
      for (note, want) in zip(notes, wanted) {
        worst = max(worst, abs((note.start - start - want.start).quarters))
      }
      print("MEASURED keep, \(settings.testDescription): worst \(worst * 1920) ticks")
      #expect(worst * 1920 <= 0.5 + 1e-6)
      await session.shutdown()
    }
  }

  @Test(.timeLimit(.minutes(2)))
  func `pedals, wheels, bends, pressure and programs are kept in their places`() async throws {
    var controls = [
      Pattern.Control(at: .zero, bytes: [0xC0, 33]),
      Pattern.Control(at: Beats(0.5), bytes: [0xB0, 64, 127]),
      Pattern.Control(at: Beats(3.5), bytes: [0xB0, 64, 0]),
      // Twice the same: it is what was played.
      Pattern.Control(at: Beats(4), bytes: [0xB0, 7, 100]),
      Pattern.Control(at: Beats(4.5), bytes: [0xB0, 7, 100]),
      Pattern.Control(at: Beats(5), bytes: [0xD0, 80]),
      Pattern.Control(at: Beats(5.25), bytes: [0xA0, 60, 70]),
    ]
    for step in 0..<24 {
      let at = Beats(8 + Double(step) / 7)
      controls.append(.init(at: at, bytes: [0xB0, 1, UInt8(step * 5)]))
      controls.append(.init(at: at + Beats(0.05), bytes: [0xE0, UInt8(step), UInt8(60 + step)]))
    }
    let pattern = Pattern(
      name: "hands and feet", notes: Self.pattern.notes, controls: controls, length: Beats(16))
    let made = try await ArdourSession.make(Self.tracks, tempo: 180)
    try await withArdour(made, period: 256) { ardour, server in
      let session = try await Self.live(server, ardour)
      try await Self.shelve(session, pattern, bar: 2)
      let kept = try await Self.say(session, "keep 1 yes")
      #expect(kept["verified"] == .bool(true) && kept["controls"] == .int(controls.count))
      let saved = try SessionFile(made.file)
      let start = saved.songMap.barStart(2)
      let region = try #require(saved.regions(onTrack: "Bass").last { $0.end > start + Beats(12) })
      // Ardour puts a bank before the program.
      let found = try saved.controls(of: region).filter {
        ![0, 32].contains($0.bytes[1]) || $0.bytes[0] != 0xB0
      }
      let wanted = controls.sorted { $0.at < $1.at }
      #expect(found.map(\.bytes) == wanted.map(\.bytes))
      for (control, want) in zip(found, wanted) {
        #expect(abs((control.at - start - want.at).quarters) * 1920 <= 0.5 + 1e-6, "\(want)")
      }
      await session.shutdown()
    }
  }

  @Test(.timeLimit(.minutes(2)), arguments: ["jackd", "Ardour"])
  func `a program that stands still in a take costs no note, or what is left is named`(
    _ program: String
  ) async throws {
    let made = try await ArdourSession.make(Self.tracks, tempo: 180)
    try await withArdour(made, period: 256) { ardour, server in
      let session = try await Self.live(server, ardour)
      try await Self.shelve(session, bar: 2)
      let host = await session.host
      let keep = try CommandParser.parse("keep 1 yes")
      async let keeping = session.handle(keep) { _ in }
      #expect(await host.wait(seconds: 20) { $0.transportRolling && $0.song.quarters > 6 })
      let process = program == "jackd" ? server.process : ardour.process
      process.signal(SIGSTOP)
      // As long as it stands still.
      try await Task.sleep(for: .milliseconds(300))
      process.signal(SIGCONT)
      let reply = await keeping
      let left = try SessionFile(made.file).regions(onTrack: "Bass").count - 1
      if reply.isDone {
        #expect(left == 1 && reply.data["verified"] == .bool(true))
      } else {
        // Headless Ardour takes nothing off: what is there must be said.
        let error = reply.error ?? ""
        #expect(
          left == 1 && (error.contains("stays on") || error.contains("stays where")), "\(error)")
      }
      await session.shutdown()
    }
  }

  @Test(.timeLimit(.minutes(4)))
  func `ten keeps in a row are verified, each laid over the one before`() async throws {
    let made = try await ArdourSession.make(Self.tracks, tempo: 180)
    try await withArdour(made, period: 256) { ardour, server in
      let session = try await Self.live(server, ardour)
      let client = try await session.needArdour()
      try await Self.shelve(session, bar: 2)
      let before = await client.state
      for round in 1...10 {
        let kept = try await Self.say(session, "keep 1 yes")
        #expect(kept["verified"] == .bool(true) && kept["recorded"] == .int(64), "keep \(round)")
        #expect(kept["offsetFrames"] == .number(0), "keep \(round)")
      }
      let after = await client.state
      #expect(after.strips == before.strips && after.frame == before.frame)
      let regions = try SessionFile(made.file).regions(onTrack: "Bass")
      #expect(regions.count == 11)
      await session.shutdown()
    }
  }

  @Test(.timeLimit(.minutes(3)), arguments: [false, true])
  func `a candidate sounds through Ardour on its frame while Ardour's tracks are followed`(
    _ connectsFirst: Bool
  ) async throws {
    let made = try await ArdourSession.make(Self.tracks, tempo: 120)
    try await withArdour(made, period: 1024) { ardour, server in
      try await soundsInPlace(ardour, server, connectsFirst: connectsFirst)
    }
  }

  @Test(.timeLimit(.minutes(3)))
  func `with outputs connected Ardour's latency is made up for in what is heard and played`()
    async throws
  {
    let made = try await ArdourSession.make(Self.tracks, tempo: 120, audioTracks: ["Voice"])
    try await withArdour(made, period: 256, synchronous: false, connects: true) {
      ardour, server in
      try await soundsInPlace(ardour, server, connectsFirst: false, ahead: 528)
    }
  }

  private func soundsInPlace(
    _ ardour: HeadlessArdour, _ server: JackServer, connectsFirst: Bool, ahead: Int = 0
  ) async throws {
    let session = try await Self.live(server, ardour)
    // Another Continuo that plays nothing into Ardour hears it without a loop.
    let ear = try await Self.live(server, ardour, name: "ear")
    try await Self.say(ear, "follow Bass")
    let host = await session.host
    let byHand = RealtimeHost.Wire(from: "live:out", to: "ardour:Bass/midi_in 1")
    if connectsFirst { try host.keepConnected(byHand) }
    // What comes in would be a period late now, had the loop not been turned.
    try await Self.say(session, "follow Bass Keys")
    try await Self.shelve(session, bar: 2)
    try await Self.say(session, "transport locate 1")
    try await Self.say(session, "audition 1")
    try await eventually("the loop to be seen") {
      host.status.ahead.period && host.status.ahead.frames == ahead
    }
    try await Self.say(session, "transport play")
    #expect(await host.wait(seconds: 20) { $0.song.rolling && $0.song.bar >= 7 })
    try await Self.say(session, "transport stop")
    #expect(try await Self.say(ear, "take 4")["firstBar"] == .int(3))
    let heard = try #require(await ear.heard?.tracks.first)
    let wanted = Self.pattern.notes.filter { $0.start >= Beats(4) }
    let notes = heard.pattern.notes.prefix(wanted.count)
    #expect(notes.map(\.pitch) == wanted.map(\.pitch))
    var worst = 0.0
    for (note, want) in zip(notes, wanted) {
      worst = max(worst, abs(note.start.quarters - want.start.quarters + 4) * 24_000)
    }
    print("MEASURED audition, \(ahead) frames of latency: worst \(worst) frames")
    // A twenty-fourth of a quarter is no whole frame at 120.
    #expect(worst < 0.51)
    // What is captured meanwhile is in its place too.
    try await Self.say(session, "take 4")
    let keys = try #require(await session.heard?.tracks.last)
    #expect(keys.name == "Keys")
    #expect(keys.pattern.notes.map { Int($0.pitch) } == (8..<16).map { 60 + $0 % 5 })
    for (index, note) in keys.pattern.notes.enumerated() {
      #expect(abs(note.start.quarters - Double(index)) < 1e-6)
    }
    try await Self.say(session, "original")
    #expect(host.isMade(byHand) == connectsFirst)
    host.letGo(byHand)
    try await eventually("the loop to be gone") { !host.status.ahead.period }
    // The note that was due when the transport rolled off; Ardour rolls a latency before.
    #expect(host.status.counters["playLate"] == (ahead == 0 ? 1 : 0))
    await session.shutdown()
    await ear.shutdown()
  }

  @Test(.timeLimit(.minutes(4)), arguments: [false, true])
  func `a keep whose Ardour or JACK dies is told, the candidates stay, and the next is verified`(
    _ killsJack: Bool
  ) async throws {
    let made = try await ArdourSession.make(Self.tracks, tempo: 120)
    let server = try await JackServer.start()
    let ardour = try await HeadlessArdour.start(made, on: server)
    let session = try await Self.live(server, ardour)
    let host = await session.host
    try await Self.say(session, "follow Bass Keys")
    try await Self.say(session, "transport play")
    #expect(await host.wait(seconds: 20) { $0.song.rolling && $0.song.bar >= 4 })
    try await Self.say(session, "transport stop")
    try await Self.shelve(session, bar: 5)
    let client = try await session.needArdour()
    async let outcome = session.handle(try CommandParser.parse("keep 1 yes")) { _ in }
    try await eventually("the take to roll", within: .seconds(20)) {
      let state = await client.state
      // Bar 6, at 48 kHz.
      return state.isRecording && (state.frame ?? 0) > 480_000
    }
    if killsJack { try await server.crash() }
    try await ardour.crash()
    let reply = try await outcome
    #expect(reply.exit != .done)
    let words = reply.error ?? ""
    print("MEASURED \(killsJack ? "jackd" : "Ardour") killed in a keep: \(words)")
    #expect(words.contains("play the pattern to its end"))
    // Ardour took the track's arming with it; nobody says that it was put back.
    #expect(words.contains("\"Bass\" disarmed"))
    #expect(words.components(separatedBy: "has fallen silent").count <= 3)
    #expect(try await Self.say(session, "candidates")["track"] == .string("Bass"))
    // The bars that were heard before, not those in which the take was recorded.
    #expect(try await Self.say(session, "take 2")["firstBar"] == .int(2))
    #expect(await host.awaitQuiet(seconds: 2) == !killsJack)

    let newServer = killsJack ? try await JackServer.start(name: server.name) : server
    let again = try await HeadlessArdour.start(made, on: newServer)
    try await eventually("JACK joined") { host.isConnected }
    try await eventually("Ardour back", within: .seconds(20)) {
      guard let state = await session.ardour?.state else { return false }
      return state.presence == .present && state.strips.count >= 2
    }
    let kept = try await Self.say(session, "keep 1 yes")
    #expect(kept["verified"] == .bool(true) && kept["recorded"] == .int(64))
    #expect(try SessionFile(made.file).route(named: "Bass") != nil)
    await session.shutdown()
    try await again.stop()
    try await newServer.stop()
  }
}

extension LiveSession {
  /// Puts another pattern in the place of candidate 1.
  func replaceFirstCandidate(with pattern: Pattern, firstBar: Int, start: Double) {
    shelf?.candidates[0].pattern = pattern
    shelf?.firstBar = firstBar
    shelf?.start = start
  }
}
