// SPDX-License-Identifier: MIT
import ContinuoJack
import ContinuoMusic
import ContinuoRealtime
import ContinuoTestSupport
import Foundation
import Synchronization
import Testing

@testable import ContinuoSession

/// The real-time host and a session in a real JACK server, through what a server can do to them.
@Suite(.serialized) struct HostIntegrationTests {
  private func host(
    _ server: JackServer, _ name: String, settling: Double = 5,
    notice: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> RealtimeHost {
    try RealtimeHost(
      .init(server: server.name, name: name, inputs: 1), settling: settling, patience: 0.5,
      notice: notice)
  }

  @Test(.timeLimit(.minutes(1)))
  func `a closed host answers, takes nothing, and closes again`() async throws {
    try await withJackServer { server in
      let host = try host(server, "closed")
      try await eventually("a cycle") { host.snapshot().frames > 0 }
      host.close()
      host.close()
      #expect(!host.send(.silence))
      #expect(host.snapshot().sampleRate == 48_000)
      #expect(host.status.isConnected && host.status.server == nil)
      #expect((host.status.counters["cycles"] ?? 0) > 0)
      #expect(!host.isConnected)
      #expect(host.withClient { _ in 1 } == nil)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a wire is remade when its port went and came back, and let go when parted by hand`()
    async throws
  {
    try await withJackServer { server in
      let notices = Mutex<[String]>([])
      let host = try host(server, "wires", settling: 0) { text in
        notices.withLock { $0.append(text) }
      }
      defer { host.close() }
      let other = try self.host(server, "other")
      let wire = RealtimeHost.Wire(from: "other:out", to: "wires:in_1")
      try host.keepConnected(wire)
      other.close()
      try await eventually("the port gone") { host.status.inputs[0].connections.isEmpty }
      let again = try self.host(server, "other")
      defer { again.close() }
      try await eventually("the wire back") {
        host.status.inputs[0].connections == ["other:out"]
      }
      again.withClient { try? $0.disconnect("other:out", "wires:in_1") }
      try await eventually("the wire let go") { host.status.wantedWires.isEmpty }
      #expect(host.status.inputs[0].connections.isEmpty)
      #expect(notices.withLock { $0.contains { $0.contains("by hand") } })
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a port that is parted just after it came back is nobody's hand's the first time`()
    async throws
  {
    try await withJackServer { server in
      let host = try host(server, "wires", settling: 60)
      defer { host.close() }
      let wire = RealtimeHost.Wire(from: "other:out", to: "wires:in_1")
      host.keepConnectedOnceThere(wire)
      let other = try self.host(server, "other")
      defer { other.close() }
      try await eventually("the wire") { host.status.inputs[0].connections == ["other:out"] }
      other.withClient { try? $0.disconnect("other:out", "wires:in_1") }
      try await eventually("the wire parted") { host.status.inputs[0].connections.isEmpty }
      try await eventually("the wire back") {
        host.status.inputs[0].connections == ["other:out"]
      }
      #expect(host.status.wantedWires == [wire])
      // Whoever parts it a second time means it.
      other.withClient { try? $0.disconnect("other:out", "wires:in_1") }
      try await eventually("the wire let go") { host.status.wantedWires.isEmpty }
      #expect(host.status.inputs[0].connections.isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a wire asked for early is made once both ports are there`() async throws {
    try await withJackServer { server in
      let host = try host(server, "early")
      defer { host.close() }
      let wire = RealtimeHost.Wire(from: "late:out", to: "early:in_1")
      #expect(throws: JackError.self) { try host.keepConnected(wire) }
      #expect(host.status.wantedWires.isEmpty)
      host.keepConnectedOnceThere(wire)
      let late = try self.host(server, "late")
      defer { late.close() }
      try await eventually("the wire") { host.status.inputs[0].connections == ["late:out"] }
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: [(97.3, 7, 8), (120, 4, 4), (60.5, 5, 4)])
  func `a tempo of our own is told to everyone, and to a frame`(
    tempo: Double, beats: Int, unit: Int
  ) async throws {
    try await withJackServer { server in
      let master = try host(server, "master")
      defer { master.close() }
      let other = try host(server, "other")
      defer { other.close() }
      let steady = try #require(
        SteadyTempo(quartersPerMinute: tempo, beatsPerBar: beats, beatUnit: unit))
      try master.setOwnTempo(steady)
      #expect(throws: JackError.timebaseTaken) { try other.setOwnTempo(steady) }
      master.withClient { $0.startTransport() }
      #expect(await other.wait(seconds: 10) { $0.song.isKnown && $0.song.bar >= 2 })
      let seen = other.snapshot()
      let exact = Double(seen.transportFrame) * tempo / (60 * seen.sampleRate)
      #expect(abs(seen.song.quarters - exact) * 60 * seen.sampleRate / tempo < 0.5)
      #expect(abs(seen.song.quartersPerMinute - tempo) < 1e-6)
      #expect(LiveSession.meter(seen.song) == "\(beats)/\(unit)")
      try master.setOwnTempo(nil)
      try other.setOwnTempo(steady)
      #expect(other.currentOwnTempo == steady && master.currentOwnTempo == nil)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `while the server is gone nothing rolls, and what waits for it stops waiting`() async throws
  {
    let server = try await JackServer.start()
    let host = try host(server, "orphan")
    defer { host.close() }
    host.withClient { $0.startTransport() }
    #expect(await host.wait(seconds: 5) { $0.transportRolling })
    try await server.crash()
    #expect(await host.wait(seconds: 5) { !$0.transportRolling && !$0.song.rolling })
    #expect(!host.isConnected)
    #expect(await !host.awaitQuiet(seconds: 5))
  }

  @Test(.timeLimit(.minutes(1)))
  func `a session refuses a second capture and everything once it has left`() async throws {
    try await withJackServer { server in
      let folder = try TemporaryFolder()
      let settings = try session(server, folder)
      let session = try LiveSession(settings) { _ in }
      let source = try host(server, "keys")
      defer { source.close() }
      let followed = await session.handle(.follow(tracks: ["keys:out"])) { _ in }
      #expect(followed.isDone)
      #expect(await session.handle(.capture(action: .start(track: nil))) { _ in }.isDone)
      let second = await session.handle(.capture(action: .start(track: nil))) { _ in }
      #expect(second.error == "A capture is under way: `capture stop` first")
      await session.shutdown()
      await session.shutdown()
      let late = await session.handle(.stop) { _ in }
      #expect(late.error == "Continuo is leaving")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `what is played is told while it plays: key, chord and bars`() async throws {
    try await withJackServer { server in
      let folder = try TemporaryFolder()
      let session = try LiveSession(try session(server, folder)) { _ in }
      let source = try host(server, "keys")
      defer { source.close() }
      #expect(await session.handle(.follow(tracks: ["keys:out"])) { _ in }.isDone)
      let early = await session.handle(.analyze) { _ in }
      #expect(early.error?.hasPrefix("Too little was heard yet") == true)
      // Dm7 G7 C C in eighths, over and over, at 240 BPM.
      let chords: [[Int]] = [
        [50, 53, 57, 60], [43, 47, 53, 55], [48, 52, 55, 60], [48, 52, 55, 64],
      ]
      var notes: [Note] = []
      for half in 0..<32 {
        for key in chords[half / 8] {
          notes.append(
            try #require(
              Note(
                pitch: key, velocity: 80, start: Beats(Double(half) / 2), duration: Beats(0.45))))
        }
      }
      let pattern = Pattern(name: "Turn", notes: notes, length: Beats(16))
      try source.setOwnTempo(
        SteadyTempo(quartersPerMinute: 240, beatsPerBar: 4, beatUnit: 4))
      #expect(source.load(try PatternProgram(pattern, identity: 7), into: 0))
      #expect(source.send(.start(slot: 0, at: .now, anchor: 0, loops: true)))
      source.withClient { $0.startTransport() }
      let live = await session.host
      #expect(await live.wait(seconds: 20) { $0.song.isKnown && $0.song.bar >= 8 })
      let told = await session.handle(.analyze) { _ in }
      #expect(told.lines.first?.hasPrefix("Heard in bars 1-") == true)
      #expect(told.lines.contains { $0.hasPrefix("C major (") && $0.contains("240 BPM 4/4") })
      #expect(told.lines.contains { $0.contains("Dm7 | G7 | C") })
      #expect(told.data["firstBar"] == 1)
      #expect(told.data["tempo"] == .number(240))
      let status = await session.handle(.status) { _ in }
      #expect(status.lines.contains { $0.hasPrefix("Hears: ") && $0.contains("C major (") })
      #expect(status.data["hears"]?["key"] == "C major")
      await session.shutdown()
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `what is played while the song stands is told with the beats found in it`() async throws {
    try await withJackServer { server in
      let folder = try TemporaryFolder()
      let session = try LiveSession(try session(server, folder)) { _ in }
      let source = try host(server, "keys")
      defer { source.close() }
      #expect(await session.handle(.follow(tracks: ["keys:out"])) { _ in }.isDone)
      // Kick and snare, hats in eighths, and a bass in A minor, five bars at 144 BPM.
      var notes: [Note] = []
      for beat in 0..<20 {
        let at = Double(beat)
        let bass = [33, 33, 40, 36][beat % 4]
        for (key, channel, start) in [
          (beat % 2 == 0 ? 36 : 38, 9, at), (42, 9, at), (42, 9, at + 0.5), (bass, 0, at),
        ] {
          notes.append(
            try #require(
              Note(
                pitch: key, velocity: 90, channel: channel, start: Beats(start),
                duration: Beats(0.4))))
        }
      }
      let file = folder.file("jam.mid")
      _ = try PatternFile.write(
        Pattern(name: "Jam", notes: notes, length: Beats(20)), tempo: try #require(Tempo(144)),
        to: file)
      let jam = FilePlayer(
        file: try PlayableFile(path: file), request: PlayRequest(file: file, free: true))
      try jam.start(on: source, slot: 0)
      _ = await jam.awaitEnd(source)
      let told = await session.handle(.analyze) { _ in }
      #expect(told.lines.first?.hasSuffix("without a time base:") == true, "\(told)")
      guard case .number(let tempo)? = told.data["tempo"] else {
        Issue.record("no tempo: \(told)")
        return
      }
      #expect(abs(tempo - 144) < 3)
      #expect(told.data["beats"]?["beatsPerBar"] != nil && told.data["firstBar"] == .null)
      await session.shutdown()
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `stop gives the song back to the transport after a file ran free of it`() async throws {
    try await withJackServer { server in
      let folder = try TemporaryFolder()
      let session = try LiveSession(try session(server, folder)) { _ in }
      let live = await session.host
      let note = try #require(
        Note(pitch: 36, velocity: 90, start: .zero, duration: Beats(64)))
      let file = folder.file("long.mid")
      _ = try PatternFile.write(
        Pattern(name: "Long", notes: [note], length: Beats(64)), tempo: .standard, to: file)
      let request = PlayRequest(file: file, free: true)
      let playing = await session.handle(.play(request: request)) { _ in }
      #expect(playing.isDone)
      #expect(playing.lines.contains { $0.contains("nothing hears it") })
      #expect(await live.wait(seconds: 5) { $0.isFree && $0.activeSlot >= 0 })
      async let first = session.handle(.stop) { _ in }
      async let second = session.handle(.stop) { _ in }
      #expect(await first.lines == ["Silence"])
      #expect(await second.lines == ["Silence"])
      #expect(!live.snapshot().isFree)
      await session.shutdown()
    }
  }

  private func session(_ server: JackServer, _ folder: TemporaryFolder) throws -> Settings {
    try Settings(
      flags: .init(server: server.name, name: "session"),
      environment: ["XDG_RUNTIME_DIR": folder.url.path, "XDG_STATE_HOME": folder.url.path])
  }
}
