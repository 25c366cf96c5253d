// SPDX-License-Identifier: MIT
internal import Foundation

/// The figures of `BeatTracker`: tempi, how likely they are and change, and what an onset says.
struct BeatModel: Sendable {
  /// Frames a beat, fastest first.
  let periods: [Int]
  /// The first state of each tempo; its others follow, a frame each.
  let starts: [Int]
  let stateCount: Int
  /// How likely each tempo is at the start.
  let prior: [Double]
  /// The same, for every beat.
  let beatPrior: [Double]
  /// From tempo to tempo, at `to * count + from`.
  let changes: [Double]
  /// What an onset of strength 1 says of each state.
  let onset: [Double]
  /// States on a beat, where no onset costs `missed`.
  let nearBeats: [Int]
  let missed: Double

  /// Chosen on one half of the labelled pieces, with a look at the other: see docs/analysis.md.
  static let standard = BeatModel(
    beat: 2.3, half: 0.3, quarter: 0.2, third: -0.3, twoThirds: 0.2, between: 1, width: 1.2,
    missed: 0.681, usual: 118, spread: 0.33, priorWeight: 1.69, steadiness: 25, everyBeat: 0.09)

  /// `usual` and `spread` are the log-normal tempo prior's middle (BPM) and width (octaves).
  init(
    beat: Double, half: Double, quarter: Double, third: Double, twoThirds: Double, between: Double,
    width: Double, missed: Double, usual: Double, spread: Double, priorWeight: Double,
    steadiness: Double, everyBeat: Double
  ) {
    let rate = BeatTracker.rate
    let periods = Array(Int(rate * 60 / 210)...Int(rate * 60 / 50))
    var starts: [Int] = []
    var onset: [Double] = []
    var near: [Int] = []
    let places = [
      (0, beat), (0.5, half), (0.25, quarter), (0.75, quarter), (1.0 / 3, third),
      (2.0 / 3, twoThirds),
    ]
    for period in periods {
      starts.append(onset.count)
      for frame in 0..<period {
        var value = -between
        for (place, worth) in places {
          let apart = abs(Double(frame) - place * Double(period))
          let distance = min(apart, Double(period) - apart)
          let nearness = exp(-0.5 * (distance / width) * (distance / width))
          value = max(value, (worth + between) * nearness - between)
          if place == 0, nearness > 0.9 { near.append(onset.count) }
        }
        onset.append(value)
      }
    }
    var prior: [Double] = []
    for period in periods {
      let octaves = log2(60 * rate / Double(period) / usual) / spread
      prior.append(-0.5 * octaves * octaves * priorWeight)
    }
    var changes: [Double] = []
    for to in periods {
      for from in periods { changes.append(-steadiness * abs(Double(to) / Double(from) - 1)) }
    }
    self.periods = periods
    self.starts = starts
    stateCount = onset.count
    self.prior = prior
    beatPrior = prior.map { $0 * everyBeat }
    self.changes = changes
    self.onset = onset
    nearBeats = near
    self.missed = missed
  }
}
