// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// Answers that start from what the track plays: varied, continued, answered, repitched, refelt.
struct Rework {
  let ground: Ground
  var random: SeededRandom

  /// The line that `mode` asks for, the `index`th way; nil when the mode needs no source.
  mutating func line(_ mode: CompositionMode, _ index: Int, attempt: Int) -> Line? {
    switch mode {
    case .part, .fill: nil
    case .vary: varied(index)
    case .continuation: continued(index)
    case .answer: answered(index)
    case .keepRhythm: repitched(index)
    case .keepPitches: refelt(index, attempt: attempt)
    }
  }

  private var oneVoice: Bool { ground.kind == .bass || ground.kind == .melody }

  // MARK: Vary

  /// The source's notes as drafts, its loudness as accents; one a step where only one may sound.
  private func sourceDrafts() -> [Draft] {
    let notes: [(step: Int, note: Note)] =
      oneVoice
      ? SourceGestures(ground).notes
      : ground.source.filter { $0.step >= 0 && $0.step < ground.steps }
    return notes.map { step, note in
      let length = Int((note.duration.quarters / ground.grid.step.quarters).rounded(.up))
      let quiet = Int(note.velocity) < ground.sourceVelocity - 25
      return Draft(
        step: step, length: min(max(1, length), ground.steps - step), pitch: Int(note.pitch),
        purpose: quiet ? .ghost : (ground.grid.isPulse(step: step) ? .anchor : .tone))
    }
  }

  private mutating func varied(_ index: Int) -> Line {
    let way = index % 3
    var drafts = sourceDrafts()
    let share = 35 + 10 * (index / 3)
    if way != 1 { drafts = varyPitches(drafts, share: way == 0 ? share + 15 : share) }
    if way != 0 { drafts = varyRhythm(drafts, share: way == 1 ? share + 10 : share) }
    let names = ["other notes", "another rhythm", "both varied"]
    return Line(
      name: "variation, \(names[way])",
      describe: { [ground] drafts in
        let source = Set(ground.source.map { $0.step * 128 + Int($0.note.pitch) })
        let same = drafts.count { source.contains($0.step * 128 + $0.pitch) }
        return "A variation of the part: \(same) of its \(source.count) notes are where they were"
      },
      drafts: drafts, monophonic: oneVoice)
  }

  private mutating func varyPitches(_ drafts: [Draft], share: Int) -> [Draft] {
    var result = drafts
    for index in result.indices where random.chance(share) {
      result[index].pitch = other(than: result[index].pitch, at: result[index].step)
    }
    return result
  }

  /// Another pitch for the same job: a neighbour by step, another chord tone, another drum.
  private mutating func other(than pitch: Int, at step: Int) -> Int {
    switch ground.kind {
    case .drums:
      return Self.relatives[pitch].map { $0[random.below($0.count)] } ?? pitch
    case .harmony:
      let move = random.chance(50) ? 1 : -1
      let tones = ground.chord(at: step).pitchClasses
      let near = (1...11).map { pitch + move * $0 }
      return near.first { ground.range.contains($0) && tones.contains($0 % 12) } ?? pitch
    case .bass, .melody, .general:
      let strong = ground.grid.strongSteps.contains(step % ground.stepsPerBar)
      let move = [-2, -1, 1, 2, 3, -3][random.below(strong ? 6 : 4)]
      let moved = SourceGestures.moved(pitch, by: move, at: step, onChord: strong, ground)
      return moved == pitch
        ? SourceGestures.moved(pitch, by: -move, at: step, onChord: strong, ground) : moved
    }
  }

  /// Drums that may stand in for each other: cymbal for cymbal, tom for tom, stick for snare.
  private static let relatives: [Int: [Int]] = [
    42: [46, 51], 46: [42, 51], 51: [42, 53], 53: [51, 42], 44: [42], 38: [37, 40], 37: [38],
    40: [38], 49: [57, 55], 57: [49], 50: [48, 47], 48: [50, 45], 47: [45, 50], 45: [43, 47],
    43: [41, 45], 41: [43], 36: [41, 43], 35: [41, 43],
  ]

  private mutating func varyRhythm(_ drafts: [Draft], share: Int) -> [Draft] {
    var taken = Set(drafts.map(\.step))
    var moves: [Int: Int] = [:]
    var dropped: Set<Int> = []
    for step in taken.sorted() where step % ground.stepsPerBar != 0 && random.chance(share) {
      let options = [-2, 2, -1, 1].filter { shift in
        let to = step + shift
        return to > 0 && to < ground.steps && !taken.contains(to)
          && to / ground.stepsPerBar == step / ground.stepsPerBar
      }
      if let shift = options.first(where: { abs($0) == 2 }) ?? options.first {
        moves[step] = step + shift
        taken.insert(step + shift)
      } else if !ground.grid.isPulse(step: step) {
        dropped.insert(step)
      }
    }
    let moved = drafts.filter { !dropped.contains($0.step) }.map { draft in
      var draft = draft
      if let to = moves[draft.step] { draft.step = to }
      return draft
    }
    guard oneVoice else { return struckAgain(moved) }
    return BassWriter.sustained(moved, steps: ground.steps, most: ground.stepsPerBar)
  }

  /// Chords held for half a bar and more are struck once more, at the same place of every bar.
  private mutating func struckAgain(_ drafts: [Draft]) -> [Draft] {
    guard ground.kind == .harmony, ground.stepsPerBar >= 6 else { return drafts }
    let place = 2 + random.below(ground.stepsPerBar - 3)
    return drafts.flatMap { draft -> [Draft] in
      let later = draft.step - draft.step % ground.stepsPerBar + place
      guard 2 * draft.length >= ground.stepsPerBar, later > draft.step + 1,
        later < draft.step + draft.length
      else { return [draft] }
      var first = draft
      var second = draft
      first.length = later - draft.step
      second.step = later
      second.length = draft.length - first.length
      second.purpose = .tone
      return [first, second]
    }
  }

  // MARK: Continue, answer

  private mutating func continued(_ index: Int) -> Line {
    guard oneVoice else { return rearranged(index) }
    guard let own = OwnMaterial(ground) else { return answered(index) }
    let last = SourceGestures(ground).notes.last.map { Int($0.note.pitch) }
    let faithful = [80, 65, 90][index % 3] - 5 * (index / 3)
    let drafts = own.phrases(
      faithful: faithful, from: random.below(max(1, ground.source.count)), pitch: last,
      random: &random)
    return Line(
      name: ["continuation", "freer continuation", "close continuation"][index % 3],
      describe: { _ in
        "Goes on from the last note in your own rhythms and turns, chord tones on the strong beats"
      }, drafts: drafts)
  }

  /// Drums and chords go on bar by bar: the source's bars in an order of their own.
  private mutating func rearranged(_ index: Int) -> Line {
    let source = sourceDrafts()
    var rows = [[Draft]](repeating: [], count: ground.bars)
    for draft in source { rows[draft.step / ground.stepsPerBar].append(draft) }
    let filled = rows.indices.filter { !rows[$0].isEmpty }
    var drafts: [Draft] = []
    let voicings = VoicingPath(ground: ground)
    for bar in 0..<ground.bars {
      let from = filled[(bar + index + random.below(filled.count)) % filled.count]
      let shift = (bar - from) * ground.stepsPerBar
      drafts += rows[from].map { draft in
        var draft = draft
        draft.step += shift
        return draft
      }
    }
    if ground.kind == .harmony { drafts = voicings.revoiced(drafts, variant: index) }
    drafts = varyRhythm(drafts, share: 15 + 10 * (index % 3))
    return Line(
      name: "continuation \(index + 1)",
      describe: { _ in "Your own bars in another order, varied as it goes on" }, drafts: drafts,
      monophonic: false)
  }

  private mutating func answered(_ index: Int) -> Line {
    guard oneVoice else { return rearranged(index) }
    let source = SourceGestures(ground)
    var drafts: [Draft] = []
    // From the question's last note, and an octave's room for each further answer.
    var pitch = source.notes.last.map { Int($0.note.pitch) } ?? ground.home
    let turns = [-1, 1, -1][index % 3]
    for (place, gesture) in zip(source.notes, source.gestures) {
      let strong = ground.grid.strongSteps.contains(place.step % ground.stepsPerBar)
      let extra = random.chance(30 + 15 * index) ? (random.chance(50) ? 1 : -1) : 0
      pitch = SourceGestures.moved(
        pitch, by: turns * gesture.move + extra, at: place.step, onChord: strong, ground)
      drafts.append(
        Draft(
          step: place.step, length: min(gesture.length, gesture.wait), pitch: pitch,
          purpose: ground.grid.isPulse(step: place.step) ? .anchor : .tone))
    }
    if let last = drafts.indices.last {
      let root = (scaleHome ?? ground.chord(at: drafts[last].step).root)
      let tones = ground.chord(at: drafts[last].step).pitchClasses
      let rest = tones.contains(root) ? root : ground.chord(at: drafts[last].step).root
      drafts[last].pitch = ground.place(rest, near: drafts[last].pitch)
      drafts[last].length = max(1, min(ground.steps - drafts[last].step, ground.stepsPerBar / 2))
    }
    // A later answer leaves out what the question had between the beats.
    if index % 3 == 1 { drafts = thinnedAnswer(drafts) }
    return Line(
      name: ["answer", "parallel answer", "ornamented answer"][index % 3],
      describe: { _ in
        (turns < 0
          ? "Your rhythm with its contour turned round"
          : "Your rhythm and contour, higher or lower")
          + ", at rest on its last note"
      }, drafts: index % 3 == 2 ? ornamented(drafts) : drafts)
  }

  private var scaleHome: Int? { ground.scale?.tonic }

  private mutating func thinnedAnswer(_ drafts: [Draft]) -> [Draft] {
    drafts.enumerated().filter { index, draft in
      index == 0 || index == drafts.count - 1 || ground.grid.isPulse(step: draft.step)
        || !random.chance(45)
    }.map(\.element)
  }

  /// A neighbour note before some long ones.
  private mutating func ornamented(_ drafts: [Draft]) -> [Draft] {
    var result: [Draft] = []
    for draft in drafts {
      if draft.length >= 4, random.chance(70) {
        var first = draft
        first.length = draft.length / 2
        var second = draft
        second.step += first.length
        second.length -= first.length
        second.purpose = .tone
        first.pitch = SourceGestures.moved(
          draft.pitch, by: 1, at: draft.step, onChord: false, ground)
        result += [first, second]
      } else {
        result.append(draft)
      }
    }
    return result
  }
}
