// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoMusic
internal import Foundation

extension HeardBars {
  /// Bars of `names` as the session file holds them: `count` bars from `firstBar`, or, where these
  /// are nil, the bars of `track`'s first region on.
  /// - Throws: `CommandFailure` when the track holds nothing there.
  init(
    saved: SessionFile, names: [String], track: String, firstBar: Int?, count: Int?
  ) throws {
    let map = saved.songMap
    let regions = saved.regions(onTrack: track).filter { !$0.isMuted }
    let from = firstBar ?? regions.first.map { map.position(at: $0.position).bar } ?? 1
    let start = map.barStart(from)
    let meter = map.meter(at: start)
    let reach = regions.map(\.end).max() ?? start
    // A pattern has one metre: the bars end where it changes.
    let sameMeter = (1...64).first { map.meter(at: map.barStart(from + $0)) != meter } ?? 64
    let there = max(1, whole(((reach - start).quarters / meter.barLength.quarters).rounded(.up)))
    let bars = count ?? min(there, 8, sameMeter)
    guard bars <= sameMeter else {
      throw CommandFailure(
        .failed,
        "The metre changes at bar \(from + sameMeter): choose bars up to it, with --bars "
          + "\(sameMeter), or from it, with --from \(from + sameMeter)")
    }
    let length = Beats(Double(bars) * meter.barLength.quarters)
    var tracks: [(name: String, pattern: Pattern)] = []
    for name in names {
      let notes = try saved.notes(onTrack: name).map(\.note)
        .filter { $0.start >= start && $0.start < start + length }
        .map { note in
          var placed = note
          placed.start -= start
          placed.duration = min(placed.duration, length - placed.start)
          return placed
        }
      tracks.append((name, Pattern(name: name, notes: notes, length: length, meter: meter)))
    }
    guard tracks.contains(where: { $0.name == track && !$0.pattern.notes.isEmpty }) else {
      throw CommandFailure(
        .failed,
        "\(TerminalText.clean(track)) holds no notes in bars \(from)-\(from + bars - 1): choose "
          + "others with --from and --bars, or play them and capture")
    }
    self.init(
      firstBar: from, start: start.quarters, bars: bars, meter: meter, tempo: map.tempo(at: start),
      tracks: tracks)
  }

  /// A part of these bars: `count` bars from `bar` of the song; nil when they are not all here.
  func part(from bar: Int, count: Int) -> HeardBars? {
    guard bar >= firstBar, count > 0, bar + count <= firstBar + bars else { return nil }
    let offset = Beats(Double(bar - firstBar) * meter.barLength.quarters)
    let length = Beats(Double(count) * meter.barLength.quarters)
    let cut = tracks.map { name, pattern in
      let notes = pattern.notes.filter { $0.start >= offset && $0.start < offset + length }
        .map { note in
          var placed = note
          placed.start -= offset
          placed.duration = min(placed.duration, length - placed.start)
          return placed
        }
      return (name, Pattern(name: name, notes: notes, length: length, meter: meter))
    }
    return HeardBars(
      firstBar: bar, start: start + offset.quarters, bars: count, meter: meter, tempo: tempo,
      tracks: cut)
  }
}

/// How long ago, as a person would say it.
func ago(_ seconds: Double) -> String {
  guard seconds.isFinite else { return "at an unknown time" }
  switch seconds {
  case ..<1.5: return "just now"
  case ..<90: return "\(Int(seconds.rounded())) seconds ago"
  case ..<5400: return "\(Int((seconds / 60).rounded())) minutes ago"
  case ..<129_600: return "\(Int((seconds / 3600).rounded())) hours ago"
  default: return "\(whole(seconds / 86400)) days ago"
  }
}
