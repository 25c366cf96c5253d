// SPDX-License-Identifier: MIT
internal import ContinuoJack
internal import ContinuoMusic
internal import ContinuoRealtime
internal import Foundation

/// Whole bars as they were heard, track by track.
struct HeardBars: Sendable {
  /// The first bar, from 1.
  var firstBar: Int
  /// Quarter notes from bar 1 at which it starts.
  var start: Double
  /// Bars held.
  var bars: Int
  var meter: Meter
  var tempo: Tempo?
  /// The notes of each followed track, from the first bar's start.
  var tracks: [(name: String, pattern: Pattern)]

  var length: Double { Double(bars) * meter.barLength.quarters }

  /// The pattern of `track`.
  func pattern(of track: String) -> Pattern? {
    tracks.first { $0.name.lowercased() == track.lowercased() }?.pattern
  }
}

extension LiveSession {
  func capture(_ command: CaptureCommand, _ progress: @escaping ProgressSink) async throws -> Reply
  {
    switch command {
    case .start(let track):
      try needFollowed(track)
      guard captureStart == nil else {
        throw CommandFailure(.failed, "A capture is under way: `capture stop` first")
      }
      host.catchUp()
      captureStart = CaptureStart(eventIndex: store.count, track: track)
      return .done(["Capturing; `capture stop` ends it"], data: ["capturing": true])
    case .bars(let count, let track):
      try needFollowed(track)
      return try await captureBars(count, track, progress)
    case .stop(let file):
      return try stopCapture(file)
    }
  }

  private func needFollowed(_ track: String?) throws(CommandFailure) {
    guard !followed.isEmpty else {
      throw CommandFailure(.failed, "No track is followed yet: `follow TRACK` first")
    }
    guard let track, input(of: track) == nil else { return }
    let near = NearNames.near(track, among: followed.values.map(\.name))
    throw CommandFailure(
      .failed,
      "\(TerminalText.clean(track)) is not followed"
        + (near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"))
  }

  /// Waits for the next bar line, then for `count` bars, then reads them out of the store.
  private func captureBars(
    _ count: Int, _ track: String?, _ progress: @escaping ProgressSink
  ) async throws -> Reply {
    let index = store.count
    guard await host.wait(seconds: 30, until: { $0.song.isKnown && $0.song.rolling }) else {
      try Task.checkCancellation()
      throw CommandFailure(
        .failed, "The transport has not rolled for 30 seconds: start it, then capture")
    }
    let first = host.snapshot().song
    let isOnLine = first.quarters - first.barStart < 0.1
    let firstBar = Int(first.bar) + (isOnLine ? 0 : 1)
    progress("Capturing \(count) bars from bar \(firstBar)")
    let opening = try await song(atBar: firstBar, after: first)
    // Bars are counted, not reckoned: the metre may change on the way.
    let last = try await song(atBar: firstBar + count, after: opening)
    host.catchUp()
    let length = last.barStart - opening.barStart
    guard abs(length - Double(count) * opening.barLength) < 0.01 else {
      throw CommandFailure(
        .failed,
        "The metre changes within bars \(firstBar)-\(firstBar + count - 1): capture bars of one "
          + "metre at a time")
    }
    // By frame, so that an earlier pass over the same bars is not taken for this one.
    let begin = UInt64(clamping: opening.line.frame(of: opening.barStart) - 2)
    let heard = hear(
      store.events(from: max(0, index - 100_000)).filter { $0.frame >= begin },
      start: opening.barStart, firstBar: firstBar, bars: count, song: opening, track: track)
    self.heard = heard
    return heardReply(heard)
  }

  /// The song in the first cycle of `bar`, which must come without a stop or a jump after `before`.
  private func song(atBar bar: Int, after before: SongCycle) async throws -> SongCycle {
    let bars = Double(max(bar - Int(before.bar), 0) + 2)
    let limit = before.barLength * 60 / max(before.quartersPerMinute, 1) * bars * 2 + 5
    let first = before.bar
    _ = await host.wait(seconds: limit) {
      !$0.song.isKnown || !$0.song.rolling || $0.song.bar >= bar || $0.song.bar < first
    }
    try Task.checkCancellation()
    guard host.isConnected else { throw JackError.closed }
    let now = host.snapshot().song
    guard now.isKnown, now.rolling, now.bar == bar else {
      throw CommandFailure(
        .failed,
        "The transport stopped or jumped before bar \(bar); nothing was taken: capture again")
    }
    return now
  }

  private func stopCapture(_ file: String?) throws -> Reply {
    guard let begun = captureStart else {
      throw CommandFailure(.failed, "Nothing is being captured: `capture start` first")
    }
    host.catchUp()
    let events = store.events(from: begun.eventIndex)
    if let file, !isReplay {
      let take = Take(events: events, sampleRate: max(host.snapshot().sampleRate, 1))
      try TakeFile.write(take, to: file, ports: Self.inputCount)
    }
    captureStart = nil
    let placed = events.filter { $0.rolling && $0.position != nil }
    if let first = placed.first?.position, let last = placed.last?.position {
      let song = host.snapshot().song
      let start = first.quarters.quarters - barOffset(first, song)
      let bars = whole(((last.quarters.quarters - start) / song.barLength).rounded(.up))
      heard = hear(
        events, start: start, firstBar: first.bar,
        bars: min(max(bars, 1), CommandLimits.captureBars.upperBound), song: song,
        track: begun.track)
    }
    let lost = max(0, store.forgotten - begun.eventIndex)
    return .done(
      ["Captured \(events.count) events" + (file.map { " to \($0)" } ?? "")]
        + (lost > 0 ? ["The first \(lost) are no longer held: capture less at a time"] : []),
      data: [
        "events": .int(events.count), "file": file.map { .string($0) } ?? .null,
        "forgotten": .int(lost),
      ])
  }

  private func barOffset(_ position: SongPosition, _ song: SongCycle) -> Double {
    Double(position.beat - 1) * song.beatLength + position.tick / 1920 * song.beatLength
  }

  /// The notes between two places of the song, track by track.
  private func hear(
    _ events: [Take.Event], start: Double, firstBar: Int, bars: Int, song: SongCycle,
    track: String?
  ) -> HeardBars {
    let meter =
      Meter(
        whole(song.barLength / song.beatLength), whole(4 / song.beatLength))
      ?? .common
    let length = Double(bars) * meter.barLength.quarters
    let tracks = followed.sorted { $0.key < $1.key }
      .filter { track == nil || $0.value.name.lowercased() == track?.lowercased() }
      .map { number, followed in
        (
          followed.name,
          TakeReader.pattern(
            events.filter { $0.port == number }, name: followed.name, start: start,
            length: length, meter: meter)
        )
      }
    return HeardBars(
      firstBar: firstBar, start: start, bars: bars,
      meter: meter, tempo: Tempo(song.quartersPerMinute), tracks: tracks)
  }

  func heardReply(_ heard: HeardBars) -> Reply {
    let last = heard.firstBar + heard.bars - 1
    var lines = ["Captured bars \(heard.firstBar)-\(last)"]
    lines += heard.tracks.map {
      "\(TerminalText.clean($0.name)): \($0.pattern.notes.count) notes"
    }
    return .done(
      lines,
      data: [
        "firstBar": .int(heard.firstBar), "bars": .int(heard.bars),
        "tempo": heard.tempo.map { .number($0.quartersPerMinute) } ?? .null,
        "meter": .string(heard.meter.description),
        "tracks": .array(
          heard.tracks.map {
            ["name": .string($0.name), "notes": .int($0.pattern.notes.count)]
          }),
      ])
  }
}
