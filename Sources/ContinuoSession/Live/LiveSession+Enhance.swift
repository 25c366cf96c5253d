// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoArdour
internal import ContinuoComposer
internal import ContinuoMusic
internal import ContinuoRealtime
internal import Foundation

extension LiveSession {
  /// Makes candidates from what was heard, or from the saved session where nothing was heard.
  func enhance(_ request: EnhanceRequest, _ progress: @escaping ProgressSink) async throws -> Reply
  {
    try await compose(request, for: try await place(for: request), varying: nil, progress)
  }

  /// Where a request belongs: its track and bars with what is heard round them, without candidates.
  func place(for request: EnhanceRequest) async throws -> CandidateShelf {
    let track = try await chooseTrack(request)
    let (bars, source) = try await material(for: track, request)
    guard let original = bars.pattern(of: track) else {
      throw CommandFailure(.failed, "\(TerminalText.clean(track)) was not among what was captured")
    }
    let context = MusicContext(
      tracks: bars.tracks.map(\.pattern), tempo: bars.tempo, meter: bars.meter)
    return CandidateShelf(
      track: track, kind: request.kind ?? .general, request: request.request,
      firstBar: bars.firstBar, start: bars.start, tempo: bars.tempo, original: original,
      source: source, context: context,
      neighbours: bars.tracks.map(\.pattern).filter { $0 != original }, candidates: [])
  }

  /// Makes variations of candidate `number` and lays them beside it.
  func vary(
    _ number: Int, _ request: EnhanceRequest, _ progress: @escaping ProgressSink
  ) async throws -> Reply {
    let shelf = try needShelf()
    let candidate = try shelf.candidate(number)
    guard candidate.origin != nil else {
      throw CommandFailure(.failed, "Candidate \(number) is still being written: wait for its end")
    }
    let room = CommandLimits.candidate.upperBound - shelf.candidates.count
    guard room >= request.count ?? Self.usualCount else {
      throw CommandFailure(
        .failed, "There are \(shelf.candidates.count) candidates already: `discard` first")
    }
    return try await compose(request, for: shelf, varying: number, progress)
  }

  /// Candidates in a request that says no number.
  private static let usualCount = 3

  /// Asks for candidates and lays them on the shelf: in place of the others, or beside the one that
  /// is varied.
  private func compose(
    _ request: EnhanceRequest, for empty: CandidateShelf, varying number: Int?,
    _ progress: @escaping ProgressSink
  ) async throws -> Reply {
    let parent = try number.map { try empty.candidate($0) }
    let offset = number == nil ? 0 : empty.candidates.count
    let seed = request.seed ?? UInt64.random(in: 0...UInt64(UInt32.max))
    let bars = empty.original.bars
    var task = ComposingTask(
      kind: request.kind ?? empty.kind, text: request.request,
      source: parent?.pattern ?? empty.original, context: empty.context,
      neighbours: empty.neighbours, bars: bars, seed: seed, count: request.count ?? Self.usualCount)
    task.firstBar = empty.firstBar
    task.numbers = request.numbers
    task.lock = lock.inPart(from: empty.firstBar, count: bars)
    task.varies = parent?.origin
    let model = settings.model.with(request.model)
    if request.model?.dryRun == true { return try Composing.preview(task, model) }
    let origin = number.map { "candidate \($0)" } ?? empty.source
    progress("Composing from \(origin)")
    let entry = await beginRemembering(
      task, empty, varying: parent, sent: Composing.sent(task, model))
    let growth = Growth(
      shelf: empty, seed: seed, composer: model.model ?? model.provider.rawValue, offset: offset)
    let composed = try await Composing.compose(
      task, model, standIn: .always, progress: progress,
      whole: { [self] number, candidate in
        await remember([candidate], from: offset + number, in: entry)
      },
      grown: { [self] revision in try await grow(growth, revision, progress) })
    await remember(composed.candidates, from: offset + 1, in: entry)
    // An answer that comes while a take is recorded waits for its end.
    try await takeTurn(evenDuringTake: true)
    defer { passTurn() }
    var shelf = empty
    if let number {
      guard let now = self.shelf, now.request == empty.request, now.track == empty.track else {
        throw CommandFailure(
          .failed, "Candidate \(number) is no longer there: it was discarded meanwhile")
      }
      // Others may have been varied meanwhile; what grew in this place is told anew.
      let grown = growth.hasBegun ? offset : now.candidates.count
      shelf.candidates = Array(now.candidates.prefix(grown))
    }
    shelf.candidates += composed.candidates.map { made in
      var made = made
      made.variedFrom = number
      return made
    }
    if growth.hasBegun, let sounding = audition?.number, sounding > offset,
      let kept = keep(sounding, in: &shelf)
    {
      // What sounds goes on under its number, as the whole of what it grew into.
      load(kept, growing: sounding)
    } else if offset == 0 || (audition?.number ?? 0) > offset {
      await endAudition(at: .now)
    }
    self.shelf = shelf
    return reply(composed, shelf, origin, task.lock)
  }

  private func reply(
    _ composed: Composed, _ shelf: CandidateShelf, _ origin: String, _ lock: NoteLock
  ) -> Reply {
    var data = shelf.data
    if case .object(var members) = data {
      // The analysis' own values hold finite numbers and plain texts only.
      members["context"] = (try? JSONValue(encoding: shelf.context)) ?? .null
      members["notes"] = .array(composed.remarks.map { .string($0) })
      members["answer"] = .object(composed.data)
      members["locked"] = (try? JSONValue(encoding: lock)) ?? .null
      data = .object(members)
    }
    let understood = shelf.context.description.split(separator: "\n").map {
      TerminalText.clean(String($0))
    }
    let kept = self.lock.isEmpty ? [] : ["Locked: \(self.lock.words)"]
    return .done(
      ["From \(origin):"] + understood + kept + composed.remarks + shelf.lines, data: data)
  }

  /// The track meant: named, or named in the words, or the only one that fits.
  private func chooseTrack(_ request: EnhanceRequest) async throws -> String {
    let strips = await ardour?.state.strips.filter { $0.kind == .midiTrack }.map(\.name) ?? []
    let known = followed.sorted { $0.key < $1.key }.map(\.value.name)
    let all = known + strips.filter { !known.contains($0) }
    if let wanted = request.track {
      guard let found = all.first(where: { $0.lowercased() == wanted.lowercased() }) else {
        let near = NearNames.near(wanted, among: all)
        throw CommandFailure(
          .failed,
          "There is no MIDI track “\(TerminalText.clean(wanted))”"
            + (near.isEmpty ? "" : ": did you mean \(near.joined(separator: ", "))?"))
      }
      return found
    }
    let words = request.request.lowercased()
    let named = all.filter { words.contains($0.lowercased()) }
    let kind = request.kind.map(\.rawValue)
    let fitting = all.filter { name in kind.map { name.lowercased().contains($0) } ?? false }
    for list in [named, fitting, known, all] where list.count == 1 {
      if let only = list.first { return only }
    }
    guard !all.isEmpty else {
      throw CommandFailure(
        .noArdour, "No track is followed and Ardour is not there: follow a port, or start Ardour")
    }
    throw CommandFailure(
      .usage,
      "Which track? Name one with track or --track: "
        + all.map { TerminalText.clean($0) }.joined(separator: ", "))
  }

  /// The bars to start from, and where they come from in words.
  private func material(
    for track: String, _ request: EnhanceRequest
  ) async throws -> (HeardBars, String) {
    if let heard, let mine = heard.pattern(of: track), !mine.notes.isEmpty {
      let first = request.fromBar ?? heard.firstBar
      let count = request.bars ?? heard.firstBar + heard.bars - first
      if let part = heard.part(from: first, count: count) {
        return (part, "what was captured in bars \(first)-\(first + count - 1)")
      }
    }
    let client = try await needArdour()
    let saved = try await savedSession(client)
    let names = await client.state.strips.filter { $0.kind == .midiTrack }.map(\.name)
    let bars = try HeardBars(
      saved: saved, names: names, track: track, firstBar: request.fromBar, count: request.bars)
    let last = bars.firstBar + bars.bars - 1
    return (
      bars, "bars \(bars.firstBar)-\(last) of the session as saved \(ago(saved.age()))"
    )
  }
}
