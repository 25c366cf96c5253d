// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// Measures a candidate against the request; knows nothing of how it was written.
///
/// The score is the weighted mean of up to thirteen parts, each 0...1, those that cannot be measured
/// left out; docs/composer.md says what each is: in key (2), chord tones on strong beats (3), no
/// clashes (2), playable (2), groove asked for (3), density asked for (2), holds the beat (4, drums),
/// swing asked for (1), with the kick (1), register (1), comes back (2), new (1), sounds (1). Of a kit,
/// only kick and snare count as its groove.
struct Judge {
  let request: CompositionRequest
  let ground: Ground
  let shaping: Shaping
  private let source: Groove
  private let hasSource: Bool
  private let others: [Note]

  init(request: CompositionRequest, ground: Ground) {
    self.request = request
    self.ground = ground
    shaping = Shaping(ground: ground)
    let notes = UsableNotes.of(request.source.notes)
    hasSource = !notes.isEmpty
    others = request.others.prefix(MusicContext.mostTracks).flatMap {
      UsableNotes.of($0.notes, pitched: true)
    }.sorted { $0.start < $1.start }
    source = Groove(
      of: ground.source.map(\.note), meter: request.meter, length: request.length,
      swing: request.context.swing)
  }

  /// The figures of `pattern`, without its distance from the others.
  func figures(of pattern: Pattern) -> CandidateFigures {
    let notes = UsableNotes.of(pattern.notes)
    let groove = Groove(
      of: notes, meter: request.meter, length: request.length, swing: ground.swing)
    let pitched = ground.kind != .drums
    let inKey = pitched ? keyShare(notes) : nil
    let strong = pitched && ground.chordsKnown ? strongShare(notes) : nil
    let leap = [.bass, .melody].contains(ground.kind) ? Playability.largestLeap(notes) : 0
    let repeated = Playability.fastestRepeat(notes)
    let reachable = pitched ? Playability.reachable(notes) : Playability.drummable(notes)
    let clashes =
      pitched
      ? Clashes.share(notes, against: others) { [ground] place in
        ground.chord(at: ground.grid.nearestStep(to: place)).pitchClasses
      } : nil
    let likeness = Repetition.likeness(
      notes, grid: ground.grid, bars: ground.bars, swing: ground.swing)
    let distance =
      hasSource
      ? PatternDistance.between(pattern, request.source, meter: request.meter) : nil
    let syncopation =
      Syncopation(
        of: Ground.leaning(notes, kind: ground.kind), meter: request.meter, bars: request.bars,
        swing: ground.swing)?.perBar ?? 0
    var parts: [CandidateFigures.Part] = []
    func add(_ name: String, _ value: Double?, weight: Double) {
      guard let value else { return }
      parts.append(.init(name: name, value: min(max(value, 0), 1), weight: weight))
    }
    add("in key", inKey, weight: 2)
    add("chord tones on strong beats", strong, weight: 3)
    add("no clashes", clashes.map { 1 - 4 * $0 }, weight: 2)
    add(
      "playable", playability(leap: leap, fastestRepeat: repeated) * (reachable ?? 1), weight: 2)
    add("groove asked for", grooveFit(syncopation), weight: 3)
    add("density asked for", densityFit(groove.density), weight: 2)
    add("holds the beat", pitched ? nil : holdsBeat(notes), weight: 4)
    add("swing asked for", swingFit(groove.swing), weight: 1)
    add("register", registerFit(notes), weight: 1)
    add("comes back", likeness.map { comesBack($0) }, weight: 2)
    add("with the kick", kickShare(notes), weight: 1)
    add("new", distance.map { $0 / 0.5 }, weight: 1)
    add("sounds", (1 - groove.silence) / 0.5, weight: 1)
    return CandidateFigures(
      inKey: inKey, chordTonesOnStrong: strong, lowest: notes.map { Int($0.pitch) }.min() ?? 0,
      highest: notes.map { Int($0.pitch) }.max() ?? 0, largestLeap: leap, fastestRepeat: repeated,
      syncopation: syncopation,
      sourceSyncopation: hasSource ? ground.sourceSyncopation : nil, swing: groove.swing.ratio,
      density: groove.density, sourceDensity: hasSource ? source.density : nil,
      silence: groove.silence, clashes: clashes, reachable: reachable,
      repetition: likeness?.rhythm, distanceFromSource: distance, distanceFromOthers: nil,
      parts: parts)
  }

  private func keyShare(_ notes: [Note]) -> Double? {
    guard let scale = ground.scale?.accepted, !notes.isEmpty else { return nil }
    return Double(notes.count { scale.contains(Int($0.pitch) % 12) }) / Double(notes.count)
  }

  /// Of the strong places where something sounds, those that sound a tone of their chord.
  private func strongShare(_ notes: [Note]) -> Double? {
    var sounding = 0
    var good = 0
    let step = ground.grid.step.quarters
    var first = 0
    for bar in 0..<ground.bars {
      for place in ground.grid.strongSteps {
        let index = bar * ground.stepsPerBar + place
        let at = Double(index) * step
        while first < notes.count, notes[first].start.quarters < at - 16 * step { first += 1 }
        let here = notes[first...].prefix { $0.start.quarters < at + step / 2 }
          .filter { $0.end.quarters > at + step / 2 }
        guard !here.isEmpty else { continue }
        sounding += 1
        let tones = ground.chord(at: index).pitchClasses
        if here.contains(where: { tones.contains(Int($0.pitch) % 12) }) { good += 1 }
      }
    }
    return sounding > 0 ? Double(good) / Double(sounding) : nil
  }

  /// Leaps past a tenth, and one key struck faster than ten times a second, are hard to play.
  private func playability(leap: Int, fastestRepeat: Double?) -> Double {
    let reach = 1 - max(0, Double(leap) - 16) / 12
    let seconds = fastestRepeat.map { (request.context.tempo ?? .standard).seconds(of: Beats($0)) }
    return min(max(reach, 0), min((seconds ?? 1) / 0.1, 1))
  }

  /// How near the lean is to what was asked: more than the source, about as much, or less.
  private func grooveFit(_ syncopation: Double) -> Double? {
    guard hasSource || ground.intent.wantsGroove else { return nil }
    let before = ground.sourceSyncopation
    if ground.intent.wantsGroove {
      // From as much as before (0) to two more a bar (1); past eight a bar the beat gets lost.
      return min((syncopation - before) / 2, 1) - max(0, syncopation - max(8, before)) / 4
    }
    let wanted = ground.intent[.syncopation] < 0 ? before * 0.7 : before
    return 1 - max(0, abs(syncopation - wanted) - 1) / 5
  }

  private func densityFit(_ density: Double) -> Double? {
    guard let before = ground.sourceDensity else { return nil }
    if let limits = shaping.densityLimits {
      if limits.contains(density) { return 1 }
      let off =
        density < limits.lowerBound ? limits.lowerBound - density : density - limits.upperBound
      return 1 - off / max(before, 0.25)
    }
    // Without a wish, chords may be held or broken as they like.
    guard ground.kind != .harmony else { return nil }
    return 1 - max(0, abs(density - before) - 0.5 * before) / max(before, 0.25)
  }

  /// Half the share of pulses on which something is struck, half that of bars with a kick or snare on
  /// their first.
  private func holdsBeat(_ notes: [Note]) -> Double? {
    guard !notes.isEmpty else { return nil }
    func steps(_ notes: [Note]) -> Set<Int> {
      Set(
        notes.map {
          ground.grid.nearestStep(to: ground.swing.straightened($0.start, meter: request.meter))
        })
    }
    let all = steps(notes)
    let core = steps(notes.filter { (35...40).contains($0.pitch) })
    let pulses = (0..<ground.bars).flatMap { bar in
      ground.grid.pulses.map { bar * ground.stepsPerBar + $0.lowerBound }
    }
    let downbeats = (0..<ground.bars).map { $0 * ground.stepsPerBar }
    return Double(pulses.count { all.contains($0) }) / Double(2 * pulses.count)
      + Double(downbeats.count { core.contains($0) }) / Double(2 * downbeats.count)
  }

  /// How near the eighths are to the feel in force: a factor of two off is nothing left.
  private func swingFit(_ swing: Swing) -> Double? {
    guard let wanted = ground.swing.ratio, let ratio = swing.ratio else { return nil }
    return 1 - abs(wanted - ratio) / max(wanted, ratio) * 2
  }

  /// All within a seventh of the register asked for, nothing two octaves off; nil when none was.
  private func registerFit(_ notes: [Note]) -> Double? {
    guard ground.steering.register != nil, !notes.isEmpty, ground.kind != .drums else { return nil }
    let middle = notes.map { Int($0.pitch) }.sorted()[notes.count / 2]
    return 1 - max(0, Double(abs(middle - ground.home)) - 10) / 14
  }

  /// Half of each bar's rhythm known from before is enough; four bars or more of one loop are too much.
  private func comesBack(_ likeness: (rhythm: Double, exact: Double)) -> Double {
    let loop = ground.bars >= 4 && ground.kind != .drums ? max(0, likeness.exact - 0.8) : 0
    return min(likeness.rhythm / 0.5, 1) - loop
  }

  private func kickShare(_ notes: [Note]) -> Double? {
    guard ground.kind == .bass, !ground.kick.isEmpty else { return nil }
    let steps = Set(
      notes.map {
        ground.grid.nearestStep(to: ground.swing.straightened($0.start, meter: request.meter))
      })
    return Double(ground.kick.intersection(steps).count) / Double(ground.kick.count)
  }
}
