// SPDX-License-Identifier: MIT
import ContinuoOSC
import Foundation
import Testing

/// The OSC surface in the running program, around a session without JACK.
struct SurfaceProgramTests {
  @Test(.timeLimit(.minutes(1)))
  func `the program takes commands by OSC, tells of the surface, and ends by quit`() async throws {
    let free = try OSCSocket()
    let port = free.port
    free.close()
    let run = try ProgramRun(["serve", "--osc-surface", String(port)])
    let client = try OSCSocket()
    let knocking = Task {
      while !Task.isCancelled {
        try client.send(OSCMessage("/continuo/subscribe"), to: port)
        try await Task.sleep(for: .milliseconds(20))
      }
    }
    for await received in client.messages
    where received.message.address == "/continuo/subscribed" { break }
    knocking.cancel()
    try client.send(OSCMessage("/continuo/status"), to: port)
    for await received in client.messages where received.message.address == "/continuo/reply" {
      let arguments = received.message.arguments
      #expect(arguments.first == .int32(1))
      #expect(arguments[1].text?.contains("OSC surface: port \(port), 1 subscribed") == true)
      #expect(arguments[2] == .string("status"))
      break
    }
    // The control socket's face tells of it too.
    let status = try ProgramRun(["status", "--json"], in: run.folder)
    let surface = await status.finish().json["surface"] as? [String: Any]
    #expect(surface?["port"] as? Int == Int(port))
    try client.send(OSCMessage("/continuo/quit"), to: port)
    let outcome = await run.finish(closingInput: false)
    #expect(outcome.status == 0)
    #expect(run.events.contains("shutdown"))
    run.remove()
  }

  @Test(.timeLimit(.minutes(1)))
  func `a port that is taken or cannot be ends the start and is named`() async throws {
    let taken = try OSCSocket()
    let outcome = try await ProgramRun.run(["--osc-surface", String(taken.port)])
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("OSC port \(taken.port)"))
    #expect(outcome.error.contains("--osc-surface"))
    let wrong = try await ProgramRun.run(["--osc-surface", "70000"])
    #expect(wrong.status == 2)
  }
}
