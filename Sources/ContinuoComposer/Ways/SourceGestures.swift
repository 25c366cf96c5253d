// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// The source read as a line: places, lengths, and the moves from note to note in scale steps.
///
/// Of notes struck together the highest is the line's, or in a bass the lowest.
struct SourceGestures {
  /// A note as the move that leads to it; what a variable-order model learns.
  struct Gesture: Hashable {
    /// Steps from this onset to the next.
    var wait: Int
    /// How long it sounds, in steps.
    var length: Int
    /// Scale steps from the note before.
    var move: Int
  }

  /// The line's notes, in order, with the step each falls on.
  let notes: [(step: Int, note: Note)]
  let gestures: [Gesture]
  let ground: Ground

  init(_ ground: Ground) {
    self.ground = ground
    var line: [(step: Int, note: Note)] = []
    for (step, note) in ground.source where step >= 0 && step < ground.steps {
      if let last = line.last, last.step == step {
        let wins =
          ground.kind == .bass ? note.pitch < last.note.pitch : note.pitch > last.note.pitch
        if wins { line[line.count - 1] = (step, note) }
      } else {
        line.append((step, note))
      }
    }
    line.sort { $0.step < $1.step }
    notes = line
    let bars = line.last.map { $0.step / ground.stepsPerBar + 1 } ?? 1
    gestures = line.indices.map { index in
      let next = index + 1 < line.count ? line[index + 1].step : bars * ground.stepsPerBar
      let before = index > 0 ? Int(line[index - 1].note.pitch) : Int(line[index].note.pitch)
      let length = Int(
        (line[index].note.duration.quarters / ground.grid.step.quarters).rounded())
      return Gesture(
        wait: max(1, next - line[index].step), length: max(1, length),
        move: Self.move(
          from: before, to: Int(line[index].note.pitch), scale: ground.scaleClasses(at: 0)))
    }
  }

  /// Bars from the first to the last that the source plays in.
  var bars: Int { notes.last.map { $0.step / ground.stepsPerBar + 1 } ?? 0 }

  /// How many steps of `scale` lead from one pitch to another; chromatic notes count with the step
  /// they lean on.
  static func move(from: Int, to: Int, scale: [Int]) -> Int {
    let low = min(from, to)
    let high = max(from, to)
    guard low < high else { return 0 }
    let steps = ((low + 1)...high).count { scale.contains($0 % 12) }
    return to > from ? max(1, steps) : -max(1, steps)
  }

  /// `pitch` moved by `move` scale steps and, where `onChord`, on to a chord tone near there.
  ///
  /// Beyond a tenth from the middle the line turns back.
  static func moved(_ pitch: Int, by move: Int, at step: Int, onChord: Bool, _ ground: Ground)
    -> Int
  {
    let scale = ground.scaleClasses(at: step)
    var direction = move >= 0 ? 1 : -1
    if abs(pitch - ground.home) > 9 { direction = pitch > ground.home ? -1 : 1 }
    var result = pitch
    var left = min(abs(move), 9)
    while left > 0, ground.range.contains(result + direction) {
      result += direction
      if scale.contains(result % 12) { left -= 1 }
    }
    let wanted = onChord ? ground.chord(at: step).pitchClasses : scale
    if ground.range.contains(result), wanted.contains(result % 12) { return result }
    let near = (1...11).flatMap { [result + $0 * direction, result - $0 * direction] }
    return near.first { ground.range.contains($0) && wanted.contains($0 % 12) }
      ?? ground.place(ground.chord(at: step).root, near: ground.home)
  }
}
