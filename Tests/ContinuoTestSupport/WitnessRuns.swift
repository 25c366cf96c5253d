// SPDX-License-Identifier: MIT
import Foundation

/// One running witness, its log and its last word.
public struct WitnessRun: Sendable {
  public let process: ChildProcess
  let folder: TemporaryFolder
  let logPath: String

  func ready() async throws {
    try await process.line(within: .seconds(20)) { $0.hasPrefix("ready ") }
  }

  /// The JSON it ended with; it must have ended well.
  public func summary(within limit: Duration = .seconds(10)) async throws -> WitnessSummary {
    let status = try await process.waitForExit(within: limit)
    let last = process.lines.last ?? ""
    guard status == .exited(0) else {
      throw TestSupportError.ended(
        program: process.name, status: "\(status)", while: "it worked",
        errors: "\(process.errors)\(last)")
    }
    guard let summary = try? JSONDecoder().decode(WitnessSummary.self, from: Data(last.utf8)) else {
      throw TestSupportError.unreadable(what: "a witness's summary", text: last)
    }
    return summary
  }
}

/// A `witness send`.
public struct WitnessSending: Sendable {
  public let run: WitnessRun
  init(_ run: WitnessRun) { self.run = run }

  /// The absolute frame of offset 0, once everything is connected.
  public func base(within limit: Duration = .seconds(20)) async throws -> UInt64 {
    let found = try await eventualValue("the base", within: limit) {
      let line = run.process.lines.first { $0.hasPrefix("base ") }
      guard line == nil, let status = run.process.status() else { return line }
      throw TestSupportError.ended(
        program: run.process.name, status: "\(status)", while: "its base was awaited",
        errors: run.process.errors)
    }
    guard let base = UInt64(found.dropFirst(5)) else {
      throw TestSupportError.unreadable(what: "a base", text: found)
    }
    return base
  }

  /// Waits until all has been sent; throws when anything was not, or was not logged.
  @discardableResult
  public func finish(within limit: Duration = .seconds(60)) async throws -> WitnessSummary {
    try await run.summary(within: limit)
  }

  /// What has been sent so far, in order, each event and SysEx fragment where it really went.
  public func events() throws -> [WitnessedEvent] { try readLog(run.logPath, sentEvent) }
}

/// A `witness log`.
public struct WitnessLog: Sendable {
  public let run: WitnessRun
  init(_ run: WitnessRun) { self.run = run }

  /// What has arrived so far.
  public func events() throws -> [WitnessedEvent] { try readLog(run.logPath, placedEvent) }

  /// What has arrived once it is at least `count` events.
  public func events(
    atLeast count: Int, within limit: Duration = .seconds(20)
  ) async throws -> [WitnessedEvent] {
    try await eventualValue("\(count) events", within: limit) {
      let events = try events()
      return events.count >= count ? events : nil
    }
  }

  /// Ends it and returns all that has arrived; throws when JACK or the witness lost any.
  @discardableResult
  public func stop() async throws -> [WitnessedEvent] {
    run.process.signal(SIGTERM)
    _ = try await run.summary(within: .seconds(10))
    return try events()
  }
}

/// A `witness play`.
public struct WitnessPlaying: Sendable {
  public let run: WitnessRun
  init(_ run: WitnessRun) { self.run = run }

  /// Waits until the last event has been sent.
  @discardableResult
  public func finish(within limit: Duration = .seconds(60)) async throws -> WitnessSummary {
    try await run.summary(within: limit)
  }

  /// What has been sent so far.
  public func events() throws -> [WitnessedEvent] { try readLog(run.logPath, placedEvent) }
}
