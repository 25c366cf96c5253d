// SPDX-License-Identifier: MIT
import ContinuoCommand
import ContinuoSession
import Foundation
import Synchronization

@main
struct StubProgram {
  static func main() async {
    await Program.main(StubFactory())
  }
}

/// Sessions without JACK, whose behaviour the tests choose through the environment:
/// `STUB_OPEN` is `no-jack` for a session that cannot be opened;
/// `STUB_LOG` names a file that is told what happens to the session.
private struct StubFactory: SessionFactory {
  func open(
    _ settings: Settings, for purpose: SessionPurpose, notice: @escaping ProgressSink
  ) async throws(CommandFailure) -> any OpenSession {
    switch ProcessInfo.processInfo.environment["STUB_OPEN"] {
    case "no-jack":
      throw CommandFailure(.noJack, "No JACK server named \(settings.server ?? "default")")
    default: return StubSession(settings: settings, notice: notice)
    }
  }

  func run(_ job: Job, _ settings: Settings, progress: @escaping ProgressSink) async -> Reply {
    progress("working")
    log("working")
    switch job {
    case .capture(let job):
      do {
        try await Task.sleep(for: .seconds(job.seconds))
        return .done(["Captured"], data: ["output": .string(job.output)])
      } catch {
        return .cancelled
      }
    case .analyze(let file, _, _, _):
      return .done(
        ["C major"],
        data: ["file": .string(file), "key": ["tonic": 0, "mode": "major", "confidence": 0.5]])
    case .compose(let job):
      guard job.model.provider == nil else { return .failed(.noModel, "No model answers") }
      return .done(["Composed"], data: ["bars": .int(job.bars)])
    case .ardourSettings(let job):
      return job.isAllowed
        ? .done(["Written"], data: ["written": true])
        : .done(["- 1: old", "+ 1: new"], data: ["needsLeave": true])
    case .model(let action):
      return .done(["The model: \(action.rawValue)"])
    case .ardourScript(let job):
      return .done([job.removes ? "Removed" : "Installed"])
    case .config: return await LiveSessions().run(job, settings, progress: progress)
    case .memory(let request):
      return .done(
        ["Remembered"], data: ["memory": (try? JSONValue(encoding: request)) ?? .null])
    case .replay(let file):
      return .done(["Replayed"], data: ["file": .string(file)])
    case .play(let request):
      return .done(["Played"], data: ["file": .string(request.file)])
    case .doctor:
      return .failed(
        CommandFailure(.noJack, "No JACK server"), lines: ["JACK: missing"],
        data: ["checks": [["name": "jack", "ok": false]]])
    }
  }
}

/// Answers each command with itself, except for a request of certain words.
private final class StubSession: OpenSession {
  private let settings: Settings
  private let notice: ProgressSink
  private let handled = Mutex(0)

  init(settings: Settings, notice: @escaping ProgressSink) {
    self.settings = settings
    self.notice = notice
    log("open \(settings.name)")
  }

  func handle(_ command: Command, progress: @escaping ProgressSink) async -> Reply {
    let count = handled.withLock {
      $0 += 1
      return $0
    }
    guard let echo = try? JSONValue(encoding: command) else {
      return .failed(.failed, "The command cannot be written")
    }
    let data: JSONValue = ["command": echo, "pid": .int(Int(getpid())), "count": .int(count)]
    switch command {
    case .keep(candidate: 7, _, let agreed):
      return agreed == true
        ? .done(["Kept 7"])
        : .asks(
          "Keep it?", how: "say keep 7 yes", lines: ["Candidate 7 goes into Bass"], data: [:])
    case .show: return .done(["C2 │█━", "Heard \(echo.line)"], data: data)
    case .keep:
      return .failed(.noArdour, "Ardour does not answer")
    case .tracks:
      // A track's name may hold anything.
      return .done(["Bass \u{1b}[31m", "Électric Piano"], data: ["tracks": ["Bass", "Piano"]])
    case .enhance(let request) where request.request == "take your time":
      progress("thinking")
      log("began")
      do {
        try await Task.sleep(for: .seconds(30))
        return .done(["Thought"])
      } catch {
        log("cancelled")
        return .cancelled
      }
    case .enhance(let request) where request.request == "tell me later":
      let notice = notice
      Task {
        try await Task.sleep(for: .seconds(1))
        notice("news from the session")
      }
      return .done(["Asked"])
    default:
      progress("hearing")
      return .done(["Heard \(echo.line)"], data: data)
    }
  }

  func completions() async -> Completions {
    Completions(tracks: ["Bass", "Electric Piano", "Drums"], candidates: [1, 2, 3])
  }

  func pulse() async -> Pulse? {
    var pulse = Pulse()
    (pulse.bar, pulse.beat, pulse.tempo, pulse.isRolling) = (17, 2, 97.3, true)
    (pulse.chord, pulse.candidate, pulse.isSounding) = ("Am7", 2, true)
    return pulse
  }

  func shutdown() async { log("shutdown") }
}

/// Adds a line to the file that `STUB_LOG` names.
private func log(_ line: String) {
  guard let path = ProcessInfo.processInfo.environment["STUB_LOG"],
    let file = FileHandle(forWritingAtPath: path)
  else { return }
  file.seekToEndOfFile()
  file.write(Data((line + "\n").utf8))
  try? file.close()
}
