// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import Foundation

/// Makes a pattern that may be played of what a model wrote, or says why there is none.
///
/// Places lie on the grid of sixteenths and triplets, swung as the context is; pitches in the range
/// asked for; the length is the request's. Bars that did not come hold what the track plays now.
struct PatternMender {
  /// Notes that one bar may hold.
  static let mostNotesPerBar = 64
  /// Notes struck at once.
  static let mostVoices = 6

  let request: CompositionRequest
  let ways: ReplyWays
  let kind: CompositionKind
  let range: ClosedRange<Int>
  let grid: MetricGrid
  let harmony: HarmonyMap
  let bar: Double
  let length: Double
  let home: Int
  let loudness: Int

  init(_ request: CompositionRequest) {
    self.request = request
    ways = ReplyWays(request)
    kind = request.settledKind
    range = request.settledRange
    grid = MetricGrid(request.meter)
    harmony = HarmonyMap(request.context)
    bar = request.meter.barLength.quarters
    length = request.length.quarters
    let notes = UsableNotes.of(request.source.notes)
    let pitches = notes.map { Int($0.pitch) }.sorted()
    let low = range.lowerBound + (kind == .bass ? 9 : range.count / 2)
    home = pitches.isEmpty ? min(low, range.upperBound) : pitches[pitches.count / 2]
    let mean = notes.isEmpty ? 84 : notes.reduce(0) { $0 + Int($1.velocity) } / notes.count
    loudness = min(max(mean, 60), 108)
  }

  /// Steps of a row's bar in the form that was asked for: eighths where the bar divides into them.
  static func cellsPerBar(_ request: CompositionRequest) -> Int {
    let steps = MetricGrid(request.meter).stepsPerBar
    return steps % 2 == 0 && steps > 4 && request.settledKind != .drums ? steps / 2 : steps
  }

  /// The pattern; nil, with the reason, when too little of it can be used.
  ///
  /// `bars` limits it to the first bars, for a reply that is still under way.
  func mend(
    _ draft: DraftPattern, name: String, bars limit: Int? = nil
  ) -> Result<MendedPattern, Unusable> {
    var mending = Mending()
    var notes = draft.rows.isEmpty ? listed(draft, &mending) : rows(draft, &mending)
    mending.note("notes beyond \(DraftPattern.mostNotes) left out", draft.surplus)
    let inside = notes.filter { $0.start >= -1e-9 && $0.start < length - 1e-9 }
    mending.note("left out beyond the \(request.bars) bars", notes.count - inside.count)
    notes = inside.filter { $0.length > 0 }
    let written = written(draft, notes)
    let isWhole = written >= request.bars
    var bars = min(limit ?? written, written, request.bars)
    guard bars > 0, !notes.isEmpty else { return .failure(Unusable(reason: "it holds no notes")) }
    notes = notes.filter { $0.start < Double(bars) * bar - 1e-9 }
    if limit == nil, !isWhole {
      guard draft.wholeBars == .max || 2 * bars >= request.bars else {
        return .failure(Unusable(reason: "it broke off after bar \(bars) of \(request.bars)"))
      }
      if draft.wholeBars == .max, request.bars % bars == 0 {
        notes = repeated(notes, bars: bars)
        mending.note("\(bars) bars came for \(request.bars) and are repeated")
        bars = request.bars
      } else {
        mending.note("bars \(bars + 1)-\(request.bars) did not come: the track's own stand there")
      }
    }
    var played = finish(notes, until: Double(bars) * bar, &mending)
    guard !played.isEmpty else { return .failure(Unusable(reason: "it holds no notes to play")) }
    if bars < request.bars { played += own(from: bars) }
    played = ways.kept(played, oneVoice: kind == .bass || kind == .melody, &mending)
    let pattern = Pattern(
      name: "\(request.source.name): \(name)", notes: played, length: request.length,
      meter: request.meter)
    let faults = PatternCheck.faults(
      of: pattern, length: request.length, meter: request.meter, range: 0...127,
      oneVoice: false)
    // What the musician locked may overlap itself: it is as it is.
    let own = faults.first { fault in
      if case .overlap = fault { return ways.lock.isEmpty && ways.asked.mode != .keepPitches }
      return true
    }
    if let fault = own { return .failure(Unusable(reason: fault.description)) }
    return .success(
      MendedPattern(pattern: pattern, bars: bars, isWhole: isWhole, mending: mending))
  }

  /// Whether more than `known` bars of a draft under way may be whole: quick to say.
  func writtenBars(_ draft: DraftPattern, beyond known: Int) -> Bool {
    guard !draft.isByBars, draft.wholeBars <= known else { return draft.wholeBars > known }
    guard draft.rows.isEmpty, let last = draft.notes.last, let start = place(last, isRelative: true)
    else { return false }
    return start >= Double(known + 1) * bar - 1e-9
  }

  /// Why a pattern cannot be used.
  struct Unusable: Error, Hashable {
    /// A clause: "it holds no notes".
    let reason: String
  }

  /// How many bars the model has written for certain.
  private func written(_ draft: DraftPattern, _ notes: [RoughNote]) -> Int {
    let reached = notes.map { Int(($0.start / bar + 1e-6).rounded(.down)) }.max() ?? -1
    if draft.wholeBars == .max {
      if draft.isByBars, let last = draft.rows.map(\.bar).max() {
        return min(max(last, reached) + 1, request.bars)
      }
      // A list of notes: silence at its end is part of it, but not half of it.
      return 2 * (reached + 1) > request.bars ? request.bars : reached + 1
    }
    // A note of a later bar shows that those before it are whole, if they came in order.
    return min(draft.isByBars ? draft.wholeBars : max(draft.wholeBars, reached), request.bars)
  }

  // MARK: Mending

  private func repeated(_ notes: [RoughNote], bars: Int) -> [RoughNote] {
    (0..<request.bars / bars).flatMap { round in
      notes.map { note in
        var note = note
        note.start += Double(round * bars) * bar
        return note
      }
    }
  }

  /// Played notes within [0, `end`).
  private func finish(_ rough: [RoughNote], until end: Double, _ mending: inout Mending) -> [Note] {
    var moved = 0
    var folded = 0
    var foreign = 0
    var notes: [RoughNote] = []
    for var note in rough {
      let place = snapped(note.start)
      if abs(place - note.start) > 1.0 / 32 { moved += 1 }
      note.start = place
      if !range.contains(note.pitch) {
        let fit = kind == .drums ? nil : HarmonyMap.place(note.pitch, near: note.pitch, in: range)
        guard let fit else {
          foreign += 1
          continue
        }
        note.pitch = fit
        folded += 1
      }
      if note.start < end - 1e-9 { notes.append(note) }
    }
    mending.note("moved to the grid", moved)
    mending.note("moved by octaves into the range", folded)
    mending.note("left out, outside the range", foreign)
    notes.sort { ($0.start, $0.pitch) < ($1.start, $1.pitch) }
    notes = thinned(notes, &mending)
    return voiced(notes, until: end, &mending)
  }

  /// The nearest sixteenth or triplet.
  private func snapped(_ place: Double) -> Double {
    let step = min(grid.step.quarters, 0.25)
    return [step, 1.0 / 3, 1.0 / 6].map { (place / $0).rounded() * $0 }
      .min { abs($0 - place) < abs($1 - place) } ?? place
  }

  private func thinned(_ notes: [RoughNote], _ mending: inout Mending) -> [RoughNote] {
    var perBar: [Int: Int] = [:]
    var struck: [RoughNote] = []
    var gone = 0
    var first = 0
    for note in notes {
      let index = Int((note.start / bar + 1e-6).rounded(.down))
      while first < struck.count, struck[first].start < note.start - 1e-6 { first += 1 }
      let together = struck[first...]
      let oneVoice = kind == .bass || kind == .melody
      if together.contains(where: { $0.pitch == note.pitch })
        || together.count >= (oneVoice ? 1 : ways.mostVoices(Self.mostVoices))
      {
        // Of a chord in a melody the top is the tune.
        if kind == .melody, !together.contains(where: { $0.pitch == note.pitch }) {
          struck[struck.count - 1] = note
        }
        gone += 1
        continue
      }
      guard perBar[index, default: 0] < Self.mostNotesPerBar else {
        gone += 1
        continue
      }
      perBar[index, default: 0] += 1
      struck.append(note)
    }
    mending.note("notes too many at once or in a bar left out", gone)
    return struck
  }

  private func voiced(
    _ notes: [RoughNote], until end: Double, _ mending: inout Mending
  ) -> [Note] {
    let oneVoice = kind == .bass || kind == .melody
    let channel = kind == .drums ? 9 : Int(request.source.notes.first?.channel ?? 0)
    var shortened = 0
    var cut = 0
    var played: [Note] = []
    for (index, note) in notes.enumerated() {
      let start = ticks(swung(note.start))
      var close = ticks(swung(min(note.start + note.length, end)))
      if note.start + note.length > end + 1e-9 { cut += 1 }
      let next = notes[(index + 1)...].first {
        $0.start > note.start + 1e-9 && (oneVoice || $0.pitch == note.pitch)
      }
      if let next, ticks(swung(next.start)) < close {
        close = ticks(swung(next.start))
        shortened += 1
      }
      let place = grid.nearestStep(to: Beats(note.start))
      let weight = max(grid.weight(ofStep: place), -4)
      let velocity = note.velocity ?? min(max(loudness + 8 + 3 * weight, 1), 127)
      let made = Note(
        pitch: note.pitch, velocity: velocity, channel: channel, start: Beats(start),
        duration: Beats(max(close - start, 1.0 / 960)))
      if let made { played.append(made) }
    }
    mending.note("overlaps shortened", shortened)
    mending.note("cut at the last bar line", cut)
    return played
  }

  /// Triplets are swung as they stand; what lies on sixteenths takes on the context's feel.
  private func swung(_ place: Double) -> Double {
    let sixteenths = place * 4
    guard abs(sixteenths - sixteenths.rounded()) < 1e-6 else { return place }
    return ways.swing.swung(Beats(place), meter: request.meter).quarters
  }

  private func ticks(_ place: Double) -> Double { (place * 960).rounded() / 960 }

  /// What the track plays now, from bar `first` (from 0) to the end.
  private func own(from first: Int) -> [Note] {
    let edge = Double(first) * bar
    var ends: [UInt16: Double] = [:]
    return UsableNotes.of(request.source.notes).compactMap { note in
      let voice = UInt16(note.channel) << 8 | UInt16(note.pitch)
      guard note.start.quarters >= edge - 1e-9, note.start.quarters < length,
        note.start.quarters >= ends[voice] ?? 0
      else { return nil }
      var note = note
      note.duration = Beats(min(note.duration.quarters, length - note.start.quarters))
      guard note.duration > .zero else { return nil }
      ends[voice] = note.end.quarters
      return note
    }
  }
}
