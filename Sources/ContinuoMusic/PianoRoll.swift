// SPDX-License-Identifier: MIT

/// A pattern drawn as a piano roll, in text or as an SVG, with what it was made from behind it.
///
/// Against an original every note is one of: as it was, changed, new, or taken away. Nothing in a
/// pattern can make a drawing trap or grow without bound: at most `maximumBars` bars are drawn, and
/// the drawing says when there are more.
public struct PianoRoll: Hashable, Sendable {
  /// What became of a note between the original and the pattern.
  public enum Mark: Hashable, Sendable {
    /// There is no original to compare with.
    case plain
    /// The same in both.
    case kept
    /// At the same place and pitch, with another length or loudness.
    case changed
    /// Only in the pattern.
    case added
    /// Only in the original; a shortened note's old length too.
    case removed
  }

  /// A note and its mark.
  public struct MarkedNote: Hashable, Sendable {
    /// The note; the original's when it was removed.
    public let note: Note
    /// What became of it.
    public let mark: Mark
  }

  /// A row of the drawing, from the top down.
  enum Row: Hashable {
    case key(UInt8)
    case gap
  }

  /// The most bars drawn.
  public static let maximumBars = 128
  /// Starts and lengths that differ by less, in quarters, are the same to a listener.
  private static let tolerance = 0.02
  /// More keys than this from lowest to highest are drawn with gaps.
  private static let widestRange = 26

  /// What is drawn.
  public let pattern: Pattern
  /// What it was made from.
  public let original: Pattern?
  /// The number of the first bar.
  public let firstBar: Int
  /// Every note of both, the removed first, so that later ones are drawn over them.
  public let notes: [MarkedNote]

  let rows: [Row]
  let isDrums: Bool
  private let drums: DrumMap

  /// Compares `pattern` with `original`, if there is one; bars count from `firstBar`.
  ///
  /// With `drums` the rows are those of a kit; without, they are where all notes are on channel 10.
  public init(
    _ pattern: Pattern, original: Pattern? = nil, firstBar: Int = 1, drums: DrumMap? = nil
  ) {
    self.pattern = pattern
    self.original = original
    self.firstBar = clampedInt(Double(firstBar), limit: 1_000_000)
    notes =
      original.map { Self.compare(pattern.notes, with: $0.notes) }
      ?? pattern.notes.map { MarkedNote(note: $0, mark: .plain) }
    isDrums = !notes.isEmpty && (drums != nil || notes.allSatisfy { $0.note.channel == 9 })
    self.drums = drums ?? .standard
    rows = Self.rows(of: notes, onlyUsed: isDrums)
  }

  /// Bars of the pattern.
  public var bars: Int { pattern.bars }

  var drawnBars: Int { min(bars, Self.maximumBars) }

  var hiddenBars: String? {
    bars > drawnBars ? "and \(bars - drawnBars) more bars" : nil
  }

  /// A row's label: the note's name, and the drum's on the drum channel.
  func label(_ key: UInt8) -> String {
    let name = PitchName.name(of: key)
    guard isDrums, let drum = drums.name(of: key) else { return name }
    return name + String(repeating: " ", count: max(1, 4 - name.count)) + drum
  }

  private static func compare(_ notes: [Note], with original: [Note]) -> [MarkedNote] {
    var earlier = [[Note]](repeating: [], count: 128)
    for note in original where note.pitch < 128 { earlier[Int(note.pitch)].append(note) }
    var next = [Int](repeating: 0, count: 128)
    var removed: [MarkedNote] = []
    var marked: [MarkedNote] = []
    for note in notes where note.pitch < 128 {
      let key = Int(note.pitch)
      while next[key] < earlier[key].count,
        earlier[key][next[key]].start.quarters < note.start.quarters - tolerance
      {
        removed.append(MarkedNote(note: earlier[key][next[key]], mark: .removed))
        next[key] += 1
      }
      guard next[key] < earlier[key].count,
        earlier[key][next[key]].start.quarters <= note.start.quarters + tolerance
      else {
        marked.append(MarkedNote(note: note, mark: .added))
        continue
      }
      let before = earlier[key][next[key]]
      next[key] += 1
      let isSame =
        before.velocity == note.velocity
        && abs(before.duration.quarters - note.duration.quarters) < tolerance
      marked.append(MarkedNote(note: note, mark: isSame ? .kept : .changed))
      // What a shortened note lost shows behind it.
      if !isSame, before.end > note.end { removed.append(MarkedNote(note: before, mark: .removed)) }
    }
    for key in 0..<128 {
      removed += earlier[key][next[key]...].map { MarkedNote(note: $0, mark: .removed) }
    }
    return removed + marked
  }

  private static func rows(of notes: [MarkedNote], onlyUsed: Bool) -> [Row] {
    var used = [Bool](repeating: false, count: 128)
    for marked in notes where marked.note.pitch < 128 { used[Int(marked.note.pitch)] = true }
    guard let low = used.firstIndex(of: true), let high = used.lastIndex(of: true) else {
      return []
    }
    if !onlyUsed, high - low < widestRange {
      return (low...high).reversed().map { .key(UInt8($0)) }
    }
    var rows: [Row] = []
    for key in (low...high).reversed() {
      if used[key] {
        rows.append(.key(UInt8(key)))
      } else if !onlyUsed, rows.last != .gap {
        rows.append(.gap)
      }
    }
    return rows
  }
}
