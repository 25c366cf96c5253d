// SPDX-License-Identifier: MIT
internal import Foundation

/// The small model that `make model` sets up and `continuo model start` runs, on this machine only.
struct LocalModel: Codable, Hashable {
  /// Its server's process.
  let pid: Int32
  /// "http://127.0.0.1:PORT".
  let url: String
  /// The model's name.
  let model: String

  /// Reads who runs from `file`.
  /// - Throws: `CommandFailure` with exit 5 when none runs.
  init(file: String) throws(CommandFailure) {
    guard let data = FileManager.default.contents(atPath: file), data.count < 4096,
      let known = try? JSONDecoder().decode(LocalModel.self, from: data), kill(known.pid, 0) == 0
    else {
      throw CommandFailure(
        .noModel, "The local model does not run: `continuo model start` (`make model` sets it up)")
    }
    self = known
  }
}

/// `continuo model start|stop|status`: runs the server script that `make model` installed.
struct ModelRunner {
  let action: ModelAction
  let settings: Settings

  /// Where `make model` puts everything.
  static func folder(_ environment: [String: String]) -> String? {
    func absolute(_ name: String) -> String? {
      environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    return absolute("CONTINUO_MODEL_DIR")
      ?? absolute("XDG_DATA_HOME").map { "\($0)/continuo/model" }
      ?? absolute("HOME").map { "\($0)/.local/share/continuo/model" }
  }

  func run() async -> Reply {
    guard let folder = Self.folder(ProcessInfo.processInfo.environment),
      FileManager.default.isExecutableFile(atPath: "\(folder)/venv/bin/python"),
      FileManager.default.fileExists(atPath: "\(folder)/serve.py")
    else { return .failed(.noModel, "The local model is not set up: run `make model` once") }
    do { try settings.runtimeFolder.prepare() } catch {
      return .failed(.failed, "\(error)")
    }
    let arguments = ["\(folder)/serve.py", action.rawValue, settings.model.localFile]
    let (status, output) = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(returning: Self.execute("\(folder)/venv/bin/python", arguments))
      }
    }
    let line = output.split(separator: "\n").last.map(String.init) ?? ""
    let data = (try? JSONDecoder().decode(JSONValue.self, from: Data(line.utf8))) ?? .null
    guard case .string(let message)? = data["message"] else {
      return .failed(.noModel, "The local model's script said nothing (status \(status))")
    }
    let clean = TerminalText.clean(message)
    return status == 0
      ? .done([clean], data: data) : .failed(CommandFailure(.noModel, clean), data: data)
  }

  private static func execute(_ program: String, _ arguments: [String]) -> (Int32, String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    do { try process.run() } catch { return (1, "") }
    let data = (try? output.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }
}
