// SPDX-License-Identifier: MIT
import ContinuoOSC
import Foundation
import Glibc

/// The real Ardour without its window, on a JACK server of the test's own, stopped at frame 0.
///
/// It dies with the test process at the latest, as every `ChildProcess` does.
public final class HeadlessArdour: Sendable {
  public let process: ChildProcess
  public let session: ArdourSession
  /// The UDP port its OSC listens on.
  public let port: UInt16
  /// How many starts it took: Ardour 7.3 loses JACK in about one start of five.
  public let starts: Int

  private init(process: ChildProcess, session: ArdourSession, port: UInt16, starts: Int) {
    self.process = process
    self.session = session
    self.port = port
    self.starts = starts
  }

  /// Opens `session` in Ardour and returns once its ports are there and its transport stands.
  ///
  /// - Parameters:
  ///   - connects: Lets Ardour connect its ports to the sound card's, as a musician's does.
  public static func start(
    _ session: ArdourSession, on server: JackServer, connects: Bool = false, attempts: Int = 6
  ) async throws -> HeadlessArdour {
    var log = ""
    for attempt in 1...attempts {
      let process = try launch(session, on: server, connects: connects)
      do {
        if let port = try await ready(process, session, server) {
          let ardour = HeadlessArdour(
            process: process, session: session, port: port, starts: attempt)
          if try await ardour.stopTransport() { return ardour }
        }
      } catch {
        process.signal(SIGKILL)
        // Started again beside a client that joins it at once, Ardour 7.3 sometimes answers nothing.
        if attempt == attempts || error is CancellationError { throw error }
      }
      log = process.output + process.errors
      process.signal(SIGKILL)
      try await process.waitForExit(within: .seconds(5))
    }
    throw TestSupportError.ended(
      program: "Ardour", status: "\(attempts) starts without JACK", while: "it was starting",
      errors: String(log.suffix(1000)))
  }

  private static func launch(
    _ session: ArdourSession, on server: JackServer, connects: Bool
  ) throws -> ChildProcess {
    let library = "/usr/lib/ardour7"
    let files = try FileManager.default.contentsOfDirectory(atPath: library)
    guard let program = files.sorted().last(where: { $0.hasPrefix("hardour-") }) else {
      throw TestSupportError.noFile(
        path: "\(library)/hardour-…", hint: "'apt-get install ardour' brings it")
    }
    var environment = server.environment
    environment["HOME"] = session.home.path
    environment["XDG_CONFIG_HOME"] = ""
    environment["ARDOUR_DATA_PATH"] = "/usr/share/ardour7"
    environment["ARDOUR_CONFIG_PATH"] = "/etc/ardour7"
    environment["ARDOUR_DLL_PATH"] = library
    environment["LD_LIBRARY_PATH"] = library
    let options = connects ? [] : ["-P"]
    return try ChildProcess.launch(
      "\(library)/\(program)",
      options + [session.file.deletingLastPathComponent().path, session.name],
      environment: environment, name: "ardour")
  }

  /// The OSC port once the JACK ports are there and transport commands are heard; nil when Ardour
  /// has lost JACK on its way.
  private static func ready(
    _ process: ChildProcess, _ session: ArdourSession, _ server: JackServer
  ) async throws -> UInt16? {
    let wanted = session.tracks.map { "ardour:\($0)/midi_in 1" }
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
      if process.status() != nil || (process.output + process.errors).contains("JACK HALTED") {
        return nil
      }
      let port = Self.udpPorts(ofProcess: process.pid).first { (3819...3838).contains($0) }
      if let port {
        let ports = try await jackPorts(server)
        if Set(wanted).isSubset(of: ports) { return port }
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    return nil
  }

  /// All the ports of a server.
  public static func jackPorts(_ server: JackServer) async throws -> Set<String> {
    let list = try ChildProcess.launch("jack_lsp", environment: server.environment)
    guard (try? await list.waitForExit(within: .seconds(5))) == .exited(0) else { return [] }
    return Set(list.lines)
  }

  /// The ports connected to `port`.
  public static func connections(
    of port: String, on server: JackServer
  ) async throws -> Set<String> {
    let list = try ChildProcess.launch(
      "jack_lsp", ["-c", port], environment: server.environment)
    try await list.waitForExit(within: .seconds(5))
    return Set(list.lines.filter { $0.hasPrefix(" ") }.map { String($0.drop { $0 == " " }) })
  }

  /// Headless Ardour rolls as soon as it has loaded; waits for that and stops it.
  ///
  /// False when it does not roll: it has its ports for a moment before it loses JACK, and goes on
  /// answering afterwards.
  private func stopTransport() async throws -> Bool {
    let rolling = ContinuousClock.now + .seconds(8)
    // A stop that comes in the first cycles of the roll is lost, and Ardour then never ends a take.
    while try await ask("/transport_frame") < 24_000 {
      guard ContinuousClock.now < rolling, !(process.output + process.errors).contains("HALTED")
      else { return false }
      try await Task.sleep(for: .milliseconds(20))
    }
    try tell(OSCMessage("/transport_stop"))
    try await eventually("Ardour to stop", within: .seconds(10)) {
      try await ask("/transport_speed") == 0
    }
    try tell(OSCMessage("/locate", [.int32(0), .int32(0)]))
    try await eventually("Ardour to go to the start", within: .seconds(10)) {
      // With its outputs connected it waits a latency's length after the start.
      try await ask("/transport_frame") < 16384
    }
    return !(process.output + process.errors).contains("JACK HALTED")
  }

  private func tell(_ message: OSCMessage) throws {
    let socket = try OSCSocket()
    try socket.send(message, to: port)
    socket.close()
  }

  /// The number that Ardour answers to a question; asked again in a while when it does not.
  private func ask(_ address: String) async throws -> Double {
    try await eventualValue("Ardour's answer to \(address)", within: .seconds(10)) {
      let socket = try OSCSocket()
      let limit = Task {
        try? await Task.sleep(for: .seconds(1))
        socket.close()
      }
      defer {
        limit.cancel()
        socket.close()
      }
      try socket.send(OSCMessage(address), to: port)
      for await answer in socket.messages where answer.message.address == address {
        return answer.message.arguments.first?.number
      }
      return nil
    }
  }

  /// Quits it as a musician would, without saving; by force when it does not obey.
  public func stop() async throws {
    if let socket = try? OSCSocket() {
      try? socket.send(
        OSCMessage("/access_action", [.string("Common/Quit")]), to: port)
      socket.close()
    }
    if (try? await process.waitForExit(within: .seconds(8))) == nil {
      process.signal(SIGKILL)
      try await process.waitForExit(within: .seconds(5))
    }
  }

  /// Ends it as a crash would.
  public func crash() async throws {
    process.signal(SIGKILL)
    try await process.waitForExit(within: .seconds(5))
  }
}

/// Runs `body` with a JACK server and an Ardour that are stopped afterwards, whatever happens.
public func withArdour<Result>(
  _ session: ArdourSession, rate: Int = 48_000, period: Int = 1024, synchronous: Bool = true,
  connects: Bool = false,
  _ body: (HeadlessArdour, JackServer) async throws -> Result
) async throws -> Result {
  try await withJackServer(rate: rate, period: period, synchronous: synchronous) { server in
    let ardour = try await HeadlessArdour.start(session, on: server, connects: connects)
    do {
      let result = try await body(ardour, server)
      try await ardour.stop()
      return result
    } catch {
      try? await ardour.stop()
      throw error
    }
  }
}

extension HeadlessArdour {
  /// The UDP ports that a process of this user has open.
  static func udpPorts(ofProcess pid: Int32) -> [UInt16] {
    let folder = "/proc/\(pid)/fd"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let links = Set(
      names.compactMap {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
      }
    )
    return ["udp", "udp6"].flatMap { table -> [UInt16] in
      let text = (try? String(contentsOfFile: "/proc/net/\(table)", encoding: .utf8)) ?? ""
      return text.split(separator: "\n").dropFirst().compactMap { line in
        let fields = line.split(separator: " ")
        guard fields.count > 9, links.contains("socket:[\(fields[9])]"),
          let port = fields[1].split(separator: ":").last
        else { return nil }
        return UInt16(port, radix: 16)
      }
    }
  }
}
