// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Testing

@Suite(.serialized) struct TimebaseFixtureIntegrationTests {
  let map = [
    TempoMapLine(bpm: 120), TempoMapLine(bar: 3, bpm: 97.3, beatsPerBar: 6, beatUnit: 8),
  ]

  @Test func `each command has taken effect when it is answered`() async throws {
    try await withJackServer(period: 256) { server in
      let timebase = try await Witness(server: server).timebase(map)
      #expect(try await timebase.now().state == "stopped")
      #expect(try await timebase.locate(48_000).transport == 48_000)
      let rolling = try await timebase.start()
      #expect(rolling.transport == 48_000)
      #expect(try await timebase.now().state == "rolling")
      #expect(try await timebase.locate(1000).transport == 1000)
      try await timebase.stop()
      #expect(try await timebase.now().state == "stopped")
      try await timebase.bufferSize(512)
      try await timebase.freewheel(true)
      try await timebase.freewheel(false)
      #expect(try await timebase.quit().period == 512)
    }
  }

  @Test func `a loop of whole periods goes back exactly from its end`() async throws {
    try await withJackServer(period: 256) { server in
      let timebase = try await Witness(server: server).timebase(map)
      try await timebase.loop(2048, 4096)
      try await timebase.start()
      try await eventually("three passes") {
        try timebase.changes().filter { $0.state == "rolling" }.count >= 4
      }
      let rolling = try timebase.changes().filter { $0.state == "rolling" }
      let starting = try timebase.changes().filter { $0.state == "starting" }.dropFirst()
      for (begun, ended) in zip(rolling, starting) {
        #expect(ended.frame - begun.frame == UInt64(4096 - begun.transport))
        #expect(ended.transport == 2048)
      }
      try await timebase.stop()
    }
  }

  @Test func `a player sends at the transport's frames and the log tells the same`() async throws {
    try await withJackServer(period: 256) { server in
      let witness = Witness(server: server)
      let timebase = try await witness.timebase(map)
      let log = try await witness.log(as: "listener")
      let script = noteScript(300)
      let playing = try await witness.play(script, as: "player", to: "listener:in")
      try await timebase.start()
      try await playing.finish()
      let got = try await log.events(atLeast: 300)
      #expect(got.map(\.transport) == script.map(\.frame))
      #expect(got.map(\.bytes) == script.map(\.bytes))
      #expect(got == (try playing.events()))
    }
  }
}
