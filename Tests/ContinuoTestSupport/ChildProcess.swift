// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Synchronization

/// Another program, run by a test: its lines, its signals, its end, all with deadlines.
///
/// Its output goes to files, so it never waits for a reader and nothing is lost. It runs under
/// `witness run`, so it dies with the test process however that ends; `pid` is the program's own.
public final class ChildProcess: Sendable {
  /// How a program ended.
  public enum Status: Equatable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    public var description: String {
      switch self {
      case .exited(let code): "exit code \(code)"
      case .signalled(let number): "signal \(number)"
      }
    }
  }

  private struct State {
    var status: Status?
    var input: Int32?
    var linesRead = 0
  }

  public let name: String
  public let pid: Int32
  /// Holds `NAME.out` and `NAME.err` while this object lives.
  private let folder: TemporaryFolder
  private let state: Mutex<State>

  /// Starts `program` (a path, or a name looked up in `PATH`).
  ///
  /// - Parameters:
  ///   - environment: Added to the test's own; an empty value removes the variable.
  ///   - name: What errors call it; its own file name when nil.
  public static func launch(
    _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
    name: String? = nil
  ) throws -> ChildProcess {
    try ChildProcess(program, arguments, environment, name)
  }

  private init(
    _ program: String, _ arguments: [String], _ additions: [String: String], _ label: String?
  ) throws {
    name = label ?? URL(fileURLWithPath: program).lastPathComponent
    folder = try TemporaryFolder("process")
    let spawned = try spawn(
      [BuiltProducts.path("witness"), "run", program] + arguments,
      environment: additions, output: folder.file("out"), errors: folder.file("err"))
    pid = spawned.pid
    state = Mutex(State(input: spawned.input))
  }

  deinit {
    closeInput()
    endNow()
  }

  // MARK: What it says

  /// All it has written to its standard output so far.
  public var output: String { text("out") }
  /// All it has written to its standard error so far.
  public var errors: String { text("err") }
  /// The whole lines of its output so far.
  public var lines: [String] { wholeLines(output) }

  private func text(_ file: String) -> String {
    let data = FileManager.default.contents(atPath: folder.file(file)) ?? Data()
    return String(decoding: data, as: UTF8.self)
  }

  private func wholeLines(_ text: String) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lines.removeLast()  // What follows the last newline is not a line yet.
    return lines
  }

  /// The next line that no call has returned yet.
  @discardableResult
  public func nextLine(within limit: Duration = .seconds(10)) async throws -> String {
    try await line(within: limit) { _ in true }
  }

  /// The next line for which `matches` is true; those before it are passed over for good.
  @discardableResult
  public func line(
    within limit: Duration = .seconds(10), where matches: (String) -> Bool
  ) async throws -> String {
    try await eventualValue("a line of \(name)", within: limit, detail: { self.errors }) {
      let ended = status()  // Before the lines: then the lines are all there are.
      let all = lines
      let from = state.withLock { $0.linesRead }
      for index in all.indices.dropFirst(from) where matches(all[index]) {
        state.withLock { $0.linesRead = index + 1 }
        return all[index]
      }
      state.withLock { $0.linesRead = max($0.linesRead, all.count) }
      guard let ended else { return nil }
      throw TestSupportError.ended(
        program: name, status: "\(ended)", while: "a line of it was awaited", errors: errors)
    }
  }

  // MARK: What it is told

  /// Writes one line to its standard input.
  public func write(line: String) throws {
    let bytes = Array((line + "\n").utf8)
    try state.withLock { state in
      var done = 0
      while done < bytes.count {
        let count = state.input.map { input in
          bytes[done...].withUnsafeBytes { send(input, $0.baseAddress, $0.count, noSignal) }
        }
        guard let count, count > 0 || errno == EINTR else {
          throw TestSupportError.failedCommand(command: line, answer: "its input is closed")
        }
        done += max(0, count)
      }
    }
  }

  /// Ends its standard input. Doing so again does nothing.
  public func closeInput() {
    state.withLock { state in
      if let input = state.input { close(input) }
      state.input = nil
    }
  }

  /// Sends a signal; nothing when it has ended.
  public func signal(_ number: Int32) {
    state.withLock { state in
      // Not reaped while the lock is held, so the number cannot be another process's yet.
      if reap(&state) == nil { kill(pid, number) }
    }
  }

  // MARK: How it ends

  /// How it ended, or nil while it runs.
  public func status() -> Status? { state.withLock { reap(&$0) } }

  private func reap(_ state: inout State) -> Status? {
    if let status = state.status { return status }
    var raw: Int32 = 0
    guard waitpid(pid, &raw, WNOHANG) == pid else { return nil }
    let number = raw & 0x7f
    state.status = number == 0 ? .exited((raw >> 8) & 0xff) : .signalled(number)
    return state.status
  }

  /// Waits for its end.
  @discardableResult
  public func waitForExit(within limit: Duration = .seconds(30)) async throws -> Status {
    try await eventualValue("the end of \(name)", within: limit, detail: { self.errors }) {
      status()
    }
  }

  /// Ends it politely (SIGTERM), then by force (SIGKILL) when it has not obeyed within `grace`.
  @discardableResult
  public func stop(grace: Duration = .seconds(5)) async throws -> Status {
    signal(SIGTERM)
    if let status = try? await waitForExit(within: grace) { return status }
    signal(SIGKILL)
    return try await waitForExit(within: .seconds(5))
  }

  /// As `stop`, for where nothing can be awaited: blocks for at most two seconds and a little.
  public func endNow() {
    signal(SIGTERM)
    for _ in 0..<1000 {
      if status() != nil { return }
      usleep(2000)
    }
    signal(SIGKILL)
    while status() == nil { usleep(2000) }
  }
}

private let noSignal = Int32(MSG_NOSIGNAL)
