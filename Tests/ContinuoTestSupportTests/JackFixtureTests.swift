// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation
import Testing

/// What every test against a real server stands on. jackd allows eight servers, so one at a time.
@Suite(.serialized) struct JackFixtureIntegrationTests {
  @Test(arguments: [
    (44_100, 32), (44_100, 1024), (48_000, 32), (48_000, 256), (48_000, 4096), (96_000, 4096),
  ])
  func `a server starts with the rate and period it is asked for`(
    rate: Int, period: Int
  ) async throws {
    try await withJackServer(rate: rate, period: period) { server in
      let run = try await Witness(server: server).log(as: "log").run
      run.process.signal(SIGTERM)
      let summary = try await run.summary()
      #expect(summary.rate == rate)
      #expect(summary.period == period)
    }
  }

  @Test func `a server that is stopped or crashes leaves nothing of its own`() async throws {
    for crash in [false, true] {
      let server = try await JackServer.start()
      try await (crash ? server.crash() : server.stop())
      let left = try FileManager.default.contentsOfDirectory(atPath: "/dev/shm")
      #expect(left.filter { $0.contains(server.name) } == [])
      // The list of jackd's eight places: one that is lost is lost for every test to come.
      let registry = FileManager.default.contents(atPath: "/dev/shm/jack-shm-registry")
      #expect(try #require(registry).range(of: Data(server.name.utf8)) == nil)
      #expect(server.process.status() != nil)
    }
  }

  @Test func `a server that cannot start is an error with its log`() async throws {
    await #expect { try await JackServer.start(rate: 48_000, period: -1) } throws: {
      "\($0)".contains("jackd")
    }
  }

  @Test(arguments: [32, 256, 1024], [true, false])
  func `what is sent arrives at the frame it was sent at`(
    period: Int, synchronous: Bool
  ) async throws {
    try await withJackServer(period: period, synchronous: synchronous) { server in
      let witness = Witness(server: server)
      let log = try await witness.log(as: "listener")
      let sending = try await witness.send(noteScript(500), as: "sender", to: ["listener:in"])
      let sent = try sending.events()
      #expect(sent.count == 500)
      // Without -S a client that is late misses a cycle; then what it has is still exact.
      let got = synchronous ? try await log.events(atLeast: 500) : try await log.stop()
      if synchronous { #expect(got.map(\.frame) == sent.map(\.frame)) }
      if synchronous { #expect(got.map(\.bytes) == sent.map(\.bytes)) }
      let frames = Dictionary(uniqueKeysWithValues: sent.enumerated().map { ($1.bytes, $1.frame) })
      #expect(!got.isEmpty)
      #expect(got.allSatisfy { frames[$0.bytes] == $0.frame })
    }
  }

  @Test func `every event leaves at base and offset when nothing is in its way`() async throws {
    try await withJackServer { server in
      let witness = Witness(server: server)
      let log = try await witness.log(as: "listener")
      let script = noteScript(1000)
      let sending = try await witness.send(script, as: "sender", to: ["listener:in"])
      let base = try await sending.base()
      let late = try await sending.finish().late
      try #require(late == 0, "the machine stalled: \(late ?? -1) late, \(server.xruns) xruns")
      #expect(try sending.events().map(\.frame) == script.map { base + UInt64($0.frame) })
      #expect(try await log.events(atLeast: 1000).count == 1000)
    }
  }

  @Test(arguments: [nil, 256]) func `a SysEx larger than the port goes in fragments`(
    fragment: Int?
  ) async throws {
    try await withJackServer { server in
      let witness = Witness(server: server)
      let log = try await witness.log(as: "listener")
      let whole: [UInt8] = [0xf0] + (0..<65_534).map { UInt8($0 % 128) } + [0xf7]
      let script = [ScriptEvent(0, whole), ScriptEvent(0, [0x90, 60, 1])]
      let sending = try await witness.send(
        script, as: "sender", to: ["listener:in"], fragment: fragment)
      let summary = try await sending.finish()
      let pieces = try await log.events(atLeast: summary.pieces ?? 0)
      #expect(Array(pieces.dropLast().map(\.bytes).joined()) == whole)
      #expect(pieces.dropLast().allSatisfy { $0.bytes.count <= fragment ?? 32_720 })
      #expect(pieces.last?.bytes == [0x90, 60, 1])
      #expect(pieces.map(\.frame) == (try sending.events()).map(\.frame))
    }
  }

  @Test func `more than a port takes is sent in later cycles, in order, and counted`() async throws
  {
    try await withJackServer { server in
      let witness = Witness(server: server)
      let log = try await witness.log(as: "listener")
      let flood = (0..<6000).map {
        ScriptEvent(0, [0x90, UInt8($0 / 100), UInt8($0 % 100)])
      }
      let sending = try await witness.send(flood, as: "sender", to: ["listener:in"])
      let summary = try await sending.finish()
      #expect((summary.retried ?? 0) > 0)
      #expect((summary.late ?? 0) > 0)
      #expect(try await log.events(atLeast: 6000).map(\.bytes) == flood.map(\.bytes))
    }
  }
}

/// `count` notes, no two alike, at gaps from none to some hundred frames.
func noteScript(_ count: Int, seed: UInt64 = 1) -> [ScriptEvent] {
  var random = SeededGenerator(seed: seed)
  var frame = 0
  return (0..<count).map { index in
    frame += Int.random(in: 0...3, using: &random) == 0 ? 0 : Int.random(in: 1...90, using: &random)
    return ScriptEvent(
      frame, [0x90 + UInt8(index / 16_256 % 16), UInt8(index / 127 % 128), UInt8(index % 127 + 1)])
  }
}
