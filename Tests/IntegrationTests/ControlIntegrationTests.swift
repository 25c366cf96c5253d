// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation
import Synchronization
import Testing

@testable import ContinuoSession

/// The control port on a real JACK server.
@Suite(.serialized) struct ControlIntegrationTests {
  private final class Notices: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a pedal that was learned acts once a press, is kept, and is not captured`() async throws {
    try await withJackServer(period: 256) { server in
      let folder = try TemporaryFolder("control")
      var flags = Settings.Flags(server: server.name, name: "pedals")
      flags.control = true
      let settings = try Settings(flags: flags, environment: ["XDG_STATE_HOME": folder.path])
      let notices = Notices()
      let session = try LiveSession(settings) { notices.add($0) }
      let learned = Task { await session.handle(.learn(request: .learn(.next))) { _ in } }
      try await eventually("the wait") { notices.all.contains { $0.hasPrefix("Press what") } }
      // Down and up, three times: the first is learned, the others act.
      let presses = (0..<6).map { index in
        ScriptEvent(48_000 + index * 12_000, [0xB0, 64, index % 2 == 0 ? 127 : 0])
      }
      let playing = try await Witness(server: server).play(
        presses, as: "pedal", to: "pedals:control")
      _ = await session.handle(.transport(move: .play)) { _ in }
      let reply = await learned.value
      #expect(
        reply.lines == ["controller 64 (sustain pedal) on channel 1 does next from now on"])
      let wanted =
        "next: There are no candidates yet: ask for some, as in enhance make the bass groovier"
      try await eventually("the second action", detail: { "\(notices.all)" }) {
        notices.all.count { $0 == wanted } == 2
      }
      withExtendedLifetime(playing) {}
      #expect(await session.store.count == 0)
      let status = await session.handle(.status) { _ in }
      #expect(status.lines.contains("Control: pedals:control, 1 learned"))
      await session.shutdown()
      #expect(notices.all.count { $0 == wanted } == 2)

      // The next session knows it; one without a port says how to get one.
      let next = try LiveSession(settings) { _ in }
      let list = await next.handle(.learn(request: .list)) { _ in }
      #expect(
        list.data["bindings"] == ["next": "controller 64 (sustain pedal) on channel 1"])
      // A wait that was given up is no learning, though something is bound from before.
      let again = Task { await next.handle(.learn(request: .learn(.next))) { _ in } }
      try await eventually("the second wait") { await next.control?.map.waitsFor == .next }
      _ = await next.handle(.learn(request: .cancel)) { _ in }
      #expect(await again.value.error?.hasPrefix("Nothing was learned") == true)
      await next.shutdown()
      let none = try LiveSession(
        try Settings(flags: .init(server: server.name, name: "none"), environment: [:])
      ) { _ in }
      let refused = await none.handle(.learn(request: .list)) { _ in }
      #expect(refused.error?.contains("--control") == true)
      await none.shutdown()
    }
  }
}
