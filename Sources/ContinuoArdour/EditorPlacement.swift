// SPDX-License-Identifier: MIT
public import ContinuoMusic
public import Foundation

/// What Continuo put on a track, by recording or import, as the session held it just after.
///
/// It is what tells, later, whether the musician has edited it since.
public struct PlacedTake: Hashable, Sendable {
  /// The track, as Ardour spells it.
  public let track: String
  /// The regions it consists of.
  public let regions: [SessionFile.Region]
  /// Their notes, in song time.
  public let notes: [Note]
  /// Their pedals, wheels, bends, pressures and programs, in song time.
  public let controls: [Pattern.Control]
  /// The session file.
  public let session: URL

  /// What `regions` of `session` hold.
  ///
  /// Throws `ArdourError.unreadable` for a MIDI file that is missing or damaged.
  public init(
    track: String, regions: [SessionFile.Region], in session: SessionFile
  ) throws(ArdourError) {
    self.track = track
    self.regions = regions
    self.session = session.url
    notes = try Self.notes(of: regions, in: session)
    controls = try Self.controls(of: regions, in: session)
  }

  static func controls(
    of regions: [SessionFile.Region], in session: SessionFile
  ) throws(ArdourError) -> [Pattern.Control] {
    var controls: [Pattern.Control] = []
    for region in regions { controls += try session.controls(of: region) }
    return controls
  }

  static func notes(
    of regions: [SessionFile.Region], in session: SessionFile
  ) throws(ArdourError) -> [Note] {
    var notes: [Note] = []
    for region in regions { notes += try session.notes(of: region).map(\.note) }
    return notes.sorted {
      ($0.start, $0.pitch, $0.channel, $0.velocity) < ($1.start, $1.pitch, $1.channel, $1.velocity)
    }
  }
}

/// What an import put on a track, compared note by note in the saved session.
public struct ImportReport: Sendable {
  /// What is on the track now.
  public let take: PlacedTake
  /// Its bars, from 1.
  public let bars: ClosedRange<Int>
  /// Asked for and found, compared.
  public let verification: TakeVerification
}

/// Puts patterns on tracks without recording and takes takes back, through Ardour's editor.
///
/// Works while the transport rolls. Everything is read back from the saved session, and what is not
/// as asked is taken off again.
public struct EditorPlacement: Sendable {
  private let ardour: ArdourClient
  private let script: EditorScript
  private let locator: SessionLocator
  private let session: String?

  /// Works in the Ardour that `ardour` speaks with; `session` is its file or folder, nil to find it.
  public init(
    ardour: ArdourClient, session: String? = nil, locator: SessionLocator = SessionLocator()
  ) {
    self.ardour = ardour
    self.locator = locator
    self.session = session
    script = EditorScript(ardour: ardour, locator: locator)
  }

  /// Puts `pattern` on the MIDI track `track` from the start of `bar` (1...100000), over what is
  /// there.
  ///
  /// Throws `noSuchTrack`, `noMIDITrack`, `takeRefused` or `editor` before anything is changed, and
  /// `editor(.notAsAsked)` when what the session then holds differs; it has been taken off again.
  public func place(
    _ pattern: Pattern, track: String, bar: Int
  ) async throws(ArdourError) -> ImportReport {
    let name = try await ardour.midiTrack(named: track).name
    let place = try script.find()
    guard !pattern.notes.isEmpty else { throw .takeRefused(reason: "the pattern has no notes") }
    guard pattern.controls.allSatisfy({ ($0.bytes.first ?? 0) < 0xF0 }) else {
      throw .takeRefused(reason: "the pattern holds a system exclusive message; take it out first")
    }
    let before = try await savedSession()
    guard (1...100_000).contains(bar) else {
      throw .takeRefused(reason: "there is no bar \(bar); bars count from 1")
    }
    let start = before.songMap.barStart(bar)
    let file = try write(pattern, for: name, in: place.folder)
    defer {
      let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
      try? FileManager.default.removeItem(at: folder)
    }
    let position = start.ticks(ppq: 1920)
    let answer = try await script.perform(
      .importFile(path: file, track: name, position: position), timeout: EditorScript.patience)
    let after = try await readBack("the import", on: name)
    return try await checked(
      pattern, at: start, before, after, name, bar: bar, made: answer.regions)
  }

  /// Takes a take back: its regions go as one step that Ardour can undo, everything else stays.
  ///
  /// Throws `editor(.changedSince)`, with nothing changed, when a region of it is gone, moved,
  /// trimmed, renamed or muted, or a note in it has been edited since.
  public func takeBack(_ take: PlacedTake) async throws(ArdourError) {
    _ = try script.find()
    let before = try await savedSession()
    guard before.url.resolvingSymlinksInPath() == take.session.resolvingSymlinksInPath() else {
      throw .editor(.changedSince(reason: "another session is open, \(before.name)"))
    }
    try unedited(take, in: before)
    let ids = take.regions.map(\.id)
    _ = try await script.perform(
      .removeRegions(ids, track: take.track), timeout: EditorScript.patience)
    let after = try await readBack("taking the regions back", on: take.track)
    let wanted = Set(before.regions(onTrack: take.track).filter { !ids.contains($0.id) })
    guard Set(after.regions(onTrack: take.track)) == wanted else {
      throw .editor(
        .notAsAsked(
          reason: "the track's regions are not what they were before the take",
          left: "look at \"\(take.track)\" in Ardour; Edit > Undo is one step back"))
    }
  }

  /// The session after something was changed in it: what goes wrong now does so after the change.
  private func readBack(_ what: String, on track: String) async throws(ArdourError) -> SessionFile {
    do throws(ArdourError) {
      return try await savedSession()
    } catch {
      throw .editor(
        .notAsAsked(
          reason: "\(what) was done, but the session could not be read back (\(error))",
          left: "look at \"\(track)\" in Ardour; Edit > Undo is one step back"))
    }
  }

  private func unedited(_ take: PlacedTake, in session: SessionFile) throws(ArdourError) {
    let now = Dictionary(
      session.regions(onTrack: take.track).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    for region in take.regions {
      guard let there = now[region.id] else {
        throw .editor(
          .changedSince(reason: "the region \"\(region.name)\" is no longer on \"\(take.track)\""))
      }
      guard there == region else {
        throw .editor(
          .changedSince(
            reason: "the region \"\(region.name)\" has been moved, trimmed, renamed or muted"))
      }
    }
    guard try PlacedTake.notes(of: take.regions, in: session) == take.notes,
      try PlacedTake.controls(of: take.regions, in: session) == take.controls
    else {
      throw .editor(
        .changedSince(
          reason: "notes or controllers of it on \"\(take.track)\" are no longer the same"))
    }
  }

  private func checked(
    _ pattern: Pattern, at start: Beats, _ before: SessionFile, _ after: SessionFile,
    _ track: String, bar: Int, made: [String]
  ) async throws(ArdourError) -> ImportReport {
    let old = before.regions(onTrack: track)
    let now = after.regions(onTrack: track)
    let new = now.filter { made.contains($0.id) }
    let take = try PlacedTake(track: track, regions: new, in: after)
    let asked = pattern.notes.map { note in
      var placed = note
      placed.start += start
      return placed
    }
    let controls = pattern.controls.filter { $0.at >= .zero && $0.at < pattern.length }
      .map { Pattern.Control(at: start + $0.at, bytes: $0.bytes) }
    let verification = TakeVerification(
      played: asked, recorded: take.notes, controls: (controls, take.controls),
      map: after.songMap, sampleRate: after.sampleRate)
    guard verification.isExact, new.count == made.count, Set(old).isSubset(of: now) else {
      let reason =
        "\(verification.missing.count) of \(verification.played) notes missing, "
        + "\(verification.extra.count) too many, \(verification.shifted.count) out of place; "
        + "\(verification.missingControls.count) controllers missing, "
        + "\(verification.extraControls.count) too many"
      do {
        try await takeBack(take)
      } catch {
        throw .editor(.notAsAsked(reason: reason, left: "it is still on \"\(track)\": \(error)"))
      }
      throw .editor(.notAsAsked(reason: reason, left: "it has been taken off again"))
    }
    return ImportReport(
      take: take, bars: bar...max(bar, bar + pattern.bars - 1), verification: verification)
  }

  /// Writes the file that Ardour imports, in a folder of its own: Ardour names the region after it.
  private func write(
    _ pattern: Pattern, for track: String, in folder: EditorFolder
  ) throws(ArdourError) -> String {
    let name = (pattern.name.isEmpty ? track : pattern.name)
      .filter { $0.isLetter || $0.isNumber || $0 == " " }.prefix(32)
    let own = folder.file("import-\(UUID().uuidString)")
    do {
      // Ardour's own resolution, in one track: it makes a region of every track of a file.
      let file = try PatternFile(writing: pattern, ticksPerQuarter: 1920, format: .single)
      try EditorFolder(path: own).prepare()
      let path = "\(own)/Continuo \(String(name)).mid"
      try EditorFolder.write(try file.file.bytes(), to: path, mode: 0o600)
      return path
    } catch let error as EditorFailure {
      throw .editor(error)
    } catch {
      throw .takeRefused(reason: "the pattern cannot be written: \(error)")
    }
  }

  /// Saves the session and reads it, making sure that the file read is the one that was saved.
  private func savedSession() async throws(ArdourError) -> SessionFile {
    let asked = Date()
    try await script.save()
    let name = await ardour.state.sessionName ?? ""
    let found = try locator.locate(name: name, port: ardour.port, configured: session)
    let file = try SessionFile(found.url)
    guard file.savedAt > asked - 2 else {
      throw .unreadable(
        path: found.url.path,
        reason: "Ardour saved now but this file is \(Int(file.age())) s old; it is another session")
    }
    return file
  }
}
