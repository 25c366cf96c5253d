// SPDX-License-Identifier: MIT

/// SplitMix64: the same numbers for the same seed on every machine and in every version.
struct SeededRandom {
  private var state: UInt64

  /// A stream of its own for each pair of `seed` and `stream`.
  init(seed: UInt64, stream: UInt64 = 0) {
    state = seed ^ (stream &* 0xD1B5_4A32_D192_ED03)
    _ = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// 0..<`count`; 0 when `count` is not above zero.
  mutating func below(_ count: Int) -> Int {
    guard count > 0 else { return 0 }
    return Int((next() >> 33) % UInt64(count))
  }

  mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.upperBound - range.lowerBound + 1)
  }

  /// True `percent` times in a hundred.
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

  /// One of `items`, each as often as its weight says; nil when nothing weighs anything.
  mutating func pick<Item>(_ items: [Item], weight: (Item) -> Int) -> Item? {
    let weights = items.map { max(0, weight($0)) }
    var rest = below(weights.reduce(0, +))
    for (item, weight) in zip(items, weights) {
      if rest < weight { return item }
      rest -= weight
    }
    return nil
  }
}
