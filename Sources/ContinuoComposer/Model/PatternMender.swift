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
  private let ways: ReplyWays
  private let kind: CompositionKind
  private let range: ClosedRange<Int>
  private let grid: MetricGrid
  private let harmony: HarmonyMap
  private let bar: Double
  private let length: Double
  private let home: Int
  private let loudness: Int

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

  // MARK: Reading

  private func rows(_ draft: DraftPattern, _ mending: inout Mending) -> [RoughNote] {
    var reader = CellReader(kind: kind, range: range, harmony: harmony, home: home)
    let usual = Self.cellsPerBar(request)
    var notes: [RoughNote] = []
    var odd = 0
    for row in draft.rows where row.bar < request.bars {
      let start = Double(row.bar) * bar
      var cells = row.cells
      if draft.rows.count == 1, cells.count > usual, cells.count % usual == 0 {
        // The whole pattern in one row.
        notes += reader.notes(cells, from: start, unit: bar / Double(usual))
        continue
      }
      let unit = bar / Double(cells.count)
      let fits = [1.0, 2, 4].contains { abs(unit / grid.step.quarters - $0) < 1e-6 }
      if !fits {
        odd += 1
        cells = Array(cells.prefix(usual))
      }
      notes += reader.notes(
        cells, from: start, unit: fits ? unit : bar / Double(usual))
    }
    mending.note("bars of another length than \(usual) cells cut or filled", odd)
    mending.note("cells that mean nothing left out", reader.unknown)
    return notes
  }

  private func listed(_ draft: DraftPattern, _ mending: inout Mending) -> [RoughNote] {
    var unreadable = 0
    // Under a bar's heading, places may count from that bar or from the start.
    let isRelative = draft.notes.allSatisfy { note in
      guard note.bar != nil, case .quarters(let place) = note.place else { return true }
      return (Self.number(place) ?? 0) < bar - 1e-9
    }
    var notes: [RoughNote] = []
    var names = 0
    for note in draft.notes {
      guard let pitch = pitch(note.pitch, &names), let start = place(note, isRelative: isRelative)
      else {
        unreadable += 1
        continue
      }
      let length = span(note.length, from: start)
      notes.append(
        RoughNote(pitch: pitch, start: start, length: length, velocity: velocity(note.velocity)))
    }
    mending.note("note names read as pitches", names)
    mending.note("notes that cannot be read left out", unreadable)
    // Many models count beats from 1.
    if let first = notes.map(\.start).min(), first >= 1 - 1e-9,
      notes.contains(where: { $0.start >= length - 1e-9 }),
      notes.allSatisfy({ $0.start < length + 1 - 1e-9 })
    {
      for index in notes.indices { notes[index].start -= 1 }
      mending.note("places counted from 1 moved a beat ahead")
    }
    return notes
  }

  private func pitch(_ scalar: ReplyScalar, _ names: inout Int) -> Int? {
    switch scalar {
    case .number(let number) where (0...127).contains(number.rounded()):
      return Int(number.rounded())
    case .text(let text):
      if let number = Int(text) { return (0...127).contains(number) ? number : nil }
      if kind == .drums, let key = DrumNames.key(text) {
        names += 1
        return key
      }
      let trimmed = text.filter { !$0.isWhitespace }
      if let key = try? PitchName.key(trimmed) {
        names += 1
        return Int(key)
      }
      // A name without an octave lies where the hand is.
      guard let key = try? PitchName.key(trimmed + "4") else { return nil }
      names += 1
      return HarmonyMap.place(Int(key) % 12, near: home, in: range)
    case .number, .other: return nil
    }
  }

  private static func number(_ scalar: ReplyScalar) -> Double? {
    switch scalar {
    case .number(let number): return abs(number) < 1e6 ? number : nil
    case .text(let text):
      let parts = text.prefix(16).split(separator: "/").compactMap { Double($0) }
      if parts.count == 2, parts[1] > 0 { return 4 * parts[0] / parts[1] }
      return Double(text.prefix(32)).flatMap { abs($0) < 1e6 ? $0 : nil }
    case .other: return nil
    }
  }

  private func place(_ note: DraftNote, isRelative: Bool) -> Double? {
    let head = Double(note.bar ?? 0) * bar
    switch note.place {
    case .quarters(let scalar):
      return Self.number(scalar).map { note.bar != nil && isRelative ? $0 + head : $0 }
    case .steps(let scalar):
      guard let step = Self.number(scalar), step >= 1, step < Double(grid.stepsPerBar) + 1 else {
        return nil
      }
      return head + (step - 1) * grid.step.quarters
    case .beats(let scalar):
      guard let beat = Self.number(scalar), beat >= 1,
        beat < Double(request.meter.beatsPerBar) + 1
      else { return nil }
      return head + (beat - 1) * request.meter.beatLength.quarters
    case .end, nil: return nil
    }
  }

  private func span(_ measure: DraftNote.Measure?, from start: Double) -> Double {
    let usual = kind == .drums ? 0.25 : 0.5
    let span: Double? =
      switch measure {
      case .quarters(let scalar): Self.number(scalar) ?? Self.noteValue(scalar)
      case .steps(let scalar): Self.number(scalar).map { $0 * grid.step.quarters }
      case .beats(let scalar): Self.number(scalar).map { $0 * request.meter.beatLength.quarters }
      case .end(let scalar): Self.number(scalar).map { $0 - start }
      case nil: nil
      }
    guard let span, span > 0 else { return usual }
    return max(span, 1.0 / 16)
  }

  private static func noteValue(_ scalar: ReplyScalar) -> Double? {
    guard case .text(let text) = scalar else { return nil }
    let values = [
      ("sixteenth", 0.25), ("16th", 0.25), ("eighth", 0.5), ("8th", 0.5), ("quarter", 1.0),
      ("half", 2.0), ("whole", 4.0),
    ]
    let lower = text.lowercased()
    let value = values.first { lower.contains($0.0) }?.1
    return value.map { lower.contains("dotted") ? $0 * 1.5 : $0 }
  }

  private func velocity(_ scalar: ReplyScalar?) -> Int? {
    guard let scalar else { return nil }
    if case .text(let text) = scalar {
      let marks = [
        "ppp": 20, "pp": 32, "p": 48, "mp": 62, "mf": 78, "f": 94, "ff": 110, "fff": 122,
      ]
      if let mark = marks[text.lowercased()] { return mark }
    }
    guard let number = Self.number(scalar) else { return nil }
    // Some models write loudness as a share.
    let scaled = number > 0 && number < 1 ? number * 127 : number
    return min(max(Int(scaled.rounded()), 1), 127)
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
