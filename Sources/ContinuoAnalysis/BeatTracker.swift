// SPDX-License-Identifier: MIT
internal import ContinuoMusic
internal import Foundation

/// Finds beats in notes alone: a hidden Markov model whose states are a tempo and a place in the beat.
///
/// The state space is that of Krebs, Böck and Widmer, "An Efficient State-Space Model for Joint Tempo
/// and Meter Tracking" (2015), after Whiteley, Cemgil and Godsill (2006): time goes in frames of 20 ms,
/// a tempo is a whole number of frames a beat, and it changes at beats alone. An onset speaks for the
/// beat, its half, thirds and quarters, and against what lies between; a beat without one costs.
/// Viterbi's best path over everything is the answer, so it rests on what comes later too.
/// Work and memory grow with the length alone, not with the notes: some 60 bytes a frame.
public enum BeatTracker {
  /// Frames a second.
  static let rate = 50.0
  /// What lies beyond is not looked at, in seconds.
  public static let maximumSeconds = 3600.0
  /// Fewer onsets at different times tell no beat.
  public static let fewest = 8

  /// The beats of `onsets`, in any order; nil when they are too few, or all at once.
  public static func track(_ onsets: [HeardOnset]) -> BeatTrack? {
    let heard = onsets.filter { $0.seconds >= 0 && $0.seconds < maximumSeconds }
    let strengths = strengths(heard)
    guard strengths.lazy.filter({ $0 > 0 }).count >= fewest else { return nil }
    let beats = path(strengths).map { Double($0) / rate }
    guard beats.count >= 4 else { return nil }
    let (perBar, first) = bars(beats, heard)
    return BeatTrack(beats: beats, beatsPerBar: perBar, firstDownbeat: first)
  }

  /// How strongly each frame begins something, 0...1.3.
  static func strengths(_ onsets: [HeardOnset]) -> [Double] {
    guard let last = onsets.map(\.seconds).max() else { return [] }
    var frames = [Double](repeating: 0, count: Int((last + 1) * rate) + 2)
    let velocities = onsets.map(\.velocity).sorted()
    let usual = Double(max(velocities[velocities.count / 2], 1))
    for onset in onsets {
      frames[Int((onset.seconds * rate).rounded())] += onset.weight * Double(onset.velocity) / usual
    }
    for index in frames.indices where frames[index] > 0 { frames[index] = log1p(frames[index]) }
    let sounding = frames.filter { $0 > 0 }.sorted()
    let strong = sounding[min(sounding.count - 1, sounding.count * 9 / 10)]
    return frames.map { min($0 / strong, 1.3) }
  }

  /// The frames of the beats on the best path.
  private static func path(_ strengths: [Double]) -> [Int] {
    let model = BeatModel.standard
    let count = model.periods.count
    var scores = [Double](repeating: 0, count: model.stateCount)
    for (index, period) in model.periods.enumerated() {
      for state in model.starts[index]..<model.starts[index] + period {
        scores[state] = model.prior[index]
      }
    }
    var next = scores
    var origins = [UInt8](repeating: 0, count: strengths.count * count)
    for (frame, strength) in strengths.enumerated() {
      for to in 0..<count {
        var best = -Double.infinity
        for from in 0..<count {
          let score =
            scores[model.starts[from] + model.periods[from] - 1] + model.changes[to * count + from]
          if score > best {
            best = score
            origins[frame * count + to] = UInt8(from)
          }
        }
        let start = model.starts[to]
        next[start] = best + model.beatPrior[to]
        for state in start + 1..<start + model.periods[to] { next[state] = scores[state - 1] }
      }
      if strength > 0 {
        for state in next.indices { next[state] += strength * model.onset[state] }
      } else {
        for state in model.nearBeats { next[state] -= model.missed }
      }
      let most = next.max() ?? 0
      for state in next.indices { next[state] -= most }
      swap(&scores, &next)
    }
    return trace(scores, origins, model, frames: strengths.count)
  }

  private static func trace(
    _ scores: [Double], _ origins: [UInt8], _ model: BeatModel, frames: Int
  ) -> [Int] {
    let last = scores.indices.max { scores[$0] < scores[$1] } ?? 0
    var tempo = model.starts.lastIndex { $0 <= last }
    var place = last - model.starts[tempo]
    var beats: [Int] = []
    for frame in stride(from: frames - 1, through: 0, by: -1) {
      if place == 0 {
        beats.append(frame)
        tempo = Int(origins[frame * model.periods.count + tempo])
        place = model.periods[tempo] - 1
      } else {
        place -= 1
      }
    }
    return beats.reversed()
  }

  /// Beats a bar and the first downbeat: where low notes, kicks and crashes gather.
  private static func bars(_ beats: [Double], _ onsets: [HeardOnset]) -> (Int, Int) {
    var accents = [Double](repeating: 0, count: beats.count)
    for onset in onsets {
      let near = beats.lastIndex { $0 - 0.04 < onset.seconds }
      guard abs(beats[near] - onset.seconds) < 0.04 else { continue }
      let isLow = onset.isDrum ? [35, 36, 49, 57].contains(onset.pitch) : onset.pitch < 48
      accents[near] += isLow ? Double(onset.velocity) / 64 : 0.1
    }
    let mean = accents.reduce(0, +) / Double(accents.count)
    var best = (perBar: 4, first: 0, contrast: -Double.infinity)
    for perBar in [4, 3] {
      for first in 0..<perBar {
        let there = stride(from: first, to: accents.count, by: perBar).map { accents[$0] }
        guard !there.isEmpty else { continue }
        let contrast = there.reduce(0, +) / Double(there.count) - mean
        // Three is believed when it is clearly the better.
        if contrast > best.contrast * (perBar == 3 && best.contrast > 0 ? 1.3 : 1) {
          best = (perBar, first, contrast)
        }
      }
    }
    return (best.perBar, best.first)
  }
}
