// SPDX-License-Identifier: MIT
import ContinuoMusic

extension Beats {
  /// Quarters and ticks as the tempo map has them: "16:960".
  init?(ardour text: String?) {
    let parts = (text ?? "").split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let quarters = Int32(parts[0]), let ticks = Int32(parts[1]) else {
      return nil
    }
    self.init(Double(quarters) + Double(ticks) / 1920)
  }
}

extension SessionFile.Place {
  /// Superclocks in a second.
  static let superclocksPerSecond = 282_240_000.0
  /// Farther places are nonsense: 2⁵², eighteen weeks of superclocks.
  static let limit = 1 << 52

  /// "a" and superclocks, or "b" and ticks.
  init?(_ text: Substring?) {
    guard let text, let value = Int(text.dropFirst()), abs(Double(value)) <= Double(Self.limit)
    else { return nil }
    switch text.first {
    case "a": self = .superclocks(value)
    case "b": self = .ticks(value)
    default: return nil
    }
  }

  /// The same place in quarters from the song's start.
  func beats(_ map: SongMap) -> Beats {
    switch self {
    case .superclocks(let value):
      map.beats(atSeconds: Double(value) / Self.superclocksPerSecond)
    case .ticks(let value): Beats(ticks: value, ppq: 1920)
    }
  }
}

extension SessionFile.Route {
  init?(_ attributes: [String: String]) {
    guard let id = attributes["id"], let name = attributes["name"] else { return nil }
    self.id = id
    self.name = name
    midiPlaylist = attributes["midi-playlist"]
    alignment = attributes["alignment-choice"].flatMap(SessionFile.Alignment.init)
  }
}

extension SessionFile.Region {
  /// A region of a playlist; its length is written "LENGTH@POSITION".
  init?(_ attributes: [String: String], _ map: SongMap) {
    let span = (attributes["length"] ?? "").split(separator: "@", omittingEmptySubsequences: false)
    guard let id = attributes["id"], span.count == 2,
      let length = SessionFile.Place(span[0]), let position = SessionFile.Place(span[1]),
      let start = SessionFile.Place(attributes["start"].map { $0[...] })
    else { return nil }
    self.id = id
    name = attributes["name"] ?? ""
    isMuted = attributes["muted"] == "1"
    self.position = position.beats(map)
    self.start = start.beats(map)
    switch (length, position) {
    case (.superclocks(let length), .superclocks(let position)):
      let end = SessionFile.Place.superclocks(position + length).beats(map)
      self.length = end - self.position
    case (.superclocks(let length), .ticks):
      let seconds = map.seconds(at: self.position)
      let end = seconds + Double(length) / SessionFile.Place.superclocksPerSecond
      self.length = map.beats(atSeconds: end) - self.position
    case (.ticks(let length), _):
      self.length = Beats(ticks: length, ppq: 1920)
    }
    var sources: [String] = []
    while sources.count < 16, let source = attributes["source-\(sources.count)"] {
      sources.append(source)
    }
    self.sources = sources
  }
}

extension SessionFile.TempoMark {
  /// A tempo of the map: notes a minute, in notes of its own note type.
  init?(_ attributes: [String: String]) {
    guard let at = Beats(ardour: attributes["quarters"]),
      let notes = attributes["npm"].flatMap(Double.init),
      let type = attributes["note-type"].flatMap(Int.init), (1...64).contains(type),
      let tempo = Tempo(notes * 4 / Double(type))
    else { return nil }
    self.at = at
    self.tempo = tempo
    let end = attributes["enpm"].flatMap(Double.init) ?? notes
    glidesTo = abs(end - notes) > 1e-6 ? Tempo(end * 4 / Double(type)) : nil
  }
}

/// The notes of a Standard MIDI File, in quarters from its start.
enum SourceNotes {
  /// Pairs each note-on with the next note-off of its key and channel, first on first off; a note
  /// that is never let go ends with the file.
  static func read(_ file: StandardMIDIFile) -> [Note] {
    guard case .ticksPerQuarter(let ppq) = file.division else { return [] }
    var notes: [Note] = []
    for track in file.tracks {
      var open: [Int: ArraySlice<(tick: Int, velocity: UInt8)>] = [:]
      func close(_ key: Int, at tick: Int, release: UInt8) {
        guard let on = open[key]?.first else { return }
        open[key] = open[key]?.dropFirst()
        let start = Beats(ticks: on.tick, ppq: ppq)
        let note = Note(
          pitch: key & 127, velocity: Int(on.velocity), releaseVelocity: Int(release),
          channel: key >> 7, start: start, duration: Beats(ticks: tick, ppq: ppq) - start)
        if let note { notes.append(note) }
      }
      for event in track {
        guard case .channel(let message) = event.payload else { continue }
        let key = Int(message.channel) << 7 | Int(message.data1)
        if message.startsNote {
          open[key, default: []].append((event.tick, message.data2))
        } else if message.endsNote {
          let release = message.status & 0xF0 == 0x80 ? message.data2 : 64
          close(key, at: event.tick, release: release)
        }
      }
      let end = track.last?.tick ?? 0
      for key in open.keys {
        while open[key]?.isEmpty == false { close(key, at: end, release: 64) }
      }
    }
    return notes.sorted { ($0.start, $0.pitch, $0.channel) < ($1.start, $1.pitch, $1.channel) }
  }

  /// Channel messages other than notes, in the file's order.
  static func controls(_ file: StandardMIDIFile) -> [Pattern.Control] {
    guard case .ticksPerQuarter(let ppq) = file.division else { return [] }
    return file.tracks.flatMap { track in
      track.compactMap { event -> Pattern.Control? in
        guard case .channel(let message) = event.payload, !message.startsNote, !message.endsNote
        else { return nil }
        return Pattern.Control(at: Beats(ticks: event.tick, ppq: ppq), bytes: message.bytes)
      }
    }
  }
}
