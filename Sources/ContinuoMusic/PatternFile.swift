// SPDX-License-Identifier: MIT

/// A pattern and the Standard MIDI File it was read from or written to.
///
/// What is written and read back at the same ticks a quarter is the same pattern, as far as its
/// places lie on ticks and no note lies inside a longer one of its pitch (see `repairs`).
public struct PatternFile: Hashable, Sendable {
  /// How a file's end becomes a pattern's length.
  public enum Ending: Hashable, Sendable {
    /// At the bar line at or after the end of the track: what a loop wants.
    case wholeBars
    /// At the end of the track itself.
    case exact
  }

  /// The music.
  public let pattern: Pattern
  /// The file.
  public let file: StandardMIDIFile
  /// The tempo at the start.
  public let tempo: Tempo
  /// What was put right or dropped on the way.
  public let repairs: [Repair]

  /// Reads the notes and controls of `track` (from 0; all when nil) on `channel` (0...15; all when
  /// nil).
  ///
  /// Note-ons at velocity 0 are note-offs; the same key struck again while it sounds is paired
  /// first on, first off; notes never ended are ended with their track. Throws
  /// `MusicError.selection` when there is no such track or channel, or when a format 2 file needs a
  /// choice.
  public init(
    reading file: StandardMIDIFile, track: Int? = nil, channel: Int? = nil,
    ending: Ending = .wholeBars
  ) throws(MusicError) {
    if let channel, !(0...15).contains(channel) {
      throw .selection(reason: "there is no channel \(channel), channels are 0 to 15")
    }
    if let track, !file.tracks.indices.contains(track) {
      throw .selection(reason: "it has \(file.tracks.count) tracks, none numbered \(track) from 0")
    }
    guard track != nil || file.format != .sequential || file.tracks.count < 2 else {
      throw .selection(reason: "its \(file.tracks.count) tracks are separate songs, choose one")
    }
    let map = SongMap(file, track: track ?? 0)
    let chosen = track.map { [$0] } ?? Array(file.tracks.indices)
    var reader = PatternReader(map: map, channel: channel.map(UInt8.init))
    for index in chosen { reader.read(file.tracks[index]) }
    let end = map.beats(atTick: chosen.reduce(0) { max($0, file.tracks[$1].last?.tick ?? 0) })
    // A conductor track's name is the song's: the first track that plays names the pattern.
    let playing = chosen.filter { file.tracks[$0].contains { $0.payload.isChannel } }
    let name = (playing + chosen).lazy.compactMap { Self.name(of: file.tracks[$0]) }.first
    pattern = Pattern(
      name: name ?? "", notes: reader.notes, controls: reader.controls,
      length: ending == .exact ? end : Self.barLine(map, notBefore: end),
      meter: map.meter(at: .zero))
    self.file = file
    tempo = map.tempo(at: .zero)
    var repairs = map.repairs + reader.repairs
    if map.tempos.count > 1 { repairs.append(.droppedTempoChanges(count: map.tempos.count - 1)) }
    if map.meters.count > 1 { repairs.append(.droppedMeterChanges(count: map.meters.count - 1)) }
    self.repairs = repairs
  }

  /// Writes `pattern` into a file of format 0 or 1 at `ticksPerQuarter` (1...32767).
  ///
  /// Places are rounded to the nearest tick, and no note becomes shorter than one. Throws
  /// `MusicError.pattern` for what no file can hold: a place before the start or beyond the last
  /// tick, a value out of its range, a control that is no MIDI message.
  public init(
    writing pattern: Pattern, tempo: Tempo = .standard, ticksPerQuarter: Int = 480,
    format: StandardMIDIFile.Format = .parallel
  ) throws(MusicError) {
    guard (1...0x7FFF).contains(ticksPerQuarter) else {
      throw .pattern(reason: "\(ticksPerQuarter) ticks a quarter are not 1 to 32767")
    }
    guard format != .sequential else {
      throw .pattern(reason: "format 2 holds several songs; choose format 0 or 1")
    }
    var writer = PatternWriter(ticksPerQuarter: ticksPerQuarter)
    let music = try writer.events(of: pattern)
    let name = StandardMIDIFile.Event(tick: 0, .meta(.trackName(pattern.name)))
    let head = [
      StandardMIDIFile.Event(tick: 0, .meta(.tempo(tempo))),
      StandardMIDIFile.Event(tick: 0, .meta(.meter(pattern.meter))),
    ]
    let end = StandardMIDIFile.Event(tick: 0, .meta(.endOfTrack))
    file = StandardMIDIFile(
      format: format, division: .ticksPerQuarter(ticksPerQuarter),
      tracks: format == .single ? [[name] + head + music] : [head + [end], [name] + music])
    self.pattern = pattern
    self.tempo = tempo
    repairs = writer.repairs
  }

  /// Writes `pattern` to the file `path`, whole or not at all, and returns what was put right.
  ///
  /// Throws what making the file throws, or `MusicError.disk`.
  public static func write(
    _ pattern: Pattern, tempo: Tempo = .standard, ticksPerQuarter: Int = 480, to path: String
  ) throws(MusicError) -> [Repair] {
    let made = try PatternFile(writing: pattern, tempo: tempo, ticksPerQuarter: ticksPerQuarter)
    try AtomicFile.write(try made.file.bytes(), to: path)
    return made.repairs
  }

  /// The first track name in `events`, fit for a screen.
  private static func name(of events: [StandardMIDIFile.Event]) -> String? {
    for event in events {
      if case .meta(let meta) = event.payload, meta.type == 0x03, let text = meta.text {
        return printable(text, limit: 200)
      }
    }
    return nil
  }

  private static func barLine(_ map: SongMap, notBefore end: Beats) -> Beats {
    let position = map.position(at: end)
    let isOnLine = position.beat == 1 && position.tick < 1e-6
    // Time code puts the end a hair beside the bar line it was meant for.
    return map.barStart(isOnLine && position.bar > 1 ? position.bar : position.bar + 1)
  }
}

extension StandardMIDIFile.Payload {
  fileprivate var isChannel: Bool {
    if case .channel = self { return true }
    return false
  }
}

extension Pattern {
  /// The notes and controls of a file's track and channel, as `PatternFile` reads them.
  public init(
    file: StandardMIDIFile, track: Int? = nil, channel: Int? = nil,
    ending: PatternFile.Ending = .wholeBars
  ) throws(MusicError) {
    self = try PatternFile(reading: file, track: track, channel: channel, ending: ending).pattern
  }
}
