// SPDX-License-Identifier: MIT
public import ContinuoSession
internal import ContinuoOSC
internal import Glibc
internal import Synchronization

/// Opens staying sessions that can be played by OSC too, on the port the settings name.
public struct SurfacedSessions: SessionFactory {
  private let factory: any SessionFactory

  /// Sessions of `factory`; without a port in their settings they stay as they are.
  public init(_ factory: any SessionFactory) { self.factory = factory }

  /// Opens a session, and its surface.
  ///
  /// - Throws: `CommandFailure`, also for a port that is taken.
  public func open(
    _ settings: Settings, for purpose: SessionPurpose, notice: @escaping ProgressSink
  ) async throws(CommandFailure) -> any OpenSession {
    guard let port = settings.surfacePort, purpose == .staying else {
      return try await factory.open(settings, for: purpose, notice: notice)
    }
    let news = SurfaceNews()
    let session = try await factory.open(settings, for: purpose) { text in
      news.say(text)
      notice(text)
    }
    let surface: ControlSurface
    do throws(OSCError) {
      // As SIGTERM from outside: the loop that waits for commands ends in order.
      surface = try ControlSurface(session, port: port) { kill(getpid(), SIGTERM) }
    } catch {
      await session.shutdown()
      throw CommandFailure(.failed, "\(error); choose another with --osc-surface")
    }
    news.know(surface)
    await surface.start()
    notice("OSC surface on port \(surface.port) of 127.0.0.1")
    return SurfacedSession(session: session, surface: surface)
  }

  /// Does a job, which no surface is needed for.
  public func run(_ job: Job, _ settings: Settings, progress: @escaping ProgressSink) async -> Reply
  {
    await factory.run(job, settings, progress: progress)
  }
}

/// A session with a surface beside it; all faces go through here, so that `status` tells of both.
struct SurfacedSession: OpenSession {
  let session: any OpenSession
  let surface: ControlSurface

  func handle(_ command: Command, progress: @escaping ProgressSink) async -> Reply {
    await surface.carryOut(command, progress: progress)
  }

  func completions() async -> Completions { await session.completions() }

  func projectNews() async -> ProjectNews? { await session.projectNews() }

  func pulse() async -> Pulse? { await session.pulse() }

  func view(_ wish: ViewWish) async -> SessionView? { await session.view(wish) }

  func shutdown() async {
    await surface.stop()
    await session.shutdown()
  }
}

/// Passes what happens unasked on to the surface, once there is one.
private final class SurfaceNews: Sendable {
  private let surface = Mutex<ControlSurface?>(nil)

  func know(_ surface: ControlSurface) { self.surface.withLock { $0 = surface } }

  func say(_ text: String) {
    guard let surface = surface.withLock({ $0 }) else { return }
    Task { await surface.say(text) }
  }
}
