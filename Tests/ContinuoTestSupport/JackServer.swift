// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Synchronization

/// A JACK server of the test's own: `jackd` with the dummy driver, without realtime scheduling.
///
/// It has a name that nothing else has, runs before `start` returns, and dies with the test process
/// at the latest. jackd allows eight servers on a machine.
public final class JackServer: Sendable {
  public let name: String
  /// Hz.
  public let rate: Int
  /// Frames in a cycle at the start.
  public let period: Int
  public let process: ChildProcess
  private let command: [String]
  private let isTidied = Atomic<Bool>(false)

  private static let serial = Atomic<Int>(0)

  /// Starts a server and waits until it runs cycles.
  ///
  /// - Parameters:
  ///   - period: 32 to 4096 frames were seen to work here; below 256 xruns are common.
  ///   - synchronous: jackd's `-S`: a cycle waits for all clients, so that nothing is lost to an
  ///     xrun. Without it a client that is late misses what was sent in that cycle.
  public static func start(
    rate: Int = 48_000, period: Int = 1024, synchronous: Bool = true, name: String? = nil
  ) async throws -> JackServer {
    let number = serial.add(1, ordering: .relaxed).newValue
    let server = try JackServer(
      name: name ?? "continuo-test-\(getpid())-\(number)", rate, period, synchronous)
    let ping = try ChildProcess.launch(
      BuiltProducts.path("witness"),
      ["ping", "--server", server.name, "--name", "ping", "--wait", "20"])
    try await eventually("the JACK server \(server.name)", within: .seconds(25)) {
      if let status = server.process.status() {
        throw TestSupportError.ended(
          program: "jackd", status: "\(status)", while: "it was starting", errors: server.log)
      }
      guard let status = ping.status() else { return false }
      guard status == .exited(0) else {
        throw TestSupportError.ended(
          program: "jackd's first client", status: "\(status)", while: "jackd was starting",
          errors: ping.errors + server.log)
      }
      return true
    }
    return server
  }

  private init(name: String, _ rate: Int, _ period: Int, _ synchronous: Bool) throws {
    self.name = name
    self.rate = rate
    self.period = period
    command =
      ["--no-realtime"] + (synchronous ? ["--sync"] : [])
      + ["-n", name, "-d", "dummy", "-r", "\(rate)", "-p", "\(period)"]
    process = try ChildProcess.launch("jackd", command)
  }

  deinit {
    process.endNow()
    removeLeftovers()
  }

  /// What a program needs in its environment to find this server.
  public var environment: [String: String] {
    ["JACK_DEFAULT_SERVER": name, "JACK_NO_START_SERVER": "1"]
  }

  /// All that jackd has printed.
  public var log: String { process.output + process.errors }

  /// The xruns that jackd has printed so far.
  public var xruns: Int { log.components(separatedBy: "XRun =").count - 1 }

  /// Ends the server as a musician would. Doing so again does nothing.
  public func stop() async throws {
    try await process.stop()
    removeLeftovers()
  }

  /// Ends the server as a crash would.
  public func crash() async throws {
    process.signal(SIGKILL)
    try await process.waitForExit(within: .seconds(5))
    removeLeftovers()
  }

  /// A jackd that was killed leaves files of its name, and keeps its place among the eight for good
  /// unless a server of the same name takes that place and gives it back.
  private func removeLeftovers() {
    guard process.status() == .signalled(SIGKILL) else { return }
    // Once: a server started since may have the name.
    guard !isTidied.exchange(true, ordering: .relaxed) else { return }
    if let heir = try? ChildProcess.launch("jackd", command),
      let ping = try? ChildProcess.launch(
        BuiltProducts.path("witness"),
        ["ping", "--server", name, "--name", "heir", "--wait", "5"])
    {
      while ping.status() == nil && heir.status() == nil { usleep(2000) }
      heir.endNow()
    }
    let files = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/shm")) ?? []
    for file in files where file.hasPrefix("jack_\(name)_") || file.contains("_\(name)_") {
      unlink("/dev/shm/\(file)")
    }
  }
}

/// Runs `body` with a JACK server that is stopped afterwards, whatever happens.
public func withJackServer<Result>(
  rate: Int = 48_000, period: Int = 1024, synchronous: Bool = true,
  _ body: (JackServer) async throws -> Result
) async throws -> Result {
  let server = try await JackServer.start(rate: rate, period: period, synchronous: synchronous)
  do {
    let result = try await body(server)
    try await server.stop()
    return result
  } catch {
    try? await server.stop()
    throw error
  }
}
