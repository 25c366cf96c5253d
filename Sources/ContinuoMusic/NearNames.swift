// SPDX-License-Identifier: MIT

/// Finds the names a mistyped one may have meant: commands, tracks and ports alike.
public enum NearNames {
  /// Longer names are compared by their first characters only, so that cost stays bounded.
  static let comparedCharacters = 64
  /// More names than this are not looked at.
  static let comparedNames = 2000

  /// Up to `limit` of `names` that resemble `word`, nearest first, then in the order given.
  ///
  /// Case is ignored. A name resembles when it begins with the word (two characters at least),
  /// or when a third of its characters or fewer are wrong: swapped neighbours count once.
  /// - Complexity: O(names × 64²) at most.
  public static func near(_ word: String, among names: [String], limit: Int = 3) -> [String] {
    let wanted = folded(word)
    guard !wanted.isEmpty, limit > 0 else { return [] }
    var ranked: [(name: String, distance: Int, place: Int)] = []
    var seen: Set<String> = []
    for (place, name) in names.prefix(comparedNames).enumerated()
    where seen.insert(name).inserted {
      let candidate = folded(name)
      let allowed = max(1, max(wanted.count, candidate.count) / 3)
      let begins = wanted.count >= 2 && candidate.starts(with: wanted)
      guard begins || abs(candidate.count - wanted.count) <= allowed else { continue }
      let distance = distance(wanted, candidate)
      // A single letter resembles every other single letter: only one in common counts.
      let shares = distance < max(wanted.count, candidate.count)
      if begins || (distance <= allowed && shares) {
        ranked.append((name, begins ? min(distance, 1) : distance, place))
      }
    }
    return
      ranked
      .sorted { ($0.distance, $0.place) < ($1.distance, $1.place) }
      .prefix(limit)
      .map(\.name)
  }

  /// The Damerau-Levenshtein distance (optimal string alignment) of two words, case ignored.
  ///
  /// Only the first 64 characters count.
  public static func distance(_ left: String, _ right: String) -> Int {
    distance(folded(left), folded(right))
  }

  private static func folded(_ word: String) -> [Character] {
    Array(word.prefix(comparedCharacters).lowercased().prefix(comparedCharacters))
  }

  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 1..<(left.count + 1) {
      var current = [row]
      current.reserveCapacity(right.count + 1)
      for column in 1..<(right.count + 1) {
        let same = left[row - 1] == right[column - 1]
        var best = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (same ? 0 : 1))
        if row > 1, column > 1, left[row - 1] == right[column - 2],
          left[row - 2] == right[column - 1]
        {
          best = min(best, beforeLast[column - 2] + 1)
        }
        current.append(best)
      }
      beforeLast = last
      last = current
    }
    return last[right.count]
  }
}
