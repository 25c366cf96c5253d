// SPDX-License-Identifier: MIT

/// An X display without a screen, for programs that have windows; it dies with the test process.
public final class VirtualDisplay: Sendable {
  public let process: ChildProcess
  /// What `DISPLAY` is for its programs, such as ":3".
  public let name: String

  private init(process: ChildProcess, name: String) {
    self.process = process
    self.name = name
  }

  /// Starts Xvfb on a display of its own choice, reachable on this machine alone.
  public static func start() async throws -> VirtualDisplay {
    let process = try ChildProcess.launch(
      "Xvfb", ["-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp"])
    let number = try await process.nextLine(within: .seconds(20))
    guard Int(number) != nil else {
      throw TestSupportError.unreadable(what: "a display's number", text: number)
    }
    return VirtualDisplay(process: process, name: ":\(number)")
  }

  /// Ends it.
  public func stop() async throws { try await process.stop() }
}
