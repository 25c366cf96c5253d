// SPDX-License-Identifier: MIT
import ContinuoMusic

/// What is kept, and how far it has been heard.
extension LiveAnalysis {
  mutating func begin(_ message: ChannelMessage, _ track: Int, _ tick: Int) {
    counts.notes += 1
    guard tick >= origin else {
      counts.forgotten += 1
      return
    }
    if tracks[track].sounding.count >= Self.mostSounding,
      let oldest = tracks[track].endOldest(at: tick)
    {
      counts.closed += 1
      keep(oldest, track)
      expect(oldest.end)
    }
    tracks[track].begin(message, at: tick)
    expect(tick)
  }

  mutating func keep(_ note: LiveTrack.Held, _ track: Int) {
    guard note.start >= origin else {
      counts.forgotten += 1
      return
    }
    if stored >= Self.mostNotes { makeRoom() }
    guard stored < Self.mostNotes, note.start >= origin else {
      counts.refused += 1
      expect(note.start)
      return
    }
    tracks[track].keep(note)
    stored += 1
  }

  /// An event at `tick` changes what was heard there already.
  mutating func expect(_ tick: Int) {
    guard let harmony, harmony.count > 0, tick <= self.tick(ofWindow: harmony.count) else { return }
    counts.late += 1
    self.harmony = nil
  }

  func tick(ofWindow index: Int) -> Int { origin + (index * ticksPerQuarter + 1) / 2 }

  /// Moves the origin when half as much again as is kept has been heard.
  mutating func slide() {
    let kept = Int(Double(keptBars) * meter.barLength.quarters * Double(ticksPerQuarter))
    guard now - origin >= kept + max(kept / 2, strideTicks) else { return }
    move(to: origin + (now - kept - origin) / strideTicks * strideTicks)
  }

  /// Forgets the older half of the notes, in whole bars; what there is of the last bar stays.
  mutating func makeRoom() {
    let last = origin + (now - origin) / strideTicks * strideTicks
    guard last > origin else { return }
    var starts: [Int] = []
    starts.reserveCapacity(stored)
    for track in tracks { starts += track.ended.map(\.start) }
    starts.sort()
    let middle = origin + (starts[starts.count / 2] - origin) / strideTicks * strideTicks
    move(to: min(max(middle, origin + strideTicks), last))
  }

  mutating func move(to line: Int) {
    origin = line
    var gone = 0
    for index in tracks.indices { gone += tracks[index].forget(before: line) }
    counts.forgotten += gone
    stored -= gone
    harmony = nil
  }

  /// Hears the half quarters that are over in every track.
  mutating func settle() {
    guard let kinds else { return }
    let over = now - Self.lateness * ticksPerQuarter - origin
    let ended = min(2 * max(over, 0) / ticksPerQuarter, Harmony.mostWindows)
    guard ended > looked || harmony == nil else { return }
    var ahead = harmony ?? LiveHarmony(kinds: kinds, meter: meter)
    harmony = nil
    if ended > ahead.count {
      // Held on past the last window: how long they will be in the end makes no difference to it.
      ahead.hear(
        notes(after: ahead.count, heldTo: now + ticksPerQuarter), to: ended, length: length)
    }
    looked = ended
    harmony = ahead
  }

  mutating func take(_ found: [MusicParts.Kind]) {
    if found != kinds {
      kinds = found
      harmony = nil
    }
    settle()
  }

  /// All that is heard for good, and the rest of `parts` on top.
  func finished(_ parts: MusicParts) -> MusicParts.Harmony {
    var ahead = harmony ?? LiveHarmony(kinds: parts.kinds, meter: meter)
    ahead.hear(parts.tracks.map(\.notes), to: .max, length: length)
    return ahead.finished(length)
  }

  /// The notes, track by track, that may sound from the window numbered `index` on.
  func notes(after index: Int, heldTo end: Int) -> [[Note]] {
    let from = tick(ofWindow: index)
    return tracks.indices.map { track in
      guard kinds?[track] != .drums else { return [] }
      let notes = tracks[track].notes(
        from: origin, soundingAfter: from, heldTo: end, ppq: ticksPerQuarter)
      // A pattern's order is the file's: sums come out the same to the last bit.
      return Pattern(name: "", notes: notes, length: length).notes
    }
  }
}
