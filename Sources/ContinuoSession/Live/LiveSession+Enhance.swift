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
    let track = try await chooseTrack(request)
    let (bars, source) = try await material(for: track, request)
    guard let original = bars.pattern(of: track) else {
      throw CommandFailure(.failed, "\(TerminalText.clean(track)) was not among what was captured")
    }
    let context = MusicContext(
      tracks: bars.tracks.map(\.pattern), tempo: bars.tempo, meter: bars.meter)
    let seed = request.seed ?? UInt64.random(in: 0...UInt64(UInt32.max))
    let kind = request.kind ?? .general
    let task = ComposingTask(
      kind: kind, text: request.request, source: original, context: context,
      neighbours: bars.tracks.map(\.pattern).filter { $0 != original }, bars: bars.bars, seed: seed,
      count: request.count ?? 3)
    let model = settings.model.with(request.model)
    if request.model?.dryRun == true { return try Composing.preview(task, model) }
    progress("Composing from \(source)")
    var shelf = CandidateShelf(
      track: track, kind: kind, request: request.request, firstBar: bars.firstBar,
      start: bars.start, tempo: bars.tempo, original: original, source: source, candidates: [])
    let growth = Growth(shelf: shelf, seed: seed, composer: model.model ?? model.provider.rawValue)
    let composed = try await Composing.compose(
      task, model, standIn: .always, progress: progress
    ) { [self] revision in try await grow(growth, revision, progress) }
    try await takeTurn()
    defer { passTurn() }
    shelf.candidates = composed.candidates
    if growth.hasBegun, let sounding = audition?.number, let kept = keep(sounding, in: &shelf) {
      // What sounds goes on under its number, as the whole of what it grew into.
      load(kept, growing: sounding)
    } else {
      await endAudition(at: .now)
    }
    self.shelf = shelf
    var data = shelf.data
    if case .object(var members) = data {
      // The analysis' own values hold finite numbers and plain texts only.
      members["context"] = (try? JSONValue(encoding: context)) ?? .null
      members["notes"] = .array(composed.remarks.map { .string($0) })
      members["answer"] = .object(composed.data)
      data = .object(members)
    }
    let understood = context.description.split(separator: "\n").map {
      TerminalText.clean(String($0))
    }
    return .done(
      ["From \(source):"] + understood + composed.remarks + shelf.lines, data: data)
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
