// SPDX-License-Identifier: MIT

/// From `bar` on, `bpm` quarters a minute in bars of `beatsPerBar` / `beatUnit`.
public struct TempoMapLine: Equatable, Sendable {
  public var bar: Int
  public var bpm: Double
  public var beatsPerBar: Int
  public var beatUnit: Int

  public init(bar: Int = 1, bpm: Double, beatsPerBar: Int = 4, beatUnit: Int = 4) {
    self.bar = bar
    self.bpm = bpm
    self.beatsPerBar = beatsPerBar
    self.beatUnit = beatUnit
  }
}

/// How a timebase master tells the tick: exactly, cut off, or rounded as Ardour does.
public enum TimebaseMode: String, Sendable, CaseIterable {
  case double, int, round
}

/// A `witness timebase`: JACK's timebase master and the transport's hands.
///
/// Each command returns once it took effect, with the cycle at which it did.
public struct WitnessTimebase: Sendable {
  /// A cycle's first frame, absolute and of the transport.
  public struct Cycle: Equatable, Sendable {
    public var frame: UInt64
    public var transport: Int
  }

  public let run: WitnessRun
  init(_ run: WitnessRun) { self.run = run }

  /// Starts the transport; gives the first rolling cycle.
  @discardableResult
  public func start() async throws -> Cycle { try await cycle("start", "rolling") }

  /// Stops the transport; gives the first stopped cycle.
  @discardableResult
  public func stop() async throws -> Cycle { try await cycle("stop", "stopped") }

  /// Moves the transport; gives the first cycle there (while rolling, one before it rolls again).
  @discardableResult
  public func locate(_ frame: Int) async throws -> Cycle {
    try await cycle("locate \(frame)", "located")
  }

  /// Goes back to `start` each time the transport reaches `end`: exactly there when the loop's
  /// length is a multiple of the period, else at the first cycle edge after it.
  public func loop(_ start: Int, _ end: Int) async throws {
    try await echoed("loop \(start) \(end)")
  }

  public func loopOff() async throws { try await echoed("loop off") }
  public func bufferSize(_ frames: Int) async throws { try await echoed("buffersize \(frames)") }
  public func freewheel(_ on: Bool) async throws {
    try await echoed("freewheel \(on ? "on" : "off")")
  }

  /// The cycle that runs now, and "stopped", "starting" or "rolling".
  public func now() async throws -> (cycle: Cycle, state: String) {
    let fields = try await ask("frame").split(separator: " ")
    guard fields.count == 4, let cycle = cycle(fields) else {
      throw TestSupportError.failedCommand(command: "frame", answer: fields.joined(separator: " "))
    }
    return (cycle, String(fields[3]))
  }

  /// Gives up being the timebase master and ends.
  @discardableResult
  public func quit() async throws -> WitnessSummary {
    try run.process.write(line: "quit")
    return try await run.summary(within: .seconds(10))
  }

  /// What the transport did so far.
  public func changes() throws -> [TransportChange] {
    try readLog(run.logPath) { fields in
      guard fields.count == 3, let frame = UInt64(fields[0]), let transport = Int(fields[2]) else {
        return nil
      }
      return TransportChange(frame: frame, state: String(fields[1]), transport: transport)
    }
  }

  private func ask(_ command: String) async throws -> String {
    try run.process.write(line: command)
    return try await run.process.nextLine(within: .seconds(20))
  }

  private func echoed(_ command: String) async throws {
    let answer = try await ask(command)
    guard answer == command else {
      throw TestSupportError.failedCommand(command: command, answer: answer)
    }
  }

  private func cycle(_ command: String, _ word: String) async throws -> Cycle {
    let answer = try await ask(command)
    let fields = answer.split(separator: " ")
    guard fields.count == 3, fields[0] == word, let cycle = cycle(fields) else {
      throw TestSupportError.failedCommand(command: command, answer: answer)
    }
    return cycle
  }

  private func cycle(_ fields: [Substring]) -> Cycle? {
    guard let frame = UInt64(fields[1]), let transport = Int(fields[2]) else { return nil }
    return Cycle(frame: frame, transport: transport)
  }
}
