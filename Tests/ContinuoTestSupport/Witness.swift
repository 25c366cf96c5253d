// SPDX-License-Identifier: MIT

/// The witness program on one JACK server: see `witness --help` for what each command does.
///
/// Every handle ends its process when it is dropped.
public struct Witness: Sendable {
  let server: String

  public init(server: JackServer) { self.server = server.name }
  public init(server: String) { self.server = server }

  /// Sends `script` and returns once all of it has gone.
  ///
  /// - Parameters:
  ///   - ports: 1 to 64; they are `name:out_1` … .
  ///   - targets: Ports to connect to, in the order of ours; those that are missing are waited for.
  ///     A port that has events and no target waits until somebody else connects it.
  ///   - fragment: Most bytes of a SysEx fragment, 3 or more; what the port takes when nil.
  public func send(
    _ script: [ScriptEvent], as name: String, ports: Int = 1, to targets: [String] = [],
    fragment: Int? = nil, within limit: Duration = .seconds(60)
  ) async throws -> WitnessSending {
    let sending = try startSending(
      script, as: name, ports: ports, to: targets, fragment: fragment)
    try await sending.finish(within: limit)
    return sending
  }

  /// As ``send(_:as:ports:to:fragment:within:)``, but returns at once.
  ///
  /// - Parameters:
  ///   - latency: The capture latency its ports claim, in frames; none when nil.
  public func startSending(
    _ script: [ScriptEvent], as name: String, ports: Int = 1, to targets: [String] = [],
    fragment: Int? = nil, latency: Int? = nil
  ) throws -> WitnessSending {
    let lines = script.map { "\($0.frame) \($0.port) \(hex($0.bytes))\n" }
    var arguments = ["--ports", "\(ports)"] + targetOptions(targets)
    if let fragment { arguments += ["--fragment", "\(fragment)"] }
    if let latency { arguments += ["--latency", "\(latency)"] }
    return WitnessSending(try run("send", name, arguments, input: ("--script", lines.joined())))
  }

  /// Logs what arrives at `name:in` from now on; returns once it is connected to `source`, if any.
  ///
  /// - Parameters:
  ///   - latency: The playback latency its port claims, in frames; none when nil.
  public func log(
    as name: String, from source: String? = nil, latency: Int? = nil
  ) async throws -> WitnessLog {
    var arguments = source.map { ["--from", $0] } ?? []
    if let latency { arguments += ["--latency", "\(latency)"] }
    let log = WitnessLog(try run("log", name, arguments))
    try await log.run.ready()
    return log
  }

  /// Sends `script` at its transport frames from `name:out`; returns once it is connected.
  public func play(
    _ script: [ScriptEvent], as name: String, to target: String
  ) async throws -> WitnessPlaying {
    let lines = script.map { "\($0.frame) \(hex($0.bytes))\n" }
    let playing = WitnessPlaying(
      try run("play", name, targetOptions([target]), input: ("--script", lines.joined())))
    try await playing.run.ready()
    return playing
  }

  /// Becomes the timebase master; returns once it is.
  public func timebase(
    _ map: [TempoMapLine], as name: String = "timebase", mode: TimebaseMode = .double
  ) async throws -> WitnessTimebase {
    let lines = map.map { "\($0.bar) \($0.bpm) \($0.beatsPerBar) \($0.beatUnit)\n" }
    let timebase = WitnessTimebase(
      try run("timebase", name, ["--mode", mode.rawValue], input: ("--map", lines.joined())))
    try await timebase.run.ready()
    return timebase
  }

  private func targetOptions(_ targets: [String]) -> [String] {
    // A comma separates ports for the witness unless a backslash comes before it.
    targets.flatMap {
      [
        "--to",
        $0.split(separator: ",", omittingEmptySubsequences: false)
          .joined(separator: "\\,"),
      ]
    }
  }

  private func run(
    _ command: String, _ name: String, _ arguments: [String],
    input: (option: String, text: String)? = nil
  ) throws -> WitnessRun {
    let folder = try TemporaryFolder("witness")
    let log = folder.file("log.txt")
    var all = [command, "--server", server, "--name", name, "--log", log] + arguments
    if let input { all += [input.option, try folder.write(input.text, to: "input.txt")] }
    let process = try ChildProcess.launch(
      BuiltProducts.path("witness"), all, name: "witness \(command) \(name)")
    return WitnessRun(process: process, folder: folder, logPath: log)
  }
}
