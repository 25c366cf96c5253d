// SPDX-License-Identifier: MIT
internal import ContinuoArdour
public import Foundation

/// What `continuo doctor --write-ardour-settings` does.
public struct ArdourSettingsJob: Hashable, Sendable {
  /// The session file; nil for the one Ardour opened last.
  public var session: String?
  /// Whether it may write; it only shows what it would write otherwise.
  public var isAllowed: Bool
  /// Where Ardour's settings are found: `XDG_CONFIG_HOME` and `HOME` of this.
  public var environment: [String: String]

  /// Makes a job; `Job.validated()` looks at the file's name.
  public init(
    session: String? = nil, isAllowed: Bool = false,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    self.session = session
    self.isAllowed = isAllowed
    self.environment = environment
  }

  func check() throws(CommandError) {
    if let session { try Check.file(session, endings: [".ardour"]) }
  }
}

/// Shows, and when allowed writes, the settings of Ardour's that Continuo needs.
struct ArdourSettingsRunner {
  let job: ArdourSettingsJob
  var running = RunningArdour()

  func run() -> Reply {
    do {
      return try plan()
    } catch let failure as CommandFailure {
      return .failed(failure)
    } catch {
      return .failed(.failed, "\(error)")
    }
  }

  private func plan() throws -> Reply {
    let folders = ArdourFolders(environment: job.environment)
    guard let folder = folders?.newest else {
      throw CommandFailure(
        .failed,
        "Ardour has no settings in \(folders?.settings.path ?? "a home folder") yet: start it once")
    }
    guard let session = job.session.map({ URL(fileURLWithPath: $0) }) ?? folders?.lastSession else {
      throw CommandFailure(
        .usage, "Ardour's list of sessions is empty: name the session file with --session")
    }
    let settings = try ArdourSettings(
      session: session, configuration: folder.appendingPathComponent("config"))
    let changes = [settings.session, settings.configuration].filter(\.isNeeded)
    let data: [String: JSONValue] = [
      "session": .string(settings.session.url.path),
      "configuration": .string(settings.configuration.url.path),
      "changes": .array(
        changes.map {
          [
            "file": .string($0.url.path),
            "difference": .array($0.difference.map { .string($0) }),
          ]
        }),
    ]
    guard !changes.isEmpty else {
      return .done(
        ["Nothing to write: \(session.lastPathComponent) follows JACK and answers OSC"],
        data: .object(data.merging(["written": false]) { $1 }))
    }
    let lines = changes.flatMap { [$0.url.path] + $0.difference.map { "  \($0)" } }
    let users = running.using(configurationFolder: folder, session: settings.session.url)
    guard users.isEmpty else {
      return .failed(
        CommandFailure(.failed, "\(ArdourError.stillRunning(processes: users))"), lines: lines,
        data: .object(data))
    }
    guard job.isAllowed else {
      return .done(
        lines + ["Nothing is written yet"],
        data: .object(data.merging(["written": false, "needsLeave": true]) { $1 }))
    }
    let copies = try settings.write(refusing: running)
    return .done(
      lines + ["Written"] + copies.map { "The old one is kept as \($0.path)" },
      data: .object(
        data.merging([
          "written": true, "copies": .array(copies.map { .string($0.path) }),
        ]) { $1 }))
  }
}
