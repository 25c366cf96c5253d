// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

extension Rework {
  // MARK: The rhythm kept

  /// The source's notes, each with its place, length and loudness, at other pitches.
  mutating func repitched(_ index: Int) -> Line {
    let inside = ground.source.filter { $0.step >= 0 && $0.step < ground.steps }
    let notes =
      switch ground.kind {
      case .drums: redrummed(inside, index)
      case .harmony: revoiced(inside, index)
      case .bass, .melody, .general: retuned(inside, index)
      }
    let names = ["turned round", "through the chords", "close by"]
    return Line(
      name: "same rhythm, \(names[index % 3])",
      describe: { _ in "Your rhythm, touch and loudness note for note, at other pitches" },
      drafts: [], monophonic: ground.kind == .bass || ground.kind == .melody,
      notes: NoteLock.clipped(notes, length: ground.length))
  }

  private mutating func retuned(_ source: [(step: Int, note: Note)], _ index: Int) -> [Note] {
    var result: [Note] = []
    var before = source.first.map { Int($0.note.pitch) } ?? ground.home
    var pitch = ground.place(ground.chord(at: 0).pitchClasses[random.below(3)], near: ground.home)
    for (step, note) in source {
      let scale = ground.scaleClasses(at: step)
      let move = SourceGestures.move(from: before, to: Int(note.pitch), scale: scale)
      before = Int(note.pitch)
      let wished =
        switch index % 3 {
        case 0: -move + (random.chance(25) ? 1 : 0)
        case 1: [-3, -2, 2, 3][random.below(4)]
        default: [-2, -1, 0, 1, 2][random.below(5)]
        }
      let harmony = harmonyStep(step, note)
      let onChord = index % 3 == 1 || harmony != nil
      pitch = SourceGestures.moved(
        pitch, by: wished, at: harmony ?? step, onChord: onChord, ground)
      var tuned = note
      tuned.pitch = UInt8(clamping: pitch)
      result.append(tuned)
    }
    return result
  }

  /// The strong place that the note sounds on, whose chord it must fit; nil when there is none.
  private func harmonyStep(_ step: Int, _ note: Note) -> Int? {
    let long = Int((note.duration.quarters / ground.grid.step.quarters).rounded(.up))
    let end = step + min(max(1, long), ground.stepsPerBar)
    return (step..<end).last { ground.grid.strongSteps.contains($0 % ground.stepsPerBar) }
  }

  private mutating func revoiced(_ source: [(step: Int, note: Note)], _ index: Int) -> [Note] {
    let path = VoicingPath(ground: ground)
    var groups: [(step: Int, notes: [Note])] = []
    for (step, note) in source {
      if let last = groups.last, last.step == step {
        groups[groups.count - 1].notes.append(note)
      } else {
        groups.append((step, [note]))
      }
    }
    let voicings = path.voicings(
      at: groups.map { ($0.step, $0.notes.count) }, lift: [5, -5, 9][index % 3] + random.below(3))
    return zip(groups, voicings).flatMap { group, voicing in
      zip(group.notes.sorted { $0.pitch < $1.pitch }, voicing).map { note, pitch in
        var tuned = note
        tuned.pitch = UInt8(clamping: pitch)
        return tuned
      }
    }
  }

  /// Each drum goes to a relative, the same one all through, so that the groove stays a groove.
  private mutating func redrummed(_ source: [(step: Int, note: Note)], _ index: Int) -> [Note] {
    let kits: [[Int: Int]] = [
      [42: 51, 44: 51, 46: 53, 38: 37, 40: 37, 51: 42],
      [42: 54, 44: 54, 46: 46, 38: 39, 51: 53, 36: 36],
      [42: 70, 46: 69, 38: 45, 40: 47, 36: 43, 35: 41, 51: 56],
    ]
    var kit = kits[index % 3]
    if index >= 3 {
      for key in kit.keys.sorted() where random.chance(40) { kit[key] = 37 + random.below(14) }
    }
    var taken: Set<Int> = []
    return source.compactMap { step, note in
      let key = kit[Int(note.pitch)] ?? Int(note.pitch)
      guard taken.insert(step * 128 + key).inserted else { return note }
      var changed = note
      changed.pitch = UInt8(clamping: key)
      return changed
    }
  }

  // MARK: The pitches kept

  /// The source's pitches in their order on other places, in as many of them.
  mutating func refelt(_ index: Int, attempt: Int) -> Line {
    let oneVoice = ground.kind == .bass || ground.kind == .melody
    let source = ground.source.filter { $0.step >= 0 && $0.step < ground.steps }
    let onsets = Array(Set(source.map(\.step))).sorted()
    var moved: [Int: Int] = [:]
    for bar in 0..<ground.bars {
      let start = bar * ground.stepsPerBar
      let inside = onsets.filter { $0 / ground.stepsPerBar == bar }.map { $0 - start }
      let places = replaced(inside, way: index % 3, variant: index / 3 + attempt)
      for (from, to) in zip(inside, places) { moved[start + from] = start + to }
    }
    let legato = index % 3 == 0
    let targets = moved.values.sorted()
    let drafts = source.compactMap { step, note -> Draft? in
      guard let to = moved[step] else { return nil }
      let next = targets.first { $0 > to } ?? ground.steps
      let long = Int((note.duration.quarters / ground.grid.step.quarters).rounded())
      let length = oneVoice || legato ? next - to : min(max(1, long), ground.steps - to)
      let short = index % 3 == 1
      return Draft(
        step: to, length: short ? max(1, min(length, 2)) : max(1, length), pitch: Int(note.pitch),
        purpose: to != step && to < step ? .push : (ground.grid.isPulse(step: to) ? .anchor : .tone)
      )
    }
    let names = ["pushed", "spread evenly", "in threes"]
    return Line(
      name: "same pitches, \(names[index % 3])",
      describe: { _ in "Your pitches in their order, on other places of the bar" },
      drafts: drafts, monophonic: oneVoice, keepsPitches: true)
  }

  /// As many places as `onsets`, in order, inside one bar.
  ///
  /// Pushed an eighth or a sixteenth ahead; as even as can be (Toussaint, "The Euclidean Algorithm
  /// Generates Traditional Musical Rhythms", 2005); or every three steps against the metre.
  private mutating func replaced(_ onsets: [Int], way: Int, variant: Int) -> [Int] {
    let count = onsets.count
    let steps = ground.stepsPerBar
    guard count > 0, count < steps else { return onsets }
    // Where the ways lead nowhere new: any places, the downbeat kept more often than not.
    if variant > 5 || (count == 1 && way == 0) {
      let first = onsets[0] == 0 && count > 1 && random.chance(70) ? [0] : []
      var free = Array(first.count..<steps)
      while free.count > count - first.count { free.remove(at: random.below(free.count)) }
      return first + free
    }
    switch way {
    case 0:
      var places: [Int] = []
      for onset in onsets {
        let least = (places.last ?? -1) + 1
        let early = [2, 1].first { onset - $0 >= max(least, 1) } ?? 0
        let pushes = onset != 0 && random.chance(ground.grid.isPulse(step: onset) ? 75 : 40)
        places.append(max(least, pushes ? onset - early : onset))
      }
      return places.last ?? 0 < steps ? places : onsets
    case 1:
      let even = (0..<count).map { ($0 * steps + variant) / count }
      // Where even is what it was, the rests go to the front: a shuffle of the same necklace.
      let shift = even == onsets ? 1 + variant % max(1, steps / count - 1) : 0
      return even.map { min($0 + shift, steps - 1) }.enumerated().map { max($0, $1) }
    default:
      let gap = count * 3 <= steps ? 3 : max(1, steps / count)
      let places = (0..<count).map { $0 * gap + variant % max(1, steps - (count - 1) * gap) }
      return places
    }
  }
}
