// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// What a writer hands over: drafts, and in a musician's words what was done.
struct Line {
  var name: String
  /// Says what was done, of the drafts as they are in the end.
  var describe: ([Draft]) -> String
  var drafts: [Draft]
  /// Whether only one note may sound at a time.
  var monophonic = true
  /// Played notes, which need no finish; nil for drafts.
  var notes: [Note]?
  /// Whether no pitch may be changed or added any more.
  var keepsPitches = false
}

/// The notes around a bass or melody note, found in the chord and the range.
struct Neighbourhood {
  let ground: Ground
  let step: Int
  /// The root the line stands on here.
  let root: Int

  /// Stands on the root near `previous`; `octaveAbove` takes it low enough for its octave to fit.
  init(_ ground: Ground, step: Int, previous: Int?, octaveAbove: Bool = false) {
    self.ground = ground
    self.step = step
    let chord = ground.chord(at: step)
    // A third of the way to where the hand is: close by, yet not drifting off.
    let near = previous.map { (2 * ground.home + $0) / 3 } ?? ground.home
    let placed = ground.place(chord.root, near: near)
    let drops =
      octaveAbove && placed + 12 > ground.range.upperBound && ground.range.contains(placed - 12)
    root = drops ? placed - 12 : placed
  }

  var octave: Int {
    if ground.range.contains(root + 12) { return root + 12 }
    return ground.range.contains(root - 12) ? root - 12 : root
  }

  var fifth: Int { ground.place(interval(from: [6, 7, 8], default: 7), near: root + 5) }

  /// The third or what stands for it.
  var third: Int { ground.place(interval(from: [3, 4, 5, 2], default: 4), near: root + 3) }

  /// The chord's seventh or sixth, or the scale's flat seventh: the colour note of a riff.
  var color: Int {
    let chord = ground.chord(at: step)
    if let top = chord.quality.intervals.dropFirst(3).first {
      return ground.place(chord.root + top, near: root - 1)
    }
    let scale = ground.scaleClasses(at: step)
    let flat = (chord.root + 10) % 12
    return ground.place(scale.contains(flat) ? flat : chord.root + 9, near: root - 1)
  }

  private func interval(from choices: [Int], default fallback: Int) -> Int {
    let chord = ground.chord(at: step)
    let found = choices.first { chord.quality.intervals.contains($0) }
    return chord.root + (found ?? fallback)
  }

  /// A note a half or whole step from `target`, preferably from the side of `pitch`, never `pitch`.
  ///
  /// `smooth` takes the scale's own step where there is one, else it is the half step.
  func approach(to target: Int, from pitch: Int, smooth: Bool) -> Int {
    let side = pitch <= target ? -1 : 1
    let halves = [target + side, target - side]
    let wholes = [target + 2 * side, target - 2 * side]
    let scale = ground.scaleClasses(at: step)
    let inScale = (halves + wholes).filter { scale.contains((($0 % 12) + 12) % 12) }
    let wished = smooth ? inScale + halves : halves + wholes
    return wished.first { $0 != pitch && ground.range.contains($0) } ?? root
  }
}
