// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoMemory
internal import ContinuoMusic
internal import ContinuoRealtime
internal import Foundation

extension LiveSession {
  /// Puts a candidate or a file's notes on a track's timeline through Ardour's editor.
  ///
  /// Nothing is recorded, so the transport may roll on.
  func importPattern(_ request: ImportRequest, _ progress: @escaping ProgressSink) async throws
    -> Reply
  {
    try await takeTurn()
    defer { passTurn() }
    let wanted = try toImport(request)
    let ardour = try await needArdour()
    progress("Importing \(wanted.what) into \(TerminalText.clean(wanted.track))")
    let report = try await EditorPlacement(ardour: ardour)
      .place(wanted.pattern, track: wanted.track, bar: wanted.bar)
    await endAudition(at: .now)
    await noteImport(report, wanted)
    return importReply(report, wanted.what)
  }

  /// Keeps a candidate in another track, which is made when it is not there.
  ///
  /// A new track is made, and the candidate put on it, through Ardour's editor.
  func keep(
    _ number: Int?, to track: String, _ progress: @escaping ProgressSink
  ) async throws -> Reply {
    let ardour = try await needArdour()
    try await ardour.listStrips()
    // Ardour's own names: a track that differs in case alone is another one.
    guard await !ardour.state.strips.contains(where: { $0.name == track }) else {
      return try await keep(number, into: track, progress)
    }
    try await takeTurn()
    defer { passTurn() }
    let wanted = try toImport(
      ImportRequest(source: .candidate(number), track: track, atBar: nil))
    progress("Making the track \(TerminalText.clean(track))")
    let made = try await newTrack(track, ardour)
    try await appears(made, in: ardour)
    let report = try await fill(made, with: wanted, ardour)
    await endAudition(at: .now)
    await noteImport(report, wanted)
    let reply = importReply(report, wanted.what)
    return .done(
      ["Made the track \(TerminalText.clean(made)); give it an instrument"] + reply.lines,
      data: reply.data)
  }

  private func newTrack(_ name: String, _ ardour: ArdourClient) async throws -> String {
    do throws(ArdourError) {
      return try await EditorScript(ardour: ardour).newTrack(named: name)
    } catch {
      var reason = error.description
      if case .editor(.noWindow) = error { reason = "this Ardour runs without its window" }
      throw CommandFailure(
        .failed,
        "There is no track \"\(TerminalText.clean(name))\", and it could not be made: \(reason); "
          + "add it in Ardour and keep again")
    }
  }

  private func fill(
    _ track: String, with wanted: Import, _ ardour: ArdourClient
  ) async throws -> ImportReport {
    do throws(ArdourError) {
      return try await EditorPlacement(ardour: ardour)
        .place(wanted.pattern, track: track, bar: wanted.bar)
    } catch {
      throw CommandFailure(
        .failed,
        "The track \"\(TerminalText.clean(track))\" was made; what was to go into it: \(error)")
    }
  }

  /// A strip is there a moment after its track.
  private func appears(_ track: String, in ardour: ArdourClient) async throws {
    for _ in 0..<50 {
      try await ardour.listStrips()
      if await ardour.state.strips.contains(where: { $0.name == track }) { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw CommandFailure(
      .failed, "The track \"\(TerminalText.clean(track))\" was made, but Ardour does not list it")
  }

  private func noteImport(_ report: ImportReport, _ wanted: Import) async {
    remember(report.take, bars: report.bars, as: .imported, wanted.mark)
    await memory?.note(
      .kept(
        track: report.take.track, bar: report.bars.lowerBound, isVerified: true, way: .imported),
      of: wanted.mark)
  }

  private struct Import {
    var pattern: Pattern
    var what: String
    var track: String
    var bar: Int
    /// What the memory knows it by; nil for a file's notes.
    var mark: CandidateMark?
  }

  private func toImport(_ request: ImportRequest) throws -> Import {
    if case .file(let path) = request.source {
      let bytes = try InputFile.read(path)
      let pattern: Pattern
      do {
        pattern = try PatternFile(reading: StandardMIDIFile.read(bytes).file).pattern
      } catch {
        throw CommandFailure(.failed, "\(path): \(error)")
      }
      guard let track = request.track ?? shelf?.track else {
        throw CommandFailure(.usage, "Say which track it goes to, as in import line.mid to Bass")
      }
      let name = TerminalText.clean(URL(fileURLWithPath: path).lastPathComponent)
      return Import(pattern: pattern, what: name, track: track, bar: request.atBar ?? 1)
    }
    let shelf = try needShelf()
    guard case .candidate(let number) = request.source,
      let wanted = number ?? audition?.number
    else {
      throw CommandFailure(.usage, "Nothing sounds at present: say which to import, as in import 2")
    }
    let candidate = try shelf.candidate(wanted)
    return Import(
      pattern: candidate.pattern, what: "candidate \(wanted)",
      track: request.track ?? shelf.track, bar: request.atBar ?? shelf.firstBar,
      mark: candidate.mark)
  }

  private func importReply(_ report: ImportReport, _ what: String) -> Reply {
    let take = report.take
    let bars = "bars \(report.bars.lowerBound)-\(report.bars.upperBound)"
    return .done(
      [
        "Imported \(what) into \(TerminalText.clean(take.track)), \(bars): "
          + "\(report.verification.recorded) of \(report.verification.played) notes verified in "
          + TerminalText.clean(take.session.lastPathComponent)
      ],
      data: [
        "track": .string(take.track), "firstBar": .int(report.bars.lowerBound),
        "lastBar": .int(report.bars.upperBound), "asked": .int(report.verification.played),
        "found": .int(report.verification.recorded), "verified": true,
        "session": .string(take.session.path),
        "regions": .array(take.regions.map { .string($0.name) }),
      ])
  }
}
