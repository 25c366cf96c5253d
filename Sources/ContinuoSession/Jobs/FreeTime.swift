// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoMusic

/// Voices that no time base counts, laid on the beats that are found in their notes.
struct FreeTime {
  /// What is said where no beat is found.
  static let tooFew = "there are too few notes at different times to find a beat in"

  let beats: BeatTrack
  let tempo: Tempo
  let meter: Meter
  /// The voices with their notes where they lie between the beats, of one length.
  let voices: [Pattern]

  /// Finds the beats of `voices`, whose seconds `map` tells; nil when the notes are too few.
  init?(_ voices: [Pattern], _ map: SongMap) {
    guard let beats = BeatTracker.track(Self.onsets(voices, map)) else { return nil }
    self.beats = beats
    tempo = Tempo(beats.beatsPerMinute) ?? .standard
    meter = Meter(beats.beatsPerBar, 4) ?? .common
    self.voices = Self.placed(voices, by: beats, map, meter)
  }

  /// "141.7 BPM, 48 beats, 4 a bar, the first bar line at 0.32 s".
  var words: String {
    "\(decimal(beats.beatsPerMinute)) BPM, \(beats.beats.count) beats, "
      + "\(beats.beatsPerBar) a bar, the first bar line at \(decimal(beats.beats[beats.firstDownbeat])) s"
  }

  private static func onsets(_ voices: [Pattern], _ map: SongMap) -> [HeardOnset] {
    voices.flatMap(\.notes).map { note in
      HeardOnset(
        seconds: map.seconds(at: note.start), pitch: note.pitch, velocity: note.velocity,
        isDrum: note.channel == 9)
    }
  }

  private static func placed(
    _ voices: [Pattern], by track: BeatTrack, _ map: SongMap, _ meter: Meter
  ) -> [Pattern] {
    func place(_ beats: Beats) -> Double { max(0, track.place(at: map.seconds(at: beats))) }
    var end = 0.0
    let placed = voices.map { voice in
      voice.notes.map { note in
        var placed = note
        let start = place(note.start)
        placed.start = Beats(start)
        placed.duration = Beats(max(place(note.end) - start, 1.0 / 1920))
        end = max(end, placed.end.quarters)
        return placed
      }
    }
    let bars = max((end / Double(track.beatsPerBar) - 1e-6).rounded(.up), 1)
    let length = Beats(bars * Double(track.beatsPerBar))
    return zip(voices, placed).map { voice, notes in
      let controls = voice.controls.map {
        Pattern.Control(at: Beats(place($0.at)), bytes: $0.bytes)
      }
      return Pattern(
        name: voice.name, notes: notes, controls: controls, length: length, meter: meter)
    }
  }
}
