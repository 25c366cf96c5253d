// SPDX-License-Identifier: MIT
import ContinuoCommand
import ContinuoSession

@main
struct Continuo {
  static func main() async {
    await Program.main(UnpluggedSessions())
  }
}

/// Stands where the session's factory will be plugged in.
private struct UnpluggedSessions: SessionFactory {
  private let failure = CommandFailure(.failed, "This build has no session to open")

  func open(
    _ settings: Settings, for purpose: SessionPurpose, notice: @escaping ProgressSink
  ) async throws(CommandFailure) -> any OpenSession {
    throw failure
  }

  func run(_ job: Job, _ settings: Settings, progress: @escaping ProgressSink) async -> Reply {
    .failed(failure)
  }
}
