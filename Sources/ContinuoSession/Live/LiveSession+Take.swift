// SPDX-License-Identifier: MIT
internal import ContinuoJack
internal import ContinuoMusic
internal import ContinuoRealtime
internal import Foundation

extension LiveSession {
  /// The last bars of every followed track, from what is captured all the time.
  ///
  /// They become what `enhance` starts from.
  func takeBars(_ request: TakeRequest) throws -> Reply {
    guard !followed.isEmpty else {
      throw CommandFailure(.failed, "No track is followed yet: `follow TRACK` first")
    }
    let snapshot = host.snapshot()
    let song = snapshot.song
    guard song.barLength > 0, song.beatLength > 0 else {
      throw CommandFailure(.failed, "The song's bars are not known: let the transport roll once")
    }
    // The store lags behind the process thread: a stop just made would still be missing.
    host.catchUp()
    let marks = store.marks(from: 0)
    let rolls = song.isKnown && song.rolling
    var passes = SongPass.all(
      marks, rollingTo: rolls ? (snapshot.frame, song.quarters) : nil)
    // The grid of the present metre holds back to where it began; older passes had another.
    if let metre = marks.last(where: { $0.kind == .meterChanged }) {
      passes = passes.compactMap { $0.part(from: metre) }
    }
    if let wanted = request.pass {
      passes = passes.filter { $0.number == wanted }
      guard !passes.isEmpty else {
        throw CommandFailure(
          .failed,
          "There was no pass \(wanted) in this metre: `take \(request.bars)` numbers them")
      }
    }
    guard
      let last = LastBars(
        request.bars, of: passes, barStart: song.barStart, barLength: song.barLength,
        isStopped: !rolls && request.pass == nil)
    else {
      throw CommandFailure(
        .failed, "No whole bar has been heard yet: let the transport roll, then take")
    }
    let heard = hear(last, song)
    self.heard = heard
    if let file = request.file, !isReplay { try write(heard, to: file) }
    return reply(heard, last, request)
  }

  private func hear(_ last: LastBars, _ song: SongCycle) -> HeardBars {
    let start = song.barStart + Double(last.bars.lowerBound) * song.barLength
    let meter =
      Meter(whole(song.barLength / song.beatLength), whole(4 / song.beatLength)) ?? .common
    let rows = followed.sorted { $0.key < $1.key }
    var notes = rows.map { _ in [Note]() }
    var controls = rows.map { _ in [Pattern.Control]() }
    for piece in last.pieces {
      // The pass alone: what is let go of in the next one sounded to the end of this one.
      let from = max(piece.pass.frames.lowerBound, 2) - 2
      let events = store.events(from: store.index(atFrame: from))
        .prefix { $0.frame < piece.pass.frames.upperBound }
      let low = song.barStart + Double(piece.bars.lowerBound) * song.barLength
      for (row, track) in rows.enumerated() {
        let part = TakeReader.pattern(
          events.filter { $0.port == track.key }, name: track.value.name, start: low,
          length: Double(piece.bars.count) * song.barLength, meter: meter, end: piece.pass.end)
        let shift = Beats(low - start)
        notes[row] += part.notes.map { note in
          var placed = note
          placed.start += shift
          return placed
        }
        controls[row] += part.controls.map {
          Pattern.Control(at: $0.at + shift, bytes: $0.bytes)
        }
      }
    }
    let length = Beats(Double(last.bars.count) * song.barLength)
    return HeardBars(
      firstBar: Int(song.bar) + last.bars.lowerBound, start: start, bars: last.bars.count,
      meter: meter, tempo: Tempo(song.quartersPerMinute),
      tracks: rows.enumerated().map { row, track in
        (
          track.value.name,
          Pattern(
            name: track.value.name, notes: notes[row], controls: controls[row], length: length,
            meter: meter)
        )
      })
  }

  private func write(_ heard: HeardBars, to file: String) throws {
    let merged = Pattern(
      name: "Take", notes: heard.tracks.flatMap(\.pattern.notes),
      controls: heard.tracks.flatMap(\.pattern.controls), length: Beats(heard.length),
      meter: heard.meter)
    _ = try PatternFile.write(merged, tempo: heard.tempo ?? .standard, to: file)
  }

  private func reply(_ heard: HeardBars, _ last: LastBars, _ request: TakeRequest) -> Reply {
    let bar = { (index: Int) in heard.firstBar + index - last.bars.lowerBound }
    let passes = last.pieces.map { piece in
      let first = bar(piece.bars.lowerBound)
      let final = bar(piece.bars.upperBound - 1)
      return first == final
        ? "bar \(first) from pass \(piece.pass.number)"
        : "bars \(first)-\(final) from pass \(piece.pass.number)"
    }
    var lines = ["Took bars \(bar(last.bars.lowerBound))-\(bar(last.bars.upperBound - 1))"]
    if heard.bars < request.bars {
      lines[0] += ": no more than \(heard.bars) in a row were played"
    }
    if last.pieces.count > 1 { lines.append(passes.joined(separator: ", ")) }
    lines += heard.tracks.map {
      "\(TerminalText.clean($0.name)): \($0.pattern.notes.count) notes"
    }
    if let file = request.file { lines.append("Written to \(file)") }
    guard case .object(var data) = heardReply(heard).data else { return .done(lines, data: .null) }
    data["passes"] = .array(
      last.pieces.map {
        [
          "pass": .int($0.pass.number), "firstBar": .int(bar($0.bars.lowerBound)),
          "lastBar": .int(bar($0.bars.upperBound - 1)),
        ]
      })
    data["file"] = request.file.map { .string($0) } ?? .null
    return .done(lines, data: .object(data))
  }

  /// Gives JACK bars and beats, or leaves that to others.
  func tempo(_ setting: TempoSetting) throws -> Reply {
    switch setting {
    case .others:
      let had = host.currentOwnTempo != nil
      try host.setOwnTempo(nil)
      return .done(
        [had ? "Bars and beats are left to others" : "Bars and beats are with others already"],
        data: ["master": false])
    case .steady(let quartersPerMinute, let beatsPerBar, let beatUnit):
      guard
        let tempo = SteadyTempo(
          quartersPerMinute: quartersPerMinute, beatsPerBar: beatsPerBar, beatUnit: beatUnit)
      else { throw CommandFailure(.usage, "That is no tempo: as in tempo 97.3 7/8") }
      try host.setOwnTempo(tempo)
      heedTimebase(isArdour: false)
      return .done(
        [
          "JACK's transport counts at \(decimal(quartersPerMinute)) BPM in \(beatsPerBar)/\(beatUnit)"
        ],
        data: [
          "master": true, "tempo": .number(quartersPerMinute),
          "meter": .string("\(beatsPerBar)/\(beatUnit)"),
        ])
    }
  }
}
