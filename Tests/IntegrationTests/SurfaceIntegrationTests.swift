// SPDX-License-Identifier: MIT
import ContinuoOSC
import ContinuoTestSupport
import Testing

/// The whole program on a real JACK server, played by OSC.
@Suite(.serialized) struct SurfaceIntegrationTests {
  @Test(.timeLimit(.minutes(1)))
  func `a song started by OSC is told beat by beat, also after a flood, and stops by OSC`()
    async throws
  {
    try await withJackServer(period: 256) { try await play(on: $0) }
  }

  private func play(on server: JackServer) async throws {
    let free = try OSCSocket()
    let port = free.port
    free.close()
    let program = try ContinuoProgram.launch(
      "serve", ["--osc-surface", String(port)], on: server.name, as: "surface")
    try await program.says("OSC surface on port \(port)")
    let client = try OSCSocket()
    func send(_ address: String, _ arguments: OSCArgument...) throws {
      try client.send(OSCMessage(address, arguments), to: port)
    }
    var messages = client.messages.makeAsyncIterator()
    /// Passes over what comes before it.
    func awaitMessage(_ address: String, _ isMeant: ([OSCArgument]) -> Bool) async {
      while let message = await messages.next()?.message {
        if message.address == address, isMeant(message.arguments) { return }
      }
      Issue.record("the socket ended before \(address)")
    }
    try send("/continuo/subscribe")
    await awaitMessage("/continuo/rolling") { $0 == [.int32(0)] }
    try send("/continuo/tempo", .float(240))
    await awaitMessage("/continuo/reply") {
      $0.first == .int32(1) && $0.last == .string("tempo 240")
    }
    try send("/continuo/transport/play")
    await awaitMessage("/continuo/position") { $0 == [.int32(1), .int32(3)] }
    for _ in 0..<5000 { try send("/continuo/candidates") }
    await awaitMessage("/continuo/position") { ($0.first?.integer ?? 0) >= 2 }
    // A machine that stalls may still be at the flood, which drops what comes now.
    let stopping = Task {
      while !Task.isCancelled {
        try client.send(OSCMessage("/continuo/transport/stop"), to: port)
        try await Task.sleep(for: .milliseconds(500))
      }
    }
    await awaitMessage("/continuo/rolling") { $0 == [.int32(0)] }
    stopping.cancel()
    try send("/continuo/quit")
    let status = try await program.process.waitForExit(within: .seconds(20))
    #expect(status == .exited(0))
  }
}
