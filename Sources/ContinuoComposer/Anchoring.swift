// SPDX-License-Identifier: MIT
import ContinuoAnalysis

/// Puts chord tones on the strong places of a one-voice line, after all else was done to it.
///
/// What is struck on a strong place goes to the nearest chord tone; what is held over one from the
/// eighth before anticipates the chord and goes there too; what is held over from further back ends
/// before it. That is the rule of first species on the beat and of passing notes off it (Aldwell and
/// Schachter, "Harmony and Voice Leading").
struct Anchoring {
  let ground: Ground

  func anchored(_ drafts: [Draft]) -> [Draft] {
    if ground.kind == .harmony { return released(drafts) }
    guard ground.kind == .bass || ground.kind == .melody else { return drafts }
    var result = drafts.sorted { $0.step < $1.step }
    var index = 0
    for bar in 0..<ground.bars {
      for strong in ground.grid.strongSteps {
        let step = bar * ground.stepsPerBar + strong
        while index + 1 < result.count, result[index + 1].step <= step { index += 1 }
        guard result.indices.contains(index), result[index].step <= step,
          result[index].step + result[index].length > step
        else { continue }
        let tones = ground.chord(at: step).pitchClasses
        guard !tones.contains(result[index].pitch % 12) else { continue }
        if step - result[index].step <= 2 {
          result[index].pitch = nearest(result[index].pitch, tones)
        } else {
          result[index].length = step - result[index].step
        }
      }
    }
    return result
  }

  /// Chords, with every voice that the next chord does not have let go before it comes.
  private func released(_ drafts: [Draft]) -> [Draft] {
    drafts.map { draft in
      var draft = draft
      let held = draft.step + 1..<max(draft.step + 1, draft.step + draft.length)
      let foreign = held.first { step in
        ground.grid.strongSteps.contains(step % ground.stepsPerBar)
          && !ground.chord(at: step).pitchClasses.contains(draft.pitch % 12)
      }
      if let foreign { draft.length = foreign - draft.step }
      return draft
    }
  }

  private func nearest(_ pitch: Int, _ classes: [Int]) -> Int {
    let near = (1...11).flatMap { [pitch - $0, pitch + $0] }
    return near.first { ground.range.contains($0) && classes.contains($0 % 12) } ?? pitch
  }
}
