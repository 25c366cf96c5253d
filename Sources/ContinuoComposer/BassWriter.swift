// SPDX-License-Identifier: MIT
import ContinuoAnalysis

/// Bass lines in three manners: a sixteenth riff, a walking line, and a line that pushes.
struct BassWriter {
  /// The manners, in the order a request without wishes gets them.
  enum Manner: Int, Hashable, Sendable, CaseIterable {
    case riff, walk, push
  }

  let ground: Ground
  var random: SeededRandom

  /// The manners, the one the words ask for first.
  static func manners(for intent: Intent) -> [Manner] {
    if intent[.walking] > 0 { return [.walk, .riff, .push] }
    if intent[.syncopation] > 0.6, intent[.funk] <= 0 { return [.push, .riff, .walk] }
    return [.riff, .push, .walk]
  }

  mutating func line(_ manner: Manner) -> Line {
    switch manner {
    case .riff: riff()
    case .walk: walk()
    case .push: push()
    }
  }

  // MARK: Riff

  private mutating func riff() -> Line {
    let motif = riffMotif()
    var answer = motif
    if let last = answer.indices.last {
      answer[last] = pick(Cells.turn(ground.grid.pulses[last].count), at: last)
    }
    var fill = answer
    if fill.count > 2 {
      let place = fill.count - 2
      fill[place] = pick(Cells.offBeat(ground.grid.pulses[place].count), at: place)
    }
    var drafts: [Draft] = []
    var previous: Int?
    for bar in 0..<ground.bars {
      // Two bars that differ at their end, and every fourth leads on: a riff is what comes back.
      let cells = bar % 4 == 3 ? fill : (bar % 2 == 1 ? answer : motif)
      for (index, pulse) in ground.grid.pulses.enumerated() {
        let start = bar * ground.stepsPerBar + pulse.lowerBound
        drafts += riffNotes(cells[index], at: start, pulse: pulse.count, previous: &previous)
      }
    }
    return Line(
      name: "octave riff", describe: { [ground] in Self.riffWords($0, ground) },
      drafts: Self.sustained(drafts, steps: ground.steps, most: 4))
  }

  private static func riffWords(_ drafts: [Draft], _ ground: Ground) -> String {
    let ghosts = drafts.count { $0.purpose == .ghost }
    let offBeats = drafts.count { !ground.grid.isPulse(step: $0.step) }
    let steps = Set(drafts.map(\.step))
    var words =
      "Sixteenth-note riff on roots and octaves, \(offBeats) of \(drafts.count) notes off the beat"
    if ghosts > 0 { words += ", \(ghosts) of them ghosts" }
    if !ground.kick.isEmpty {
      let met = ground.kick.intersection(steps).count
      words += ", with \(met) of the drums' \(ground.kick.count) kicks"
    }
    return words
  }

  private mutating func riffMotif() -> [String] {
    let heat = min(max(1 + ground.intent[.groove] + ground.intent[.syncopation], 0), 3)
    let offBeat = [25, 55, 70, 80][Int(heat)]
    return ground.grid.pulses.enumerated().map { index, pulse in
      let strong = ground.grid.strongSteps.contains(pulse.lowerBound)
      let answers = index > 0 && random.chance(strong ? offBeat / 2 : offBeat)
      return pick(
        answers ? Cells.offBeat(pulse.count) : Cells.onBeat(pulse.count), at: index)
    }
  }

  /// A cell at random; those that meet the kick, and the colours asked for, come more often.
  private mutating func pick(_ cells: [String], at pulse: Int) -> String {
    let ground = ground
    let start = ground.grid.pulses[pulse].lowerBound
    let chosen = random.pick(cells) { cell in
      var weight = 4
      for (offset, mark) in cell.enumerated() where mark != "." {
        if ground.kick.contains(start + offset) { weight += 6 }
        if mark == "O" { weight += Int(ground.intent[.octaves] * 3) }
        if mark == "g" {
          weight += Int(ground.intent[.ghosts] * 3) - (ground.intent[.density] < 0 ? 4 : 0)
        }
        weight += Int(ground.intent[.density])
      }
      return max(weight, 1)
    }
    return chosen ?? cells[0]
  }

  private mutating func riffNotes(
    _ cell: String, at start: Int, pulse: Int, previous: inout Int?
  ) -> [Draft] {
    var drafts: [Draft] = []
    for (offset, mark) in cell.enumerated() where mark != "." {
      let step = start + offset
      let around = Neighbourhood(ground, step: step, previous: previous, octaveAbove: true)
      var draft = Draft(step: step, length: 1, pitch: around.root, purpose: .tone)
      switch mark {
      case "O":
        draft.pitch = ground.intent[.octaves] < 0 ? around.fifth : around.octave
        draft.accent = 4
      case "5": draft.pitch = around.fifth
      case "7": draft.pitch = around.color
      case "g": draft.purpose = .ghost
      case "a":
        let next = Neighbourhood(
          ground, step: start + pulse, previous: around.root, octaveAbove: true)
        draft.pitch = around.approach(to: next.root, from: around.root, smooth: false)
        draft.purpose = .approach
      default:
        draft.purpose = ground.grid.isPulse(step: step) ? .anchor : .tone
        previous = around.root
      }
      drafts.append(draft)
    }
    return drafts
  }

  // MARK: Walk

  private mutating func walk() -> Line {
    let two = ground.intent[.density] < 0
    var drafts: [Draft] = []
    var pitch = Neighbourhood(ground, step: 0, previous: nil).root
    let places = walkPlaces(everyPulse: !two)
    for (index, step) in places.enumerated() {
      let around = Neighbourhood(ground, step: step, previous: pitch)
      let next = index + 1 < places.count ? places[index + 1] : ground.steps
      let chordAhead = ground.chord(at: next)
      let changed = index == 0 || ground.chord(at: step) != ground.chord(at: places[index - 1])
      let barStart = step % ground.stepsPerBar == 0
      let leads = next % ground.stepsPerBar == 0 || chordAhead != ground.chord(at: step)
      var draft = Draft(
        step: step, length: next - step, pitch: around.root, purpose: barStart ? .anchor : .tone)
      if changed || (barStart && !random.chance(25)) {
        draft.pitch = around.root
      } else if leads, !two {
        let target = Neighbourhood(ground, step: next, previous: pitch).root
        draft.pitch = around.approach(to: target, from: pitch, smooth: random.chance(40))
        draft.purpose = .approach
      } else {
        draft.pitch = walked(from: pitch, around: around, step: step)
      }
      pitch = draft.pitch
      drafts.append(draft)
      drafts += skip(after: draft, around: around)
    }
    if ground.intent.wantsGroove { drafts = anticipated(drafts) }
    return Line(
      name: two ? "two-feel" : "walking line",
      describe: { [ground] in
        two ? "Chord tones in two, a root at each change" : Self.walkWords($0, ground)
      },
      drafts: Self.sustained(drafts, steps: ground.steps, most: ground.stepsPerBar))
  }

  private static func walkWords(_ drafts: [Draft], _ ground: Ground) -> String {
    let steps = Set(drafts.map(\.step))
    let pulses = ground.grid.pulses.map(\.lowerBound)
    let all = (0..<ground.bars).flatMap { bar in pulses.map { bar * ground.stepsPerBar + $0 } }
    let walked = all.count { steps.contains($0) }
    let early = drafts.count { $0.purpose == .push }
    return
      "Walking line, a note on \(walked == all.count ? "every beat" : "\(walked) of \(all.count) beats")"
      + ", leading notes into new chords" + (early > 0 ? ", \(early) notes pushed ahead" : "")
  }

  /// Every pulse, and in long pulses (dotted quarters) the last eighth too; or only strong places.
  private func walkPlaces(everyPulse: Bool) -> [Int] {
    (0..<ground.bars).flatMap { bar in
      let start = bar * ground.stepsPerBar
      guard everyPulse else { return ground.grid.strongSteps.map { start + $0 } }
      return ground.grid.pulses.flatMap { pulse in
        pulse.count == 6
          ? [start + pulse.lowerBound, start + pulse.lowerBound + 4] : [start + pulse.lowerBound]
      }
    }
  }

  /// The next note of the walk: a chord tone on a strong place, a scale step on a weak one.
  private mutating func walked(from pitch: Int, around: Neighbourhood, step: Int) -> Int {
    let strong = ground.grid.strongSteps.contains(step % ground.stepsPerBar)
    let classes = strong ? ground.chord(at: step).pitchClasses : ground.scaleClasses(at: step)
    // Upwards from below the middle of the range and back down from above: an arch, no wandering.
    let upwards = pitch < around.ground.home + random.within(-2...4)
    let reach = (1...(strong ? 9 : 4)).map { upwards ? pitch + $0 : pitch - $0 }
    let found = reach.first { ground.range.contains($0) && classes.contains($0 % 12) }
    return found ?? (around.fifth == pitch ? around.root : around.fifth)
  }

  /// A light repeated note on the last eighth, now and then: what keeps a walk from plodding.
  private mutating func skip(after draft: Draft, around: Neighbourhood) -> [Draft] {
    let often = 12 + Int(ground.intent[.density] * 25) + Int(ground.intent[.groove] * 20)
    guard draft.length == 4, random.chance(often) else { return [] }
    let pitch = draft.purpose == .approach ? draft.pitch : around.fifth
    return [Draft(step: draft.step + 2, length: 2, pitch: pitch, purpose: .ghost, accent: 14)]
  }

  /// Every second bar's first note an eighth early, tied over the line: a walk that leans.
  private func anticipated(_ drafts: [Draft]) -> [Draft] {
    guard ground.stepsPerBar >= 8 else { return drafts }
    let early = Set(
      (1..<max(2, ground.bars)).filter { $0 % 2 == 1 }.map { $0 * ground.stepsPerBar })
    return drafts.compactMap { draft in
      if early.contains(draft.step) {
        var moved = draft
        moved.step -= 2
        moved.purpose = .push
        return moved
      }
      return early.contains(draft.step + 2) ? nil : draft
    }
  }

  // MARK: Push

  private mutating func push() -> Line {
    let early = min(2, ground.stepsPerBar / 2)
    var drafts: [Draft] = []
    var previous: Int?
    var held = false
    let motif = pushMotif(early: early)
    for bar in 0..<ground.bars {
      let start = bar * ground.stepsPerBar
      // The last bar of four comes home on its own beat, so that the pushes are felt as pushes.
      let pushes = early > 0 && bar % 4 != 3
      var places = motif
      if held { places.removeAll { $0 == 0 } }
      if !pushes { places.removeAll { $0 == ground.stepsPerBar - early && $0 != 0 } }
      for place in places {
        let step = start + place
        let ahead = pushes && place == ground.stepsPerBar - early && place != 0
        let around = Neighbourhood(
          ground, step: ahead ? start + ground.stepsPerBar : step, previous: previous)
        var draft = Draft(step: step, length: 1, pitch: around.root, purpose: .tone)
        if ahead {
          draft.purpose = .push
        } else if place == 0 {
          draft.purpose = .anchor
        } else {
          let wished = [around.fifth, around.octave, around.root][random.below(3)]
          // A tenth is as far as a hand reaches without looking.
          let last = drafts.last?.pitch ?? wished
          draft.pitch = abs(wished - last) <= 16 ? wished : around.root
        }
        previous = around.root
        drafts.append(draft)
      }
      held = pushes && places.contains(ground.stepsPerBar - early)
      if !pushes { drafts += homecoming(bar: bar, previous: previous) }
    }
    return Line(
      name: "pushed line", describe: { [ground] in Self.pushWords($0, ground) },
      drafts: Self.sustained(drafts, steps: ground.steps, most: ground.stepsPerBar))
  }

  private static func pushWords(_ drafts: [Draft], _ ground: Ground) -> String {
    let early = drafts.count { $0.purpose == .push }
    return "Long notes that lean forward: \(early) come ahead of the beat and hold over it"
  }

  /// Where a bar's notes fall: threes of eighths against the metre, and the push at its end.
  private mutating func pushMotif(early: Int) -> [Int] {
    let end = ground.stepsPerBar
    var places = [0]
    // Simpler: one note a bar, and still a push.
    guard ground.intent[.density] >= 0 else {
      return end > early && early > 0 ? [0, end - early] : [0]
    }
    var place = 0
    let threes = [6, 6, 4, 3][random.below(ground.intent[.groove] > 0 ? 4 : 3)]
    while place + threes <= end - early - 2 {
      place += threes
      places.append(place)
      if place > end / 2, random.chance(40) { break }
    }
    if early > 0, end - early > 0 { places.append(end - early) }
    return Array(Set(places)).sorted()
  }

  private mutating func homecoming(bar: Int, previous: Int?) -> [Draft] {
    guard let last = ground.grid.pulses.last, last.lowerBound > 0 else { return [] }
    let step = bar * ground.stepsPerBar + last.upperBound - max(1, last.count / 2)
    let around = Neighbourhood(ground, step: step, previous: previous)
    let target = Neighbourhood(ground, step: (bar + 1) * ground.stepsPerBar, previous: previous)
    let pitch = around.approach(to: target.root, from: around.root, smooth: true)
    return [Draft(step: step, length: 1, pitch: pitch, purpose: .approach)]
  }

  /// Each note sounds until the next, at most `most` steps; ghosts stay short.
  static func sustained(_ drafts: [Draft], steps: Int, most: Int) -> [Draft] {
    var sorted = drafts.sorted { $0.step < $1.step }
    for index in sorted.indices {
      let next = index + 1 < sorted.count ? sorted[index + 1].step : steps
      let room = max(1, next - sorted[index].step)
      sorted[index].length = sorted[index].purpose == .ghost ? 1 : min(room, most)
    }
    return sorted
  }
}
