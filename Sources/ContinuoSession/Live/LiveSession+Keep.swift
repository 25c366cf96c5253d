// SPDX-License-Identifier: MIT
internal import ContinuoMemory
internal import ContinuoArdour
internal import ContinuoJack
internal import ContinuoMusic
internal import ContinuoRealtime
internal import Foundation
internal import Synchronization

extension LiveSession {
  func keep(
    _ number: Int?, into track: String? = nil, _ progress: @escaping ProgressSink
  ) async throws -> Reply {
    try await takeTurn()
    defer { passTurn() }
    let shelf = try needShelf()
    let (wanted, candidate) = try toKeep(number, shelf)
    let isStopped = Mutex(false)
    // `stop` counts from now on, though the take has yet to begin.
    cancelTake = { isStopped.withLock { $0 = true } }
    defer { cancelTake = nil }
    let ardour = try await needArdour()
    let strip = try await ardour.midiTrack(named: track ?? shelf.track)
    await endAudition(at: .now)
    await endFile()
    try Task.checkCancellation()
    guard !isStopped.withLock({ $0 }) else { throw CancellationError() }
    progress("Recording candidate \(wanted) into \(TerminalText.clean(strip.name))")
    let take = Task {
      try await recordUntilGood(candidate.pattern, strip, shelf.firstBar, ardour, progress)
    }
    cancelTake = { take.cancel() }
    let (report, takenOff) = try await withTaskCancellationHandler {
      try await take.value
    } onCancel: {
      take.cancel()
    }
    let canUndo = remember(report, candidate.mark)
    await memory?.note(
      .kept(
        track: report.track, bar: report.bars.lowerBound, isVerified: report.isGood, way: .recorded),
      of: candidate.mark)
    return keepReply(report, wanted, shelf, takenOff, canUndo: canUndo)
  }

  private func toKeep(
    _ number: Int?, _ shelf: CandidateShelf
  ) throws -> (Int, ShelvedCandidate) {
    guard let wanted = number ?? audition?.number else {
      throw CommandFailure(.usage, "Nothing sounds at present: say which to keep, as in keep 2")
    }
    return (wanted, try shelf.candidate(wanted))
  }

  /// What a keep would do, to be agreed to.
  func askToKeep(_ number: Int?, to track: String?) async throws -> Reply {
    let shelf = try needShelf()
    let (wanted, candidate) = try toKeep(number, shelf)
    let ardour = try await needArdour()
    try await ardour.listStrips()
    let state = await ardour.state
    let last = shelf.firstBar + candidate.pattern.bars - 1
    let target = track ?? shelf.track
    let name = TerminalText.clean(target)
    let isThere = track == nil || state.strips.contains { $0.name == target }
    let place =
      "Candidate \(wanted) goes into \(name), bars \(shelf.firstBar)-\(last): "
      + "\(candidate.pattern.notes.count) notes"
    var data: [String: JSONValue] = [
      "candidate": .int(wanted), "track": .string(target), "firstBar": .int(shelf.firstBar),
      "lastBar": .int(last), "notes": .int(candidate.pattern.notes.count),
      "makesTrack": .bool(!isThere), "saves": true, "layered": true,
    ]
    let again =
      "keep \(wanted)" + (track.map { " to \"\(TerminalText.clean($0))\"" } ?? "") + " yes"
    let how = "keep asks first: say \(again), or --yes, to agree beforehand"
    guard isThere else {
      return .asks(
        "Keep it?", how: how,
        lines: [
          place,
          "There is no track \(name): Ardour's window makes it, and the notes are put on its "
            + "timeline without being recorded; the session is saved",
        ], data: data)
    }
    let strip = try await ardour.midiTrack(named: target)
    let armed = state.strips.filter { $0.isArmed && $0.id != strip.id }.map(\.name)
    let (under, places) = await regionsUnder(shelf, candidate, strip.name, ardour)
    data["regionsUnder"] = places
    data["disarms"] = .array(armed.map { .string($0) })
    var lines = [
      "\(place), laid over \(under)",
      "Ardour saves the session, stops, records these bars with \(name) armed"
        + (armed.isEmpty
          ? "" : " and \(armed.map { TerminalText.clean($0) }.joined(separator: ", ")) disarmed")
        + ", then is put back as it was and saved",
    ]
    if state.isRolling == true { lines.append("The song stops for it, and rolls on afterwards") }
    return .asks("Keep it?", how: how, lines: lines, data: data)
  }

  /// What lies on the track where the candidate would go, in words and by name.
  private func regionsUnder(
    _ shelf: CandidateShelf, _ candidate: ShelvedCandidate, _ track: String,
    _ ardour: ArdourClient
  ) async -> (String, JSONValue) {
    guard let saved = try? await savedSession(ardour) else {
      return ("what lies there (the saved session cannot be read now)", .null)
    }
    let start = Beats(shelf.start)
    let end = start + candidate.pattern.length
    let under = saved.regions(onTrack: track).filter {
      $0.position < end && $0.position + $0.length > start
    }
    let words =
      switch under.count {
      case 0: "nothing"
      case 1: "the region “\(TerminalText.clean(under[0].name))”"
      default: "\(under.count) regions"
      }
    return (
      "\(words) (as saved \(ago(saved.age())))", .array(under.map { .string($0.name) })
    )
  }

  /// Records `pattern`; a take that is not as it was played is taken off, where Ardour has its window,
  /// and recorded again, twice at most.
  ///
  /// So is one that was damaged and left nothing on the track, with or without the window. Returns the
  /// last take, and what was wrong with those before. Throws what `record` does.
  private func recordUntilGood(
    _ pattern: Pattern, _ strip: ArdourStrip, _ bar: Int, _ ardour: ArdourClient,
    _ progress: @escaping ProgressSink
  ) async throws -> (TakeReport, takenOff: [String]) {
    var takenOff: [String] = []
    while true {
      let bad: TakeFailure.Damage?
      let fault: String
      let end: Result<TakeReport, any Error>
      do {
        let report = try await record(pattern, strip, bar, ardour)
        guard !report.verification.isExact, report.leftChanged.isEmpty else {
          return (report, takenOff)
        }
        bad = Self.placed(report).map { .take($0) }
        fault = Self.differences(report).joined(separator: ", ")
        end = .success(report)
      } catch {
        guard case .takeFailed(let failure)? = error as? ArdourError else { throw error }
        (bad, fault) = (failure.damage, failure.reason)
        end = .failure(error)
      }
      guard let bad, takenOff.count < Self.mostTakesAgain, !Task.isCancelled,
        await isOff(bad, ardour)
      else { return (try end.get(), takenOff) }
      takenOff.append(fault)
      progress("The take is not what was played (\(fault)) and is not there any more: once again")
    }
  }

  /// Whether nothing of a faulty take is on its track, or could be taken off it.
  private func isOff(_ damage: TakeFailure.Damage, _ ardour: ArdourClient) async -> Bool {
    switch damage {
    case .nothing: true
    case .take(let take):
      (try? await EditorPlacement(ardour: ardour).takeBack(take)) != nil
    }
  }

  /// Times a take is recorded again.
  private static let mostTakesAgain = 2

  /// Records `pattern` from `bar` on; what was followed is listened to again whatever happens.
  private func record(
    _ pattern: Pattern, _ strip: ArdourStrip, _ bar: Int, _ ardour: ArdourClient
  ) async throws -> TakeReport {
    try await ardour.save()
    let saved = try await savedSession(ardour)
    var recording = RecordBack.Settings()
    recording.session = saved.url.path
    recording.ardourClient = String(
      try ardourPort(ArdourPort.midiInput(track: strip.name), .inputs).prefix { $0 != ":" })
    recording.latency = latency(of: strip.name)
    heedClock(of: saved)
    if !saved.followsExternalClock {
      try needArdourClock()
      recording.ownClockLag = Int(host.snapshot().frames)
    }
    let place = "\(saved.url.path) \(strip.name) \(recording.latency) \(recording.ownClockLag ?? 0)"
    recording.knownOffset = recordedOffsets[place]
    let performer = HostPerformer(
      host: host, map: saved.songMap, sampleRate: saved.sampleRate,
      output: "\(settings.name):out")
    pauseFollowing(portsOf: "\(recording.ardourClient):")
    defer { resumeFollowing() }
    let report = try await RecordBack(ardour: ardour, performer: performer, settings: recording)
      .record(pattern, track: strip.name, bar: bar)
    if report.needsItsOffset { recordedOffsets[place] = report.offsetToRemember }
    return report
  }

  private func keepReply(
    _ report: TakeReport, _ number: Int, _ shelf: CandidateShelf, _ takenOff: [String],
    canUndo: Bool
  ) -> Reply {
    let check = report.verification
    let bars = "bars \(report.bars.lowerBound)-\(report.bars.upperBound)"
    let name = TerminalText.clean(report.track)
    let data: JSONValue = [
      "candidate": .int(number), "track": .string(report.track),
      "firstBar": .int(report.bars.lowerBound), "lastBar": .int(report.bars.upperBound),
      "played": .int(check.played), "recorded": .int(check.recorded),
      "missing": .int(check.missing.count), "extra": .int(check.extra.count),
      "shifted": .int(check.shifted.count), "controls": .int(check.playedControls),
      "controlsOff": .int(
        check.missingControls.count + check.extraControls.count + check.shiftedControls.count),
      "verified": .bool(report.isGood),
      "offsetFrames": report.measuredOffset.map { .number($0) } ?? .null,
      "session": .string(report.session.path),
      "takenOff": .array(takenOff.map { .string($0) }),
      "regions": .array(report.regions.map { .string($0.name) }),
      "leftChanged": .array(report.leftChanged.map { .string($0) }),
      "changedMeanwhile": .array(report.changedMeanwhile.map { .string($0) }),
    ]
    guard report.isGood else {
      return .failed(
        CommandFailure(
          .failed,
          "\(name), \(bars): the recording differs from candidate \(number): "
            + Self.differences(report).joined(separator: ", ")
            + ". The take stays where it is, over what was there"
            + (takenOff.isEmpty
              ? ""
              : "; \(takenOff.count) before it were taken off (\(takenOff.joined(separator: "; ")))")
            + (canUndo
              ? ": `undo` takes it back where Ardour has its window"
              : "; `undo` cannot take it back, Ardour's own undo can")),
        data: data)
    }
    let kept =
      "Kept candidate \(number) in \(name), \(bars): \(check.recorded) of \(check.played) notes "
      + "verified in \(report.session.lastPathComponent)"
    var meanwhile = takenOff.map {
      "A take before it is not there any more, since it was not what was played: \($0)"
    }
    if !report.changedMeanwhile.isEmpty {
      meanwhile.append(
        "Changed in Ardour meanwhile, by others: \(report.changedMeanwhile.joined(separator: "; "))"
      )
    }
    do {
      return .done([kept] + meanwhile + (try rolls(report, shelf)), data: data)
    } catch {
      // The take is there and verified; only its drawing is not.
      return .done([kept, "It cannot be drawn: \(error)"], data: data)
    }
  }

  /// What of a take is otherwise than it should be, in words.
  private static func differences(_ report: TakeReport) -> [String] {
    let check = report.verification
    let offset = check.medianOffset.map { " by \(decimal($0.rounded())) frames" } ?? ""
    let counts = [
      (check.missing.count, "of \(check.played) notes missing"), (check.extra.count, "too many"),
      (check.shifted.count, "out of place\(offset)"),
      (check.louderOrSofter.count, "of another loudness"),
      (check.longerOrShorter.count, "of another length"),
      (
        check.missingControls.count, "of \(check.playedControls) pedal, wheel or bend moves missing"
      ),
      (check.extraControls.count, "of these moves too many"),
      (check.shiftedControls.count, "of these moves out of place"),
    ]
    var words = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    let disturbed = report.disturbed.map { "“\(TerminalText.clean($0.name))”" }
    if !disturbed.isEmpty {
      words.append("regions changed that were there: \(disturbed.joined(separator: ", "))")
    }
    if !report.leftChanged.isEmpty {
      words.append("not put back: \(report.leftChanged.joined(separator: "; "))")
    }
    if report.needsItsOffset {
      words.append("which is known now, so that the next keep here is in its place")
    }
    return words
  }

  /// The original and what Ardour recorded, drawn.
  private func rolls(_ report: TakeReport, _ shelf: CandidateShelf) throws -> [String] {
    let saved = try SessionFile(report.session)
    let notes = try report.regions.flatMap { try saved.notes(of: $0) }.map { recorded in
      var note = recorded.note
      note.start -= Beats(shelf.start)
      return note
    }
    let kept = Pattern(
      name: "Kept", notes: notes, length: shelf.original.length, meter: shelf.original.meter)
    let draw = { (pattern: Pattern) in
      PianoRoll(pattern, firstBar: shelf.firstBar).text(columns: 100, barsPerSystem: 4)
        .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
    return ["", "The original:"] + draw(shelf.original) + ["The take, as Ardour wrote it:"]
      + draw(kept)
  }

  /// How Ardour's ports lie: its outputs connected to a sound card, or free.
  private func latency(of track: String) -> RecordedOffset.Latency {
    host.withClient { client in
      let mine = client.midiPorts(.outputs).first { $0.hasSuffix(":\(track)/midi_out 1") }
      let own = mine.map { String($0.prefix { $0 != ":" }) } ?? ArdourPort.standardClient
      return client.soundCardLatency(of: own).map {
        .connected(capture: $0.capture, playback: $0.playback)
      } ?? .none
    } ?? .none
  }

  /// The session as Ardour saved it last.
  func savedSession(_ client: ArdourClient) async throws -> SessionFile {
    let name = await client.state.sessionName ?? ""
    let found = try SessionLocator().locate(
      name: name, port: client.port)
    return try SessionFile(found.url)
  }
}
