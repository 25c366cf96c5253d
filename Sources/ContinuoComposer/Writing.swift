// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// Turns a request into one line of played notes: written, shaped, finished, and its locks kept.
struct Writing {
  let request: CompositionRequest
  let asked: Asked
  let ground: Ground

  /// The `index`th answer; `random` writes it and `seed` plays it.
  func line(
    _ index: Int, attempt: Int, random: SeededRandom, seed: UInt64
  ) -> (line: Line, notes: [Note]) {
    var rework = Rework(ground: ground, random: random)
    var line =
      rework.line(asked.mode, index, attempt: attempt)
      ?? part(index, attempt: attempt, random: random)
    if line.notes == nil, !line.keepsPitches {
      line.drafts = Shaping(ground: ground).shaped(line.drafts)
    }
    var finish = Finish(
      ground: ground, monophonic: line.monophonic, random: SeededRandom(seed: seed))
    var notes = line.notes ?? finish.notes(line.drafts)
    if asked.mode == .vary { notes = restored(notes, oneVoice: line.monophonic) }
    if let most = ground.steering.polyphony { notes = Self.thinned(notes, to: most) }
    let lock = Acceptance.lock(asked, bars: request.bars)
    notes = lock.merged(
      notes, into: request.source, length: request.length, meter: request.meter,
      oneVoice: line.monophonic)
    return (line, notes)
  }

  private func part(_ index: Int, attempt: Int, random: SeededRandom) -> Line {
    // A manner that does not come out well in a few tries gives way to the others, then elsewhere.
    let index = index + max(0, attempt - 4)
    var ground = ground
    if attempt >= 8 { ground.moveHome(by: [7, -7, 12, -12][attempt % 4]) }
    switch ground.kind {
    case .bass:
      let manners = BassWriter.manners(for: ground.intent)
      var writer = BassWriter(ground: ground, random: random)
      return writer.line(manners[index % manners.count])
    case .drums:
      let manners = DrumWriter.manners(for: ground)
      var writer = DrumWriter(ground: ground, random: random)
      return writer.line(manners[index % manners.count])
    case .harmony:
      let manners = HarmonyWriter.manners(for: ground.intent)
      var writer = HarmonyWriter(ground: ground, random: random, attempt: attempt)
      return writer.line(manners[index % manners.count])
    case .melody, .general:
      let manners = MelodyWriter.manners(for: ground)
      var writer = MelodyWriter(ground: ground, random: random)
      return writer.line(manners[index % manners.count])
    }
  }

  /// What a variation left where it was, played as the source plays it.
  private func restored(_ notes: [Note], oneVoice: Bool) -> [Note] {
    guard ground.swing == request.context.swing else { return notes }
    var source: [Int: Note] = [:]
    for note in NoteLock.clipped(ground.source.map(\.note), length: ground.length) {
      source[key(note)] = source[key(note)] ?? note
    }
    let played = notes.map { source[key($0)] ?? $0 }.sorted {
      ($0.start, $0.pitch) < ($1.start, $1.pitch)
    }
    return played.enumerated().compactMap { index, note in
      let next = played[(index + 1)...].first { oneVoice || $0.pitch == note.pitch }
      guard let next, next.start < note.end else { return note }
      guard (next.start - note.start).quarters >= 1.0 / 32 else { return nil }
      var cut = note
      cut.duration = next.start - note.start
      return cut
    }
  }

  private func key(_ note: Note) -> Int {
    let even = ground.swing.straightened(note.start, meter: ground.grid.meter)
    return ground.grid.nearestStep(to: even) * 128 + Int(note.pitch)
  }

  /// At most `most` notes at once: struck together, the outer ones stay; held, the oldest ends.
  static func thinned(_ notes: [Note], to most: Int) -> [Note] {
    var result: [Note] = []
    var sounding: [Int] = []
    var group: [Note] = []
    func settle() {
      var kept = group.sorted { $0.pitch < $1.pitch }
      while kept.count > most { kept.remove(at: kept.count > 2 ? kept.count / 2 : 0) }
      guard let first = kept.first else { return }
      sounding = sounding.filter { result[$0].end > first.start }
      while sounding.count + kept.count > most, !sounding.isEmpty {
        let oldest = sounding.removeFirst()
        result[oldest].duration = first.start - result[oldest].start
      }
      for note in kept {
        sounding.append(result.count)
        result.append(note)
      }
      group.removeAll()
    }
    for note in notes.sorted(by: { ($0.start, $0.pitch) < ($1.start, $1.pitch) }) {
      if let first = group.first, note.start > first.start + Beats(1.0 / 32) { settle() }
      group.append(note)
    }
    settle()
    return result.filter { $0.duration.quarters >= 1.0 / 64 }
  }
}
