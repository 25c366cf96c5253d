// SPDX-License-Identifier: MIT
import ContinuoMusic
import ContinuoOSC
import ContinuoTestSupport
import Foundation
import Glibc
import Testing

@testable import ContinuoArdour

/// The editor of the real Ardour 7.3 with its window, under a virtual display.
@Suite(.serialized) struct EditorIntegrationTests {
  private struct Stage {
    let ardour: WindowedArdour
    let client: ArdourClient
    let script: EditorScript
    let placement: EditorPlacement

    init(_ ardour: WindowedArdour) async throws {
      self.ardour = ardour
      client = try await ArdourClient.connect(port: ardour.port)
      let locator = SessionLocator(home: ardour.session.home)
      script = EditorScript(ardour: client, locator: locator)
      placement = EditorPlacement(ardour: client, locator: locator)
    }

    func regions(_ track: String) async throws -> [SessionFile.Region] {
      // Without the action the session is as the test made it, or as Ardour last saved it.
      if (try? script.check()) != nil { try await script.save() }
      return try SessionFile(ardour.session.file).regions(onTrack: track)
    }

    func call(_ action: String) async throws {
      try await client.send(OSCMessage("/access_action", [.string(action)]))
    }
  }

  private func failure(_ work: () async throws -> Void) async -> EditorFailure? {
    do {
      try await work()
      return nil
    } catch {
      guard case .editor(let failure)? = error as? ArdourError else { return nil }
      return failure
    }
  }

  @Test(.timeLimit(.minutes(3)))
  func `a pattern is imported, stopped and rolling, and taken back, the musician's edits kept`()
    async throws
  {
    let made = try await ArdourSession.make([.init("Bass", notes: scale(36)), .init("Keys")])
    let settings = WindowedArdour.settings(of: made)
    try MusiciansScripts.write(to: settings)
    let change = try EditorScriptFile(settings: settings).install()
    #expect(change.others == ["Move \"mine\"", "Edit mine"])
    try await withWindowedArdour(made) { ardour, _, _ in
      let stage = try await Stage(ardour)
      #expect(try await stage.script.sessionName() == "demo")
      let notes = RecordBackIntegrationTests.pattern
      let controls: [Pattern.Control] = [
        .init(at: .zero, bytes: [0xC0, 33]), .init(at: Beats(1.5), bytes: [0xB0, 64, 127]),
        .init(at: Beats(3), bytes: [0xE0, 5, 70]), .init(at: Beats(7.5), bytes: [0xB0, 64, 0]),
      ]
      let pattern = Pattern(
        name: notes.name, notes: notes.notes, controls: controls, length: notes.length)
      let before = try await stage.regions("Bass")

      let report = try await stage.placement.place(pattern, track: "Bass", bar: 5)
      #expect(report.verification.isExact && report.verification.recorded == 35)
      #expect(report.verification.playedControls == 4 && report.take.controls.count >= 4)
      #expect(report.bars == 5...8)
      #expect(report.take.regions.map(\.position) == [Beats(16)])
      #expect(report.take.regions.map(\.length) == [Beats(16)])
      #expect(try await stage.regions("Bass").count == before.count + 1)

      try await stage.client.play()
      let frame = try await stage.client.frame()
      let rolling = try await stage.placement.place(pattern, track: "Keys", bar: 3)
      #expect(rolling.verification.isExact && rolling.take.regions.map(\.position) == [Beats(8)])
      #expect(try await stage.client.speed() == 1)
      #expect(try await stage.client.frame() > frame)
      try await stage.placement.takeBack(rolling.take)
      #expect(try await stage.client.speed() == 1)
      #expect(try await stage.regions("Keys") == [])
      #expect(await failure { try await stage.placement.takeBack(rolling.take) }?.isChange == true)
      try await stage.client.stop()

      // What the musician did with it is the musician's.
      try await stage.call("LuaAction/script-1")
      try await eventually("the region at quarter 40") {
        try await stage.regions("Bass").contains { $0.position == Beats(40) }
      }
      #expect(await failure { try await stage.placement.takeBack(report.take) }?.isChange == true)
      #expect(try await stage.regions("Bass").count == before.count + 1)

      let again = try await stage.placement.place(pattern, track: "Bass", bar: 20)
      try await stage.call("LuaAction/script-2")
      try await eventually("a note less") {
        try await stage.script.save()
        let session = try SessionFile(made.file)
        return try PlacedTake.notes(of: again.take.regions, in: session).count == 34
      }
      #expect(await failure { try await stage.placement.takeBack(again.take) }?.isChange == true)

      // An edit elsewhere is no hindrance, and is not undone.
      let edited = try await stage.regions("Bass")
      let third = try await stage.placement.place(pattern, track: "Bass", bar: 30)
      #expect(try await stage.regions("Bass").count == edited.count + 1)
      try await stage.placement.takeBack(third.take)
      #expect(try await stage.regions("Bass") == edited)
      #expect(edited.contains { $0.position == Beats(40) } && edited.count == before.count + 2)

      // An Ardour that is busy too long does not do the job later.
      let settled = try await stage.regions("Bass").count
      ardour.process.signal(SIGSTOP)
      let late = EditorJob.newTrack(name: "Late")
      let stuck = await failure { _ = try await stage.script.perform(late, timeout: .seconds(2)) }
      ardour.process.signal(SIGCONT)
      #expect(stuck == .notBegun(milliseconds: 2000))
      try await eventually("Ardour at work again") {
        (try? await stage.script.sessionName(timeout: .seconds(2))) == "demo"
      }
      #expect(try await stage.regions("Bass").count == settled)
      #expect(try SessionFile(made.file).route(named: "Late") == nil)
    }
    // Ardour has not lost what was the musician's, nor does taking ours out.
    #expect(try MusiciansScripts.read(from: settings).hasPrefix(MusiciansScripts.stored))
    _ = try EditorScriptFile(settings: settings).remove()
    #expect(try MusiciansScripts.read(from: settings) == MusiciansScripts.stored)
  }

  @Test(.timeLimit(.minutes(3)))
  func `names and jobs reach Ardour as data, however hostile`() async throws {
    let folder = try TemporaryFolder("hostile")
    let trap = folder.file("trap")
    let names = [
      "\"]=os.execute(\"touch \(trap)\")--", "a\nend\njob ping\"\\", "Größe ☃ 日本",
      String(repeating: "x", count: 200), "%s%n$(touch \(trap))",
    ]
    let made = try await ArdourSession.make(
      [.init("Bass", notes: scale(36))], tempo: 97.3, meter: "7/8")
    _ = try EditorScriptFile(settings: WindowedArdour.settings(of: made)).install()
    try await withWindowedArdour(made) { ardour, _, _ in
      let stage = try await Stage(ardour)
      let bass = try await stage.regions("Bass")
      let pattern = RecordBackIntegrationTests.pattern
      for name in names {
        #expect(try await stage.script.newTrack(named: name) == name)
        #expect(
          await failure { _ = try await stage.script.newTrack(named: name) }?.isRefusal == true)
        let report = try await stage.placement.place(pattern, track: name, bar: 2)
        #expect(report.verification.isExact && report.take.track == name)
        // Bar 2 of 7/8.
        #expect(report.take.regions.map(\.position) == [Beats(3.5)])
        try await stage.placement.takeBack(report.take)
        #expect(try await stage.regions(name) == [])
      }
      let long = String(repeating: "z", count: 300)
      #expect(await failure { _ = try await stage.script.newTrack(named: long) }?.isRefusal == true)
      await #expect(throws: ArdourError.self) {
        try await stage.placement.place(pattern, track: "No such track", bar: 2)
      }
      let missing = EditorJob.removeRegions(["1"], track: "No such track")
      #expect(
        await failure { _ = try await stage.script.perform(missing, timeout: .seconds(5)) }
          == .refused(reason: "there is no such track"))
      try await tamper(stage, trap)
      #expect(try await stage.regions("Bass") == bass)
      #expect(!FileManager.default.fileExists(atPath: trap))
      // After all that the action is still there.
      #expect(try await stage.script.sessionName() == "demo")
      try await record(stage)
    }
  }

  /// An import during a recording neither ends it nor is lost with it.
  private func record(_ stage: Stage) async throws {
    let pattern = RecordBackIntegrationTests.pattern
    try await stage.client.setArmed(true, track: "Bass")
    try await stage.client.setGlobalRecord(true)
    try await stage.client.play()
    try await eventually("the roll") { try await stage.client.frame() > 48_000 }
    let report = try await stage.placement.place(pattern, track: "Bass", bar: 9)
    #expect(report.verification.isExact)
    #expect(try await stage.client.recordsGlobally())
    #expect(try await stage.client.speed() == 1)
    try await stage.client.stop()
    try await stage.client.recordingEnded(timeout: .seconds(5))
    try await stage.client.setArmed(false, track: "Bass")
    try await stage.placement.takeBack(report.take)
  }

  /// Writes jobs that no Continuo writes; each is answered with a refusal, or not at all.
  private func tamper(_ stage: Stage, _ trap: String) async throws {
    let place = try stage.script.find()
    let job = place.folder.file("job-\(place.process)")
    let reply = place.folder.file("answer-\(place.process)")
    let head = "continuo-job 1\nnonce ab\n"
    let jobs = [
      "", "os.execute('touch \(trap)')", head + "job ping\n", "continuo-job 2\njob ping\nend\n",
      head + "job ping\njob ping\nend\n", head + "job ping\nfile /etc/passwd\nend\n",
      head + "job import\ntrack zz\nend\n", head + "job import\ntrack 4261737\nend\n",
      head + "job __index\nend\n", head + "job remove\ntrack 42617373\nregion 1;2\nend\n",
      head + "job import\ntrack 42617373\nfile 2f\nposition 99999999999999\nend\n",
      head + "job ping\n" + String(repeating: "region 1\n", count: 10_000) + "end\n",
      head + "job ping\n\0\nend\n",
    ]
    for text in jobs {
      unlink(reply)
      try Data(text.utf8).write(to: URL(fileURLWithPath: job))
      try await stage.call("LuaAction/script-\(place.index)")
      try await eventually("the job taken", within: .seconds(5)) {
        FileManager.default.fileExists(atPath: reply)
      }
      let answer = try String(contentsOfFile: reply, encoding: .utf8)
      #expect(answer.contains("\nstatus failed\nreason "), "\(text.prefix(60)) → \(answer)")
      #expect(!FileManager.default.fileExists(atPath: job))
    }
  }

  @Test(.timeLimit(.minutes(3)))
  func `an action that is not there, or not loaded yet, is told and never called`() async throws {
    let made = try await ArdourSession.make([.init("Bass", notes: scale(36))])
    let settings = WindowedArdour.settings(of: made)
    try await withWindowedArdour(made) { ardour, _, _ in
      let stage = try await Stage(ardour)
      let pattern = RecordBackIntegrationTests.pattern
      #expect(
        await failure { _ = try await stage.placement.place(pattern, track: "Bass", bar: 2) }
          == .notInstalled(settings: settings.path))
      let change = try EditorScriptFile(settings: settings).install()
      #expect(change.running == [Int(ardour.process.pid)] && change.before == .missing)
      #expect(
        await failure { _ = try await stage.placement.place(pattern, track: "Bass", bar: 2) }
          == .notLoaded)
      // Another process's word, or this one's of an earlier life, counts for nothing.
      try Data("continuo-present 1\nstart 1\nindex 32\nversion 1\nend\n".utf8).write(
        to: settings.appendingPathComponent("continuo/present-\(ardour.process.pid)"))
      #expect(await failure { _ = try await stage.script.sessionName() } == .notLoaded)
      #expect(try await stage.regions("Bass").count == 1)
    }
    #expect(try EditorScriptFile(settings: settings).state() == .present(index: 32))
  }
}

extension EditorFailure {
  fileprivate var isChange: Bool {
    if case .changedSince = self { return true }
    return false
  }
  fileprivate var isRefusal: Bool {
    if case .refused = self { return true }
    return false
  }
}
