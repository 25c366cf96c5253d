// SPDX-License-Identifier: MIT
import ContinuoArdour
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoSession

/// The settings that `doctor --write-ardour-settings` writes, held against the real Ardour 7.3.
@Suite(.serialized) struct ArdourSettingsIntegrationTests {
  @Test(.timeLimit(.minutes(2)))
  func `Ardour on its own clock follows JACK after the settings are written`() async throws {
    let made = try await ArdourSession.make([ArdourSession.Track("Bass")], followsJack: false)
    // A fresh configuration's transport master is MIDI Clock: Ardour would never roll.
    let folder = made.home.appendingPathComponent(".config/ardour7")
    let configuration = folder.appendingPathComponent("config")
    try Data("<Ardour>\n</Ardour>\n".utf8).write(to: configuration)
    let text = try String(contentsOf: made.file, encoding: .utf8)
      .replacingOccurrences(
        of: #"name="Open Sound Control (OSC)" active="1""#,
        with: #"name="Open Sound Control (OSC)" active="0""#)
    try Data(text.utf8).write(to: made.file)
    var job = ArdourSettingsJob(
      session: made.file.path, environment: ["HOME": made.home.path])
    let shown = ArdourSettingsRunner(job: job).run()
    #expect(shown.isDone && shown.data["needsLeave"] == .bool(true), "\(shown.error ?? "")")
    #expect(try String(contentsOf: made.file, encoding: .utf8) == text)
    func sources() throws -> [Finding.Verdict] {
      SongSources.findings(
        try ArdourSettings(session: made.file, configuration: configuration), lendsTime: true
      ).map(\.verdict)
    }
    #expect(try sources() == [.doubtful, .doubtful, .good])
    job.isAllowed = true
    let written = ArdourSettingsRunner(job: job).run()
    #expect(written.data["written"] == .bool(true), "\(written.error ?? "")")
    #expect(ArdourSettingsRunner(job: job).run().data["written"] == .bool(false))

    #expect(try sources() == [.good, .good, .good])

    try await withArdour(made) { ardour, server in
      // Nothing is to be written, so a running Ardour is no hindrance.
      #expect(ArdourSettingsRunner(job: job).run().isDone)
      let settings = try Settings(
        flags: .init(server: server.name, name: "mended", ardourPort: Int(ardour.port)),
        environment: [:])
      let session = try LiveSession(settings) { _ in }
      await session.lookForArdour()
      let client = try await session.needArdour()
      // JACK alone is told to roll and to go somewhere; Ardour goes with it.
      func jack(_ lines: String...) async throws {
        let control = try ChildProcess.launch(
          "jack_transport", environment: server.environment, name: "jack_transport")
        for line in lines + ["exit"] { try control.write(line: line) }
        try await control.waitForExit(within: .seconds(5))
      }
      try await jack("locate 96000", "play")
      try await eventually("Ardour to roll with JACK", within: .seconds(10)) {
        try await client.speed() == 1
      }
      #expect(try await client.frame() >= 96_000)
      try await jack("stop")
      try await eventually("Ardour to stop with JACK", within: .seconds(10)) {
        try await client.speed() == 0
      }
      #expect(
        try await HeadlessArdour.jackPorts(server).contains("ardour:MIDI Clock out"))
      // While it runs, a setting that is missing is not written.
      try Data("<Ardour/>".utf8).write(to: configuration)
      let busy = ArdourSettingsRunner(job: job).run()
      #expect(busy.error?.contains("Ardour is running") == true)
      #expect(try String(contentsOf: configuration, encoding: .utf8) == "<Ardour/>")
      await session.shutdown()
    }
  }
}
