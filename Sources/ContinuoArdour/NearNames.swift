// SPDX-License-Identifier: MIT
import ContinuoMusic

/// Up to five of `names` that resemble `name`, best first; when none does, the first five.
func nearNames(to name: String, among names: [String]) -> [String] {
  let near = NearNames.near(name, among: names, limit: 5)
  return near.isEmpty ? Array(names.prefix(5)) : near
}
