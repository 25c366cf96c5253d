// SPDX-License-Identifier: MIT
import ContinuoJack
import ContinuoMusic
import ContinuoRealtime
import ContinuoSession
import ContinuoTestSupport
import Foundation
import Glibc
import Synchronization
import Testing

/// What the real-time host tells of its server, and what it does for its connections.
@Suite(.serialized) struct HostStatusIntegrationTests {
  @Test func `connections are remade with the next server of that name`() async throws {
    let first = try await JackServer.start(period: 256)
    let store = TakeStore()
    let host = try RealtimeHost(
      .init(server: first.name, name: "host", inputs: 1), notice: { _ in })
    host.deliver { store.add($0) }
    let source = RealtimeHost.Wire(from: "sender:out_1", to: "host:in_1")
    let target = RealtimeHost.Wire(from: "host:out", to: "log:in")
    // The witness sends nothing before somebody has connected it.
    let sending = try Witness(server: first).startSending(noteScript(50), as: "sender")
    var log: WitnessLog? = try await Witness(server: first).log(as: "log")
    try await eventually("the sender's port") {
      host.withClient { $0.hasPort(source.from) } == true
    }
    try host.keepConnected(source)
    try host.keepConnected(target)
    try await sending.finish()
    try await eventually("the first events") { store.count == 50 }
    log = nil
    try await first.crash()
    try await eventually("the server gone") { !host.isConnected }
    let second = try await JackServer.start(period: 256, name: first.name)
    log = try await Witness(server: second).log(as: "log")
    let again = try Witness(server: second).startSending(noteScript(60, seed: 2), as: "sender")
    try await again.finish()
    try await eventually("the rest") { store.count == 110 }
    try await eventually("the output's wire") {
      host.status.output.connections == [target.to]
    }
    #expect(store.events(from: 50).map(\.bytes) == (try again.events()).map(\.bytes))
    #expect(store.marks(from: 0).contains { $0.kind == .serverRestarted && $0.index == 50 })
    #expect(host.status.wantedWires == [source, target])
    host.close()
    withExtendedLifetime(log) {}
    try await second.stop()
  }

  @Test func `a connection parted by hand is not remade, whatever comes and goes`() async throws {
    try await withJackServer { server in
      let notices = Mutex<[String]>([])
      let host = try RealtimeHost(
        .init(server: server.name, name: "host", inputs: 1), patience: 0.5
      ) { text in
        notices.withLock { $0.append(text) }
      }
      defer { host.close() }
      let log = try await Witness(server: server).log(as: "log")
      try host.keepConnected(.init(from: "host:out", to: "log:in"))
      #expect(host.status.output.connections == ["log:in"])
      let hand = try ChildProcess.launch(
        "jack_disconnect", ["host:out", "log:in"], environment: server.environment)
      try await hand.waitForExit()
      try await eventually("it to be let go") { host.status.wantedWires.isEmpty }
      #expect(notices.withLock { $0 }.contains { $0.contains("by hand") })
      // A port that comes is when connections are remade.
      let other = try await Witness(server: server).log(as: "other")
      try await eventually("the other port") { host.withClient { $0.hasPort("other:in") } == true }
      try host.keepConnected(.init(from: "host:out", to: "other:in"))
      #expect(host.status.output.connections == ["other:in"])
      withExtendedLifetime((log, other)) {}
    }
  }

  @Test func `a port that does not exist is named, with those that sound like it`() async throws {
    try await withJackServer { server in
      let host = try RealtimeHost(
        .init(server: server.name, name: "host", inputs: 1), notice: { _ in })
      defer { host.close() }
      let log = try await Witness(server: server).log(as: "piano")
      let wire = RealtimeHost.Wire(from: "host:out", to: "pianno:in")
      #expect { try host.keepConnected(wire) } throws: { error in
        error as? JackError == .noSuchPort("pianno:in", near: ["piano:in"])
          && "\(error)".contains("did you mean “piano:in”?")
      }
      #expect(host.status.wantedWires.isEmpty)
      withExtendedLifetime(log) {}
    }
  }

  @Test func `latency is that of what is connected`() async throws {
    try await withJackServer { server in
      let host = try RealtimeHost(
        .init(server: server.name, name: "host", inputs: 2), notice: { _ in })
      defer { host.close() }
      let witness = Witness(server: server)
      let sending = try witness.startSending(
        noteScript(10), as: "sender", to: ["host:in_1"], latency: 300)
      let log = try await witness.log(as: "log", from: "host:out", latency: 700)
      try await eventually("the latencies", detail: { "\(host.status)" }) {
        let status = host.status
        return status.inputs.map { $0.latency?.most } == [300, 0]
          && status.output.latency?.least == 700 && status.output.latency?.most == 700
      }
      withExtendedLifetime((log, sending)) {}
    }
  }

  @Test func `changes of the server show in the status and, in order, in the take`() async throws {
    try await withJackServer(period: 256) { server in
      let store = TakeStore()
      let host = try RealtimeHost(
        .init(server: server.name, name: "host", inputs: 1), notice: { _ in })
      defer { host.close() }
      host.deliver { store.add($0) }
      let timebase = try await Witness(server: server).timebase([TempoMapLine(bpm: 120)])
      try await timebase.start()
      try await timebase.locate(96_000)
      try await timebase.bufferSize(512)
      try await eventually("the buffer size") {
        host.status.bufferSizeChanges > 0 && host.status.server?.bufferSize == 512
      }
      try await timebase.freewheel(true)
      try await eventually("freewheeling") { host.status.isFreewheeling }
      try await timebase.freewheel(false)
      try await eventually("its end") { !host.status.isFreewheeling }
      try await timebase.stop()
      let xruns = host.status.serverXruns
      // A server that stands still for longer than its cycles is late when it goes on.
      try await eventually("an xrun", within: .seconds(20)) {
        server.process.signal(SIGSTOP)
        try await Task.sleep(for: .milliseconds(100))
        server.process.signal(SIGCONT)
        return host.status.serverXruns > xruns
      }
      let wanted: [RealtimeEvent.Kind] = [
        .transportStarted, .located, .bufferSizeChanged, .freewheel, .freewheel,
        .transportStopped,
      ]
      var marks = store.marks(from: 0).map(\.kind)[...]
      for kind in wanted {
        let place = try #require(marks.firstIndex(of: kind), "\(kind) in \(marks)")
        marks = marks[(place + 1)...]
      }
    }
  }
}
