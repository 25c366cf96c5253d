// SPDX-License-Identifier: MIT

/// Takes patterns out of a model's reply as it arrives.
///
/// It knows the forms that are asked for and those that models fall into: `{"patterns": …}`, one
/// pattern alone, a bare array of notes, arrays of arrays, notes in bars, rows of cells. Everything
/// is bounded; what it does not know is passed over.
struct ReplyReader {
  /// More patterns than this are passed over.
  static let mostPatterns = 8
  private static let mostMembers = 24
  private static let mostItems = 600
  private static let containers: Set<String> = [
    "notes", "bars", "events", "grid", "rows", "measures", "sequence", "pattern",
  ]
  private static let cellContainers: Set<String> = ["cells", "row", "steps"]
  private static let barContainers: Set<String> = ["bars", "grid", "rows", "measures"]

  private struct Frame {
    var isObject: Bool
    /// The member under way, in lower case.
    var key = ""
    var members: [String: ReplyScalar] = [:]
    var items: [ReplyScalar] = []
    /// Containers inside, so far.
    var children = 0
    /// The pattern that belongs to this container.
    var pattern: Int?
  }

  /// What was found so far; the last may be under way.
  private(set) var patterns: [DraftPattern] = []
  /// Bytes outside any JSON, blanks and fences not counted.
  private(set) var prose = 0
  /// How often something begun was no JSON.
  private(set) var breaks = 0
  /// Patterns beyond `mostPatterns`.
  private(set) var surplusPatterns = 0
  private var scanner = ReplyScanner()
  private var frames: [Frame] = []

  /// Takes the next piece of the reply.
  mutating func feed(_ text: String) {
    for byte in text.utf8 {
      let wasInside = scanner.isInside
      var tokens: [ReplyScanner.Token] = []
      scanner.feed(byte) { tokens.append($0) }
      if !wasInside, !scanner.isInside, tokens.isEmpty, byte > 0x20, byte != 0x60 { prose += 1 }
      for token in tokens { take(token) }
    }
  }

  /// The reply is over; returns whether it ended in the middle of something.
  mutating func finish() -> Bool {
    let isCut = scanner.isInside
    if isCut { closeAll(isCut: true) }
    return isCut
  }

  private mutating func take(_ token: ReplyScanner.Token) {
    switch token {
    case .objectStart, .arrayStart:
      if !frames.isEmpty { frames[frames.count - 1].children += 1 }
      frames.append(Frame(isObject: token == .objectStart))
    case .key(let key):
      frames[frames.count - 1].key = String(key.lowercased().prefix(40))
    case .scalar(let scalar): take(scalar)
    case .objectEnd: endObject()
    case .arrayEnd: endArray()
    case .broken:
      breaks += 1
      closeAll(isCut: true)
    }
  }

  private mutating func take(_ scalar: ReplyScalar) {
    let last = frames.count - 1
    if frames[last].isObject {
      if frames[last].members.count < Self.mostMembers {
        frames[last].members[frames[last].key] = scalar
      }
    } else if case .text(let text) = scalar, isBarList(last) {
      // A bar as one text: "R . 5 -".
      let cells = text.split(whereSeparator: { $0 == " " || $0 == "|" || $0 == "," })
      if cells.count > 1 {
        frames[last].children += 1
        add(DraftRow(bar: frames[last].children - 1, cells: cells.prefix(256).map(String.init)))
        return
      }
      keep(scalar, at: last)
    } else {
      keep(scalar, at: last)
    }
  }

  private mutating func keep(_ scalar: ReplyScalar, at index: Int) {
    if frames[index].items.count < Self.mostItems { frames[index].items.append(scalar) }
  }

  /// Whether the array `index` is the value of a member that lists bars.
  private func isBarList(_ index: Int) -> Bool {
    index > 0 && frames[index - 1].isObject && Self.barContainers.contains(frames[index - 1].key)
  }

  // MARK: Ends

  private mutating func endObject() {
    let frame = frames[frames.count - 1]
    if let pattern = frame.pattern {
      describe(pattern, frame.members)
      close(pattern)
    } else if let note = Self.note(frame.members, bar: barIndex) {
      add(note)
    } else if let inner = barIndex, frame.children > 0, let owner = owner() {
      // A bar with notes of its own is whole.
      patterns[owner].wholeBars = max(patterns[owner].wholeBars, inner + 1)
      patterns[owner].isByBars = true
    }
    frames.removeLast()
  }

  private mutating func endArray() {
    let index = frames.count - 1
    let frame = frames[index]
    defer { frames.removeLast() }
    if let pattern = frame.pattern {
      close(pattern)
      return
    }
    guard !frame.items.isEmpty, frame.children == 0, index > 0 else { return }
    let parent = frames[index - 1]
    let cells = frame.items.map(Self.cell)
    if isBarList(index - 1) {
      add(DraftRow(bar: max(parent.children - 1, 0), cells: cells))
    } else if isBarList(index) || (parent.isObject && Self.cellContainers.contains(parent.key)) {
      add(DraftRow(bar: barIndex ?? 0, cells: cells))
    } else if !parent.isObject, (3...5).contains(frame.items.count) {
      // [pitch, start, duration, velocity]
      add(
        DraftNote(
          pitch: frame.items[0], place: .quarters(frame.items[1]), bar: barIndex,
          length: .quarters(frame.items[2]),
          velocity: frame.items.count > 3 ? frame.items[3] : nil))
    }
  }

  private static func cell(_ scalar: ReplyScalar) -> String {
    switch scalar {
    case .text(let text): String(text.prefix(12))
    case .number(let number) where abs(number) < 1000: String(Int(number))
    case .number, .other: "."
    }
  }

  private mutating func closeAll(isCut: Bool) {
    for frame in frames {
      guard let pattern = frame.pattern else { continue }
      describe(pattern, frame.members)
      close(pattern, isCut: isCut)
    }
    frames.removeAll()
  }

  // MARK: What belongs where

  /// The bar that the innermost open container stands for, from 0.
  private var barIndex: Int? {
    for index in frames.indices.reversed() where frames[index].isObject {
      if let bar = frames[index].members["bar"] ?? frames[index].members["measure"],
        let number = Self.whole(bar), frames[index].pattern == nil
      {
        return (1...1024).contains(number) ? number - 1 : nil
      }
      if index > 0, !frames[index - 1].isObject, isBarList(index - 1) {
        return max(frames[index - 1].children - 1, 0)
      }
    }
    // Bars as arrays of notes.
    for index in frames.indices.dropFirst() where isBarList(index) {
      if index + 1 < frames.count, !frames[index + 1].isObject { return frames[index].children - 1 }
    }
    return nil
  }

  /// The pattern that what is read now belongs to; a new one when it is the first of its container.
  private mutating func owner() -> Int? {
    let object = frames.firstIndex { $0.isObject && Self.containers.contains($0.key) }
    // What is at the end itself is the note or the row.
    let array = frames.dropLast().lastIndex { !$0.isObject } ?? frames.lastIndex { !$0.isObject }
    guard let index = object ?? array else { return nil }
    if let known = frames[index].pattern { return known }
    guard patterns.count < Self.mostPatterns else {
      surplusPatterns = min(surplusPatterns + 1, 1_000_000)
      return nil
    }
    for pattern in patterns.indices where !patterns[pattern].isClosed { close(pattern) }
    patterns.append(DraftPattern())
    frames[index].pattern = patterns.count - 1
    return patterns.count - 1
  }

  private mutating func add(_ note: DraftNote) {
    guard let owner = owner() else { return }
    guard patterns[owner].notes.count < DraftPattern.mostNotes else {
      patterns[owner].surplus = min(patterns[owner].surplus + 1, 1_000_000)
      return
    }
    if let bar = note.bar {
      // A later bar's first note shows that those before it are whole.
      patterns[owner].wholeBars = max(patterns[owner].wholeBars, bar)
    }
    patterns[owner].notes.append(note)
  }

  private mutating func add(_ row: DraftRow) {
    guard let owner = owner(), patterns[owner].rows.count < 128 else { return }
    patterns[owner].rows.append(row)
    patterns[owner].isByBars = true
    patterns[owner].wholeBars = max(patterns[owner].wholeBars, row.bar + 1)
  }

  private mutating func close(_ pattern: Int, isCut: Bool = false) {
    patterns[pattern].isClosed = true
    if !isCut { patterns[pattern].wholeBars = Int.max }
  }

  private mutating func describe(_ pattern: Int, _ members: [String: ReplyScalar]) {
    func text(_ keys: String...) -> String? {
      for case .text(let text)? in keys.map({ members[$0] }) { return text }
      return nil
    }
    patterns[pattern].name = text("name", "title")
    patterns[pattern].about = text("description", "about", "comment")
    if case .number(let value)? = members["confidence"] {
      let share = value > 1 ? value / 100 : value
      if (0...1).contains(share) { patterns[pattern].confidence = share }
    }
  }

  private static func whole(_ scalar: ReplyScalar) -> Int? {
    switch scalar {
    case .number(let number) where abs(number) < 1e6: Int(number)
    case .text(let text): Int(text)
    case .number, .other: nil
    }
  }

  /// A note, when an object's members make one.
  private static func note(_ members: [String: ReplyScalar], bar: Int?) -> DraftNote? {
    func first(_ keys: [String]) -> ReplyScalar? { keys.lazy.compactMap { members[$0] }.first }
    guard let pitch = first(["pitch", "note", "p", "key", "midi", "tone", "drum"]) else {
      return nil
    }
    var place: DraftNote.Measure?
    if let step = first(["at", "step"]), bar != nil {
      place = .steps(step)
    } else if let beat = members["beat"], bar != nil {
      place = .beats(beat)
    } else if let start = first([
      "start", "time", "start_beat", "startbeat", "beat", "position", "offset", "onset", "s", "t",
      "at",
    ]) {
      place = .quarters(start)
    }
    guard let place else { return nil }
    var length: DraftNote.Measure?
    if let steps = first(["len", "steps"]) {
      length = .steps(steps)
    } else if let quarters = first(["duration", "dur", "length", "d", "duration_beats"]) {
      length = .quarters(quarters)
    } else if let end = members["end"] {
      length = .end(end)
    }
    return DraftNote(
      pitch: pitch, place: place, bar: bar, length: length,
      velocity: first(["velocity", "vel", "v", "dynamic", "accent"]))
  }
}
