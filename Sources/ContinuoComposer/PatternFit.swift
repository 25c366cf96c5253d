// SPDX-License-Identifier: MIT
public import ContinuoAnalysis
public import ContinuoMusic

/// Carries a pattern from the music it was made for into other music: its metre, chords and key.
///
/// A tone of the chord becomes the same tone of the chord that sounds there now (root to root, third
/// to third); any other becomes the scale tone that lies as many steps from the new root, so that a
/// line that walked into a chord tone still does. The rhythm stays; bars become longer by their own
/// last beats again, shorter by their end.
public struct PatternFit: Sendable {
  /// The carried pattern.
  public let pattern: Pattern
  /// What was done, in a musician's words; empty when nothing had to be.
  public let remarks: [String]

  /// Fits `pattern`, which was made for `made`, into what `request` describes.
  ///
  /// Its bars go round until the request's are filled, or are cut. Drums keep their keys. With
  /// neither key nor chords known on one side, pitches stay as they are, and that is remarked.
  public init(_ pattern: Pattern, madeFor made: MusicContext, into request: CompositionRequest) {
    var remarks: [String] = []
    let meter = request.meter
    let laid = Self.lay(pattern, meter: meter, bars: request.bars)
    if pattern.meter != meter {
      remarks.append(
        "\(pattern.meter) laid into \(meter)"
          + (laid.dropped > 0 ? ": \(laid.dropped) notes fell off the bars' ends" : ""))
    } else if pattern.bars != request.bars {
      remarks.append("\(pattern.bars) bars laid into \(request.bars)")
    }
    var notes = laid.notes
    if request.settledKind != .drums {
      if Self.isKnown(made), Self.isKnown(request.context) {
        let moved = Self.carried(
          notes, from: HarmonyMap(made), to: HarmonyMap(request.context),
          range: request.settledRange)
        if let from = made.key.key, let to = request.context.key.key, from != to {
          remarks.append("from \(from) to \(to)")
        }
        let changed = zip(notes, moved).count { $0.note.pitch != $1.note.pitch }
        if changed > 0 {
          remarks.append("\(changed) of \(notes.count) notes follow the chords here")
        }
        notes = moved
      } else {
        remarks.append("key and chords are not known on both sides: the pitches stay as they were")
      }
    }
    self.remarks = remarks
    self.pattern = Pattern(
      name: pattern.name, notes: Self.apart(notes.map(\.note)),
      controls: laid.controls, length: request.length, meter: meter)
  }

  /// A note in its new place, and where it stood.
  private struct Placed {
    var note: Note
    let was: Beats
  }

  private static func isKnown(_ context: MusicContext) -> Bool {
    context.key.key != nil || context.chords.contains { $0.chord != nil }
  }

  /// A note so little before the pattern belongs to its first beat, in quarters.
  private static let early = 0.1

  private static func lay(
    _ pattern: Pattern, meter: Meter, bars: Int
  ) -> (notes: [Placed], controls: [Pattern.Control], dropped: Int) {
    let from = pattern.meter.barLength.quarters
    let to = meter.barLength.quarters
    let extra = min(max(to - from, 0), from)
    var byBar = [Int: [Note]]()
    for note in UsableNotes.of(pattern.notes)
    where note.start.quarters > -early && note.start < pattern.length {
      var note = note
      note.start = max(note.start, .zero)
      byBar[Int(note.start.quarters / from + 1e-9), default: []].append(note)
    }
    var placed: [Placed] = []
    var controls: [Pattern.Control] = []
    var dropped = 0
    for bar in 0..<bars {
      let source = bar % pattern.bars
      let oldStart = Double(source) * from
      let newStart = Double(bar) * to
      let end = min(newStart + to, Double(bars) * to)
      func put(_ note: Note, at offset: Double) {
        var moved = note
        moved.start = Beats(newStart + offset)
        // What rang over the bar line still does, but for the last bar's end.
        let room = Double(bars) * to - moved.start.quarters
        moved.duration = Beats(min(note.duration.quarters, room))
        if moved.duration > .zero, moved.start.quarters < end {
          placed.append(Placed(note: moved, was: note.start))
        }
      }
      for note in byBar[source] ?? [] {
        let offset = note.start.quarters - oldStart
        guard offset < to - 1e-9 else {
          dropped += 1
          continue
        }
        put(note, at: offset)
        // A longer bar ends with the old bar's last beats once more, and so on round.
        var again = offset + extra
        while extra > 0, offset >= from - extra - 1e-9, again < to - 1e-9 {
          put(note, at: again)
          again += extra
        }
      }
      controls += pattern.controls.filter {
        $0.at.quarters >= oldStart - 1e-9 && $0.at.quarters < oldStart + min(from, to) - 1e-9
      }.map { Pattern.Control(at: Beats(newStart + $0.at.quarters - oldStart), bytes: $0.bytes) }
    }
    return (placed, controls, dropped)
  }

  private static func carried(
    _ notes: [Placed], from old: HarmonyMap, to new: HarmonyMap, range: ClosedRange<Int>
  ) -> [Placed] {
    let shift = nearest(new.scale[0] - old.scale[0])
    var moved = notes
    for index in notes.indices {
      let pitch = Int(notes[index].note.pitch)
      let was = old.chord(at: notes[index].was.quarters)
      let now = new.chord(at: notes[index].note.start.quarters)
      let wanted = Self.pitchClass(pitch % 12, was, old.scale, now, new.scale)
      // Where the line would lie in the new key; of its octaves the nearest to that.
      moved[index].note.pitch = UInt8(
        clamping: HarmonyMap.place(wanted, near: pitch + shift, in: 0...127) ?? pitch)
    }
    // The whole line changes octave rather than break apart at the range's edge.
    let pitches = moved.map { Int($0.note.pitch) }
    let octave =
      [0, -12, 12, -24, 24].min { left, right in
        pitches.count { !range.contains($0 + left) } < pitches.count { !range.contains($0 + right) }
      } ?? 0
    for index in moved.indices {
      var pitch = pitches[index] + octave
      while pitch > range.upperBound, pitch - 12 >= range.lowerBound { pitch -= 12 }
      while pitch < range.lowerBound, pitch + 12 <= range.upperBound { pitch += 12 }
      moved[index].note.pitch = UInt8(clamping: min(max(pitch, 0), 127))
    }
    return moved
  }

  /// `semitones` as the shorter way round the octave, -6...5.
  private static func nearest(_ semitones: Int) -> Int {
    let wrapped = ((semitones % 12) + 12) % 12
    return wrapped > 5 ? wrapped - 12 : wrapped
  }

  /// What a pitch class over `was` becomes over `now`.
  static func pitchClass(
    _ pitchClass: Int, _ was: Chord, _ oldScale: [Int], _ now: Chord, _ newScale: [Int]
  ) -> Int {
    if let slot = slot(of: pitchClass - was.root, in: was.quality) {
      return (now.root + tone(slot, of: now.quality)) % 12
    }
    let from = oldScale.map { (($0 - was.root) % 12 + 12) % 12 }.sorted()
    let to = newScale.map { (($0 - now.root) % 12 + 12) % 12 }.sorted()
    let above = ((pitchClass - was.root) % 12 + 12) % 12
    // A tone outside the scale stays a half step above its lower neighbour.
    let step = from.lastIndex { $0 <= above } ?? 0
    guard step < to.count else { return (now.root + above) % 12 }
    return (now.root + to[step] + above - (from.isEmpty ? above : from[step])) % 12
  }

  /// Places in a chord that are carried into each other.
  enum Slot { case root, third, fifth, seventh }

  private static func slot(of semitones: Int, in quality: ChordQuality) -> Slot? {
    let above = ((semitones % 12) + 12) % 12
    guard let index = quality.intervals.firstIndex(of: above) else { return nil }
    return [.root, .third, .fifth, .seventh][index]
  }

  /// Semitones above the root; the root again where the chord has no seventh.
  private static func tone(_ slot: Slot, of quality: ChordQuality) -> Int {
    let tones = quality.intervals
    switch slot {
    case .root: return tones[0]
    case .third: return tones[1]
    case .fifth: return tones[2]
    case .seventh: return tones.count > 3 ? tones[3] : tones[0]
    }
  }

  /// The notes with none struck while its pitch sounds, and none twice at once.
  private static func apart(_ notes: [Note]) -> [Note] {
    var result: [Note] = []
    var last = [Int: Int]()
    for note in notes.sorted(by: { $0.start < $1.start }) {
      let key = Int(note.channel) << 8 | Int(note.pitch)
      if let index = last[key] {
        guard note.start.quarters - result[index].start.quarters > 1e-6 else { continue }
        if result[index].end > note.start {
          result[index].duration = note.start - result[index].start
        }
      }
      last[key] = result.count
      result.append(note)
    }
    return result
  }
}
