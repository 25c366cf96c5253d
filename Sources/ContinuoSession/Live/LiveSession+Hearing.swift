// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoMusic
internal import ContinuoRealtime

/// What the music is doing now.
extension LiveSession {
  /// Tells the facts about what the followed tracks played lately.
  func analyzeHeard() throws -> Reply {
    guard !followed.isEmpty else {
      throw CommandFailure(.failed, "No track is followed yet: `follow TRACK` first")
    }
    host.catchUp()
    let song = host.snapshot().song
    guard var hearing = hear(song), hearing.hasBegun else {
      throw CommandFailure(.failed, "Nothing was heard yet: let the song roll, then ask again")
    }
    let tempo = song.quartersPerMinute > 0 ? Tempo(song.quartersPerMinute) : nil
    let context = hearing.context(tempo: tempo)
    self.hearing = hearing
    let bars = Self.bars(hearing, song)
    let place = bars.first.map {
      bars.count == 1 ? "bar \($0)" : "bars \($0)-\($0 + bars.count - 1)"
    }
    let last = bars.count == 1 ? "the last bar" : "the last \(bars.count) bars"
    let heading =
      place.map { "Heard in \($0):" } ?? "Heard in \(last), counted from 1 since the song jumped:"
    let lines =
      [heading] + context.text(firstBar: bars.first ?? 1).split(separator: "\n").map(String.init)
    var data = AnalysisData.value(context, hearing.patterns, firstBar: bars.first ?? 1)
    if case .object(var members) = data {
      members["firstBar"] = bars.first.map { .int($0) } ?? .null
      members["bars"] = .int(bars.count)
      data = .object(members)
    }
    return .done(lines.map { TerminalText.clean($0) }, data: data)
  }

  /// The chord and key that sound, for `status`; nil when nothing was heard.
  func heardNow(_ song: SongCycle) -> LiveAnalysis.Reading? {
    guard var hearing = hear(song), hearing.hasBegun else { return nil }
    // Roles, which tell a kit from keys, are those of the last few bars.
    if hearing.bars.count != contextBars {
      contextBars = hearing.bars.count
      _ = hearing.context(tempo: nil)
    }
    let reading = hearing.reading()
    self.hearing = hearing
    return reading
  }

  /// What is heard, up to now; nil as long as bars are unknown or nothing is followed.
  private func hear(_ song: SongCycle) -> LiveHearing? {
    guard !followed.isEmpty, song.barLength > 0, song.beatLength > 0,
      let meter = Meter(whole(song.barLength / song.beatLength), whole(4 / song.beatLength))
    else { return nil }
    let ground = LiveHearing.Ground(
      followed: followed.sorted { $0.key < $1.key }.map { ($0.key, $0.value.name) },
      meter: meter, barStart: song.barStart)
    let place = song.isKnown && song.rolling ? song.quarters : nil
    if hearing?.hear(store, on: ground, rollingAt: place) != true {
      var fresh = LiveHearing(ground, store)
      guard fresh.hear(store, on: ground, rollingAt: place) else { return nil }
      hearing = fresh
    }
    return hearing
  }

  private static func bars(_ hearing: LiveHearing, _ song: SongCycle) -> (count: Int, first: Int?) {
    let bars = hearing.bars
    let first = bars.first.map { tick in
      let quarters = Double(tick) / Double(LiveHearing.ppq)
      return Int(song.bar) + whole((quarters - song.barStart) / song.barLength)
    }
    return (bars.count, first)
  }
}
