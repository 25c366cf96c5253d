// SPDX-License-Identifier: MIT
import ContinuoAnalysis

/// Lines made of the player's own material: walks through a factor oracle of the source's gestures,
/// laid out in phrases, under the harmony.
///
/// Rhythm and contour come from the player; where a note falls on a strong place, or ends a phrase,
/// the chord decides the pitch.
struct OwnMaterial {
  /// Fewer notes than this are no material.
  static let fewestNotes = 6

  let ground: Ground
  private let gestures: [SourceGestures.Gesture]
  private let oracle: FactorOracle<SourceGestures.Gesture>

  /// Nil when the source has too little to learn from.
  init?(_ ground: Ground) {
    let source = SourceGestures(ground)
    guard source.gestures.count >= Self.fewestNotes else { return nil }
    self.ground = ground
    gestures = source.gestures
    oracle = FactorOracle(source.gestures)
  }

  /// A tune of the whole length, from `start` in the source: phrases of two bars, each of whose
  /// answers begins as its question did.
  func phrases(
    faithful: Int, from start: Int, pitch first: Int? = nil, random: inout SeededRandom
  ) -> [Draft] {
    var drafts: [Draft] = []
    var pitch =
      first ?? ground.place(ground.chord(at: 0).pitchClasses[random.below(3)], near: ground.home)
    let half = ground.stepsPerBar
    var state = start
    var question: [SourceGestures.Gesture] = []
    var bar = 0
    while bar < ground.bars {
      let bars = min(2, ground.bars - bar)
      var phrase: [SourceGestures.Gesture] = []
      // An answer: the question's first bar again, then somewhere else.
      if bar % 4 == 2, !question.isEmpty { phrase = Self.first(half, of: question) }
      let have = phrase.reduce(0) { $0 + $1.wait }
      let walk = walked(
        steps: bars * ground.stepsPerBar - have, state: &state, faithful: faithful,
        random: &random)
      phrase += walk
      if bar % 4 == 0 { question = phrase }
      let closes = bar + bars >= ground.bars || bar % 4 == 2
      drafts += placed(
        phrase, from: bar * ground.stepsPerBar, bars: bars, pitch: &pitch, closes: closes)
      bar += bars
    }
    return drafts
  }

  private static func first(
    _ steps: Int, of phrase: [SourceGestures.Gesture]
  ) -> [SourceGestures.Gesture] {
    var sum = 0
    return Array(
      phrase.prefix { gesture in
        sum += gesture.wait
        return sum <= steps
      })
  }

  private func walked(
    steps: Int, state: inout Int, faithful: Int, random: inout SeededRandom
  ) -> [SourceGestures.Gesture] {
    var walk: [SourceGestures.Gesture] = []
    var left = steps
    while left > 0 {
      guard
        let next = oracle.step(from: state, faithful: faithful, least: 1, random: &random)
      else { break }
      state = next.state
      walk.append(next.symbol)
      left -= next.symbol.wait
    }
    return walk
  }

  private func placed(
    _ phrase: [SourceGestures.Gesture], from start: Int, bars: Int, pitch: inout Int, closes: Bool
  ) -> [Draft] {
    var drafts: [Draft] = []
    let end = start + bars * ground.stepsPerBar
    var step = start
    for (index, gesture) in phrase.enumerated() {
      guard step < end else { break }
      let last = index == phrase.count - 1 || step + gesture.wait >= end
      let strong = ground.grid.strongSteps.contains(step % ground.stepsPerBar)
      pitch = SourceGestures.moved(
        pitch, by: gesture.move, at: step,
        onChord: strong || (last && closes) || gesture.length > 4,
        ground)
      let room = min(gesture.wait, end - step)
      var draft = Draft(
        step: step, length: max(1, min(gesture.length, room)), pitch: pitch, purpose: .tone)
      if ground.grid.isPulse(step: step) { draft.purpose = .anchor }
      // A phrase's last note rests.
      if last, closes { draft.length = max(1, room * 3 / 4) }
      drafts.append(draft)
      step += gesture.wait
    }
    return drafts
  }
}
