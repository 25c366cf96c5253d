// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing

/// The stub program, run as a shell would run it, in folders of its own.
final class ProgramRun {
  struct Outcome {
    var status: Int32
    var output: String
    var error: String

    /// The one JSON object on standard output; records an issue when there is anything else.
    var json: [String: Any] {
      let lines = output.split(separator: "\n")
      #expect(lines.count == 1, "standard output should be one line: \(output)")
      let value = try? JSONSerialization.jsonObject(with: Data(output.utf8))
      #expect(value is [String: Any], "standard output should be an object: \(output)")
      return value as? [String: Any] ?? [:]
    }
  }

  let folder: URL
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let error = Pipe()

  /// Starts the program; `folder` is another run's, to share its instance.
  init(
    _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:],
    program: String = "continuo-stub"
  ) throws {
    self.folder =
      folder
      ?? URL(fileURLWithPath: "/tmp/continuo-run-\(UUID().uuidString.prefix(13))")
    try FileManager.default.createDirectory(
      at: self.folder, withIntermediateDirectories: true)
    let myself = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    process.executableURL = URL(fileURLWithPath: myself).deletingLastPathComponent()
      .appendingPathComponent(program)
    // The test bundle lies beside the programs, or one folder below them.
    if !FileManager.default.isExecutableFile(atPath: process.executableURL?.path ?? "") {
      process.executableURL = Bundle(for: ProgramRun.self).bundleURL.deletingLastPathComponent()
        .appendingPathComponent(program)
    }
    process.arguments = arguments
    process.currentDirectoryURL = self.folder
    process.environment = [
      "PATH": "/usr/bin:/bin", "HOME": self.folder.path, "XDG_RUNTIME_DIR": self.folder.path,
      "STUB_LOG": log.path,
    ].merging(environment) { $1 }
    process.standardInput = input
    process.standardOutput = output
    process.standardError = error
    if !FileManager.default.fileExists(atPath: log.path) {
      try Data().write(to: log)
    }
    try process.run()
  }

  /// What the stub's sessions were told.
  var log: URL { folder.appendingPathComponent("log") }

  /// The log's lines.
  var events: [String] {
    ((try? String(contentsOf: log, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
  }

  func type(_ text: String) { input.fileHandleForWriting.write(Data(text.utf8)) }

  var pid: Int32 { process.processIdentifier }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Ends the input, waits for the end (30 s at most), and gives what was written.
  func finish(closingInput: Bool = true) async -> Outcome {
    if closingInput { try? input.fileHandleForWriting.close() }
    let process = process
    let watchdog = Task.detached {
      try await Task.sleep(for: .seconds(30))
      process.terminate()
      kill(process.processIdentifier, SIGKILL)
    }
    defer { watchdog.cancel() }
    let (output, error) = (output.fileHandleForReading, error.fileHandleForReading)
    return await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        let out = output.readDataToEndOfFile()
        let err = error.readDataToEndOfFile()
        process.waitUntilExit()
        continuation.resume(
          returning: Outcome(
            status: process.terminationStatus, output: String(decoding: out, as: UTF8.self),
            error: String(decoding: err, as: UTF8.self)))
      }
    }
  }

  /// Waits until `condition` holds; records an issue after ten seconds.
  func wait(for what: String, until condition: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while !condition() {
      guard ContinuousClock.now < deadline else {
        Issue.record("waited ten seconds for \(what)")
        return
      }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// Runs the program to its end, without input.
  static func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:],
    program: String = "continuo-stub"
  ) async throws -> Outcome {
    let run = try ProgramRun(arguments, environment: environment, program: program)
    run.type(input)
    let outcome = await run.finish()
    run.remove()
    return outcome
  }
}
