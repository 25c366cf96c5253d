// SPDX-License-Identifier: MIT
import ContinuoMusic
import Foundation
import Synchronization

/// One take while it runs: its plan, the step it is at, and how to undo what it did.
actor RunningTake {
  /// What was found out before the take.
  struct Plan: Sendable {
    let strip: ArdourStrip
    let before: SessionFile
    let performance: TakePerformance
    let bars: ClosedRange<Int>
    let rollFrame: Int
    let expectedOffset: Int
    let delay: Int
    let frame: Int
    let wasRolling: Bool
    let recordedGlobally: Bool

    /// The track's regions in `session` that were not there before the take.
    func newRegions(in session: SessionFile) -> [SessionFile.Region] {
      let old = Set(before.regions(onTrack: strip.name).map(\.id))
      return session.regions(onTrack: strip.name).filter { !old.contains($0.id) }
    }
  }

  private struct Undo {
    let label: String
    let action: @Sendable () async throws -> Void
  }

  private(set) var step = TakeFailure.Step.saveBefore
  /// The plan, from the moment on when Ardour may hold a piece of it.
  var rolling: Plan?
  /// How the session was before.
  private var mirror: SessionMirror?
  let ardour: ArdourClient
  private let performer: any TakePerformer
  let settings: RecordBack.Settings
  private let locator: SessionLocator
  /// By how many frames Ardour stands ahead of where it was sent.
  private var standsAhead = 0
  /// Undone from the last to the first.
  private var undos: [Undo] = []

  init(
    ardour: ArdourClient, performer: any TakePerformer, settings: RecordBack.Settings,
    locator: SessionLocator
  ) {
    self.ardour = ardour
    self.performer = performer
    self.settings = settings
    self.locator = locator
  }

  // MARK: Before

  func plan(
    _ pattern: Pattern, strip: ArdourStrip, bar: Int
  ) async throws(ArdourError) -> Plan {
    step = .check
    try await refuseWhileRecording()
    let before = try await savedSession(saving: .saveBefore, reading: .readSession)
    step = .check
    // Saving takes its time, in which a musician may have begun to record.
    let (wasRolling, recorded) = try await refuseWhileRecording()
    let state = await ardour.state
    mirror = SessionMirror(state)
    let frame = max(0, try await ardour.frame())
    guard let map = try placeable(in: before, rate: state.sampleRate, bar: bar) else {
      throw .takeRefused(reason: "there is no bar \(bar); bars count from 1")
    }
    guard !pattern.notes.isEmpty else {
      throw .takeRefused(reason: "the pattern has no notes")
    }
    guard pattern.controls.allSatisfy({ ($0.bytes.first ?? 0) < 0xF0 }) else {
      throw .takeRefused(
        reason: "the pattern holds a system exclusive message, which a take cannot carry; take it "
          + "out first")
    }
    let start = map.barStart(bar)
    let alignment = before.route(named: strip.name)?.alignment ?? .automatic
    let onOwnClock = !before.followsExternalClock
    let offset =
      settings.knownOffset
      ?? RecordedOffset.expected(alignment: alignment, latency: settings.latency)
      + (onOwnClock ? settings.ownClockLag ?? 0 : 0)
    let delay = settings.compensates ? -offset : 0
    let performance = TakePerformance(
      pattern, at: start, in: map, sampleRate: before.sampleRate, delay: delay,
      followsOwnClock: onOwnClock)
    let lastBar = bar + pattern.bars - 1
    return Plan(
      strip: strip, before: before, performance: performance, bars: bar...max(bar, lastBar),
      rollFrame: onOwnClock
        ? try runUp(before, to: bar) : rollFrame(before, start), expectedOffset: offset,
      delay: delay, frame: frame, wasRolling: wasRolling, recordedGlobally: recorded)
  }

  /// Whether Ardour rolls, and whether it would record; throws when it does both.
  @discardableResult
  private func refuseWhileRecording() async throws(ArdourError) -> (rolls: Bool, records: Bool) {
    let rolls = try await ardour.speed() != 0
    let records = try await ardour.recordsGlobally()
    guard !(rolls && records) else {
      throw .takeRefused(reason: "Ardour is recording; stop it first")
    }
    return (rolls, records)
  }

  /// The session's map when a take can be placed in it by JACK's transport; nil without the bar.
  private func placeable(
    in session: SessionFile, rate: Int?, bar: Int
  ) throws(ArdourError) -> SongMap? {
    guard session.followsExternalClock || settings.ownClockLag != nil else {
      throw .takeRefused(
        reason: "Ardour runs on its own clock; let it follow JACK: Transport > Transport Masters, "
          + "choose JACK, and switch external sync on")
    }
    guard !session.recordsNonLayered else {
      throw .takeRefused(
        reason: "the session records non-layered, which would cut away what is on the track; "
          + "choose Layered in Session > Properties or on the transport bar")
    }
    guard rate == nil || rate == session.sampleRate else {
      throw .takeRefused(
        reason: "the session has \(session.sampleRate) Hz but JACK runs at \(rate ?? 0)")
    }
    return (1...100_000).contains(bar) ? session.songMap : nil
  }

  // MARK: The take

  func perform(_ plan: Plan) async throws(ArdourError) {
    let port = ArdourPort.midiInput(track: plan.strip.name, client: settings.ardourClient)
    try await ready(plan)
    step = .connect
    do {
      if try await performer.connect(to: port) {
        remember("the connection to \(port)") { [performer] in
          try await performer.disconnect(from: port)
        }
      }
      step = .prepare
      remember("the sounding notes") { [performer] in await performer.end() }
      try await performer.prepare(plan.performance)
    } catch {
      throw .performer(reason: "\(error)")
    }
    step = .enableRecord
    try await ardour.setGlobalRecord(true, timeout: settings.stepTimeout)
    step = .roll
    rolling = plan
    remember("the stopped transport") { [ardour, settings] in
      try await ardour.stop(timeout: settings.stepTimeout)
    }
    do {
      try await ardour.play(timeout: settings.stepTimeout)
    } catch .unconfirmed(let step, let milliseconds, let seen) {
      throw .unconfirmed(
        step: step, milliseconds: milliseconds,
        seen: "\(seen); is JACK its transport master (Transport > Transport Masters)?")
    }
    step = .play
    try await play(plan)
    step = .stopRecording
    try await ardour.stop(timeout: settings.stepTimeout)
    try await ardour.recordingEnded(timeout: settings.stepTimeout)
    try await written(plan)
  }

  /// Saves until the take is in the saved file.
  ///
  /// Ardour turns what it captured into a region some time after its transport stands. A track that
  /// is disarmed before that loses the take, and OSC does not tell when it is done.
  private func written(_ plan: Plan) async throws(ArdourError) {
    let deadline = ContinuousClock.now + settings.stepTimeout
    while true {
      let session = try await savedSession(saving: .saveAfter, reading: .verify)
      if !plan.newRegions(in: session).isEmpty { return }
      guard ContinuousClock.now < deadline else {
        throw .takeRefused(reason: "Ardour rolled and stopped but wrote no region on the track")
      }
      do { try await Task.sleep(for: .milliseconds(200)) } catch {
        throw .cancelled(step: "write the take")
      }
    }
  }

  /// Brings transport, arm states and playhead to where the take begins.
  private func ready(_ plan: Plan) async throws(ArdourError) {
    let timeout = settings.stepTimeout
    step = .stopTransport
    if plan.wasRolling {
      remember("the rolling transport") { [ardour] in try await ardour.play(timeout: timeout) }
    }
    remember("global recording") { [ardour] in
      try await ardour.setGlobalRecord(plan.recordedGlobally, timeout: timeout)
    }
    if plan.wasRolling { try await ardour.stop(timeout: timeout) }
    step = .punch
    for side in ArdourClient.PunchSide.allCases where await ardour.state.punches(side) == true {
      remember("punch \(side.rawValue)") { [ardour] in
        try await ardour.setPunch(side, on: true, timeout: timeout)
      }
      try await ardour.setPunch(side, on: false, timeout: timeout)
    }
    step = .disarmOthers
    for other in await ardour.state.strips where other.isArmed && other.id != plan.strip.id {
      remember("\"\(other.name)\" armed") { [ardour] in
        try await ardour.setArmed(true, strip: other, timeout: timeout)
      }
      try await ardour.setArmed(false, strip: other, timeout: timeout)
    }
    step = .arm
    if !plan.strip.isArmed {
      remember("\"\(plan.strip.name)\" disarmed") { [ardour] in
        try await ardour.setArmed(false, strip: plan.strip, timeout: timeout)
      }
      try await ardour.setArmed(true, strip: plan.strip, timeout: timeout)
    }
    step = .locate
    // Where Ardour stands a latency's length ahead of where it was sent, it stood ahead before too.
    remember("the playhead") { [ardour, weak self] in
      let ahead = await self?.standsAhead ?? 0
      try await ardour.locate(to: max(0, plan.frame - ahead), timeout: timeout)
    }
    let standing = try await ardour.locate(to: plan.rollFrame, timeout: timeout)
    standsAhead = plan.wasRolling ? 0 : standing - plan.rollFrame
  }

  /// Watches the transport until the pattern was sent and the playhead is past its end.
  private func play(_ plan: Plan) async throws(ArdourError) {
    let outcome = PlayingOutcome()
    let playing = Task { [performer] in
      do {
        try await performer.finished()
        outcome.set(.success(()))
      } catch let error as ArdourError {
        outcome.set(.failure(error))
      } catch {
        outcome.set(.failure(.performer(reason: "\(error)")))
      }
    }
    defer { playing.cancel() }
    let rate = plan.before.sampleRate
    // What arrives at the last frame passes through a cycle or two before it is in the track.
    let tail = 4096 + abs(plan.delay) + shortfall(plan)
    let length = Double(plan.performance.endFrame + tail - plan.rollFrame) / Double(rate)
    let deadline = ContinuousClock.now + .seconds(length * 1.25) + settings.stepTimeout
    var last = plan.rollFrame
    while ContinuousClock.now < deadline {
      if case .failure(let error) = outcome.value { throw error }
      let frame = try await ardour.frame()
      let speed = try await ardour.speed()
      if outcome.value != nil, frame >= plan.performance.endFrame + tail { return }
      guard speed != 0 else {
        throw .performer(reason: "the transport was stopped at frame \(frame)")
      }
      guard try await ardour.recordsGlobally() else {
        throw .performer(reason: "recording was switched off at frame \(frame)")
      }
      guard frame >= last else {
        throw .performer(reason: "the playhead was moved from frame \(last) to \(frame)")
      }
      last = frame
      do { try await Task.sleep(for: .milliseconds(20)) } catch { throw .cancelled(step: "play") }
    }
    throw .performer(reason: "it was not over in time; the playhead is on frame \(last)")
  }

  // MARK: After

  private func remember(_ label: String, _ action: @escaping @Sendable () async throws -> Void) {
    undos.append(Undo(label: label, action: action))
  }

  /// Undoes everything from the last to the first, even after a failure or a cancellation.
  func putBack() async -> (back: [String], left: [String]) {
    let pending = undos.reversed()
    undos = []
    // A task of its own: the one that was cancelled could not talk to Ardour any more.
    return await Task {
      var back: [String] = []
      var left: [(labels: [String], reason: String)] = []
      for undo in pending {
        do {
          try await undo.action()
          back.append(undo.label)
        } catch {
          // One program that is gone is the reason for all of them.
          if let index = left.firstIndex(where: { $0.reason == "\(error)" }) {
            left[index].labels.append(undo.label)
          } else {
            left.append(([undo.label], "\(error)"))
          }
        }
      }
      return (back, left.map { "\($0.labels.joined(separator: ", ")): \($0.reason)" })
    }.value
  }

  /// Saves the session as it was put back, and compares the take in it with what was played.
  func verify(_ plan: Plan, leftChanged: [String]) async throws(ArdourError) -> TakeReport {
    let after = try await savedSession(saving: .saveAfter, reading: .verify)
    // Saving takes longer than any feedback on its way.
    let meanwhile = await mirror?.differences(to: ardour.state) ?? []
    let new = plan.newRegions(in: after)
    var recorded: [Note] = []
    var controls: [Pattern.Control] = []
    for region in new {
      recorded += try after.notes(of: region).map(\.note)
      controls += try after.controls(of: region)
    }
    let verification = TakeVerification(
      played: plan.performance.notes, recorded: recorded,
      controls: (plan.performance.controls, controls), map: after.songMap,
      sampleRate: after.sampleRate)
    rolling = nil
    let old = plan.before.regions(onTrack: plan.strip.name)
    let remaining = Set(after.regions(onTrack: plan.strip.name))
    return TakeReport(
      track: plan.strip.name, bars: plan.bars, session: after.url, regions: new,
      verification: verification, expectedOffset: plan.expectedOffset, delay: plan.delay,
      measuredOffset: verification.medianOffset.map { $0 - Double(plan.delay) },
      disturbed: old.filter { !remaining.contains($0) }, leftChanged: leftChanged,
      changedMeanwhile: meanwhile)
  }

  /// Saves and reads the session, making sure that the file read is the one that was saved.
  func savedSession(
    saving: TakeFailure.Step, reading: TakeFailure.Step
  ) async throws(ArdourError) -> SessionFile {
    step = saving
    let asked = Date()
    try await ardour.save(timeout: max(settings.stepTimeout, .seconds(10)))
    step = reading
    let name = await ardour.state.sessionName ?? ""
    let found = try locator.locate(
      name: name, port: ardour.port, configured: settings.session)
    var session = try SessionFile(found.url)
    // Ardour tells the session's name on other occasions too, so a save may seem confirmed early.
    let deadline = ContinuousClock.now + .seconds(2)
    // File systems may round times down to whole seconds.
    while session.savedAt <= asked - 2, ContinuousClock.now < deadline {
      try? await Task.sleep(for: .milliseconds(50))
      session = try SessionFile(found.url)
    }
    guard session.savedAt > asked - 2 else {
      throw .unreadable(
        path: found.url.path,
        reason: "Ardour saved now but this file is \(Int(session.age())) s old; it is another "
          + "session, so name the right one with --session")
    }
    return session
  }
}

/// How the performer's playing went, set once from its task.
private final class PlayingOutcome: Sendable {
  private let state = Mutex<Result<Void, ArdourError>?>(nil)

  var value: Result<Void, ArdourError>? { state.withLock { $0 } }

  func set(_ outcome: Result<Void, ArdourError>) { state.withLock { $0 = outcome } }
}
