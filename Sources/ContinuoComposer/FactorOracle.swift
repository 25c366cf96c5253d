// SPDX-License-Identifier: MIT

/// A variable-order model of a sequence: what may follow, from as long a context as there is.
///
/// The factor oracle of Allauzen, Crochemore and Raffinot ("Factor oracle: a new structure for pattern
/// matching", 1999), walked as Assayag and Dubnov do to improvise ("Using factor oracles for machine
/// improvisation", 2004): mostly on to the next symbol of the source; now and then back along a suffix
/// link, to an earlier place that ended in the same way, and on from there. The suffix link leads to
/// the longest context that came before, so that jumping along it is backing off.
struct FactorOracle<Symbol: Hashable> {
  /// The source, in order.
  let symbols: [Symbol]
  private var transitions: [[Symbol: Int]] = [[:]]
  private var suffixes = [-1]
  /// For each state, how long the repeated suffix that its link stands for is.
  private var repeated = [0]

  /// Reads `symbols` one by one.
  ///
  /// - Complexity: O(symbols), amortised.
  init(_ symbols: [Symbol]) {
    self.symbols = symbols
    transitions.reserveCapacity(symbols.count + 1)
    for (index, symbol) in symbols.enumerated() {
      let state = index + 1
      transitions.append([:])
      transitions[index][symbol] = state
      var back = suffixes[index]
      var last = index
      while back > -1, transitions[back][symbol] == nil {
        transitions[back][symbol] = state
        last = back
        back = suffixes[back]
      }
      let link = back == -1 ? 0 : (transitions[back][symbol] ?? 0)
      suffixes.append(link)
      repeated.append(link == 0 ? 0 : common(last, link - 1) + 1)
    }
  }

  /// How long the suffix is that states `first` and `second` share.
  private func common(_ first: Int, _ second: Int) -> Int {
    second == suffixes[first]
      ? repeated[first] : min(repeated[first], second < repeated.count ? repeated[second] : 0)
  }

  /// The symbol after `state`, and the state it leads to; nil only when there are no symbols.
  ///
  /// `faithful` times in a hundred the walk goes on with the source; `least` is the shortest repeated
  /// context from which it may jump.
  func step(
    from state: Int, faithful: Int, least: Int, random: inout SeededRandom
  ) -> (symbol: Symbol, state: Int)? {
    guard !symbols.isEmpty else { return nil }
    let here = min(max(state, 0), symbols.count)
    if here < symbols.count, random.chance(faithful) { return (symbols[here], here + 1) }
    // Back to where the same context came before; at the end, back to anywhere there is.
    var back = here
    while back > 0, repeated[back] >= least || here == symbols.count {
      back = suffixes[back]
      if back < symbols.count, random.chance(60) || back == 0 { break }
    }
    guard back < symbols.count else { return (symbols[0], 1) }
    let next = transitions[back].values.sorted()
    let chosen = next[random.below(next.count)]
    return (symbols[chosen - 1], chosen)
  }
}
