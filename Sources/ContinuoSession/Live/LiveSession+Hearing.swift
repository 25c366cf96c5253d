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
    let snapshot = host.snapshot()
    let song = snapshot.song
    if !song.rolling, let free = heardFree(snapshot) { return free }
    guard var hearing = hear(song), hearing.hasBegun else {
      throw CommandFailure(
        .failed, "Too little was heard yet: play on, or let the song roll, then ask again")
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

  /// The facts about what was played since the song rolled last, in `longestFree` seconds at most, with
  /// the beats found from the notes; nil when too little was played since.
  private func heardFree(_ snapshot: RealtimeSnapshot) -> Reply? {
    guard snapshot.sampleRate > 0 else { return nil }
    let longest = UInt64(Self.longestFree * snapshot.sampleRate)
    let from = snapshot.frame > longest ? snapshot.frame - longest : 0
    let events = store.events(from: store.index(atFrame: from))
    let free = events[((events.lastIndex(where: \.rolling) ?? -1) + 1)...]
    guard let first = free.first(where: { $0.bytes.first.map { $0 & 0xF0 == 0x90 } == true })
    else { return nil }
    // Seconds stand for quarters until beats are found.
    func seconds(_ frame: UInt64) -> Double {
      Double(Int64(bitPattern: frame &- first.frame)) / snapshot.sampleRate
    }
    let timed = free.map { event in
      var timed = event
      timed.position = SongPosition(
        bar: 1, beat: 1, tick: 0, quarters: Beats(seconds(event.frame)))
      timed.rolling = true
      return timed
    }
    let length = seconds(snapshot.frame)
    let voices = followed.sorted { $0.key < $1.key }.map { input, track in
      TakeReader.pattern(
        timed.filter { $0.port == input }, name: track.name, start: 0, length: length,
        meter: .common)
    }
    guard let sixty = Tempo(60), let found = FreeTime(voices, SongMap(tempo: sixty)) else {
      return nil
    }
    let context = MusicContext(
      tracks: found.voices, tempo: found.tempo, meter: found.meter, resolution: .halfBeat)
    let lines =
      [
        "Heard in the last \(decimal(length.rounded(.up))) s, without a time base:",
        "Beats found from the notes: \(found.words)",
      ] + context.text(firstBar: 1).split(separator: "\n").map(String.init)
    var data = AnalysisData.value(context, found.voices, [], found.beats)
    if case .object(var members) = data {
      members["firstBar"] = .null
      members["bars"] = .int(whole(context.length / found.meter.barLength.quarters))
      data = .object(members)
    }
    return .done(lines.map { TerminalText.clean($0) }, data: data)
  }

  /// Seconds of playing without a time base that are looked back on.
  static let longestFree = 120.0

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

  /// What a status line tells.
  func pulse() async -> Pulse? {
    let snapshot = host.snapshot()
    let song = snapshot.song
    var pulse = Pulse()
    if song.isKnown {
      pulse.bar = Int(song.bar)
      pulse.beat = Int(snapshot.beat)
    }
    pulse.tempo = song.quartersPerMinute > 0 ? song.quartersPerMinute : nil
    pulse.isRolling = song.rolling
    let heard = song.rolling ? heardNow(song) : nil
    pulse.chord = heard?.chord.map { $0.symbol(flats: heard?.key?.usesFlats ?? false) }
    pulse.candidate = audition?.number
    pulse.isSounding = audition.map { snapshot.activePattern == $0.identity } ?? false
    pulse.isRecording = cancelTake != nil
    return pulse
  }

  /// What is heard, up to now; nil as long as bars are unknown or nothing is followed.
  func hear(_ song: SongCycle) -> LiveHearing? {
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
