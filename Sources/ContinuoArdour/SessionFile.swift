// SPDX-License-Identifier: MIT
public import ContinuoMusic
public import Foundation

/// A session as Ardour last saved it: what OSC does not tell.
///
/// Everything here is as old as the file: an edit since the last save is not in it, so `age` is
/// part of every statement made from it.
public struct SessionFile: Sendable {
  /// A place or length as Ardour writes it.
  public enum Place: Hashable, Sendable {
    /// On the audio clock, 282240000 a second.
    case superclocks(Int)
    /// In music, 1920 a quarter note.
    case ticks(Int)
  }

  /// What records' places are taken from.
  public enum Alignment: String, Hashable, Sendable {
    /// As `existingMaterial` for whatever comes from outside Ardour by JACK.
    case automatic = "Automatic"
    /// Moved earlier by the latencies, so that it fits what was heard while it was played.
    case existingMaterial = "ExistingMaterial"
    /// Where the playhead was when it arrived.
    case captureTime = "UseCaptureTime"
  }

  /// A track or bus.
  public struct Route: Hashable, Sendable {
    /// Ardour's number for it.
    public let id: String
    /// Its name.
    public let name: String
    /// The playlist of its MIDI; nil for anything but a MIDI track.
    public let midiPlaylist: String?
    /// How recordings on it are placed; nil for a bus.
    public let alignment: Alignment?
  }

  /// A stretch of a source, placed on a playlist.
  public struct Region: Hashable, Sendable {
    /// Ardour's number for it.
    public let id: String
    /// Its name.
    public let name: String
    /// The numbers of its sources.
    public let sources: [String]
    /// Where in its source it begins, in quarters from the source's start.
    public let start: Beats
    /// Where in the song it stands.
    public let position: Beats
    /// How long it is.
    public let length: Beats
    /// Whether it is silenced.
    public let isMuted: Bool

    /// Where in the song it ends.
    public var end: Beats { position + length }
  }

  /// A tempo from one place on.
  public struct TempoMark: Hashable, Sendable {
    /// Where it begins.
    public let at: Beats
    /// The tempo there.
    public let tempo: Tempo
    /// The tempo it has reached where the next one begins; nil when it is steady.
    public let glidesTo: Tempo?

    /// Whether it glides to the next one.
    public var isRamp: Bool { glidesTo != nil }
  }

  /// A note on a track and the region it comes from.
  public struct RegionNote: Hashable, Sendable {
    /// The note, its start in quarters from the song's start.
    public let note: Note
    /// The region's number.
    public let region: String
  }

  /// The file.
  public let url: URL
  /// The session's name.
  public let name: String
  /// When it was saved.
  public let savedAt: Date
  /// Frames per second.
  public let sampleRate: Int
  /// The tempos in order.
  public let tempos: [TempoMark]
  /// The metres in order, each with its place.
  public let meters: [(at: Beats, meter: Meter)]
  /// Tempo, its ramps, and metre as one map.
  public let songMap: SongMap
  /// Whether Ardour's transport follows another clock (JACK's, MTC, MIDI clock).
  public let followsExternalClock: Bool
  /// Whether it lends its tempo and metre to JACK.
  public let isTimebaseMaster: Bool
  /// Whether recording over a region cuts the old one away instead of layering over it.
  public let recordsNonLayered: Bool
  /// Tracks and buses in order.
  public let routes: [Route]

  private let playlists: [String: [Region]]
  private let sources: [String: String]

  /// Larger session files are not read, in bytes.
  public static let maximumSize = 256 << 20
  /// Larger MIDI files are not read, in bytes.
  public static let maximumMIDISize = 32 << 20

  /// Reads the session file at `url`.
  ///
  /// Throws `ArdourError.unreadable` for a file that is none, is too large, declares XML entities,
  /// or lacks a sample rate.
  public init(_ url: URL) throws(ArdourError) {
    func unreadable(_ reason: String) -> ArdourError {
      .unreadable(path: url.path, reason: reason)
    }
    let data = try Self.contents(of: url, limit: Self.maximumSize)
    let document = try SessionXML.read(data, path: url.path)
    guard let rate = Int(document.session["sample-rate"] ?? ""),
      (1000...1_000_000).contains(rate)
    else { throw unreadable("it states no sample rate; it is no Ardour session") }
    self.url = url
    name = document.session["name"] ?? url.deletingPathExtension().lastPathComponent
    sampleRate = rate
    let values = try? url.resourceValues(forKeys: [.contentModificationDateKey])
    savedAt = values?.contentModificationDate ?? .distantPast
    tempos = document.tempos.compactMap(TempoMark.init).sorted { $0.at < $1.at }
    meters = document.meters.compactMap(Self.meter).sorted { $0.at < $1.at }
    let map = SongMap(
      gliding: tempos.map { .init(at: $0.at, tempo: $0.tempo, glidesTo: $0.glidesTo) },
      meters: meters)
    songMap = map
    followsExternalClock = document.options["external-sync"] == "1"
    isTimebaseMaster = document.options["jack-time-master"] == "1"
    recordsNonLayered = document.options["record-mode"] == "RecNonLayered"
    routes = document.routes.compactMap(Route.init)
    sources = document.sources
    playlists = document.regions.mapValues { $0.compactMap { Region($0, map) } }
  }

  /// How long ago it was saved, never less than zero.
  public func age(now: Date = Date()) -> TimeInterval {
    max(0, now.timeIntervalSince(savedAt))
  }

  /// Whether a tempo glides to the next.
  public var hasRamps: Bool { tempos.contains(where: \.isRamp) }

  /// The track or bus called `name`.
  public func route(named name: String) -> Route? { routes.first { $0.name == name } }

  /// The regions of the MIDI track `name` in order of place; empty when there is no such track.
  public func regions(onTrack name: String) -> [Region] {
    guard let playlist = route(named: name)?.midiPlaylist else { return [] }
    return (playlists[playlist] ?? []).sorted { $0.position < $1.position }
  }

  /// The frame at `beats`, to the nearest.
  public func frame(at beats: Beats) -> Int {
    Int(exactly: (songMap.seconds(at: beats) * Double(sampleRate)).rounded()) ?? 0
  }

  /// The notes of the MIDI track `name` that lie in its unmuted regions, in song time.
  ///
  /// Notes that sound beyond their region are cut at its end, as Ardour plays them. Notes under
  /// another region's are included. Throws `ArdourError.unreadable` for a MIDI file that is missing
  /// or damaged.
  public func notes(onTrack name: String) throws(ArdourError) -> [RegionNote] {
    var notes: [RegionNote] = []
    for region in regions(onTrack: name) where !region.isMuted {
      notes += try self.notes(of: region)
    }
    return notes.sorted {
      ($0.note.start, $0.note.pitch, $0.note.channel)
        < ($1.note.start, $1.note.pitch, $1.note.channel)
    }
  }

  /// The notes of one region, muted or not, in song time.
  public func notes(of region: Region) throws(ArdourError) -> [RegionNote] {
    guard let file = try source(of: region) else { return [] }
    let sourceEnd = region.start + region.length
    return SourceNotes.read(file).compactMap { note in
      guard note.start >= region.start, note.start < sourceEnd else { return nil }
      var placed = note
      placed.start = note.start - region.start + region.position
      placed.duration = min(note.end, sourceEnd) - note.start
      return placed.duration > .zero ? RegionNote(note: placed, region: region.id) : nil
    }
  }

  /// The controllers, bends, pressures and programs of one region, muted or not, in song time.
  public func controls(of region: Region) throws(ArdourError) -> [Pattern.Control] {
    guard let file = try source(of: region) else { return [] }
    let sourceEnd = region.start + region.length
    return SourceNotes.controls(file).compactMap { control in
      guard control.at >= region.start, control.at < sourceEnd else { return nil }
      return Pattern.Control(
        at: control.at - region.start + region.position, bytes: control.bytes)
    }
  }

  /// What a region plays; nil for one without a source.
  private func source(of region: Region) throws(ArdourError) -> StandardMIDIFile? {
    guard let source = region.sources.first else { return nil }
    let url = try midiFile(ofSource: source)
    let bytes = [UInt8](try Self.contents(of: url, limit: Self.maximumMIDISize))
    do {
      return try StandardMIDIFile(bytes)
    } catch {
      throw .unreadable(path: url.path, reason: error.description)
    }
  }

  /// The MIDI file of a source, which lies in the session's own folder and nowhere else.
  public func midiFile(ofSource id: String) throws(ArdourError) -> URL {
    guard let file = sources[id] else {
      throw .unreadable(
        path: url.path, reason: "a region names the source \(id), which is not there")
    }
    guard !file.contains("/"), file != "..", !file.isEmpty else {
      throw .unreadable(path: file, reason: "it lies outside the session's folder")
    }
    let interchange = url.deletingLastPathComponent().appendingPathComponent("interchange")
    let folders = (try? FileManager.default.contentsOfDirectory(atPath: interchange.path)) ?? []
    for folder in folders.sorted() {
      let candidate = interchange.appendingPathComponent(folder)
        .appendingPathComponent("midifiles").appendingPathComponent(file)
      if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
    }
    throw .unreadable(
      path: "\(interchange.path)/…/midifiles/\(file)", reason: "the file is missing")
  }

  static func contents(of url: URL, limit: Int) throws(ArdourError) -> Data {
    let values: URLResourceValues
    do {
      values = try url.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
      guard values.isRegularFile == true else {
        throw ArdourError.unreadable(path: url.path, reason: "it is no file")
      }
      guard let size = values.fileSize, size <= limit else {
        throw ArdourError.unreadable(path: url.path, reason: "it is larger than \(limit) bytes")
      }
      return try Data(contentsOf: url)
    } catch let error as ArdourError {
      throw error
    } catch {
      throw .unreadable(path: url.path, reason: error.localizedDescription)
    }
  }

  private static func meter(_ attributes: [String: String]) -> (at: Beats, meter: Meter)? {
    guard let at = Beats(ardour: attributes["quarters"]),
      let beats = attributes["divisions-per-bar"].flatMap(Int.init),
      let unit = attributes["note-value"].flatMap(Int.init), let meter = Meter(beats, unit)
    else { return nil }
    return (at, meter)
  }
}
