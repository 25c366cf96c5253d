// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoMusic
internal import Foundation

/// A Standard MIDI File as separate voices: one a track, or one a channel in a single track.
struct FileVoices {
  let tempo: Tempo
  let meter: Meter
  let voices: [Pattern]
  let repairs: [Repair]

  /// Reads `path`.
  init(path: String) throws(CommandFailure) {
    let bytes = try InputFile.read(path)
    do {
      let reading = try StandardMIDIFile.read(bytes)
      let whole = try PatternFile(reading: reading.file)
      tempo = whole.tempo
      meter = whole.pattern.meter
      repairs = reading.repairs + whole.repairs
      var voices: [Pattern] = []
      for track in reading.file.tracks.indices {
        let pattern = try PatternFile(reading: reading.file, track: track).pattern
        voices += Self.byChannel(pattern, number: track + 1, length: whole.pattern.length)
      }
      self.voices = voices
    } catch {
      throw CommandFailure(.failed, "\(path): \(error)")
    }
  }

  private static func byChannel(_ pattern: Pattern, number: Int, length: Beats) -> [Pattern] {
    let channels = Set(pattern.notes.map(\.channel)).sorted()
    return channels.map { channel in
      let base = pattern.name.isEmpty ? "Track \(number)" : pattern.name
      let name = channels.count == 1 ? base : "\(base) ch. \(channel + 1)"
      return Pattern(
        name: name, notes: pattern.notes.filter { $0.channel == channel },
        controls: pattern.controls.filter { $0.bytes.first.map { $0 & 0x0F } == channel },
        length: length, meter: pattern.meter)
    }
  }

  /// The facts about all voices together, with one chord a bar: what a composer works from.
  var context: MusicContext { context(.bar) }

  /// The facts about all voices together, with chords as fine as `resolution`.
  func context(_ resolution: ChordEstimate.Resolution) -> MusicContext {
    MusicContext(tracks: voices, tempo: tempo, meter: meter, resolution: resolution)
  }
}

/// `continuo analyze`: what the music in a file is doing.
struct AnalyzeRunner {
  let file: String
  /// Where to draw what was found; nil for nowhere.
  var plot: String?

  func run() -> Reply {
    let read: FileVoices
    do {
      read = try FileVoices(path: file)
    } catch {
      return .failed(error)
    }
    let context = read.context(.halfBeat)
    var lines = context.description.split(separator: "\n").map(String.init)
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
    members["form"] = (try? JSONValue(encoding: form)) ?? .null
    let chances = Opportunities(tracks: read.voices, context: context).found
    members["suggestions"] = (try? JSONValue(encoding: chances)) ?? .null
    members["tracks"] = (try? JSONValue(encoding: context.tracks)) ?? .null
    return .object(members)
  }
}
