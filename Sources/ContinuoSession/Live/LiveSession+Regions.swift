// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoMusic
internal import Foundation

/// What only the session's file tells: regions, their notes, the tempo map.
extension LiveSession {
  func regions(_ request: RegionsRequest) async throws -> Reply {
    let ardour = try await needArdour()
    let saved = try await savedSession(ardour)
    let strips = try await ardour.listStrips()
    var names = saved.routes.filter { $0.midiPlaylist != nil }.map(\.name)
    if let wanted = request.track {
      let exact = names.filter { $0 == wanted }
      names = exact.isEmpty ? names.filter { $0.lowercased() == wanted.lowercased() } : exact
      guard !names.isEmpty else {
        // A track made since the last save is Ardour's but not yet the file's.
        guard strips.contains(where: { $0.kind == .midiTrack && $0.name == wanted }) else {
          throw ArdourError.noSuchTrack(
            name: wanted,
            near: saved.routes.filter { $0.midiPlaylist != nil }.map(\.name))
        }
        throw CommandFailure(
          .failed,
          "\(TerminalText.clean(wanted)) is not in the session as saved \(ago(saved.age())): "
            + "refresh yes lets Ardour save it")
      }
    }
    let doubts = SavedStateDoubts(saved, against: await ardour.state)
    return SavedRegions(
      saved: saved, doubts: doubts, tracks: names, showsNotes: request.showsNotes
    ).reply()
  }

  /// Has Ardour save, and tells what the file then says.
  func refresh(isAllowed: Bool) async throws -> Reply {
    try await takeTurn()
    defer { passTurn() }
    let ardour = try await needArdour()
    let before = try await savedSession(ardour)
    guard isAllowed else {
      throw CommandFailure(
        .usage,
        "Ardour would save over \(TerminalText.clean(before.url.lastPathComponent)), last saved "
          + "\(ago(before.age())): allow it with refresh yes, or continuo refresh --yes")
    }
    try await ardour.save()
    let after = try await savedSession(ardour)
    guard after.savedAt > before.savedAt else {
      throw CommandFailure(
        .failed,
        "Ardour says it saved, but \(TerminalText.clean(after.url.path)) did not change: is it the "
          + "file of another session of that name?")
    }
    let doubts = SavedStateDoubts(after, against: await ardour.state)
    let tracks = after.routes.filter { $0.midiPlaylist != nil }.map(\.name)
    return SavedRegions(saved: after, doubts: doubts, tracks: tracks, showsNotes: false).reply()
  }
}

/// A session file told to a musician: tempo map, regions and, when asked for, notes.
struct SavedRegions {
  let saved: SessionFile
  let doubts: SavedStateDoubts
  let tracks: [String]
  let showsNotes: Bool

  /// Regions drawn and notes listed of one track are bounded, as a session may hold millions.
  static let maximumRegions = 500
  static let maximumNotes = 20_000
  static let drawnBars = 64

  func reply() -> Reply {
    var lines = [ageLine]
    lines += doubts.reasons.map { "  \(TerminalText.clean($0))" }
    lines += mapLines
    var rows: [JSONValue] = []
    for track in tracks {
      let (text, data) = tell(track)
      lines += text
      rows.append(data)
    }
    if tracks.isEmpty { lines.append("The session as saved has no MIDI track") }
    return .done(
      lines,
      data: [
        "session": .string(saved.name), "file": .string(saved.url.path),
        "savedAt": .string(saved.savedAt.formatted(.iso8601)),
        "ageSeconds": .number((saved.age() * 10).rounded() / 10),
        "olderThanArdour": doubts.areKnown ? .bool(true) : .null,
        "olderBecause": .array(doubts.reasons.map { .string($0) }),
        "tempoMap": mapData, "hasRamps": .bool(saved.hasRamps), "tracks": .array(rows),
      ])
  }

  private var ageLine: String {
    let known =
      doubts.areKnown
      ? "; Ardour has changes that are not in it" : "; later edits in Ardour would not be in it"
    return "\(TerminalText.clean(saved.name)), as saved \(ago(saved.age()))\(known)"
  }

  private var mapLines: [String] {
    func words(_ mark: SessionFile.TempoMark) -> String {
      "\(decimal(mark.tempo.quartersPerMinute)) BPM"
        + (mark.glidesTo.map { " gliding to \(decimal($0.quartersPerMinute))" } ?? "")
    }
    let changes = mapChanges.map { bar, mark, meter in
      "bar \(bar): "
        + [
          mark.map { words($0) },
          meter.map { "\($0)" },
        ].compactMap { $0 }.joined(separator: ", ")
    }
    let shown = changes.prefix(40)
    return ["Tempo map: \(shown.joined(separator: "; "))"]
      + (changes.count > shown.count ? ["  and \(changes.count - shown.count) more changes"] : [])
  }

  private typealias Change = (bar: String, mark: SessionFile.TempoMark?, meter: Meter?)

  /// Tempo and metre changes by place, those of one place together.
  private var mapChanges: [Change] {
    let map = saved.songMap
    let places = Set(saved.tempos.map(\.at) + saved.meters.map(\.at)).sorted()
    return places.map { at in
      let position = map.position(at: at)
      let isBar = map.barStart(position.bar) == at
      return (
        isBar ? "\(position.bar)" : "\(position.bar) beat \(position.beat)",
        saved.tempos.last { $0.at == at }, saved.meters.last { $0.at == at }?.meter
      )
    }
  }

  private var mapData: JSONValue {
    .object([
      "tempos": .array(
        saved.tempos.map {
          [
            "atQuarters": .number($0.at.quarters),
            "bar": .int(saved.songMap.position(at: $0.at).bar),
            "quartersPerMinute": .number($0.tempo.quartersPerMinute),
            "glidesTo": $0.glidesTo.map { .number($0.quartersPerMinute) } ?? .null,
          ]
        }),
      "meters": .array(
        saved.meters.map {
          [
            "atQuarters": .number($0.at.quarters),
            "bar": .int(saved.songMap.position(at: $0.at).bar),
            "meter": .string("\($0.meter)"),
          ]
        }),
    ])
  }

  private func tell(_ track: String) -> (lines: [String], data: JSONValue) {
    let all = saved.regions(onTrack: track)
    let regions = all.prefix(Self.maximumRegions)
    var lines = ["\(TerminalText.clean(track)): \(counted(all.count, "region"))"]
    var rows: [JSONValue] = []
    var room = Self.maximumNotes
    for region in regions {
      let bars = self.bars(of: region)
      let span =
        bars.count == 1 ? "bar \(bars.lowerBound)" : "bars \(bars.lowerBound)-\(bars.upperBound)"
      var row: [String: JSONValue] = [
        "name": .string(region.name), "firstBar": .int(bars.lowerBound),
        "lastBar": .int(bars.upperBound), "startQuarters": .number(region.position.quarters),
        "lengthQuarters": .number(region.length.quarters), "muted": .bool(region.isMuted),
      ]
      var line = "  \(span)  \(TerminalText.clean(region.name))"
      var drawing: [String] = []
      do {
        let notes = try saved.notes(of: region).map(\.note)
        line += "  \(counted(notes.count, "note"))"
        row["noteCount"] = .int(notes.count)
        if showsNotes {
          row["notes"] = .array(notes.prefix(room).map(Self.data))
          drawing = draw(notes, bars)
          room -= min(room, notes.count)
        }
      } catch {
        line += "  its notes cannot be told: \(error)"
        row["error"] = .string("\(error)")
      }
      lines.append(line + (region.isMuted ? "  (muted)" : ""))
      lines += drawing
      rows.append(.object(row))
    }
    if all.count > regions.count {
      lines.append("  and \(all.count - regions.count) more regions, which are not listed")
    }
    if showsNotes, room == 0 {
      lines.append("  more than \(Self.maximumNotes) notes: the later ones are not listed")
    }
    return (
      lines,
      [
        "track": .string(track), "regionCount": .int(all.count), "regions": .array(rows),
      ]
    )
  }

  /// The bars a region touches.
  private func bars(of region: SessionFile.Region) -> ClosedRange<Int> {
    let map = saved.songMap
    let first = map.position(at: region.position).bar
    // The last tick belongs to the region, its end does not.
    let end = max(region.position, region.end - Beats(ticks: 1, ppq: 1920))
    return first...max(first, map.position(at: end).bar)
  }

  /// A piano roll of the bars of one metre, from the first on.
  private func draw(_ notes: [Note], _ bars: ClosedRange<Int>) -> [String] {
    let map = saved.songMap
    let start = map.barStart(bars.lowerBound)
    let meter = map.meter(at: start)
    let most = min(bars.count, Self.drawnBars)
    let count =
      (1..<most).first { map.meter(at: map.barStart(bars.lowerBound + $0)) != meter }
      ?? most
    let length = Beats(Double(count) * meter.barLength.quarters)
    let shown = notes.filter { $0.start < start + length }.map { note in
      var placed = note
      placed.start -= start
      placed.duration = min(placed.duration, length - placed.start)
      return placed
    }
    let pattern = Pattern(name: "Region", notes: shown, length: length, meter: meter)
    let roll = PianoRoll(pattern, firstBar: bars.lowerBound).text(columns: 100, barsPerSystem: 4)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard count < bars.count else { return roll }
    return roll + ["  bars \(bars.lowerBound + count)-\(bars.upperBound) are not drawn"]
  }

  private static func data(_ note: Note) -> JSONValue {
    [
      "pitch": .int(Int(note.pitch)), "velocity": .int(Int(note.velocity)),
      "channel": .int(Int(note.channel)), "startQuarters": .number(note.start.quarters),
      "durationQuarters": .number(note.duration.quarters),
    ]
  }

  private func counted(_ count: Int, _ what: String) -> String {
    "\(count) \(what)\(count == 1 ? "" : "s")"
  }
}
