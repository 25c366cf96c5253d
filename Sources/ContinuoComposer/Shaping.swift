// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// Brings a line to the density and the lean that were asked for.
struct Shaping {
  let ground: Ground

  /// Onsets a quarter that the request asks for; nil where it leaves that open.
  ///
  /// "Busier" is a third more than the source, "simpler" a third less, and "groovier" not much
  /// more than it was: lean, not clutter.
  ///
  /// A number asked for comes before words, and is met within an eighth.
  var densityLimits: ClosedRange<Double>? {
    let steering = ground.steering
    if let wanted = steering.density
      ?? steering.densityFactor.flatMap({ factor in ground.sourceDensity.map { $0 * factor } })
    {
      return wanted * 0.875...wanted * 1.125
    }
    guard let source = ground.sourceDensity, source > 0 else { return nil }
    let asked = ground.intent[.density]
    if asked > 0 { return source * (1 + 0.33 * asked)...source * (2 + asked) }
    if asked < 0 { return 0...source * (1 + 0.33 * asked) }
    guard ground.intent.wantsGroove else { return nil }
    return source * 0.6...max(source * 1.8, source + 1)
  }

  /// `drafts` thinned, thickened and pushed until they fit, as far as music allows.
  func shaped(_ drafts: [Draft]) -> [Draft] {
    var result = drafts
    if let limits = densityLimits {
      result = thinned(result, to: limits.upperBound)
      result = thickened(result, to: limits.lowerBound)
    }
    if ground.intent.wantsGroove, ground.kind != .drums, ground.kind != .harmony {
      result = leaned(result, beyond: ground.sourceSyncopation + 1)
    }
    return Anchoring(ground: ground).anchored(spaced(result))
  }

  /// Leaves out what one hand could not strike at this tempo; the weaker of two neighbours goes.
  private func spaced(_ drafts: [Draft]) -> [Draft] {
    guard ground.leastGap > 1, ground.kind != .harmony else { return drafts }
    var kept: [Draft] = []
    var last: [Int: Int] = [:]
    for draft in drafts.sorted(by: { ($0.step, $0.pitch) < ($1.step, $1.pitch) }) {
      let hand = ground.kind == .drums ? draft.pitch : 0
      if let index = last[hand], draft.step - kept[index].step < ground.leastGap {
        if ground.grid.weight(ofStep: draft.step) <= ground.grid.weight(ofStep: kept[index].step) {
          continue
        }
        kept[index].length = 0
      }
      last[hand] = kept.count
      kept.append(draft)
    }
    return kept.filter { $0.length > 0 }
  }

  private var quarters: Double { Double(ground.steps) * ground.grid.step.quarters }

  private func onsets(_ drafts: [Draft]) -> Set<Int> { Set(drafts.map(\.step)) }

  /// Takes away ghosts, then the metrically weakest places, last those that start bars.
  private func thinned(_ drafts: [Draft], to density: Double) -> [Draft] {
    // Simpler chords still change with the harmony.
    let fewest = ground.kind == .harmony ? ground.bars : (ground.bars + 1) / 2
    let most = max(Int((density * quarters).rounded(.down)), fewest)
    let ghosts = Set(drafts.filter { $0.purpose == .ghost }.map(\.step))
    let solid = Set(drafts.filter { $0.purpose != .ghost }.map(\.step))
    let light = ghosts.subtracting(solid)
    let firm = Set(drafts.filter(isFirm).map(\.step))
    let places = onsets(drafts).sorted { keepOrder($0, light, firm) < keepOrder($1, light, firm) }
    guard places.count > most else { return drafts }
    var gone: Set<Int> = []
    for step in places where places.count - gone.count > most && !gone.contains(step) {
      // The same place goes in every bar, so that what was a riff stays one.
      let rest = step % ground.stepsPerBar
      let alike = places.filter {
        $0 % ground.stepsPerBar == rest && light.contains($0) == light.contains(step)
      }
      let left = places.count - gone.union(alike).count
      gone.formUnion(rest == 0 || 2 * left < most ? [step] : alike)
    }
    let kept = drafts.filter { !gone.contains($0.step) }
    guard ground.kind == .bass else { return kept }
    return BassWriter.sustained(kept, steps: ground.steps, most: ground.stepsPerBar)
  }

  /// A push stands for the beat it takes, and kick and snare are what a groove is.
  private func isFirm(_ draft: Draft) -> Bool {
    guard ground.kind == .drums else { return draft.purpose == .push }
    return draft.purpose != .ghost && (35...40).contains(draft.pitch)
  }

  /// What goes first: ghosts, weak places, the end of a bar before its start, odd bars before even.
  private func keepOrder(_ step: Int, _ ghosts: Set<Int>, _ firm: Set<Int>) -> (
    Int, Int, Int, Int
  ) {
    let bar = step / ground.stepsPerBar
    let rest = step % ground.stepsPerBar
    return (
      ghosts.contains(step) ? 0 : 1, firm.contains(step) ? 0 : ground.grid.weight(ofStep: step),
      -rest, -(bar % 2 * 128 + bar)
    )
  }

  /// Adds light repeats of the note before in the longest gaps, on eighths first.
  private func thickened(_ drafts: [Draft], to density: Double) -> [Draft] {
    var result = drafts.sorted { $0.step < $1.step }
    let least = min(Int((density * quarters).rounded(.up)), ground.steps)
    let taken = onsets(result)
    var count = taken.count
    guard count < least else { return result }
    let free = (0..<ground.steps).filter { !taken.contains($0) }.sorted { order($0) < order($1) }
    for step in free where count < least {
      guard let before = result.last(where: { $0.step < step }) else { continue }
      let fifth = Neighbourhood(ground, step: step, previous: before.pitch)
      let pitch = ground.kind == .drums ? before.pitch : (step % 4 == 2 ? fifth.octave : fifth.root)
      let room = (result.first { $0.step > step }?.step ?? ground.steps) - step
      var added = Draft(step: step, length: max(1, min(room, 2)), pitch: pitch, purpose: .tone)
      added.accent = -12
      let place = result.firstIndex { $0.step > step } ?? result.endIndex
      result.insert(added, at: place)
      count += 1
    }
    return result
  }

  /// Eighths before sixteenths, and off-beats before beats that were left silent on purpose.
  private func order(_ step: Int) -> (Int, Int, Int) {
    let eighth = step % 2 == 0 ? 0 : 1
    return (eighth, ground.grid.isPulse(step: step) ? 1 : 0, step)
  }

  /// Moves notes that stand on weak pulses an eighth, or a sixteenth, ahead until the line leans.
  private func leaned(_ drafts: [Draft], beyond target: Double) -> [Draft] {
    var result = drafts.sorted { $0.step < $1.step }
    func lean() -> Double {
      Syncopation(onsets: result.map(\.step), grid: ground.grid, bars: ground.bars)?.perBar ?? 0
    }
    let places = Set(result.map { $0.step % ground.stepsPerBar })
      .filter { $0 != 0 && ground.grid.isPulse(step: $0) }.sorted(by: >)
    // One place in every bar at once, from the last to the first: a habit, not an accident.
    for place in places where lean() < target {
      let before = result
      for index in result.indices where result[index].step % ground.stepsPerBar == place {
        let free = index == 0 ? result[index].step : result[index].step - result[index - 1].step - 1
        guard let early = [2, 1].first(where: { $0 <= free }) else { continue }
        result[index].step -= early
        result[index].length += early
        result[index].purpose = .push
      }
      // A move that lands on a stronger place than it left helps nothing.
      let after = Syncopation(onsets: result.map(\.step), grid: ground.grid, bars: ground.bars)
      let earlier = Syncopation(onsets: before.map(\.step), grid: ground.grid, bars: ground.bars)
      if (after?.perBar ?? 0) <= (earlier?.perBar ?? 0) { result = before }
    }
    return clipped(result)
  }

  /// Each note ends where the next begins, if it would have lasted longer.
  private func clipped(_ drafts: [Draft]) -> [Draft] {
    var result = drafts
    for index in result.indices.dropLast() {
      result[index].length = max(
        1, min(result[index].length, result[index + 1].step - result[index].step))
    }
    return result
  }
}
