// SPDX-License-Identifier: MIT
import ContinuoAnalysis

/// Chords in three manners: held, in off-beat stabs, and broken; led by `VoicingPath`.
struct HarmonyWriter {
  /// The manners.
  enum Manner: Hashable, Sendable, CaseIterable {
    case pad, stabs, broken
  }

  let ground: Ground
  var random: SeededRandom
  /// Which try this is: later ones lie in other registers.
  var attempt = 0

  /// The manners, the one the words ask for first.
  static func manners(for intent: Intent) -> [Manner] {
    if intent.wantsGroove || intent[.length] < 0 { return [.stabs, .broken, .pad] }
    return intent[.density] > 0 ? [.broken, .stabs, .pad] : [.pad, .stabs, .broken]
  }

  mutating func line(_ manner: Manner) -> Line {
    var drafts: [Draft] = []
    let spans = spans()
    let voicings = VoicingPath(ground: ground)
      .voicings(
        at: spans.map { ($0.lowerBound, voices(at: $0.lowerBound)) },
        lift: [0, 4, -4, 7, -7, 10][attempt % 6])
    let stabs = stabPlaces()
    let held = ground.intent[.density] < 0 ? 6 : 2
    let order =
      random.pick([[0, 2, 1, 2], [0, 1, 2, 1], [2, 1, 0, 1], [0, 2, 1, 3]]) { _ in 1 } ?? [0]
    for (span, voicing) in zip(spans, voicings) {
      switch manner {
      case .pad:
        drafts += voicing.map { tone(span.lowerBound, span.count, $0, .anchor) }
      case .stabs:
        for bar
          in (span.lowerBound / ground.stepsPerBar)...((span.upperBound - 1) / ground.stepsPerBar)
        {
          let inside = stabs.map { bar * ground.stepsPerBar + $0 }.filter { span.contains($0) }
          let places = inside.isEmpty ? [max(span.lowerBound, bar * ground.stepsPerBar)] : inside
          for place in places { drafts += voicing.map { tone(place, held, $0, .tone) } }
        }
      case .broken:
        let every = ground.intent[.density] < 0 ? 4 : 2
        for (index, step) in stride(from: span.lowerBound, to: span.upperBound, by: every)
          .enumerated()
        {
          let voice = voicing[order[index % order.count] % voicing.count]
          let first = step == span.lowerBound
          drafts.append(tone(step, every + 2, voice, first ? .anchor : .tone))
        }
      }
    }
    return Line(
      name: manner == .pad ? "held chords" : (manner == .stabs ? "stabs" : "broken chords"),
      describe: { _ in Self.words(manner) }, drafts: drafts, monophonic: false)
  }

  private static func words(_ manner: Manner) -> String {
    let led = "the voices led by the shortest way through all of them"
    switch manner {
    case .pad: return "Chords held for as long as they last, \(led)"
    case .stabs: return "Short chords off the beat, the same rhythm in every bar, \(led)"
    case .broken: return "Chords broken into eighths, \(led)"
    }
  }

  /// As many as were asked for; else three of a triad and four of a seventh, or three when simpler.
  private func voices(at step: Int) -> Int {
    if let asked = ground.steering.polyphony { return asked }
    let tones = ground.chord(at: step).pitchClasses.count
    return ground.intent[.density] < 0 ? min(3, tones) : tones
  }

  private func tone(_ step: Int, _ length: Int, _ pitch: Int, _ purpose: Draft.Purpose) -> Draft {
    Draft(step: step, length: min(length, ground.steps - step), pitch: pitch, purpose: purpose)
  }

  /// Stretches of one chord, cut at bar lines: a held chord is struck again in each bar.
  private func spans() -> [Range<Int>] {
    var spans: [Range<Int>] = []
    for bar in 0..<ground.bars {
      var from = bar * ground.stepsPerBar
      for pulse in ground.grid.pulses.dropFirst() {
        let step = bar * ground.stepsPerBar + pulse.lowerBound
        guard ground.chord(at: step) != ground.chord(at: from) else { continue }
        spans.append(from..<step)
        from = step
      }
      spans.append(from..<((bar + 1) * ground.stepsPerBar))
    }
    return spans
  }

  /// Three or four off-beat places; which ones is the same in every bar.
  private mutating func stabPlaces() -> [Int] {
    let eighths = Array(stride(from: 0, to: ground.stepsPerBar, by: 2))
    let offBeats = eighths.filter { !ground.grid.isPulse(step: $0) }
    // Simpler: a single late chord in each bar, held longer.
    let sparse = ground.intent[.density] < 0
    var places = !sparse && random.chance(50) ? [0] : []
    let wanted =
      sparse ? 1 : max(1, ground.grid.pulses.count / 2 + Int(ground.intent[.density]))
    for _ in 0..<wanted {
      if let place = random.pick(offBeats.filter { !places.contains($0) }, weight: { _ in 1 }) {
        places.append(place)
      }
    }
    return places.sorted()
  }
}
