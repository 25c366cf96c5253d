// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// A note on the step grid, before feel and touch make it a played one.
struct Draft: Hashable {
  /// What the note is there for; it sets how loud and how long it is played.
  enum Purpose: Hashable {
    case anchor, tone, ghost, approach, push
  }

  var step: Int
  /// How long, in steps, it could sound; the touch shortens it.
  var length: Int
  var pitch: Int
  var purpose: Purpose
  /// Added to the velocity that purpose and metre give.
  var accent = 0
}

/// Turns drafts into played notes: swing, touch, loudness, and nothing past the end.
struct Finish {
  let ground: Ground
  let monophonic: Bool
  var random: SeededRandom

  /// Played notes of at most one per draft; places lie on 960ths of a quarter, as files keep them.
  mutating func notes(_ drafts: [Draft]) -> [Note] {
    let sorted = drafts.filter { $0.step >= 0 && $0.step < ground.steps && $0.length > 0 }
      .sorted { ($0.step, $0.pitch) < ($1.step, $1.pitch) }
    let drums = ground.kind == .drums
    let end = ground.grid.meter.barLength.quarters * Double(ground.bars)
    var played: [(start: Double, duration: Double, draft: Draft, velocity: Int)] = []
    var lastStep = -1
    for draft in sorted {
      if draft.step == lastStep, monophonic || played.last?.draft.pitch == draft.pitch { continue }
      lastStep = draft.step
      let start = place(draft.step, nudge: nudge(draft))
      let close = place(min(draft.step + draft.length, ground.steps), nudge: 0)
      let gate = drums ? 0.9 : touch(draft)
      let duration = max((close - start) * gate, 1.0 / 32)
      played.append((start, duration, draft, velocity(draft)))
    }
    var notes: [Note] = []
    for (index, one) in played.enumerated() {
      let following = played[(index + 1)...].first {
        monophonic || $0.draft.pitch == one.draft.pitch
      }
      // Legato touches; the note-off goes out no later than the next note-on.
      let limit = min(following?.start ?? end, end)
      let duration = ((min(one.duration, limit - one.start)) * 960).rounded(.down) / 960
      let note = Note(
        pitch: one.draft.pitch, velocity: one.velocity, channel: drums ? 9 : 0,
        start: Beats(one.start), duration: Beats(duration))
      if let note, ground.range.contains(one.draft.pitch) { notes.append(note) }
    }
    return notes
  }

  private func place(_ step: Int, nudge: Double) -> Double {
    let straight = Beats(Double(step) * ground.grid.step.quarters)
    let swung = ground.swing.swung(straight, meter: ground.grid.meter).quarters + nudge
    let end = ground.grid.meter.barLength.quarters * Double(ground.bars)
    return (min(max(swung, 0), end) * 960).rounded() / 960
  }

  /// A hand is a few ticks off, and a laid-back one is late on purpose.
  private mutating func nudge(_ draft: Draft) -> Double {
    let unit = min(ground.grid.step.quarters, 0.25)
    let human = Double(random.within(-4...4)) / 960
    let late = ground.intent[.lateness] * 0.1 * unit
    let learnt = late + ground.feel.offset(ofStep: draft.step)
    return draft.step == 0 ? max(0, learnt) : human * unit * 4 + learnt
  }

  private mutating func touch(_ draft: Draft) -> Double {
    let base =
      switch draft.purpose {
      case .anchor: 0.88
      case .tone: 0.8
      case .ghost: 0.4
      case .approach: 0.9
      case .push: 0.96
      }
    return min(max(base + ground.intent[.length] * 0.15, 0.3), 1)
  }

  private mutating func velocity(_ draft: Draft) -> Int {
    let base =
      switch draft.purpose {
      case .anchor: 10
      case .tone: 0
      case .ghost: -38
      case .approach: -6
      case .push: 6
      }
    // The take's own accents where it has some, else the metre's.
    let metric =
      ground.feel.accent(ofStep: draft.step).map {
        Int((($0 - 1) * Double(ground.sourceVelocity)).rounded()) - 4
      }
      ?? max(ground.grid.weight(ofStep: draft.step), -4) * 2
    let human = random.within(-5...5)
    let asked = Int(ground.intent[.loudness] * 14)
    let sum = ground.sourceVelocity + 4 + base + metric + human + asked + draft.accent
    return min(max(sum, 12), 127)
  }
}
