// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation
import Glibc
import Synchronization
import Testing

/// The stub program on a pseudo-terminal of its own, as a musician's terminal would run it.
final class TerminalRun: Sendable {
  let folder: TemporaryFolder
  private let terminal: Int32
  private let pid: pid_t
  private let seen = Mutex<[UInt8]>([])
  private let isReaped = Mutex(false)

  init(
    _ arguments: [String] = [], in folder: TemporaryFolder? = nil, columns: UInt16 = 100,
    environment: [String: String] = [:]
  ) throws {
    self.folder = try folder ?? TemporaryFolder("terminal")
    terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    // What unlockpt and ptsname do, which the Swift overlay hides: TIOCSPTLCK and TIOCGPTN.
    var isLocked: Int32 = 0
    var number: UInt32 = 0
    try #require(
      terminal >= 0 && ioctl(terminal, 0x4004_5431, &isLocked) == 0
        && ioctl(terminal, 0x8004_5430, &number) == 0)
    let name = "/dev/pts/\(number)"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The first terminal that a leader of a session opens becomes its own: Ctrl-C goes there.
    posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    let path = self.folder.path
    let log = try self.folder.write("", to: "log")
    let variables = [
      "PATH": "/usr/bin:/bin", "HOME": path, "XDG_RUNTIME_DIR": path, "STUB_LOG": log,
      "TERM": "xterm-256color", "LC_ALL": "C.UTF-8",
    ].merging(environment) { $1 }
    var size = winsize(ws_row: 30, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
    pid = try start(
      [try BuiltProducts.path("continuo-stub")] + arguments, environment: variables, &actions,
      leadsSession: true)
    Thread.detachNewThread { [self] in
      var bytes = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = read(terminal, &bytes, bytes.count)
        guard count > 0 else { return }
        seen.withLock { $0 += bytes[..<count] }
      }
    }
  }

  deinit {
    if !isReaped.withLock({ $0 }) {
      kill(pid, SIGKILL)
      var status: Int32 = 0
      waitpid(pid, &status, 0)
    }
    close(terminal)
  }

  /// All it has drawn so far.
  var drawn: String { seen.withLock { String(decoding: $0, as: UTF8.self) } }

  /// The same without colours and moves of the cursor.
  var text: String {
    drawn.replacing(/\u{1b}\[[0-9;?]*[A-Za-z]/, with: "").replacing("\u{07}", with: "")
  }

  /// The stub's own log.
  var events: [String] {
    ((try? String(contentsOfFile: folder.file("log"), encoding: .utf8)) ?? "")
      .split(separator: "\n").map(String.init)
  }

  /// Presses keys.
  func type(_ keys: String) {
    let bytes = Array(keys.utf8)
    _ = bytes.withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) }
  }

  /// Makes the window as wide as that; the program is told by the terminal.
  func resize(to columns: UInt16) {
    var size = winsize(ws_row: 30, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
  }

  /// Waits until `words` were drawn after `from` characters of `text`.
  func sees(_ words: String, after from: Int = 0) async throws {
    try await eventually("“\(words)” on the terminal", detail: { self.drawn.debugDescription }) {
      self.text.dropFirst(from).contains(words)
    }
  }

  /// Waits for its end; its exit status, or nil when a signal ended it.
  func end() async throws -> Int32? {
    var status: Int32 = 0
    try await eventually("the program's end", detail: { self.drawn.debugDescription }) {
      waitpid(self.pid, &status, WNOHANG) == self.pid
    }
    isReaped.withLock { $0 = true }
    return status & 0x7f == 0 ? (status >> 8) & 0xff : nil
  }
}
