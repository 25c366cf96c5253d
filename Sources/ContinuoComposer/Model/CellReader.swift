// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// A note with its place in quarters, before it is mended.
struct RoughNote: Hashable {
  var pitch: Int
  var start: Double
  var length: Double
  /// 1...127; nil for the usual loudness at its place.
  var velocity: Int?
}

/// Turns rows of cells into notes.
///
/// A cell is one step of the grid. For a line it is `.` silence, `-` the note goes on, a tone of the
/// chord (bass: R 3 5 7 8, and `a` half a step below the root that comes) or of the scale (melody: 1
/// to 8), or a note's name; `'` and `,` shift it by an octave, `!` accents. For chords it is C (all
/// of it), c (softly), T (its upper tones) or B (its bass). For drums it is the drums struck: k s h o
/// r t c, g for a ghost on the snare; capitals accent.
struct CellReader {
  let kind: CompositionKind
  let range: ClosedRange<Int>
  let harmony: HarmonyMap
  /// Where the hand lies.
  let home: Int
  /// Cells that mean nothing.
  private(set) var unknown = 0
  private var last: Int?

  init(kind: CompositionKind, range: ClosedRange<Int>, harmony: HarmonyMap, home: Int) {
    self.kind = kind
    self.range = range
    self.harmony = harmony
    self.home = home
  }

  /// The notes of a row whose cells are `unit` long and begin at `start`, both in quarters.
  mutating func notes(_ cells: [String], from start: Double, unit: Double) -> [RoughNote] {
    var notes: [RoughNote] = []
    /// Notes that a `-` prolongs.
    var held: Range<Int> = 0..<0
    for (index, cell) in cells.enumerated() {
      let at = start + Double(index) * unit
      switch cell {
      case "-", "_", "~":
        for note in held { notes[note].length += unit }
      case "", ".", "0", "rest", "null":
        held = 0..<0
      default:
        let first = notes.count
        switch kind {
        case .drums: notes += strokes(cell, at, unit)
        case .harmony: notes += chord(cell, at, unit)
        case .bass, .melody, .general: notes += tone(cell, at, unit)
        }
        held = first..<notes.count
      }
    }
    return notes
  }

  private static let drums: [Character: Int] = [
    "k": 36, "s": 38, "h": 42, "o": 46, "r": 51, "t": 45, "c": 49, "x": 42, "g": 38, "p": 44,
  ]

  private mutating func strokes(_ cell: String, _ at: Double, _ unit: Double) -> [RoughNote] {
    var struck: [Int: RoughNote] = [:]
    for letter in cell.prefix(6) where letter != "." && letter != "-" {
      guard let pitch = Self.drums[Character(letter.lowercased())] else {
        unknown += 1
        continue
      }
      let velocity = letter == "g" ? 38 : letter.isUppercase ? 112 : nil
      struck[pitch] = RoughNote(
        pitch: pitch, start: at, length: min(unit, 0.25), velocity: velocity)
    }
    return struck.values.sorted { $0.pitch < $1.pitch }
  }

  private mutating func chord(_ cell: String, _ at: Double, _ unit: Double) -> [RoughNote] {
    let chord = harmony.chord(at: at)
    let voices = chord.pitchClasses.compactMap {
      HarmonyMap.place($0, near: home, in: range)
    }.sorted()
    let letter = cell.first ?? "."
    let pitches: [Int]
    switch letter {
    case "C", "c": pitches = voices
    case "T", "t": pitches = Array(voices.suffix(2))
    case "B", "b": pitches = Array(voices.prefix(1))
    default:
      unknown += 1
      return []
    }
    let velocity = letter.isLowercase ? 58 : nil
    return pitches.map { RoughNote(pitch: $0, start: at, length: unit, velocity: velocity) }
  }

  private mutating func tone(_ cell: String, _ at: Double, _ unit: Double) -> [RoughNote] {
    let octaves = cell.count { $0 == "'" } - cell.count { $0 == "," }
    let bare = String(cell.filter { !"'!,".contains($0) })
    guard let plain = kind == .bass ? chordTone(bare, at, unit) : degree(bare) else {
      unknown += 1
      return []
    }
    let shifted = plain + 12 * octaves
    let pitch = range.contains(shifted) ? shifted : plain
    last = pitch
    return [
      RoughNote(
        pitch: pitch, start: at, length: unit, velocity: cell.contains("!") ? 110 : nil)
    ]
  }

  private func chordTone(_ name: String, _ at: Double, _ unit: Double) -> Int? {
    let chord = harmony.chord(at: at)
    guard let root = HarmonyMap.place(chord.root, near: home, in: range) else { return nil }
    let intervals = chord.quality.intervals
    func above(_ choices: [Int], _ otherwise: Int) -> Int? {
      let interval = choices.first { intervals.contains($0) } ?? otherwise
      return HarmonyMap.place(chord.root + interval, near: root + interval, in: range)
    }
    switch name {
    case "R", "r", "1": return root
    case "3": return above([3, 4, 5, 2], 4)
    case "5": return above([6, 7, 8], 7)
    case "7": return above([9, 10, 11], 10)
    case "8": return range.contains(root + 12) ? root + 12 : root
    case "a", "A":
      let next = harmony.chord(at: at + unit)
      return HarmonyMap.place(next.root + 11, near: root - 1, in: range)
    default: return Self.named(name)
    }
  }

  private func degree(_ name: String) -> Int? {
    let near = last.map { (2 * $0 + home) / 3 } ?? home
    if let number = Int(name), (1...8).contains(number) {
      return HarmonyMap.place(harmony.scale[(number - 1) % 7], near: near, in: range)
    }
    if name == "R" || name == "r" {
      return HarmonyMap.place(harmony.scale[0], near: near, in: range)
    }
    return Self.named(name)
  }

  private static func named(_ name: String) -> Int? { (try? PitchName.key(name)).map { Int($0) } }
}
