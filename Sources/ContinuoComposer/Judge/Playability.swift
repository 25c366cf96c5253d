// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// Whether hands and feet could play it.
///
/// Keys: what sounds together is split at its widest gap between two hands, and each hand spans at
/// most `handSpan` (a tenth and a half step; Parncutt et al. take a twelfth from thumb to little finger
/// as the practical limit, an octave and two as comfortable, "An Ergonomic Model of Keyboard
/// Fingering", 1997). Drums: two hands and two feet, so no more than two things struck by stick and
/// two by pedal at once. One-voice lines: leaps past a tenth, and one key struck faster than ten times
/// a second, are hard.
enum Playability {
  /// The widest a hand reaches, in semitones.
  static let handSpan = 16
  /// Strikes closer than this, in quarters, are together.
  static let together = 1.0 / 32
  private static let pedals: Set<Int> = [35, 36, 44]

  /// Share of moments at which what is struck or held fits two hands; nil without notes.
  static func reachable(_ notes: [Note]) -> Double? {
    guard !notes.isEmpty else { return nil }
    var fitting = 0
    var moments = 0
    var sounding: [Note] = []
    for group in groups(notes) {
      sounding = sounding.filter { $0.end.quarters > group[0].start.quarters + together } + group
      moments += 1
      if fitsHands(Set(sounding.map { Int($0.pitch) }).sorted()) { fitting += 1 }
    }
    return Double(fitting) / Double(moments)
  }

  private static func fitsHands(_ pitches: [Int]) -> Bool {
    guard let low = pitches.first, let high = pitches.last else { return true }
    guard pitches.count <= 10 else { return false }
    if high - low <= handSpan { return pitches.count <= 5 }
    return pitches.indices.dropFirst().contains { cut in
      pitches[cut - 1] - low <= handSpan && high - pitches[cut] <= handSpan && cut <= 5
        && pitches.count - cut <= 5
    }
  }

  /// Share of strikes that two hands and two feet can make; nil without notes.
  static func drummable(_ notes: [Note]) -> Double? {
    let moments = groups(notes)
    guard !moments.isEmpty else { return nil }
    let fitting = moments.count { group in
      let keys = Set(group.map { Int($0.pitch) })
      return keys.subtracting(pedals).count <= 2 && keys.intersection(pedals).count <= 2
    }
    return Double(fitting) / Double(moments.count)
  }

  /// The most semitones between neighbouring notes of a line.
  static func largestLeap(_ notes: [Note]) -> Int {
    zip(notes.dropFirst(), notes).map { abs(Int($0.pitch) - Int($1.pitch)) }.max() ?? 0
  }

  /// The shortest time between two strikes of one pitch, in quarters.
  static func fastestRepeat(_ notes: [Note]) -> Double? {
    var last = [Double?](repeating: nil, count: 128)
    var fastest: Double?
    for note in notes {
      let pitch = Int(note.pitch)
      if let before = last[pitch] {
        fastest = min(fastest ?? .infinity, note.start.quarters - before)
      }
      last[pitch] = note.start.quarters
    }
    return fastest
  }

  private static func groups(_ notes: [Note]) -> [[Note]] {
    var groups: [[Note]] = []
    for note in notes {
      if let first = groups.last?.first, note.start.quarters - first.start.quarters < together {
        groups[groups.count - 1].append(note)
      } else {
        groups.append([note])
      }
    }
    return groups
  }
}
