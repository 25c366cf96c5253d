// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation

/// The built program, run on a server of the test's own, with a home of its own.
struct ContinuoProgram {
  let process: ChildProcess
  private let home: TemporaryFolder

  /// Starts `continuo COMMAND --server … --name NAME --json OPTIONS`; no server is named when nil.
  static func launch(
    _ command: String, _ options: [String], on server: String?, as name: String = "continuo",
    json: Bool = true
  ) throws -> ContinuoProgram {
    let home = try TemporaryFolder("home")
    let arguments =
      [command] + (server.map { ["--server", $0] } ?? []) + ["--name", name]
      + (json ? ["--json"] : []) + options
    let process = try ChildProcess.launch(
      BuiltProducts.path("continuo"), arguments,
      environment: [
        "HOME": home.path, "XDG_RUNTIME_DIR": home.path, "XDG_STATE_HOME": home.path,
        "CONTINUO_SERVER": "", "CONTINUO_NAME": "", "JACK_DEFAULT_SERVER": "",
      ])
    return ContinuoProgram(process: process, home: home)
  }

  /// The reply it ended with; it must have ended with `code`.
  func reply(code: Int32 = 0, within limit: Duration = .seconds(30)) async throws -> ProgramReply {
    let status = try await process.waitForExit(within: limit)
    guard status == .exited(code) else {
      throw TestSupportError.ended(
        program: "continuo", status: "\(status)", while: "exit code \(code) was expected",
        errors: process.output + process.errors)
    }
    let line = process.lines.last ?? ""
    guard let reply = try? JSONDecoder().decode(ProgramReply.self, from: Data(line.utf8)) else {
      throw TestSupportError.unreadable(what: "a reply of continuo", text: line)
    }
    return reply
  }

  /// Waits until it has said something with `words` in it on its standard error.
  func says(_ words: String, within limit: Duration = .seconds(20)) async throws {
    try await eventually("“\(words)” from continuo", within: limit, detail: { process.errors }) {
      let ended = process.status()
      if process.errors.contains(words) { return true }
      guard let ended else { return false }
      throw TestSupportError.ended(
        program: "continuo", status: "\(ended)", while: "“\(words)” was awaited",
        errors: process.output + process.errors)
    }
  }
}

/// What `capture` and `play` answer with `--json`.
struct ProgramReply: Decodable, Equatable {
  var ok: Bool
  var error: String?
  var exit: Int?
  var file: String?
  var events: Int?
  var dropped: Int?
  var forgotten: Int?
  var serverRestarts: Int?
  var xruns: Int?
  var notes: Int?
  var ended: Bool?
  var late: Int?
  var lost: Int?
}
