// SPDX-License-Identifier: MIT
import ContinuoMusic

/// Reads ways to ask, locks and numbers out of a request in words.
///
/// "fill bars 3-4", "keep the rhythm, change the pitches", "lock the kick and bars 1-2",
/// "half as dense", "swing 62 %", "around C3", "two voices". What is read is taken out of the text.
struct WayWords {
  private(set) var mode: CompositionMode?
  private(set) var lock = NoteLock()
  private(set) var steering = Steering()
  private(set) var understood: [String] = []
  private(set) var rest: String

  private let firstBar: Int
  private var words: [String]
  private var at = 0
  private var left: [String] = []

  /// Reads at most 128 words of `text`; `firstBar` is what it calls the part's first bar.
  init(_ text: String, firstBar: Int = 1) {
    self.firstBar = firstBar
    rest = text
    words = Self.words(of: text)
    while at < words.count {
      let start = at
      if read() {
        understood.append(words[start..<at].joined(separator: " "))
      } else {
        left.append(words[start])
        at = start + 1
      }
    }
    // Untouched when nothing was read: the words keep their commas and capitals.
    if !understood.isEmpty { rest = left.joined(separator: " ") }
  }

  private static func words(of text: String) -> [String] {
    let lower = text.prefix(1_000).lowercased()
    let split = lower.split { character in
      !(character.isLetter || character.isNumber || "-–'.#%♯♭:".contains(character))
    }
    return split.prefix(128).map { word in
      var trimmed = Substring(word)
      while let last = trimmed.last, ".:-–".contains(last) { trimmed.removeLast() }
      return trimmed.map { $0 == "–" ? "-" : String($0) }.joined()
    }.filter { !$0.isEmpty }
  }

  private mutating func read() -> Bool {
    let start = at
    if fill() { return true }
    at = start
    if keep() { return true }
    at = start
    if change() { return true }
    at = start
    if way() { return true }
    at = start
    return number()
  }

  // MARK: Words one by one

  private mutating func take(_ choices: Set<String>) -> Bool {
    guard at < words.count, choices.contains(words[at]) else { return false }
    at += 1
    return true
  }

  private mutating func takeNumber() -> Double? {
    guard at < words.count else { return nil }
    let word = words[at].hasSuffix("%") ? String(words[at].dropLast()) : words[at]
    guard let value = Double(word) ?? Self.counts[word].map(Double.init), value.isFinite else {
      return nil
    }
    at += 1
    return value
  }

  private mutating func takeCount() -> Int? {
    let start = at
    guard let value = takeNumber(), value == value.rounded(), (1...4_096).contains(value) else {
      at = start
      return nil
    }
    return Int(value)
  }

  /// "3-4", "3 to 4", "3": bars or beats in a row.
  private mutating func takeRange() -> ClosedRange<Int>? {
    if at < words.count {
      let ends = words[at].split(separator: "-").map { Int($0) }
      if ends.count == 2, let first = ends[0], let last = ends[1], first >= 1, first <= last,
        last <= 4_096
      {
        at += 1
        return first...last
      }
    }
    guard let first = takeCount() else { return nil }
    let before = at
    if take(["to", "through", "until", "-"]), let last = takeCount(), last >= first {
      return first...last
    }
    at = before
    return first...first
  }

  /// Bars in a row, counted from the part's first.
  private mutating func takeBars() -> ClosedRange<Int>? {
    takeRange().map { $0.lowerBound - firstBar + 1...$0.upperBound - firstBar + 1 }
  }

  private static let counts = [
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
  ]
  private static let articles: Set<String> = [
    "the", "my", "all", "of", "in", "only", "just", "your",
  ]

  private mutating func skipArticles() {
    while take(Self.articles) {}
  }

  // MARK: What may be asked

  /// "fill bars 3-4", "rewrite bar 2", "only bars 5 to 8".
  private mutating func fill() -> Bool {
    guard take(["fill", "rewrite", "redo", "replace", "change", "only", "new"]) else {
      return false
    }
    skipArticles()
    guard take(["bar", "bars", "measure", "measures"]), let bars = takeBars() else { return false }
    mode = .fill(bars)
    return true
  }

  /// "keep the rhythm", "lock bars 1-2 and the kick", "leave beat 1".
  private mutating func keep() -> Bool {
    guard take(["keep", "lock", "leave", "hold", "freeze", "same"]) else { return false }
    var found = false
    while keepOne() {
      found = true
      let before = at
      if !take(["and", "&"]) {
        at = before
        break
      }
      // "keep the kick and make it busier": what follows is no thing to keep.
      let here = at
      if !keepsNext() {
        at = before
        break
      }
      at = here
    }
    if found { _ = take(["unchanged", "locked", "fixed"]) }
    return found
  }

  private mutating func keepsNext() -> Bool {
    var trial = self
    return trial.keepOne()
  }

  private mutating func keepOne() -> Bool {
    skipArticles()
    if take(["bar", "bars", "measure", "measures"]) {
      guard let bars = takeBars() else { return false }
      lock.bars.append(bars)
      return true
    }
    if take(["beat", "beats"]) {
      guard let first = takeRange() else { return false }
      lock.beats.formUnion(first)
      let before = at
      if take(["and", "&"]), let other = takeRange() {
        lock.beats.formUnion(other)
      } else {
        at = before
      }
      return true
    }
    if take(["downbeat", "downbeats"]) {
      lock.beats.insert(1)
      return true
    }
    if take(["rhythm", "rhythms", "timing"]) {
      mode = .keepRhythm
      return true
    }
    if take(["pitches", "pitch", "notes", "tones"]) {
      mode = .keepPitches
      return true
    }
    if let key = takeKey() {
      lock.voices.insert(key)
      return true
    }
    guard at < words.count, let keys = Self.voices[words[at]] else { return false }
    at += 1
    if keys == Self.hats { _ = take(["hat", "hats"]) }
    if keys == Self.kicks || keys == Self.snares { _ = take(["drum", "drums"]) }
    lock.voices.formUnion(keys)
    return true
  }

  private static let kicks: Set<Int> = [35, 36]
  private static let snares: Set<Int> = [37, 38, 39, 40]
  private static let hats: Set<Int> = [42, 44, 46]
  private static let voices: [String: Set<Int>] = [
    "kick": kicks, "kicks": kicks, "snare": snares, "snares": snares, "backbeat": snares,
    "hat": hats, "hats": hats, "hihat": hats, "hihats": hats, "hi-hat": hats, "hi-hats": hats,
    "toms": [41, 43, 45, 47, 48, 50], "ride": [51, 53, 59],
    "cymbals": [49, 51, 52, 53, 55, 57, 59],
  ]

  /// "change the pitches", "change the feel", "other notes".
  private mutating func change() -> Bool {
    guard take(["change", "other", "different", "new", "vary", "alter"]) else { return false }
    skipArticles()
    if take(["pitches", "pitch", "notes", "tones"]) {
      mode = mode ?? .keepRhythm
      return true
    }
    if take(["feel", "rhythm", "timing"]) {
      mode = mode ?? .keepPitches
      return true
    }
    return false
  }

  private mutating func way() -> Bool {
    if take(["continue", "continuation", "continues", "extend"]) {
      mode = mode ?? .continuation
    } else if take(["carry", "go"]) {
      guard take(["on"]) else { return false }
      mode = mode ?? .continuation
    } else if take(["answer", "answers", "reply", "respond", "response"]) {
      mode = mode ?? .answer
    } else if take(["vary", "varied", "variation", "variations"]) {
      mode = mode ?? .vary
    } else {
      return false
    }
    return true
  }

  /// "half as dense", "density 1.5", "swing 62%", "around C3", "two voices".
  private mutating func number() -> Bool {
    if let factor = asDense() {
      steering.densityFactor = factor
    } else if take(["density"]) {
      _ = take(["of", "at", "to"])
      guard let value = takeNumber() else { return false }
      steering.density = value
    } else if take(["swing", "swung"]) {
      _ = take(["of", "at", "to"])
      guard let ratio = swingRatio() else { return false }
      steering.swing = ratio
    } else if take(["register", "around", "about", "near"]) {
      _ = take(["of", "at", "to", "around"])
      guard let key = takeKey() else { return false }
      steering.register = key
    } else if take(["polyphony"]) {
      _ = take(["of", "at", "to"])
      guard let voices = takeCount() else { return false }
      steering.polyphony = voices
    } else if take(["monophonic"]) {
      steering.polyphony = 1
    } else {
      guard let voices = takeCount(), take(["voice", "voices"]) else { return false }
      steering.polyphony = voices
    }
    return true
  }

  private mutating func asDense() -> Double? {
    let start = at
    var factor: Double?
    if take(["half"]) {
      factor = 0.5
    } else if take(["twice", "double"]) {
      factor = 2
    } else if let times = takeNumber(), take(["times"]) {
      factor = times
    }
    if let factor, take(["as"]), take(["dense", "busy", "many", "much"]) {
      _ = take(["notes"])
      return factor
    }
    at = start
    return nil
  }

  /// A share of the beat from 50 to 75 %, or a ratio from 1 to 3.
  private mutating func swingRatio() -> Double? {
    guard let value = takeNumber() else { return nil }
    return value >= 50 && value < 100 ? value / (100 - value) : value
  }

  private mutating func takeKey() -> Int? {
    guard at < words.count, let key = try? PitchName.key(words[at]) else { return nil }
    at += 1
    return Int(key)
  }
}
