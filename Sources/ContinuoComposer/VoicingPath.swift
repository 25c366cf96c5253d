// SPDX-License-Identifier: MIT
import ContinuoAnalysis

/// The voicings of a row of chords that together move least: a shortest path, not one step at a time.
///
/// Every chord has some dozens of voicings, close and with the second voice from above dropped an
/// octave. The cost of an edge is how far the voices go in all (Tymoczko, "The Geometry of Musical
/// Chords", 2006), with a little on top where the outer voices run in parallel fifths or octaves; a
/// voicing itself costs what it lies away from the register, and what is low and narrow. Bellman's
/// dynamic programme then finds the cheapest way through, in O(chords × voicings²).
struct VoicingPath {
  /// More voicings of one chord than this are not looked at; those furthest from the register go.
  static let mostVoicings = 24

  let ground: Ground

  /// Voicings of `count` notes at each of `places`, ascending; about `lift` above the register.
  func voicings(at places: [(step: Int, count: Int)], lift: Int = 0) -> [[Int]] {
    guard !places.isEmpty else { return [] }
    let center = min(max(ground.home + lift, ground.range.lowerBound), ground.range.upperBound)
    let layers = places.map { place in
      choices(ground.chord(at: place.step), count: place.count, near: center)
    }
    var costs = layers[0].map { standing($0, center) }
    var back: [[Int]] = []
    for index in layers.indices.dropFirst() {
      var next: [Int] = []
      var from: [Int] = []
      for voicing in layers[index] {
        var best = Int.max
        var origin = 0
        for (number, before) in layers[index - 1].enumerated() {
          let cost = costs[number] + Self.motion(before, voicing)
          if cost < best {
            best = cost
            origin = number
          }
        }
        next.append(best + standing(voicing, center))
        from.append(origin)
      }
      costs = next
      back.append(from)
    }
    var at = costs.indices.min { costs[$0] < costs[$1] } ?? 0
    var path: [[Int]] = []
    for index in layers.indices.reversed() {
      path.append(layers[index][at])
      if index > 0 { at = back[index - 1][at] }
    }
    return path.reversed()
  }

  /// Chords as drafts, each onset's notes led anew; `variant` moves the register.
  func revoiced(_ drafts: [Draft], variant: Int) -> [Draft] {
    let sorted = drafts.sorted { ($0.step, $0.pitch) < ($1.step, $1.pitch) }
    var groups: [(step: Int, count: Int)] = []
    for draft in sorted {
      if let last = groups.last, last.step == draft.step {
        groups[groups.count - 1].count += 1
      } else {
        groups.append((draft.step, 1))
      }
    }
    let found = voicings(at: groups, lift: [4, -4, 8][variant % 3]).flatMap { $0 }
    guard found.count == sorted.count else { return sorted }
    return zip(sorted, found).map { draft, pitch in
      var draft = draft
      draft.pitch = pitch
      return draft
    }
  }

  /// How far the voices go from one voicing to the next, in semitones, faults included.
  static func motion(_ first: [Int], _ second: [Int]) -> Int {
    var cost = 0
    if first.count == second.count {
      for index in first.indices { cost += abs(first[index] - second[index]) }
    } else {
      for voice in second { cost += first.map { abs($0 - voice) }.min() ?? 0 }
    }
    if let low = first.first, let high = first.last, let newLow = second.first,
      let newHigh = second.last, low != newLow, first.count > 1, second.count > 1
    {
      let before = (high - low) % 12
      if before == (newHigh - newLow) % 12, before == 7 || before == 0 { cost += 3 }
    }
    return cost
  }

  private func standing(_ voicing: [Int], _ center: Int) -> Int {
    guard let low = voicing.first else { return 0 }
    let middle = voicing.reduce(0, +) / voicing.count
    var cost = abs(middle - center) / 2
    // Close intervals low down are mud (the "low interval limits" of arranging).
    if voicing.count > 1, low < 50, voicing[1] - low < 5 { cost += 4 }
    return cost
  }

  private func choices(_ chord: Chord, count: Int, near center: Int) -> [[Int]] {
    var found: [[Int]] = []
    let classes = chosen(chord, count: count)
    for lowest in ground.range {
      guard let start = classes.firstIndex(of: lowest % 12) else { continue }
      var voices = [lowest]
      for offset in 1..<max(1, count) {
        let wanted = classes[(start + offset) % classes.count]
        let previous = voices[voices.count - 1]
        voices.append(previous + ((wanted - previous % 12) + 11) % 12 + 1)
      }
      if let top = voices.last, ground.range.contains(top) { found.append(voices) }
      guard voices.count > 3 else { continue }
      voices[voices.count - 2] -= 12
      voices.sort()
      if let low = voices.first, let top = voices.last, ground.range.contains(low),
        ground.range.contains(top), Set(voices).count == voices.count
      {
        found.append(voices)
      }
    }
    // A range too narrow for close position still has room for chord tones.
    guard !found.isEmpty else { return [squeezed(classes, count)] }
    let ranked = found.enumerated().sorted { left, right in
      let one = abs(left.element.reduce(0, +) / left.element.count - center)
      let other = abs(right.element.reduce(0, +) / right.element.count - center)
      return (one, left.offset) < (other, right.offset)
    }
    return ranked.prefix(Self.mostVoicings).map(\.element)
  }

  /// The chord's classes in ascending order; with few voices third and seventh come first, which
  /// tell the chord, and the bass's root and the fifth go.
  private func chosen(_ chord: Chord, count: Int) -> [Int] {
    let tones = chord.pitchClasses
    guard count < tones.count else { return tones }
    let order = tones.count > 3 ? [1, 3, 0, 2] : [1, 0, 2]
    let kept = order.prefix(max(1, count)).sorted()
    return kept.map { tones[$0] }
  }

  private func squeezed(_ classes: [Int], _ count: Int) -> [Int] {
    let fitting = ground.range.filter { classes.contains($0 % 12) }
    let most = Array(fitting.prefix(max(1, count)))
    return most.isEmpty ? [ground.range.lowerBound] : most
  }
}
