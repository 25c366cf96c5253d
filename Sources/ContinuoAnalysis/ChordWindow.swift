// SPDX-License-Identifier: MIT

/// What sounds in one stretch of time: how long each pitch class, and which one is in the bass.
struct ChordWindow {
  let start: Double
  let end: Double
  /// How strong the metre is where it starts: 0 or less.
  let weight: Int
  private(set) var classes = [Double](repeating: 0, count: 12)
  private var lowest: (pitch: Int, from: Double)?

  init(start: Double, end: Double, weight: Int) {
    self.start = start
    self.end = end
    self.weight = weight
  }

  /// Quarters of sound, all notes added up.
  var sound: Double { classes.reduce(0, +) }

  /// The pitch class of the bass; nil in silence.
  var bassClass: Int? { lowest.map { $0.pitch % 12 } }

  /// Adds a note; a lower one takes the bass only if it comes in the window's first half.
  mutating func add(pitch: Int, from: Double, to: Double) {
    let begins = max(from, start)
    let overlap = min(to, end) - begins
    // A neighbour's humanised edge is no note of this window.
    guard overlap > min(0.06, (end - start) / 8) else { return }
    classes[pitch % 12] += overlap
    guard let held = lowest else {
      lowest = (pitch, begins)
      return
    }
    let early = begins <= start + (end - start) / 2
    if pitch < held.pitch, early || held.from >= begins - 0.1 { lowest = (pitch, begins) }
  }
}
