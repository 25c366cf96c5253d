// SPDX-License-Identifier: MIT

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
