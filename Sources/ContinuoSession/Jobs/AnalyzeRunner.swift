// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoMusic
internal import Foundation

/// `continuo analyze`: what the music in a file is doing.
struct AnalyzeRunner {
  let file: String
  /// Where to draw what was found; nil for nowhere.
  var plot: String?
  /// Whether the file's own tempo and metre count for nothing.
  var free = false
  /// Percussion maps, each "TRACK=FILE".
  var drums: [String] = []

  func run() -> Reply {
    let read: FileVoices
    let maps: [String: DrumMap]
    do {
      read = try FileVoices(path: file, findsBeats: free)
      maps = try read.drumMaps(drums)
    } catch {
      return .failed(error)
    }
    let context = read.context(.halfBeat, drumMaps: maps)
    var lines = context.description.split(separator: "\n").map(String.init)
    if let beats = read.beats {
      lines.insert(
        "Beats found from the notes: \(decimal(beats.beatsPerMinute)) BPM, \(beats.beats.count) beats, "
          + "\(beats.beatsPerBar) a bar, the first bar line at \(decimal(beats.beats[beats.firstDownbeat])) s",
        at: 0)
    }
    lines += read.repairs.map { "put right: \($0)" }
    if let plot {
      do {
        let drawing = AnalysisPlot(
          title: URL(fileURLWithPath: file).lastPathComponent, tracks: read.voices,
          context: context)
        try WholeFile.write([UInt8](drawing.svg.utf8), to: plot, mode: 0o644)
        lines.append("Drawn in \(plot)" + (drawing.hiddenBars.map { "; \($0)" } ?? ""))
      } catch {
        return .failed(.failed, "\(error)")
      }
    }
    return .done(lines.map { TerminalText.clean($0) }, data: Self.data(context, read))
  }

  /// The contract's own members: key, chords, tempo, meter, swing, syncopation, density, role.
  ///
  /// The last three are those of the voice with the most notes; `tracks` has everybody's.
  static func data(_ context: MusicContext, _ read: FileVoices) -> JSONValue {
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
      "repairs": .array(read.repairs.map { .string("\($0)") }),
    ]
    // The analysis' own values hold finite numbers and plain texts only.
    members["key"] = (try? JSONValue(encoding: context.key)) ?? .null
    members["chords"] = (try? JSONValue(encoding: context.chords)) ?? .null
    members["localKeys"] = (try? JSONValue(encoding: context.localKeys)) ?? .null
    members["romanNumerals"] = .array(
      context.chords.map { context.romanNumeral(of: $0).map { .string($0) } ?? .null })
    let form = Form(
      of: read.voices.flatMap(\.notes), meter: context.countedMeter,
      length: Beats(context.length), swing: context.swing)
    members["beats"] =
      read.beats.map { track in
        [
          "seconds": .array(track.beats.map { .number($0) }),
          "beatsPerBar": .int(track.beatsPerBar),
          "firstDownbeat": .int(track.firstDownbeat),
          "beatsPerMinute": .number(track.beatsPerMinute),
        ]
      } ?? .null
    members["form"] = (try? JSONValue(encoding: form)) ?? .null
    let chances = Opportunities(tracks: read.voices, context: context).found
    members["suggestions"] = (try? JSONValue(encoding: chances)) ?? .null
    members["tracks"] = (try? JSONValue(encoding: context.tracks)) ?? .null
    return .object(members)
  }
}
