// SPDX-License-Identifier: MIT
import ContinuoArdour
import ContinuoJack
import ContinuoMusic
import ContinuoRealtime
import ContinuoTestSupport
import Foundation
import Synchronization
import Testing

@testable import ContinuoSession

/// What a studio does to a session: programs that die while it listens and plays.
@Suite(.serialized) struct StudioFaultIntegrationTests {
  static let tracks = [
    ArdourSession.Track("Bass", notes: scale(36)), ArdourSession.Track("Keys", notes: scale(60)),
  ]

  /// A session and all that it has said unasked.
  private final class Stage: Sendable {
    let session: LiveSession

    init(_ server: JackServer, _ ardour: HeadlessArdour, name: String = "live") async throws {
      let settings = try Settings(
        flags: .init(server: server.name, name: name, ardourPort: Int(ardour.port)),
        environment: [:])
      let lines = Lines()
      session = try LiveSession(settings) { lines.add($0) }
      self.lines = lines
      await session.lookForArdour()
    }

    private final class Lines: Sendable {
      let all = Mutex<[String]>([])
      func add(_ line: String) { all.withLock { $0.append(line) } }
    }
    private let lines: Lines

    var said: String { lines.all.withLock { $0.joined(separator: "\n") } }

    func hasSaid(_ words: String) -> Bool {
      lines.all.withLock { $0.contains { $0.contains(words) } }
    }

    @discardableResult
    func say(_ line: String) async throws -> Reply {
      let reply = await session.handle(try CommandParser.parse(line)) { _ in }
      #expect(reply.exit == .done, "\(line): \(reply.error ?? "")")
      return reply
    }

    func reply(_ line: String) async throws -> Reply {
      await session.handle(try CommandParser.parse(line)) { _ in }
    }
  }

  /// Plays two bars of a followed track and returns how many events were captured.
  private func listen(_ stage: Stage) async throws -> Int {
    try await stage.say("follow Bass Keys")
    try await stage.say("transport locate 1")
    try await stage.say("transport play")
    let host = await stage.session.host
    #expect(await host.wait(seconds: 20) { $0.song.rolling && $0.song.bar >= 3 })
    let count = await stage.session.store.count
    #expect(count >= 16)
    return count
  }

  @Test(.timeLimit(.minutes(3)))
  func `Ardour killed while it is heard and auditioned: nothing stays on, nothing is lost`()
    async throws
  {
    let made = try await ArdourSession.make(Self.tracks)
    try await withJackServer { server in
      let ardour = try await HeadlessArdour.start(made, on: server)
      let stage = try await Stage(server, ardour)
      let session = stage.session
      let host = await session.host
      let heard = try await listen(stage)

      // While it is only heard.
      try await ardour.crash()
      try await eventually("Ardour gone within two seconds", within: .seconds(2)) {
        await session.ardour?.state.presence == .gone
      }
      try await eventually("the notice") {
        stage.hasSaid("Ardour is gone; what was captured is kept")
      }
      #expect(await session.store.count >= heard)
      #expect((try await stage.reply("tracks")).exit == .noArdour)
      #expect((try await stage.say("take 2")).isDone)
      host.withClient { $0.stopTransport() }

      // It comes back: followed again without a restart.
      let second = try await HeadlessArdour.start(made, on: server)
      #expect(second.port == ardour.port)
      try await eventually("Ardour back", within: .seconds(3)) {
        stage.hasSaid("Ardour is back")
      }
      try await eventually("its strips") { await session.ardour?.state.strips.isEmpty == false }
      try await eventually(
        "the wires of both tracks", within: .seconds(20),
        detail: { "\(host.status.wantedWires) \(stage.said)" }
      ) {
        host.status.inputs.prefix(2).map(\.connections) == [
          ["ardour:Bass/midi_out 1"], ["ardour:Keys/midi_out 1"],
        ]
      }
      let again = try await listen(stage)
      #expect(again >= heard + 16)

      // In the middle of an audition.
      let log = try await Witness(server: server).log(as: "log", from: "live:out")
      try await stage.say("enhance track Bass seed 3 make it groovier")
      try await stage.say("audition 1 now")
      _ = try await log.events(atLeast: 6)
      try await second.crash()
      try await eventually("Ardour gone within two seconds", within: .seconds(2)) {
        await session.ardour?.state.presence == .gone
      }
      try await stage.say("stop")
      try await eventually("silence") { host.snapshot().activeSlot < 0 }
      #expect(await host.awaitQuiet(seconds: 2))
      #expect((try await stage.say("candidates")).isDone)
      #expect(isBalanced(try await log.stop()))
      host.withClient { $0.stopTransport() }

      let third = try await HeadlessArdour.start(made, on: server)
      try await eventually("its strips") {
        guard let state = await session.ardour?.state else { return false }
        return state.presence == .present && !state.strips.isEmpty
      }
      try await stage.say("transport play")
      try await stage.say("audition 2 now")
      #expect(await host.wait(seconds: 5) { $0.activeSlot >= 0 })
      try await stage.say("original")
      await session.shutdown()
      try await third.stop()
    }
  }

  @Test(.timeLimit(.minutes(3)), arguments: [false, true])
  func
    `a JACK server killed while Continuo listens or auditions: the take is whole, all comes back`(
      auditions: Bool
    ) async throws
  {
    let made = try await ArdourSession.make(Self.tracks)
    let first = try await JackServer.start()
    let ardour = try await HeadlessArdour.start(made, on: first)
    let stage = try await Stage(first, ardour)
    let session = stage.session
    let host = await session.host
    let heard = try await listen(stage)
    if auditions {
      try await stage.say("enhance track Bass seed 3 make it groovier")
      try await stage.say("audition 1 now")
      #expect(await host.wait(seconds: 5) { $0.activeSlot >= 0 })
    }
    try await first.crash()
    try await eventually("the server gone", within: .seconds(2)) { !host.isConnected }
    try await ardour.crash()
    #expect(await session.store.count >= heard)
    #expect((try await stage.say("take 2")).isDone)
    if auditions {
      let silence = try await stage.reply("stop")
      #expect(silence.exit == .noJack, "\(silence.lines)")
      #expect((try await stage.say("candidates")).isDone)
    }
    #expect(
      (try await stage.say("status")).lines.contains { $0.hasPrefix("JACK: the server is gone") })

    let second = try await JackServer.start(name: first.name)
    let again = try await HeadlessArdour.start(made, on: second)
    try await eventually("JACK joined again") { host.isConnected }
    try await eventually(
      "the wires of both tracks", within: .seconds(20),
      detail: { "\(host.status.wantedWires) \(stage.said)" }
    ) {
      host.status.inputs.prefix(2).map(\.connections) == [
        ["ardour:Bass/midi_out 1"], ["ardour:Keys/midi_out 1"],
      ]
    }
    try await eventually("Ardour back") {
      guard let state = await session.ardour?.state else { return false }
      return state.presence == .present && !state.strips.isEmpty
    }
    let more = try await listen(stage)
    #expect(more >= heard + 16)
    let log = try await Witness(server: second).log(as: "log", from: "live:out")
    try await stage.say("enhance track Bass seed 4 make it busier")
    try await stage.say("audition 1 now")
    _ = try await log.events(atLeast: 6)
    try await stage.say("original")
    #expect(await host.awaitQuiet(seconds: 2))
    #expect(isBalanced(try await log.stop()))
    await session.shutdown()
    try await again.stop()
    try await second.stop()
  }

  @Test(.timeLimit(.minutes(3)))
  func `two Continuos beside one Ardour do not disturb each other`() async throws {
    let made = try await ArdourSession.make(Self.tracks)
    try await withArdour(made) { ardour, server in
      let one = try await Stage(server, ardour, name: "one")
      let two = try await Stage(server, ardour, name: "two")
      try await one.say("follow Bass")
      try await two.say("follow Keys")
      try await one.say("transport play")
      let host = await one.session.host
      #expect(await host.wait(seconds: 20) { $0.song.rolling && $0.song.bar >= 3 })
      for (stage, lowest) in [(one, 36), (two, 60)] {
        try await stage.say("take 2")
        let heard = try #require(await stage.session.heard)
        let pitches = heard.tracks.flatMap { $0.pattern.notes.map { Int($0.pitch) } }
        #expect(pitches == (0..<8).map { lowest + $0 % 5 })
      }
      // Each auditions in its own track at once; the other hears nothing of it.
      let logs = [
        try await Witness(server: server).log(as: "log-one", from: "one:out"),
        try await Witness(server: server).log(as: "log-two", from: "two:out"),
      ]
      try await one.say("enhance track Bass seed 3 make it groovier")
      try await two.say("enhance track Keys seed 3 make it groovier")
      try await one.say("audition 1 now")
      try await two.say("audition 1 now")
      for log in logs { _ = try await log.events(atLeast: 6) }
      let client = try await one.session.needArdour()
      for name in ["Bass", "Keys"] {
        try await eventually("the In button of \(name)") {
          await client.state.strip(named: name)?.details.monitorsInput == true
        }
      }
      try await one.say("original")
      #expect(await client.state.strip(named: "Keys")?.details.monitorsInput == true)
      #expect(await two.session.host.snapshot().activeSlot >= 0)
      try await eventually("the In button given back") {
        await client.state.strip(named: "Bass")?.details.monitorsInput == false
      }
      await one.session.shutdown()
      // The one that left took nothing of the other's with it.
      #expect((try await two.say("tracks")).isDone)
      #expect(await two.session.ardour?.state.presence == .present)
      try await two.say("original")
      for log in logs.suffix(1) { #expect(isBalanced(try await log.stop())) }
      await two.session.shutdown()
    }
  }
}
