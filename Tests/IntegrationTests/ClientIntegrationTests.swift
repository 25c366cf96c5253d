// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation
import Glibc
import Testing

/// The program as a JACK client: what a patchbay, a missing server and a dying server see of it.
@Suite(.serialized) struct ClientIntegrationTests {
  private func commands(_ folder: TemporaryFolder) throws -> [(String, [String])] {
    let tune = folder.file("tune.mid")
    try TestTune.random(ticks: 1920, seed: 1).write(
      to: tune, song: ExactSong([.init(hundredths: 12_000)], rate: 48_000))
    return [
      ("capture", ["--seconds", "60", "--output", folder.file("take.jsonl")]), ("play", [tune]),
    ]
  }

  @Test(arguments: [false, true])
  func `without a server one line says how to start one, with exit code 3`(json: Bool) async throws
  {
    let folder = try TemporaryFolder("none")
    for (command, options) in try commands(folder) {
      let program = try ContinuoProgram.launch(
        command, options, on: "continuo-nowhere-\(getpid())", json: json)
      #expect(try await program.process.waitForExit() == .exited(3))
      let lines = program.process.errors.split(separator: "\n")
      #expect(lines.count == 1, "\(lines)")
      #expect(lines.first?.contains("jackd -n continuo-nowhere-\(getpid()) -d ") == true)
      if json {
        let reply = try await program.reply(code: 3)
        #expect(!reply.ok && reply.exit == 3)
        #expect(reply.error?.contains("jackd -n continuo-nowhere-") == true)
      } else {
        #expect(program.process.output.isEmpty)
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["tune.mid"])
  }

  @Test func `a second instance of a name is told what to do, and the first goes on`() async throws
  {
    try await withJackServer { server in
      let folder = try TemporaryFolder("two")
      let path = folder.file("first.jsonl")
      let first = try ContinuoProgram.launch(
        "capture", ["--seconds", "60", "--output", path], on: server.name, as: "twin")
      try await first.says("Capturing")
      for (command, options) in try commands(folder) {
        let second = try ContinuoProgram.launch(command, options, on: server.name, as: "twin")
        let reply = try await second.reply(code: 1)
        #expect(reply.error?.contains("“twin” is running already") == true)
        #expect(reply.error?.contains("--name") == true)
      }
      _ = try await Witness(server: server).send(noteScript(50), as: "sender", to: ["twin:in_1"])
      try await eventually("50 lines") { CapturedLine.count(path + ".partial") == 50 }
      first.process.signal(SIGINT)
      #expect(try await first.reply().events == 50)
    }
  }

  @Test func `ports have their names, their type, and names for people`() async throws {
    try await withJackServer { server in
      let folder = try TemporaryFolder("names")
      let program = try ContinuoProgram.launch(
        "capture", ["--inputs", "3", "--seconds", "60", "--output", folder.file("a.jsonl")],
        on: server.name, as: "Desk 1")
      try await program.says("Capturing")
      let wanted = ["Desk 1:in_1", "Desk 1:in_2", "Desk 1:in_3", "Desk 1:out"]
      let list = try await ask("jack_lsp", ["-t", "-p", "Desk 1:"], server)
      #expect(list.filter { $0.hasPrefix("Desk 1:") } == wanted)
      #expect(list.filter { $0.contains("8 bit raw midi") }.count == 4)
      #expect(list.filter { $0.contains("properties: input,") }.count == 3)
      #expect(list.filter { $0.contains("properties: output,") }.count == 1)
      let titles = ["MIDI in 1", "MIDI in 2", "MIDI in 3", "Pattern out"]
      for (name, title) in zip(wanted, titles) {
        let properties = try await ask("jack_property", ["--port", "-l", name], server)
        #expect(properties.contains { $0.contains(title) }, "\(name): \(properties)")
      }
      program.process.signal(SIGINT)
      #expect(try await program.reply().ok)
    }
  }

  @Test(arguments: ["capture", "play"]) func `Ctrl-C is obeyed at once, at any moment`(
    command: String
  ) async throws {
    try await withJackServer(period: 256) { server in
      let folder = try TemporaryFolder("early")
      let found = try commands(folder).first { $0.0 == command }
      let options = try #require(found).1
      // As early as can be: nothing may be left behind or hang.
      let early = try ContinuoProgram.launch(command, options, on: server.name)
      early.process.signal(SIGINT)
      _ = try await early.process.waitForExit(within: .seconds(10))
      let program = try ContinuoProgram.launch(command, options, on: server.name)
      try await program.says(command == "capture" ? "Capturing" : "Playing")
      let sent = ContinuousClock.now
      program.process.signal(SIGINT)
      let reply = try await program.reply(within: .seconds(5))
      print("MEASURED \(command) obeyed Ctrl-C in \(ContinuousClock.now - sent)")
      #expect(reply.ok)
      if command == "capture" {
        #expect(reply.events == 0)
        #expect(try CapturedLine.read(folder.file("take.jsonl")).isEmpty)
      }
      let ports = try await ask("jack_lsp", ["continuo"], server)
      #expect(ports.isEmpty)
    }
  }

  @Test(arguments: [false, true])
  func `a take survives its server and goes on with the next one of that name`(
    crashes: Bool
  ) async throws {
    let folder = try TemporaryFolder("survivor")
    let path = folder.file("take.jsonl")
    let first = try await JackServer.start(period: 256)
    let program = try ContinuoProgram.launch(
      "capture", ["--inputs", "2", "--seconds", "600", "--output", path], on: first.name)
    let before = try await send(500, seed: 1, to: first)
    try await eventually("the first events") { CapturedLine.count(path + ".partial") == 500 }
    try await (crashes ? first.crash() : first.stop())
    try await program.says("The JACK server is gone")
    let second = try await JackServer.start(period: 256, name: first.name)
    try await program.says("The JACK server is back")
    let after = try await send(400, seed: 2, to: second)
    try await eventually("the rest") { CapturedLine.count(path + ".partial") == 900 }
    program.process.signal(SIGINT)
    let reply = try await program.reply()
    #expect(reply.events == 900 && reply.dropped == 0)
    // The server that clears up after a crash counts as one that came back, if it was noticed.
    #expect((reply.serverRestarts ?? 0) >= 1)
    let lines = try CapturedLine.read(path)
    let found = lines.map(FramedEvent.init)
    #expect(Array(found.prefix(500)) == before.map(FramedEvent.init))
    #expect(lines.suffix(400).map(\.bytes) == after.map { hex($0.bytes) })
    // Frames go on; the new server's own count does not.
    let shift = Int64(bitPattern: try #require(lines.dropFirst(500).first).frame &- after[0].frame)
    #expect(lines.suffix(400).map { Int64($0.frame) - shift } == after.map { Int64($0.frame) })
    #expect(zip(lines, lines.dropFirst()).allSatisfy { $0.frame <= $1.frame })
    try await second.stop()
  }

  @Test func `a file goes on with the next server, and Ctrl-C is obeyed without one`() async throws
  {
    let song = ExactSong([.init(hundredths: 12_000)], rate: 48_000)
    let folder = try TemporaryFolder("orphan")
    let tune = TestTune.random(ticks: song.tick(ofBar: 3), seed: 37, plainReleases: true)
    try tune.write(to: folder.file("tune.mid"), song: song)
    let first = try await JackServer.start(period: 256)
    let program = try ContinuoProgram.launch("play", [folder.file("tune.mid")], on: first.name)
    try await program.says("Playing")
    try await first.stop()
    try await program.says("The JACK server is gone")
    let second = try await JackServer.start(period: 256, name: first.name)
    try await program.says("The JACK server is back")
    let witness = Witness(server: second)
    let timebase = try await witness.timebase(song.map)
    let log = try await witness.log(as: "log", from: "continuo:out")
    try await timebase.start()
    try await eventually("bar 2") {
      try await timebase.now().cycle.transport > song.frame(ofTick: song.tick(ofBar: 2))
    }
    try await timebase.stop()
    let stretches = RollingStretch.all(try timebase.changes())
    let heard = try await log.stop()
    ExpectedPerformance(tune, song, stretches).expect(heard)
    expectWholeNotes(heard)
    try await second.stop()
    program.process.signal(SIGINT)
    #expect(try await program.reply(within: .seconds(5)).ended == false)
  }

  private func send(
    _ count: Int, seed: UInt64, to server: JackServer
  ) async throws -> [WitnessedEvent] {
    try await Witness(server: server).send(
      noteScript(count, seed: seed), as: "sender", to: ["continuo:in_1"]
    ).events()
  }

  private func ask(
    _ tool: String, _ arguments: [String], _ server: JackServer
  ) async throws -> [String] {
    let process = try ChildProcess.launch(tool, arguments, environment: server.environment)
    _ = try await process.waitForExit()
    return process.lines
  }
}

/// `count` notes, no two alike, at gaps from none to some hundred frames.
func noteScript(_ count: Int, seed: UInt64 = 1) -> [ScriptEvent] {
  var random = SeededGenerator(seed: seed)
  var frame = 0
  return (0..<count).map { index in
    frame += Int.random(in: 0...3, using: &random) == 0 ? 0 : Int.random(in: 1...90, using: &random)
    return ScriptEvent(frame, [0x90, UInt8(index / 127 % 128), UInt8(index % 127 + 1)])
  }
}
