// SPDX-License-Identifier: MIT
import ContinuoMusic
import ContinuoTestSupport
import Foundation
import Testing

/// `continuo capture` on a real server, judged by what the witness says it sent.
@Suite(.serialized) struct CaptureIntegrationTests {
  static let periods = [32, 64, 256, 1024, 4096]
  static let rates = [44_100, 48_000, 96_000]

  @Test(arguments: periods, rates)
  func `every event is captured once, in order, at the frame it was sent at`(
    period: Int, rate: Int
  ) async throws {
    try await withJackServer(rate: rate, period: period) { server in
      let script = DenseTraffic.script(
        count: 20_000, rate: rate, period: period, seconds: 4, seed: UInt64(period * rate))
      let folder = try TemporaryFolder("take")
      let path = folder.file("take.jsonl")
      let (sent, reply) = try await capture(script, into: path, on: server)
      #expect(!FileManager.default.fileExists(atPath: path + ".partial"))
      let captured = try CapturedLine.read(path)
      compare(captured, with: sent)
      #expect(captured.allSatisfy { $0.transport == "stopped" && $0.bar == nil })
      print(
        "MEASURED capture \(rate) Hz, \(period) frames: \(script.count) events in \(sent.count)",
        "pieces, \(sent.reduce(0) { $0 + $1.bytes.count }) bytes, dropped",
        "\(reply.dropped ?? -1), xruns \(server.xruns)")
    }
  }

  @Test func `a take written as a Standard MIDI File reads back as the events that were sent`()
    async throws
  {
    try await withJackServer(rate: 48_000, period: 256) { server in
      let script = DenseTraffic.script(
        count: 20_000, rate: 48_000, period: 256, seconds: 4, seed: 5)
      let folder = try TemporaryFolder("take")
      let path = folder.file("take.mid")
      let (sent, _) = try await capture(script, into: path, on: server)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["take.mid"])
      let file = try StandardMIDIFile(Array(Data(contentsOf: URL(fileURLWithPath: path))))
      #expect(file.format == .parallel)
      try #require(file.tracks.count == DenseTraffic.ports)
      let start = try #require(sent.map(\.frame).min())
      // At 48 kHz a tick is a frame: 24 000 a quarter at 120 BPM.
      #expect(file.division == .ticksPerQuarter(24_000))
      for port in 1...DenseTraffic.ports {
        let wanted = sent.filter { $0.port == port }.map(FramedEvent.init)
        let found = file.tracks[port - 1].compactMap { FramedEvent($0, from: start) }
        expectSame(found, wanted, "port \(port)")
      }
    }
  }

  @Test(arguments: TimebaseMode.allCases)
  func `an event that arrives while the song rolls knows its place in it`(
    mode: TimebaseMode
  ) async throws {
    let song = ExactSong([.init(hundredths: 9730, beats: 7, unit: 8)], rate: 44_100)
    try await PlaybackStage.with(song, mode: mode) { stage in
      let path = stage.folder.file("take.jsonl")
      let program = try ContinuoProgram.launch(
        "capture", ["--seconds", "600", "--output", path], on: stage.server.name)
      try await program.says("Capturing")
      let begun = try await stage.timebase.start()
      let sent = try await Witness(server: stage.server).send(
        noteScript(3000), as: "sender", to: ["continuo:in_1"]
      ).events()
      try await eventually("3000 events") { CapturedLine.count(path + ".partial") == 3000 }
      program.process.signal(SIGINT)
      #expect(try await program.reply().events == 3000)
      let lines = try CapturedLine.read(path)
      #expect(lines.map(FramedEvent.init) == sent.map(FramedEvent.init))
      var worst = 0.0
      for line in lines {
        try #require(line.transport == "rolling")
        let found = try (
          #require(line.bar), #require(line.beat), #require(line.tick)
        )
        let exact = song.place(ofFrame: Int(line.frame - begun.frame) + begun.transport)
        // In beats from the start, so that a hair before a beat is not a beat away from it.
        let off =
          Double((found.0 - exact.bar) * 7 + found.1 - exact.beat) * 1920 + found.2 - exact.tick
        worst = max(worst, abs(off))
      }
      #expect(worst < 0.001)
      print("MEASURED captured places, \(mode): at most \(worst) ticks of 1920 off")
    }
  }

  /// Sends `script` to a capture of 8 ports, ends it by Ctrl-C once everything is on the disk.
  private func capture(
    _ script: [ScriptEvent], into path: String, on server: JackServer
  ) async throws -> (sent: [WitnessedEvent], reply: ProgramReply) {
    let ports = DenseTraffic.ports
    let program = try ContinuoProgram.launch(
      "capture", ["--inputs", "\(ports)", "--seconds", "600", "--output", path], on: server.name)
    let sending = try await Witness(server: server).send(
      script, as: "sender", ports: ports, to: (1...ports).map { "continuo:in_\($0)" })
    let sent = try sending.events()
    #expect(sent.count >= script.count)
    let lines = path.hasSuffix(".jsonl") ? path : path + ".jsonl"
    try await eventually(
      "\(sent.count) events in the partial file", every: .milliseconds(50),
      detail: { "\(CapturedLine.count(lines + ".partial")) are there; \(program.process.errors)" }
    ) {
      CapturedLine.count(lines + ".partial") >= sent.count
    }
    program.process.signal(SIGINT)
    let reply = try await program.reply()
    #expect(reply.ok)
    #expect(reply.events == sent.count)
    #expect(reply.dropped == 0)
    #expect(reply.forgotten == 0)
    return (sent, reply)
  }

  private func compare(_ captured: [CapturedLine], with sent: [WitnessedEvent]) {
    #expect(captured.count == sent.count)
    for port in 1...DenseTraffic.ports {
      expectSame(
        captured.filter { $0.port == port }.map(FramedEvent.init),
        sent.filter { $0.port == port }.map(FramedEvent.init), "port \(port)")
    }
    #expect(zip(captured, captured.dropFirst()).allSatisfy { $0.frame <= $1.frame })
  }

  /// As `==`, but tells the first difference rather than twenty thousand lines.
  private func expectSame(
    _ found: [FramedEvent], _ wanted: [FramedEvent], _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard found != wanted else { return }
    let index = zip(found, wanted).enumerated().first { $1.0 != $1.1 }?.offset
    let place = index ?? min(found.count, wanted.count)
    Issue.record(
      """
      \(what): \(found.count) events instead of \(wanted.count); the first difference is event \
      \(place): \(found.dropFirst(place).prefix(3)) instead of \(wanted.dropFirst(place).prefix(3))
      """, sourceLocation: sourceLocation)
  }
}

extension FramedEvent {
  /// An event of a file whose tick 0 is frame `start` and whose ticks are frames; nil for a remark.
  fileprivate init?(_ event: StandardMIDIFile.Event, from start: UInt64) {
    frame = start + UInt64(event.tick)
    switch event.payload {
    case .channel(let message): bytes = hex(message.bytes)
    case .sysEx(let rest): bytes = hex([0xF0] + rest)
    case .escape(let raw): bytes = hex(raw)
    case .meta: return nil
    }
  }
}
