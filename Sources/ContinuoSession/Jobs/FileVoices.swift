// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoMusic

/// A Standard MIDI File as separate voices: one a track, or one a channel in a single track.
struct FileVoices {
  let tempo: Tempo
  let meter: Meter
  let voices: [Pattern]
  let repairs: [Repair]
  /// The beats found from the notes, in place of the file's own; nil when those count.
  let free: FreeTime?

  /// Reads `path`; with `findsBeats` the file's tempo and metre count for nothing.
  ///
  /// Throws for a file that is none, and for one whose notes are too few to find beats in.
  init(path: String, findsBeats: Bool = false) throws(CommandFailure) {
    let bytes = try InputFile.read(path)
    do {
      let reading = try StandardMIDIFile.read(bytes)
      let whole = try PatternFile(reading: reading.file)
      var voices: [Pattern] = []
      for track in reading.file.tracks.indices {
        let pattern = try PatternFile(reading: reading.file, track: track).pattern
        voices += Self.byChannel(pattern, number: track + 1, length: whole.pattern.length)
      }
      guard findsBeats else {
        tempo = whole.tempo
        meter = whole.pattern.meter
        repairs = reading.repairs + whole.repairs
        self.voices = voices
        free = nil
        return
      }
      guard let found = FreeTime(voices, SongMap(reading.file)) else {
        throw CommandFailure(.failed, FreeTime.tooFew)
      }
      tempo = found.tempo
      meter = found.meter
      // That the file's own tempo and metre change is of no matter here.
      repairs =
        reading.repairs
        + whole.repairs.filter {
          switch $0 {
          case .droppedTempoChanges, .droppedMeterChanges: false
          default: true
          }
        }
      free = found
      self.voices = found.voices
    } catch let failure as CommandFailure {
      throw CommandFailure(.failed, "\(path): \(failure.message)")
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
  func context(
    _ resolution: ChordEstimate.Resolution, drumMaps: [String: DrumMap] = [:]
  ) -> MusicContext {
    MusicContext(
      tracks: voices, tempo: tempo, meter: meter, resolution: resolution, drumMaps: drumMaps)
  }

  /// The percussion maps that `choices` name, each "TRACK=FILE".
  func drumMaps(_ choices: [String]) throws(CommandFailure) -> [String: DrumMap] {
    var maps: [String: DrumMap] = [:]
    for choice in choices {
      // A file's name may hold an equals sign, and so may a track's: the track that is there counts.
      guard let voice = voices.first(where: { choice.hasPrefix($0.name + "=") }) else {
        let names = voices.map { TerminalText.clean($0.name) }.joined(separator: ", ")
        throw CommandFailure(
          .failed, "--drums \(TerminalText.clean(choice)): the tracks are \(names)")
      }
      let path = String(choice.dropFirst(voice.name.count + 1))
      let text = String(decoding: try InputFile.read(path), as: UTF8.self)
      do {
        maps[voice.name] = try DrumMap(text, file: path)
      } catch {
        throw CommandFailure(.failed, "\(error)")
      }
    }
    return maps
  }
}
