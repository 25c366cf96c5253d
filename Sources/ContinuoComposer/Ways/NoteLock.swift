// SPDX-License-Identifier: MIT
import ContinuoAnalysis
public import ContinuoMusic

/// Notes of the source that must stay as they are.
///
/// A note is held when any of the four sorts of lock holds it. Locked bars and voices are closed:
/// nothing may be added to them. Locked beats and hits only keep what is there.
public struct NoteLock: Hashable, Sendable, Codable {
  /// A note this far before a bar line or beat, in quarters, still belongs to it.
  static let early = 0.125

  /// Bars, counted from 1.
  public var bars: [ClosedRange<Int>]
  /// Beats of every bar, counted from 1 in the metre's own beats.
  public var beats: Set<Int>
  /// Single places, in quarters from the pattern's start.
  public var hits: [Double]
  /// MIDI keys, as a kit's kick and snare.
  public var voices: Set<Int>

  /// Locks what is given.
  public init(
    bars: [ClosedRange<Int>] = [], beats: Set<Int> = [], hits: [Double] = [],
    voices: Set<Int> = []
  ) {
    self.bars = bars
    self.beats = beats
    self.hits = hits
    self.voices = voices
  }

  /// What `words` name: "bars 9-10 and the kick", "beat 1", "C2"; bars as the song counts them.
  ///
  /// Nil when they name anything else, or nothing.
  public init?(words: String) {
    let read = WayWords("lock \(words)")
    guard !read.lock.isEmpty, read.rest.isEmpty, read.mode == nil, read.steering == Steering()
    else { return nil }
    self = read.lock
  }

  /// The same with bars counted from the song's bar `first`, and only those of `count` bars there.
  public func inPart(from first: Int, count: Int) -> NoteLock {
    var lock = self
    lock.bars = bars.compactMap {
      let part = ($0.lowerBound - first + 1...$0.upperBound - first + 1)
      return part.overlaps(1...count) ? part.clamped(to: 1...count) : nil
    }
    return lock
  }

  /// Everything that either holds.
  public func union(_ other: NoteLock) -> NoteLock {
    NoteLock(
      bars: bars + other.bars.filter { !bars.contains($0) }, beats: beats.union(other.beats),
      hits: hits + other.hits, voices: voices.union(other.voices))
  }

  /// As a musician would say it: "bars 9-10, beat 1, C2 D2"; empty when nothing is locked.
  public var words: String {
    let places = bars.map {
      $0.lowerBound == $0.upperBound
        ? "bar \($0.lowerBound)" : "bars \($0.lowerBound)-\($0.upperBound)"
    }
    let told = beats.sorted().map { "beat \($0)" }
    let keys = voices.sorted().compactMap { UInt8(exactly: $0).map { PitchName.name(of: $0) } }
    return (places + told + (keys.isEmpty ? [] : [keys.joined(separator: " ")]))
      .joined(separator: ", ")
  }

  /// Whether nothing is locked.
  public var isEmpty: Bool { bars.isEmpty && beats.isEmpty && hits.isEmpty && voices.isEmpty }

  /// Whether `note`, of a pattern in `meter`, is held.
  public func holds(_ note: Note, meter: Meter) -> Bool {
    if closes(note, meter: meter) { return true }
    let at = note.start.quarters
    if hits.contains(where: { abs($0 - at) < Self.early }) { return true }
    guard !beats.isEmpty else { return false }
    let bar = meter.barLength.quarters
    let inside = at + Self.early - ((at + Self.early) / bar).rounded(.down) * bar
    return beats.contains { beat in
      let place = Double(beat - 1) * meter.beatLength.quarters
      return inside >= place && inside < place + 2 * Self.early
    }
  }

  /// Whether `note` lies where nothing may be added.
  func closes(_ note: Note, meter: Meter) -> Bool {
    if voices.contains(Int(note.pitch)) { return true }
    guard !bars.isEmpty else { return false }
    let place = (note.start.quarters + Self.early) / meter.barLength.quarters
    guard place.isFinite, abs(place) < 1e6 else { return false }
    let bar = Int(place.rounded(.down)) + 1
    return bars.contains { $0.contains(bar) }
  }

  /// The notes of `source` that are held, clipped to 0..<`length`, in order.
  public func held(of source: Pattern, length: Beats, meter: Meter) -> [Note] {
    guard !isEmpty else { return [] }
    return Self.clipped(source.notes, length: length).filter { holds($0, meter: meter) }
  }

  /// The notes of `notes` that begin inside 0..<`length` or a hair before, cut to lie inside.
  static func clipped(_ notes: [Note], length: Beats) -> [Note] {
    UsableNotes.of(notes).compactMap { note in
      let start = max(note.start.quarters, 0)
      let end = min(note.end.quarters, length.quarters)
      guard note.start.quarters > -early, end - start > 1.0 / 512 else { return nil }
      var clipped = note
      clipped.start = Beats(start)
      clipped.duration =
        start == note.start.quarters && end == note.end.quarters
        ? note.duration : Beats(end - start)
      return clipped
    }
  }

  /// What a reply did to notes that were locked; empty when it kept the lock.
  ///
  /// Whoever wrote `answer`, a model or the built-in composer, it is not played unless this is empty.
  public func faults(
    of answer: Pattern, against source: Pattern, length: Beats, meter: Meter
  ) -> [String] {
    guard !isEmpty else { return [] }
    var wanted: [Note: Int] = [:]
    for note in held(of: source, length: length, meter: meter) { wanted[note, default: 0] += 1 }
    var faults: [String] = []
    for note in answer.notes {
      if let left = wanted[note], left > 0 {
        wanted[note] = left - 1
      } else if closes(note, meter: meter) {
        faults.append("a note was added to what is locked: \(Self.words(note, meter))")
      }
    }
    for (note, count) in wanted where count > 0 {
      faults.append("a locked note is gone or changed: \(Self.words(note, meter))")
    }
    return faults.sorted()
  }

  /// `new` with the held notes of `source` put in, and what would get in their way taken out.
  func merged(_ new: [Note], into source: Pattern, length: Beats, meter: Meter, oneVoice: Bool)
    -> [Note]
  {
    guard !isEmpty else { return new }
    let kept = held(of: source, length: length, meter: meter)
    let free = new.filter { !closes($0, meter: meter) }
    return kept + free.compactMap { Self.clear($0, of: kept, oneVoice: oneVoice) }
  }

  /// `note` cut short before the first of `kept` that it would run into; nil when it starts in one.
  static func clear(_ note: Note, of kept: [Note], oneVoice: Bool) -> Note? {
    var end = note.end
    for other in kept where oneVoice || other.pitch == note.pitch {
      if other.start <= note.start + Beats(1.0 / 32), other.end > note.start { return nil }
      if other.start > note.start { end = min(end, other.start) }
    }
    guard end < note.end else { return note }
    guard (end - note.start).quarters >= 1.0 / 32 else { return nil }
    var cut = note
    cut.duration = end - note.start
    return cut
  }

  private static func words(_ note: Note, _ meter: Meter) -> String {
    PitchName.name(of: note.pitch) + " at " + PatternDiff.place(note.start, meter: meter)
  }
}
