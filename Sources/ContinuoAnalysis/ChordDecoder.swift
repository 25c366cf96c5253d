// SPDX-License-Identifier: MIT
import Foundation

/// Finds the most probable course of chords through a row of windows.
struct ChordDecoder {
  /// The constants of the model, fitted on labelled chorales and accompaniments.
  struct Weights {
    /// What a silent chord tone costs, as a share of all sound.
    var missing = 0.16
    /// What the bass being the root, or another chord tone, is worth.
    var bassRoot = 0.25
    var bassTone = 0.08
    /// What each chord tone outside the key costs where the key is certain.
    var foreign = 0.06
    /// What changing the chord costs on a strong place, and how much more per weaker level.
    var change = 0.10
    var changeLevel = 0.06
    /// What a window of no clear chord scores.
    var none = -0.25
    /// How rare each quality is, in units of score.
    var rarity: [ChordQuality: Double] = [
      .diminished: 0.06, .augmented: 0.12, .suspendedSecond: 0.10, .suspendedFourth: 0.08,
      .sixth: 0.18, .minorSixth: 0.18, .dominantSeventh: 0.06, .majorSeventh: 0.12,
      .minorSeventh: 0.10, .halfDiminished: 0.10, .diminishedSeventh: 0.12,
    ]
    /// Turns scores into log probabilities: confidences match accuracy at this sharpness.
    var sharpness = 14.0
  }

  private struct State {
    let chord: Chord?
    let prior: Double
    let members: [Bool]
  }

  private let states: [State]
  private let weights: Weights

  init(key: Key?, keyConfidence: Double, weights: Weights = Weights()) {
    let inKey = key?.accepted
    var states = [State(chord: nil, prior: 0, members: [])]
    for root in 0..<12 {
      for quality in ChordQuality.allCases {
        let chord = Chord(root: root, quality: quality)
        let foreign = inKey.map { scale in chord.pitchClasses.count { !scale.contains($0) } } ?? 0
        let prior =
          -(weights.rarity[quality] ?? 0) - Double(foreign) * weights.foreign * keyConfidence
        var members = [Bool](repeating: false, count: 12)
        for pitchClass in chord.pitchClasses { members[pitchClass] = true }
        states.append(State(chord: chord, prior: prior, members: members))
      }
    }
    self.states = states
    self.weights = weights
  }

  /// The chord of each window, and the probability of that chord given all windows.
  func decode(_ windows: [ChordWindow]) -> [(chord: Chord?, confidence: Double)] {
    guard !windows.isEmpty else { return [] }
    let emissions = windows.map(emission)
    let path = viterbi(windows, emissions)
    let confidence = posterior(windows, emissions, along: path)
    return zip(path, confidence).enumerated().map { index, found in
      (states[found.0].chord, found.1 * fit(windows[index], found.0))
    }
  }

  private func emission(_ window: ChordWindow) -> [Double] {
    let sound = window.sound
    var scores = [Double](repeating: -.infinity, count: states.count)
    scores[0] = weights.none
    // Nearly all silence has no chord, whatever was there before.
    guard sound > 0.05 * (window.end - window.start) else { return scores }
    let classes = window.classes
    for index in 1..<states.count {
      let state = states[index]
      guard let chord = state.chord else { continue }
      var inside = 0.0
      var missing = 0
      for pitchClass in 0..<12 where state.members[pitchClass] {
        inside += classes[pitchClass]
        if classes[pitchClass] < 0.02 * sound { missing += 1 }
      }
      var score = (2 * inside - sound) / sound - weights.missing * Double(missing) + state.prior
      if let bass = window.bassClass, state.members[bass] {
        score += bass == chord.root ? weights.bassRoot : weights.bassTone
      }
      scores[index] = score
    }
    return scores
  }

  /// The share of the sound that belongs to the chord: one chord for a bar of three is a poor fit.
  private func fit(_ window: ChordWindow, _ state: Int) -> Double {
    guard states[state].chord != nil, window.sound > 0 else { return 1 }
    let inside = (0..<12).reduce(0.0) { sum, pitchClass in
      states[state].members[pitchClass] ? sum + window.classes[pitchClass] : sum
    }
    return inside / window.sound
  }

  private func changeCost(_ window: ChordWindow) -> Double {
    weights.change + weights.changeLevel * Double(-window.weight)
  }

  private func viterbi(_ windows: [ChordWindow], _ emissions: [[Double]]) -> [Int] {
    var score = emissions[0]
    var back: [[Int32]] = []
    for index in 1..<max(1, windows.count) {
      let best = Self.best(score)
      let moved = score[best] - changeCost(windows[index])
      var next = emissions[index]
      var from = [Int32](repeating: Int32(best), count: states.count)
      for state in 0..<states.count {
        if score[state] >= moved {
          from[state] = Int32(state)
          next[state] += score[state]
        } else {
          next[state] += moved
        }
      }
      back.append(from)
      score = next
    }
    var path = [Self.best(score)]
    for from in back.reversed() { path.append(Int(from[path[path.count - 1]])) }
    return path.reversed()
  }

  private static func best(_ scores: [Double]) -> Int {
    var best = 0
    for index in 1..<scores.count where scores[index] > scores[best] { best = index }
    return best
  }

  /// Forward-backward over the same model; each row is scaled to add up to one.
  private func posterior(
    _ windows: [ChordWindow], _ emissions: [[Double]], along path: [Int]
  ) -> [Double] {
    let likely = emissions.map { row in
      let peak = row.max() ?? 0
      return row.map { exp(weights.sharpness * ($0 - peak)) }
    }
    let jump = windows.map { exp(-weights.sharpness * changeCost($0)) }
    var forward = [Self.scaled(likely[0])]
    for index in 1..<max(1, windows.count) {
      let last = forward[index - 1]
      // Each row adds up to one, so every state is reached by a jump with the same weight.
      forward.append(
        Self.scaled(zip(likely[index], last).map { $0 * ($1 + jump[index]) }))
    }
    var result = [Double](repeating: 0, count: windows.count)
    var backward = [Double](repeating: 1, count: states.count)
    for index in stride(from: windows.count - 1, through: 0, by: -1) {
      let joint = Self.scaled(zip(forward[index], backward).map { $0 * $1 })
      result[index] = joint[path[index]]
      let reach = zip(likely[index], backward).map { $0 * $1 }
      let total = reach.reduce(0, +)
      backward = Self.scaled(reach.map { $0 + jump[index] * total })
    }
    return result
  }

  private static func scaled(_ row: [Double]) -> [Double] {
    let total = row.reduce(0, +)
    guard total > 0, total.isFinite else { return row.map { _ in 1 / Double(row.count) } }
    return row.map { $0 / total }
  }
}
