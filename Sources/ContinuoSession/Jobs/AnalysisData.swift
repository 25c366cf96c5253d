// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoMusic

/// What `analyze` tells in JSON, of a file and of what is being played.
enum AnalysisData {
  /// The contract's own members: key, chords, tempo, meter, swing, syncopation, density, role.
  ///
  /// The last three are those of the voice with the most notes; `tracks` has everybody's.
  static func value(
    _ context: MusicContext, _ voices: [Pattern], _ repairs: [Repair] = [],
    _ beats: BeatTrack? = nil, firstBar: Int = 1
  ) -> JSONValue {
    let lead = context.tracks.max { $0.groove.noteCount < $1.groove.noteCount }
    var members: [String: JSONValue] = [
      "version": .int(context.version),
      "tempo": context.tempo.map { .number($0.quartersPerMinute) } ?? "unknown",
      "meter": context.meter.map { .string($0.description) } ?? "unknown",
      "length": .number(context.length),
      "density": .number(lead?.groove.density ?? 0),
      "role": .string(lead?.role.role.rawValue ?? "unknown"),
      "syncopation": lead?.groove.syncopation.map { .number($0.perBar) } ?? "unknown",
      "swing": context.swing.ratio.map { .number($0) } ?? "unknown",
      "swingUnit": context.swing.ratio == nil ? "unknown" : .int(context.swing.unit.rawValue),
      "repairs": .array(repairs.map { .string("\($0)") }),
    ]
    // The analysis' own values hold finite numbers and plain texts only.
    members["key"] = (try? JSONValue(encoding: context.key)) ?? .null
    members["chords"] = (try? JSONValue(encoding: context.chords)) ?? .null
    members["localKeys"] = (try? JSONValue(encoding: context.localKeys)) ?? .null
    members["romanNumerals"] = .array(
      context.chords.map { context.romanNumeral(of: $0).map { .string($0) } ?? .null })
    let form = Form(
      of: voices.flatMap(\.notes), meter: context.countedMeter,
      length: Beats(context.length), swing: context.swing)
    members["beats"] =
      beats.map { track in
        [
          "seconds": .array(track.beats.map { .number($0) }),
          "beatsPerBar": .int(track.beatsPerBar),
          "firstDownbeat": .int(track.firstDownbeat),
          "beatsPerMinute": .number(track.beatsPerMinute),
        ]
      } ?? .null
    members["form"] = (try? JSONValue(encoding: form)) ?? .null
    let chances = Opportunities(tracks: voices, context: context, firstBar: firstBar).found
    members["suggestions"] = (try? JSONValue(encoding: chances)) ?? .null
    members["tracks"] = (try? JSONValue(encoding: context.tracks)) ?? .null
    return .object(members)
  }
}
