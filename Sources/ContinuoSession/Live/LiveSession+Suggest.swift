// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoArdour
internal import ContinuoMusic

/// Suggestions as they were shown, and the bars they are about.
struct Suggested: Sendable {
  var found: [Opportunity]
  var firstBar: Int
  var bars: Int
  var source: String
}

/// What could be done otherwise.
extension LiveSession {
  /// Lists suggestions, or asks a composer for one of them.
  func suggest(_ number: Int?, _ progress: @escaping ProgressSink) async throws -> Reply {
    if let number, let shown = suggested { return try await ask(number, of: shown, progress) }
    let (bars, source) = try await wholeMaterial()
    let patterns = bars.tracks.map(\.pattern)
    let context = MusicContext(
      tracks: patterns, tempo: bars.tempo, meter: bars.meter, resolution: .halfBeat)
    let found = Opportunities(tracks: patterns, context: context, firstBar: bars.firstBar).found
    let list = Suggested(found: found, firstBar: bars.firstBar, bars: bars.bars, source: source)
    suggested = list
    guard let number else { return Self.listed(found, bars, source) }
    return try await ask(number, of: list, progress)
  }

  /// Asks a composer for a suggestion, by its number in the list that was shown.
  private func ask(
    _ number: Int, of list: Suggested, _ progress: @escaping ProgressSink
  ) async throws -> Reply {
    let found = list.found
    guard found.indices.contains(number - 1) else {
      throw CommandFailure(
        .usage,
        found.isEmpty
          ? "There is nothing to suggest for \(list.source)"
          : "There is no suggestion \(number): there are 1 to \(found.count)")
    }
    let chosen = found[number - 1]
    return try await enhance(
      EnhanceRequest(
        kind: PartKind(chosen.role), request: chosen.request, track: chosen.track,
        bars: list.bars, fromBar: list.firstBar), progress)
  }

  private static func listed(
    _ found: [Opportunity], _ bars: HeardBars, _ source: String
  ) -> Reply {
    let lines = found.enumerated().flatMap { index, chance -> [String] in
      let place =
        chance.firstBar == chance.lastBar
        ? "bar \(chance.firstBar)" : "bars \(chance.firstBar)-\(chance.lastBar)"
      return [
        "\(index + 1)  \(TerminalText.clean(chance.track)), \(place): "
          + TerminalText.clean(chance.evidence),
        "   try: \(chance.request)",
      ]
    }
    return .done(
      found.isEmpty ? ["Nothing stands out in \(source)"] : ["In \(source):"] + lines,
      data: [
        "source": .string(source), "firstBar": .int(bars.firstBar), "bars": .int(bars.bars),
        "suggestions": .array(
          found.enumerated().map { index, chance in
            // Whole numbers, finite figures and texts: encoding them cannot fail.
            guard case .object(var members) = try? JSONValue(encoding: chance) else { return .null }
            members["suggestion"] = .int(index + 1)
            return .object(members)
          }),
      ])
  }

  /// What was heard last, or else the saved session's bars, of all tracks.
  private func wholeMaterial() async throws -> (HeardBars, String) {
    if let heard, heard.tracks.contains(where: { !$0.pattern.notes.isEmpty }) {
      return (
        heard, "what was captured in bars \(heard.firstBar)-\(heard.firstBar + heard.bars - 1)"
      )
    }
    let client = try await needArdour()
    let saved = try await savedSession(client)
    let names = await client.state.strips.filter { $0.kind == .midiTrack }.map(\.name)
    guard let first = names.first(where: { !saved.regions(onTrack: $0).isEmpty }) else {
      throw CommandFailure(
        .failed, "No MIDI track holds anything yet: record something, or follow tracks and take")
    }
    let bars = try HeardBars(saved: saved, names: names, track: first, firstBar: nil, count: nil)
    return (
      bars,
      "bars \(bars.firstBar)-\(bars.firstBar + bars.bars - 1) of the session as saved "
        + ago(saved.age())
    )
  }
}

extension PartKind {
  /// The part that a track of this role plays.
  init(_ role: Role) {
    switch role {
    case .drums: self = .drums
    case .bass: self = .bass
    case .melody: self = .melody
    case .harmony: self = .harmony
    case .unknown: self = .general
    }
  }
}
