// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// Which bars are alike, which runs of bars come back, and where something changes.
///
/// Bars are compared on the metre's own grid, by what is struck when and by that alone without its
/// pitch; a change is a peak of Foote's novelty (2000): bars alike among themselves on either side
/// of a bar line, and unlike across it.
public struct Form: Hashable, Sendable, Codable {
  /// More bars than this are not looked at.
  public static let mostBars = 512
  /// Bars at least this alike, 0...1, are of one kind.
  public static let sameKind = 0.75

  /// Bars that come again later.
  public struct Return: Hashable, Sendable, Codable {
    /// The first bar of the first time, from 1.
    public let first: Int
    /// The first bar of the second time, from 1.
    public let again: Int
    /// How many bars come again, 2 or more.
    public let count: Int
  }

  /// For each bar the number of its kind, from 0 in order of appearance; silent bars are one kind.
  public let kinds: [Int]
  /// Runs that come again, the longest first; none overlaps another's second time.
  public let returns: [Return]
  /// Bars, from 1, that begin something new.
  public let changes: [Int]
  private let prints: [Print]

  /// What is struck in a bar: sorted, each place once, for every bar is held against many.
  private struct Print: Hashable {
    var rhythm: [Int] = []
    var pitches: [Int] = []

    init(_ struck: Set<Int>) {
      pitches = struck.sorted()
      for place in pitches where rhythm.last != place >> 7 { rhythm.append(place >> 7) }
    }
  }

  /// Compares the bars of `notes` over `length` in `meter`, straightened by `swing` first.
  ///
  /// - Complexity: O(bars² × notes in a bar).
  public init(of notes: [Note], meter: Meter, length: Beats, swing: Swing = .unknown) {
    let grid = MetricGrid(meter)
    let bars = length.quarters / meter.barLength.quarters
    let count = bars.isFinite ? min(max(Int((bars - 1e-6).rounded(.up)), 0), Self.mostBars) : 0
    var struck = [Set<Int>](repeating: [], count: count)
    for note in UsableNotes.of(notes) {
      let step = grid.nearestStep(to: swing.straightened(note.start, meter: meter))
      let bar = Int((Double(step) / Double(grid.stepsPerBar)).rounded(.down))
      guard struck.indices.contains(bar) else { continue }
      let inside = step - bar * grid.stepsPerBar
      struck[bar].insert(inside << 7 | Int(note.pitch))
    }
    let prints = struck.map { Print($0) }
    self.prints = prints
    var kinds: [Int] = []
    var models: [Int] = []
    for bar in prints.indices {
      var nearest = (kind: 0, likeness: 0.0)
      for kind in models.indices {
        let likeness = Self.likeness(prints[models[kind]], prints[bar])
        if likeness > nearest.likeness { nearest = (kind, likeness) }
      }
      if nearest.likeness >= Self.sameKind {
        kinds.append(nearest.kind)
      } else {
        kinds.append(models.count)
        models.append(bar)
      }
    }
    self.kinds = kinds
    returns = Self.returns(kinds)
    changes = Self.changes(prints)
  }

  /// How alike two bars (from 1) are, 0...1; 0 for bars that are not there.
  public func likeness(of first: Int, and second: Int) -> Double {
    guard prints.indices.contains(first - 1), prints.indices.contains(second - 1) else { return 0 }
    return Self.likeness(prints[first - 1], prints[second - 1])
  }

  /// Whether nothing is struck in a bar, from 1.
  public func isSilent(_ bar: Int) -> Bool {
    prints.indices.contains(bar - 1) && prints[bar - 1].rhythm.isEmpty
  }

  private static func likeness(_ left: Print, _ right: Print) -> Double {
    (jaccard(left.rhythm, right.rhythm) + jaccard(left.pitches, right.pitches)) / 2
  }

  private static func jaccard(_ left: [Int], _ right: [Int]) -> Double {
    guard !left.isEmpty || !right.isEmpty else { return 1 }
    var common = 0
    var (first, second) = (0, 0)
    while first < left.count, second < right.count {
      if left[first] == right[second] {
        common += 1
        first += 1
        second += 1
      } else if left[first] < right[second] {
        first += 1
      } else {
        second += 1
      }
    }
    return Double(common) / Double(left.count + right.count - common)
  }

  private static func returns(_ kinds: [Int]) -> [Return] {
    var found: [Return] = []
    for again in kinds.indices.dropFirst(2) {
      for first in 0...(again - 2) where kinds[first] == kinds[again] {
        var count = 0
        // The first time ends where the second begins at the latest.
        while again + count < kinds.count, first + count < again,
          kinds[first + count] == kinds[again + count]
        { count += 1 }
        if count >= 2 { found.append(Return(first: first + 1, again: again + 1, count: count)) }
      }
    }
    found.sort { ($1.count, $0.again, $0.first) < ($0.count, $1.again, $1.first) }
    var taken: Set<Int> = []
    return found.filter { run in
      let bars = Set(run.again..<run.again + run.count)
      guard taken.isDisjoint(with: bars) else { return false }
      taken.formUnion(bars)
      return true
    }
  }

  /// Foote's checkerboard over four bars to either side, as far as there are so many.
  private static func changes(_ prints: [Print]) -> [Int] {
    guard prints.count >= 4 else { return [] }
    let novelty = prints.indices.map { bar -> Double in
      let left = Array(max(0, bar - 4)..<bar)
      let right = Array(bar..<min(prints.count, bar + 4))
      guard left.count >= 2, right.count >= 2 else { return 0 }
      let across = mean(left.flatMap { l in right.map { likeness(prints[l], prints[$0]) } })
      return min(within(left, prints), within(right, prints)) - across
    }
    return novelty.indices.filter { bar in
      novelty[bar] >= 0.3
        && novelty[max(0, bar - 2)...min(novelty.count - 1, bar + 2)].allSatisfy {
          $0 <= novelty[bar]
        }
    }.map { $0 + 1 }
  }

  private static func within(_ bars: [Int], _ prints: [Print]) -> Double {
    mean(
      bars.flatMap { left in
        bars.filter { $0 > left }.map { likeness(prints[left], prints[$0]) }
      })
  }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  private enum CodingKeys: String, CodingKey { case kinds, returns, changes }

  /// Writes kinds, returns and changes; what they follow from is left out.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kinds, forKey: .kinds)
    try container.encode(returns, forKey: .returns)
    try container.encode(changes, forKey: .changes)
  }

  /// Reads what `encode(to:)` wrote; such a form knows no likeness of single bars.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kinds = try container.decode([Int].self, forKey: .kinds)
    returns = try container.decode([Return].self, forKey: .returns)
    changes = try container.decode([Int].self, forKey: .changes)
    prints = []
  }
}
