// SPDX-License-Identifier: MIT
import ContinuoArdour
import ContinuoTestSupport
import Synchronization

/// Plays takes with the witness: a JACK client that shares no code with the product.
final class WitnessPerformer: TakePerformer {
  private let witness: Witness
  private let name: String
  private let state = Mutex<(port: String?, playing: WitnessPlaying?)>((nil, nil))

  init(_ server: JackServer, name: String = "performer") {
    witness = Witness(server: server)
    self.name = name
  }

  func connect(to port: String) async throws -> Bool {
    state.withLock { $0.port = port }
    return true
  }

  func prepare(_ performance: TakePerformance) async throws {
    precondition(!performance.followsOwnClock, "the witness follows JACK's transport alone")
    let script = performance.events.map { ScriptEvent($0.frame, $0.bytes) }
    let playing = try await witness.play(
      script, as: name, to: state.withLock { $0.port ?? "" })
    state.withLock { $0.playing = playing }
  }

  func finished() async throws {
    try await state.withLock { $0.playing }?.finish()
  }

  func end() async {
    _ = try? await state.withLock { $0.playing }?.run.process.stop()
  }

  func disconnect(from port: String) async throws {
    // Its connections end with the witness.
    await end()
  }
}
