// SPDX-License-Identifier: MIT
import ContinuoAnalysis

/// Tunes in four manners: singing, rhythmic, arching through the chord, each from a motif; and from
/// the player's own phrases.
///
/// A motif comes back over each chord, its rhythm kept and its contour bent to the harmony, and is
/// answered by its inversion (Schoenberg, "Fundamentals of Musical Composition", 1967, ch. 3-5).
struct MelodyWriter {
  /// The manners.
  enum Manner: Hashable, Sendable, CaseIterable {
    case song, riff, arch, own
  }

  /// One note of a motif: where in the bar, and how far the line moves to reach it.
  private struct Gesture {
    var place: Int
    var length: Int
    /// Scale steps from the note before.
    var move: Int
  }

  let ground: Ground
  var random: SeededRandom

  /// The manners, the one the words ask for first.
  ///
  /// A player who has played enough hears his own material first.
  static func manners(for ground: Ground) -> [Manner] {
    let intent = ground.intent
    let own: [Manner] = OwnMaterial(ground) == nil ? [] : [.own]
    if intent.wantsGroove || intent[.density] > 0 { return [.riff] + own + [.arch, .song] }
    return own + [.song, .riff, .arch]
  }

  mutating func line(_ manner: Manner) -> Line {
    if manner == .own, let own = OwnMaterial(ground) {
      let start = random.below(ground.source.count)
      let drafts = own.phrases(faithful: 75, from: start, random: &random)
      return Line(name: Self.name(manner), describe: { _ in Self.words(manner) }, drafts: drafts)
    }
    let motif = gestures(manner)
    let answer = answered(motif, manner)
    var drafts: [Draft] = []
    var pitch = ground.place(ground.chord(at: 0).pitchClasses[random.below(3)], near: ground.home)
    for bar in 0..<ground.bars {
      let closing = bar == ground.bars - 1
      // Question, question, answer, and so on: what is repeated is what is remembered.
      let phrase = bar % 4 == 3 || (bar % 2 == 1 && manner != .riff) ? answer : motif
      for (index, gesture) in phrase.enumerated() {
        let step = bar * ground.stepsPerBar + gesture.place
        let strong = ground.grid.strongSteps.contains(gesture.place) || gesture.length >= 6
        let last = closing && index == phrase.count - 1
        pitch = moved(pitch, by: gesture.move, at: step, onChord: strong || last || manner == .arch)
        var draft = Draft(step: step, length: gesture.length, pitch: pitch, purpose: .tone)
        if ground.grid.isPulse(step: step) { draft.purpose = .anchor }
        drafts.append(draft)
      }
    }
    return Line(name: Self.name(manner), describe: { _ in Self.words(manner) }, drafts: drafts)
  }

  private static func name(_ manner: Manner) -> String {
    switch manner {
    case .song: "singing line"
    case .riff: "rhythmic motif"
    case .arch: "chord arches"
    case .own: "from your own phrases"
    }
  }

  private static func words(_ manner: Manner) -> String {
    switch manner {
    case .song:
      "Long notes that move by step, a two-bar question and answer, chord tones on the beat"
    case .riff:
      "A one-bar rhythm that comes back over each chord, off the beat, with an answer in"
        + " every fourth bar"
    case .own:
      "Two-bar questions and answers in your own rhythms and turns, chord tones on strong beats"
    case .arch: "Arches through each chord's notes, up and back, the shape kept from bar to bar"
    }
  }

  private mutating func gestures(_ manner: Manner) -> [Gesture] {
    let places = rhythm(manner)
    let rising = random.chance(60)
    return places.enumerated().map { index, place in
      let next = index + 1 < places.count ? places[index + 1] : ground.stepsPerBar
      let up = index < (places.count + 1) / 2 ? rising : !rising
      let size =
        switch manner {
        case .song: random.chance(80) ? 1 : 2
        case .riff: random.below(3)
        case .arch, .own: 2
        }
      let room = next - place
      // A breath at the end of the bar.
      let length = index == places.count - 1 && room > 3 ? room * 3 / 4 : room
      return Gesture(
        place: place, length: max(1, length), move: index == 0 ? 0 : (up ? size : -size))
    }
  }

  private mutating func rhythm(_ manner: Manner) -> [Int] {
    var places: [Int] = []
    let busy = Int(ground.intent[.density])
    for pulse in ground.grid.pulses {
      let start = pulse.lowerBound
      let half = start + pulse.count / 2
      switch manner {
      case .song:
        if start == 0 || random.chance(65 + 20 * busy) { places.append(start) }
        if pulse.count > 1, random.chance(25 + 20 * busy) { places.append(half) }
      case .riff:
        if start == 0 ? random.chance(70) : random.chance(35) { places.append(start) }
        if pulse.count > 1, random.chance(70 + 10 * busy) { places.append(half) }
        if pulse.count > 3, random.chance(25 + 15 * busy) { places.append(pulse.upperBound - 1) }
      case .arch, .own:
        places.append(start)
        if pulse.count > 1, random.chance(75 + 20 * busy) { places.append(half) }
      }
    }
    return places.isEmpty ? [0] : Array(Set(places)).sorted()
  }

  /// The same rhythm, turned the other way, and come to rest on its last note.
  private mutating func answered(_ motif: [Gesture], _ manner: Manner) -> [Gesture] {
    var answer = motif.map { Gesture(place: $0.place, length: $0.length, move: -$0.move) }
    if answer.count > 3, let last = answer.popLast(), let end = answer.indices.last {
      answer[end].length += last.length
    }
    return answer
  }

  /// `pitch` moved by scale steps, then onto a chord tone where one is wanted, inside the range.
  private func moved(_ pitch: Int, by steps: Int, at step: Int, onChord: Bool) -> Int {
    let chord = ground.chord(at: step).pitchClasses
    let classes = onChord && abs(steps) > 1 ? chord : ground.scaleClasses(at: step)
    var result = pitch
    var left = onChord && abs(steps) > 1 ? 1 : abs(steps)
    // Near an edge the line turns back towards the middle.
    let turned = steps > 0 ? pitch < ground.home + 9 : pitch <= ground.home - 9
    let direction = turned ? 1 : -1
    for _ in 0..<48 where left > 0 {
      guard ground.range.contains(result + direction) else { break }
      result += direction
      if classes.contains(result % 12) { left -= 1 }
    }
    let wanted = onChord ? chord : ground.scaleClasses(at: step)
    if wanted.contains(result % 12) { return result }
    let near = (0...6).flatMap { [result + $0 * direction, result - $0 * direction] }
    return near.first { ground.range.contains($0) && wanted.contains($0 % 12) } ?? result
  }
}
