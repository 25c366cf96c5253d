// SPDX-License-Identifier: MIT
import ContinuoOSC
public import Foundation
import Glibc

/// The real Ardour with its window, on a virtual display and a JACK server of the test's own.
///
/// It dies with the test process at the latest, as every `ChildProcess` does.
public final class WindowedArdour: Sendable {
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

  /// Opens `session` in Ardour and returns once its ports are there to stay.
  public static func start(
    _ session: ArdourSession, on server: JackServer, display: VirtualDisplay, attempts: Int = 6
  ) async throws -> WindowedArdour {
    try writeSettings(session, server)
    var log = ""
    for attempt in 1...attempts {
      let process = try launch(session, server, display)
      if let port = try await ready(process, session, server) {
        return WindowedArdour(process: process, session: session, port: port, starts: attempt)
      }
      log = process.output + process.errors
      process.signal(SIGKILL)
      try await process.waitForExit(within: .seconds(5))
    }
    throw TestSupportError.ended(
      program: "Ardour", status: "\(attempts) starts without JACK", while: "it was starting",
      errors: String(log.suffix(1000)))
  }

  /// Ardour's settings folder.
  public static func settings(of session: ArdourSession) -> URL {
    session.home.appendingPathComponent(".config/ardour7")
  }

  /// What keeps Ardour from asking anything at its start: no first run, and an engine it knows.
  private static func writeSettings(_ session: ArdourSession, _ server: JackServer) throws {
    let folder = settings(of: session)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data().write(to: folder.appendingPathComponent(".a7"))
    try """
    <?xml version="1.0" encoding="UTF-8"?>
    <Ardour>
      <Config>
        <Option name="try-autostart-engine" value="1"/>
        <Option name="discover-plugins-on-start" value="0"/>
      </Config>
      <TransportMasters current="JACK Transport">
        <TransportMaster type="Engine" name="JACK Transport" removeable="0"/>
        <TransportMaster type="MTC" name="MTC" removeable="0"/>
        <TransportMaster type="LTC" name="LTC" removeable="0"/>
        <TransportMaster type="MIDIClock" name="MIDI Clock" removeable="0"/>
      </TransportMasters>
      <Extra>
        <AudioMIDISetup>
          <EngineStates>
            <State backend="JACK" driver="" device="" input-device="" output-device=""
              sample-rate="\(server.rate)" buffer-size="\(server.period)" n-periods="2"
              input-latency="0" output-latency="0" lm-input="0" lm-output="0" active="1"
              use-buffered-io="0" midi-option="" lru="1">
              <MIDIDevices/>
            </State>
          </EngineStates>
        </AudioMIDISetup>
      </Extra>
    </Ardour>
    """.write(to: folder.appendingPathComponent("config"), atomically: true, encoding: .utf8)
  }

  private static func launch(
    _ session: ArdourSession, _ server: JackServer, _ display: VirtualDisplay
  ) throws -> ChildProcess {
    let library = "/usr/lib/ardour7"
    let files = try FileManager.default.contentsOfDirectory(atPath: library)
    guard let program = files.sorted().last(where: { $0.hasPrefix("ardour-7") }) else {
      throw TestSupportError.noFile(
        path: "\(library)/ardour-…", hint: "'apt-get install ardour' brings it")
    }
    var environment = server.environment
    environment["HOME"] = session.home.path
    environment["XDG_CONFIG_HOME"] = ""
    environment["DISPLAY"] = display.name
    environment["GTK_PATH"] = "/etc/ardour7:\(library)"
    environment["ARDOUR_DATA_PATH"] = "/usr/share/ardour7"
    environment["ARDOUR_CONFIG_PATH"] = "/etc/ardour7"
    environment["ARDOUR_DLL_PATH"] = library
    environment["LD_LIBRARY_PATH"] = library
    return try ChildProcess.launch(
      "\(library)/\(program)", ["-P", "-n", session.file.path], environment: environment,
      name: "ardour")
  }

  /// The OSC port once the JACK ports have been there for a second; nil when JACK was lost.
  private static func ready(
    _ process: ChildProcess, _ session: ArdourSession, _ server: JackServer
  ) async throws -> UInt16? {
    let wanted = Set(session.tracks.map { "ardour:\($0)/midi_in 1" })
    let deadline = ContinuousClock.now + .seconds(30)
    var since: ContinuousClock.Instant?
    while ContinuousClock.now < deadline {
      if process.status() != nil || (process.output + process.errors).contains("JACK HALTED") {
        return nil
      }
      let port = HeadlessArdour.udpPorts(ofProcess: process.pid)
        .first { (3819...3838).contains($0) }
      let isWhole = try await wanted.isSubset(of: HeadlessArdour.jackPorts(server))
      // The start race strikes a second and a half after the start, with the ports there.
      if let port, isWhole, let since, ContinuousClock.now - since > .seconds(1) { return port }
      if port == nil || !isWhole { since = nil } else if since == nil { since = .now }
      try await Task.sleep(for: .milliseconds(100))
    }
    return nil
  }

  /// Saves and quits, so that no dialogue asks; by force when it does not obey.
  public func stop() async throws {
    if let socket = try? OSCSocket() {
      try? socket.send(OSCMessage("/save_state"), to: port)
      try? await Task.sleep(for: .milliseconds(300))
      try? socket.send(OSCMessage("/access_action", [.string("Common/Quit")]), to: port)
      socket.close()
    }
    if (try? await process.waitForExit(within: .seconds(8))) == nil {
      process.signal(SIGKILL)
      try await process.waitForExit(within: .seconds(5))
    }
  }
}

/// Runs `body` with a display, a JACK server and an Ardour that are stopped afterwards.
public func withWindowedArdour<Result>(
  _ session: ArdourSession, rate: Int = 48_000, period: Int = 1024,
  _ body: (WindowedArdour, JackServer, VirtualDisplay) async throws -> Result
) async throws -> Result {
  try await withJackServer(rate: rate, period: period) { server in
    let display = try await VirtualDisplay.start()
    let ardour: WindowedArdour
    do {
      ardour = try await WindowedArdour.start(session, on: server, display: display)
    } catch {
      try? await display.stop()
      throw error
    }
    do {
      let result = try await body(ardour, server, display)
      try await ardour.stop()
      try await display.stop()
      return result
    } catch {
      try? await ardour.stop()
      try? await display.stop()
      throw error
    }
  }
}
