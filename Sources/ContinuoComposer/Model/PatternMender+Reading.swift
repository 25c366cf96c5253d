// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// What a model wrote, as notes with places in quarters: nothing is mended yet.
extension PatternMender {
  func rows(_ draft: DraftPattern, _ mending: inout Mending) -> [RoughNote] {
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

  func listed(_ draft: DraftPattern, _ mending: inout Mending) -> [RoughNote] {
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
    mending.note("names of drums or of notes without an octave read as pitches", names)
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
      if kind == .drums, let key = DrumMap.generalKey(named: text) {
        names += 1
        return Int(key)
      }
      let trimmed = text.filter { !$0.isWhitespace }
      if let key = try? PitchName.key(trimmed) { return Int(key) }
      // A name without an octave lies where the hand is.
      guard let key = try? PitchName.key(trimmed + "4") else { return nil }
      names += 1
      return HarmonyMap.place(Int(key) % 12, near: home, in: range)
    case .number, .other: return nil
    }
  }

  static func number(_ scalar: ReplyScalar) -> Double? {
    switch scalar {
    case .number(let number): return abs(number) < 1e6 ? number : nil
    case .text(let text):
      let parts = text.prefix(16).split(separator: "/").compactMap { Double($0) }
      if parts.count == 2, parts[1] > 0 { return 4 * parts[0] / parts[1] }
      return Double(text.prefix(32)).flatMap { abs($0) < 1e6 ? $0 : nil }
    case .other: return nil
    }
  }

  func place(_ note: DraftNote, isRelative: Bool) -> Double? {
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
}
