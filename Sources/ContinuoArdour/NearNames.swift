// SPDX-License-Identifier: MIT

/// Up to five of `names` that look like `name`, best first; when none does, the first five.
func nearNames(to name: String, among names: [String]) -> [String] {
  let wanted = Array(name.lowercased().prefix(64))
  let ranked = names.enumerated().map { offset, candidate in
    let other = Array(candidate.lowercased().prefix(64))
    let contains =
      !wanted.isEmpty
      && (candidate.lowercased().contains(name.lowercased())
        || name.lowercased().contains(candidate.lowercased()))
    return (rank: contains ? 0 : distance(wanted, other), offset: offset, name: candidate)
  }
  .sorted { ($0.rank, $0.offset) < ($1.rank, $1.offset) }
  let near = ranked.filter { $0.rank <= max(2, wanted.count / 2) }
  return (near.isEmpty ? ranked : near).prefix(5).map(\.name)
}

/// Letters to add, remove or change to make one word of the other.
private func distance(_ left: [Character], _ right: [Character]) -> Int {
  var row = Array(0...right.count)
  for (i, letter) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in right.enumerated() {
      let change = diagonal + (letter == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(change, row[j] + 1, diagonal + 1)
    }
  }
  return row[right.count]
}
