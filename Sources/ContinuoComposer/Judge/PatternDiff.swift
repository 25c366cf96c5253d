// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// What changed between two patterns, note by note.
///
/// Notes are paired in four passes, each nearest first: the same pitch at the same place (the same,
/// or revelocitied), another pitch at the same place (repitched), the same pitch up to a quarter
/// away (moved), and what is left over was removed or added. A greedy assignment, not the cheapest
/// one: what a musician would say happened, in O(n log n + n × notes within a quarter).
public struct PatternDiff: Hashable, Sendable, Codable {
  /// Places closer than this, in quarters, are the same.
  public static let samePlace = 1.0 / 16
  /// A note of the same pitch at most this far away, in quarters, was moved.
  public static let farthestMove = 1.0
  /// Velocities closer than this are the same.
  public static let sameVelocity = 4

  /// One change.
  public struct Change: Hashable, Sendable, Codable {
    /// What happened to a note.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
      /// It is new.
      case added
      /// It is gone.
      case removed
      /// It has its pitch, in another place.
      case moved
      /// It has its place, at another pitch.
      case repitched
      /// It has its place and pitch, louder or softer.
      case revelocitied
      /// It has its place, pitch and loudness, and another length.
      case relengthened
    }

    /// What happened.
    public let kind: Kind
    /// The note as it was; nil when added.
    public let before: Note?
    /// The note as it is; nil when removed.
    public let after: Note?
  }

  /// The changes, by place.
  public let changes: [Change]
  /// Notes that are as they were.
  public let unchanged: Int

  /// Compares `after` with `before`.
  public init(from before: Pattern, to after: Pattern) {
    var pairing = Pairing(before.notes, after.notes)
    pairing.pair(within: Self.samePlace) { $0.pitch == $1.pitch && $0.channel == $1.channel }
    pairing.pair(within: Self.samePlace) { $0.channel == $1.channel }
    pairing.pair(within: Self.farthestMove) { $0.pitch == $1.pitch && $0.channel == $1.channel }
    var changes: [Change] = []
    var same = 0
    for (old, new) in pairing.pairs {
      guard let kind = Self.kind(old, new) else {
        same += 1
        continue
      }
      changes.append(Change(kind: kind, before: old, after: new))
    }
    changes += pairing.removed.map { Change(kind: .removed, before: $0, after: nil) }
    changes += pairing.added.map { Change(kind: .added, before: nil, after: $0) }
    self.changes = changes.sorted { Self.order($0) < Self.order($1) }
    unchanged = same
  }

  /// How many changes are of `kind`.
  public func count(_ kind: Change.Kind) -> Int { changes.count { $0.kind == kind } }

  private static func kind(_ old: Note, _ new: Note) -> Change.Kind? {
    if old.pitch != new.pitch { return .repitched }
    if abs(old.start.quarters - new.start.quarters) > samePlace { return .moved }
    if abs(Int(old.velocity) - Int(new.velocity)) > sameVelocity { return .revelocitied }
    let lengths = abs(old.duration.quarters - new.duration.quarters)
    return lengths > max(samePlace, old.duration.quarters / 4) ? .relengthened : nil
  }

  private static func order(_ change: Change) -> (Double, Int, Int) {
    let note = change.after ?? change.before
    let kind = Change.Kind.allCases.firstIndex(of: change.kind) ?? 0
    return (note?.start.quarters ?? 0, Int(note?.pitch ?? 0), kind)
  }

  /// Bar and beat as musicians count them, both from 1: "3|2.5" is half way through beat 2 of bar 3.
  ///
  /// `firstBar` is the bar the pattern begins in.
  public static func place(_ at: Beats, meter: Meter, firstBar: Int = 1) -> String {
    let hundredths = (at.quarters / meter.beatLength.quarters * 100).rounded()
    guard hundredths.isFinite, abs(hundredths) < 1e12 else { return "?" }
    let perBar = meter.beatsPerBar * 100
    let whole = Int(hundredths)
    let bar = Int((Double(whole) / Double(perBar)).rounded(.down))
    let inside = whole - bar * perBar + 100
    let rest = inside % 100
    let fraction =
      rest == 0 ? "" : (rest % 10 == 0 ? ".\(rest / 10)" : (rest < 10 ? ".0\(rest)" : ".\(rest)"))
    return "\(bar + firstBar)|\(inside / 100)\(fraction)"
  }

  /// A line for what changed in all, then one for each change.
  ///
  /// `mostLines` bounds the changes told; how many were left out is said.
  public func lines(
    meter: Meter, firstBar: Int = 1, flats: Bool = false, mostLines: Int = 200
  ) -> [String] {
    let counts = Change.Kind.allCases.compactMap { kind in
      count(kind) > 0 ? "\(count(kind)) \(Self.word(kind))" : nil
    }
    let summary = (counts.isEmpty ? ["nothing changed"] : counts) + ["\(unchanged) as before"]
    let told = changes.prefix(max(0, mostLines)).map { change in
      Self.line(change, meter: meter, firstBar: firstBar, flats: flats)
    }
    let rest = changes.count - told.count
    return [summary.joined(separator: ", ")] + told + (rest > 0 ? ["and \(rest) more"] : [])
  }

  private static func word(_ kind: Change.Kind) -> String {
    switch kind {
    case .revelocitied: "louder or softer"
    case .relengthened: "longer or shorter"
    default: kind.rawValue
    }
  }

  private static func line(
    _ change: Change, meter: Meter, firstBar: Int, flats: Bool
  ) -> String {
    func at(_ note: Note) -> String { place(note.start, meter: meter, firstBar: firstBar) }
    func name(_ note: Note) -> String { PitchName.name(of: note.pitch, flats: flats) }
    switch (change.kind, change.before, change.after) {
    case (.added, _, let new?): return "+ \(at(new))  \(name(new))  velocity \(new.velocity)"
    case (.removed, let old?, _): return "- \(at(old))  \(name(old))"
    case (.moved, let old?, let new?): return "~ \(at(old))  \(name(new))  moved to \(at(new))"
    case (.repitched, let old?, let new?): return "~ \(at(new))  \(name(old)) became \(name(new))"
    case (.revelocitied, let old?, let new?):
      return "~ \(at(new))  \(name(new))  velocity \(old.velocity) became \(new.velocity)"
    case (.relengthened, let old?, let new?):
      return "~ \(at(new))  \(name(new))  \(length(old)) became \(length(new)) quarters long"
    default: return ""
    }
  }

  private static func length(_ note: Note) -> String {
    let hundredths = Int((min(max(note.duration.quarters, 0), 1e6) * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}

/// Notes of two patterns, those still without a partner, and the pairs found.
private struct Pairing {
  private(set) var pairs: [(Note, Note)] = []
  private(set) var removed: [Note]
  private(set) var added: [Note]

  init(_ before: [Note], _ after: [Note]) {
    removed = before
    added = after
  }

  /// Pairs notes that are `alike` and at most `reach` quarters apart, the nearest first.
  mutating func pair(within reach: Double, alike: (Note, Note) -> Bool) {
    var found: [(distance: Double, old: Int, new: Int)] = []
    var first = 0
    for (old, note) in removed.enumerated() {
      while first < added.count, added[first].start.quarters < note.start.quarters - reach {
        first += 1
      }
      var new = first
      while new < added.count, added[new].start.quarters <= note.start.quarters + reach {
        if alike(note, added[new]) {
          let apart = abs(added[new].start.quarters - note.start.quarters)
          let pitch = abs(Int(added[new].pitch) - Int(note.pitch))
          found.append((apart + Double(pitch) / 1000, old, new))
        }
        new += 1
      }
    }
    found.sort { ($0.distance, $0.old, $0.new) < ($1.distance, $1.old, $1.new) }
    var usedOld = [Bool](repeating: false, count: removed.count)
    var usedNew = [Bool](repeating: false, count: added.count)
    for (_, old, new) in found where !usedOld[old] && !usedNew[new] {
      usedOld[old] = true
      usedNew[new] = true
      pairs.append((removed[old], added[new]))
    }
    removed = removed.enumerated().filter { !usedOld[$0.offset] }.map(\.element)
    added = added.enumerated().filter { !usedNew[$0.offset] }.map(\.element)
  }
}
