// SPDX-License-Identifier: MIT
internal import Foundation

/// Opens real sessions: the factory the program plugs in.
public struct LiveSessions: SessionFactory {
  /// Makes the factory.
  public init() {}

  /// Opens a session on the JACK server, with Ardour when it is there.
  public func open(
    _ settings: Settings, for purpose: SessionPurpose, notice: @escaping ProgressSink
  ) async throws(CommandFailure) -> any OpenSession {
    let log = try settings.logFile.map { path throws(CommandFailure) in
      try SessionLog(path, secrets: settings.model.secrets, notice: notice)
    }
    let session: LiveSession
    do throws(CommandFailure) {
      session = try LiveSession(settings, log: log, notice: notice)
    } catch {
      log?.abandon()
      throw error
    }
    await session.lookForArdour()
    guard purpose == .staying else { return session }
    do {
      try await session.openProject()
      await session.noteFollowed()
    } catch {
      // The state on disk is left as it is: a session that could not take it up must not replace it.
      await session.abandon()
      throw error as? CommandFailure ?? CommandFailure(.failed, "\(error)")
    }
    return session
  }

  private static func ask(
    _ settings: Settings, _ request: MemoryCommand, notice: @escaping ProgressSink
  ) async -> Reply {
    do {
      let keeper = MemoryKeeper(folder: try settings.needDataFolder(), notice: notice)
      let reply = await MemoryDesk(store: try await keeper.store()).answer(request)
      await keeper.close()
      return reply
    } catch {
      return .failed(error)
    }
  }

  /// Does a job in this process.
  public func run(
    _ job: Job, _ settings: Settings, progress: @escaping ProgressSink
  ) async -> Reply {
    switch job {
    case .capture(let job):
      return await CaptureRunner(job: job, settings: settings, progress: progress).run()
    case .play(let request):
      return await PlayRunner(request: request, settings: settings, progress: progress).run()
    case .analyze(let file, let plot, let free, let drums):
      return AnalyzeRunner(file: file, plot: plot, free: free, drums: drums).run()
    case .config(let action):
      return ConfigRunner(action: action, environment: ProcessInfo.processInfo.environment).run()
    case .memory(let request):
      return await Self.ask(settings, request, notice: progress)
    case .replay(let file):
      return await ReplayRunner(file: file, settings: settings).run()
    case .doctor:
      return await Doctor(settings: settings).run()
    case .ardourSettings(let job):
      return ArdourSettingsRunner(job: job).run()
    case .compose(let job):
      return await ComposeRunner(job: job, settings: settings, progress: progress).run()
    case .ardourScript(let job):
      return ArdourScriptRunner(job: job).run()
    case .model(let action):
      return await ModelRunner(action: action, settings: settings).run()
    }
  }
}
