// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// Looks for what could be done otherwise; finds nothing where there is nothing to be counted.
public struct Opportunities: Sendable {
  /// The most suggestions given.
  public static let most = 8
  /// The most suggestions about one track.
  public static let mostPerTrack = 2

  private let tracks: [Pattern]
  private let context: MusicContext
  private let firstBar: Int
  private let meter: Meter
  private let grid: MetricGrid

  /// Looks at `tracks`, of which `context` was measured; the song calls their first bar `firstBar`.
  public init(tracks: [Pattern], context: MusicContext, firstBar: Int = 1) {
    self.tracks = tracks
    self.context = context
    self.firstBar = firstBar
    meter = context.countedMeter
    grid = MetricGrid(meter)
  }

  /// What was found, the strongest first.
  public var found: [Opportunity] {
    var perTrack: [String: Int] = [:]
    let all = zip(tracks, context.tracks).flatMap { track, facts in
      [
        plainBass(track, facts), sameBars(track, facts), evenLoudness(track, facts),
        looseKick(track, facts), clashes(track, facts), gap(track, facts),
        stiffTiming(track, facts),
      ].compactMap { $0 }
    }
    let ranked = all.sorted {
      ($1.strength, $0.track, $0.kind.rawValue) < ($0.strength, $1.track, $1.kind.rawValue)
    }
    return Array(
      ranked.filter { opportunity in
        perTrack[opportunity.track, default: 0] += 1
        return perTrack[opportunity.track, default: 0] <= Self.mostPerTrack
      }.prefix(Self.most))
  }

  // MARK: What is looked for

  private func plainBass(_ track: Pattern, _ facts: MusicContext.Track) -> Opportunity? {
    guard facts.role.role == .bass else { return nil }
    let notes = UsableNotes.of(track.notes)
    let chorded = zip(notes, chords(under: notes)).compactMap { note, chord in
      chord.map { (note: note, root: $0.root) }
    }
    let plain = chorded.filter {
      grid.isPulse(step: step($0.note)) && $0.root == Int($0.note.pitch) % 12
    }.map(\.note)
    guard chorded.count >= 8, Double(plain.count) >= 0.8 * Double(chorded.count) else {
      return nil
    }
    let push = pushedOffbeat()
    return opportunity(
      .plainBass, track, facts, bars(of: plain),
      "\(plain.count) of \(chorded.count) notes are roots on the beat"
        + (push.map { "; the kick pushes \($0.words) in \($0.bars) bars" } ?? ""),
      ["notes": Double(chorded.count), "rootsOnBeat": Double(plain.count)],
      "groovier and more syncopated, with approach notes",
      Double(plain.count) / Double(chorded.count) * min(1, Double(chorded.count) / 16))
  }

  private func sameBars(_ track: Pattern, _ facts: MusicContext.Track) -> Opportunity? {
    let form = Form(of: track.notes, meter: meter, length: length, swing: context.swing)
    var longest = 0..<0
    var start = 1
    for bar in 1...max(form.kinds.count, 1) {
      if bar > start, form.likeness(of: bar, and: start) < 0.95 { start = bar }
      if !form.isSilent(start), bar + 1 - start > longest.count { longest = start..<bar + 1 }
    }
    guard longest.count >= 4 else { return nil }
    let last = longest.upperBound - 1 + firstBar - 1
    let request =
      facts.role.role == .drums
      ? "fill bar \(last)" : "fill bars \(last - 1)-\(last)"
    return opportunity(
      .sameBars, track, facts,
      longest.lowerBound + firstBar - 1...last,
      "one bar played \(longest.count) times", ["bars": Double(longest.count)], request,
      min(0.9, 0.45 + 0.05 * Double(longest.count)))
  }

  private func evenLoudness(_ track: Pattern, _ facts: MusicContext.Track) -> Opportunity? {
    let notes = UsableNotes.of(track.notes)
    guard notes.count >= 16 else { return nil }
    let mean = notes.reduce(0) { $0 + Double($1.velocity) } / Double(notes.count)
    let spread = deviation(notes.map { Double($0.velocity) })
    guard spread < 3 else { return nil }
    return opportunity(
      .evenLoudness, track, facts, bars(of: notes),
      "all \(notes.count) notes are about equally loud (velocity \(Int(mean.rounded())), "
        + "spread \(Self.tenth(spread)))",
      ["notes": Double(notes.count), "velocity": mean, "spread": spread],
      facts.role.role == .drums ? "groovier, with ghost notes" : "groovier", 0.55)
  }

  private func looseKick(_ track: Pattern, _ facts: MusicContext.Track) -> Opportunity? {
    guard facts.role.role == .bass, let kicks = context.kit?.kick, kicks.count >= 8 else {
      return nil
    }
    let starts = UsableNotes.of(track.notes).map(\.start.quarters)
    guard starts.count >= 8 else { return nil }
    var next = 0
    let met = kicks.count { kick in
      while next < starts.count, starts[next] <= kick - 0.13 { next += 1 }
      return next < starts.count && starts[next] < kick + 0.13
    }
    guard Double(met) < 0.35 * Double(kicks.count) else { return nil }
    return opportunity(
      .looseKick, track, facts, bars(of: UsableNotes.of(track.notes)),
      "it meets \(met) of the \(kicks.count) kicks",
      ["kicks": Double(kicks.count), "met": Double(met)], "groovier, with the drums",
      0.8 * (1 - Double(met) / Double(kicks.count)))
  }

  private func clashes(_ track: Pattern, _ facts: MusicContext.Track) -> Opportunity? {
    guard facts.role.role == .melody || facts.role.role == .bass else { return nil }
    let others = zip(tracks, context.tracks).filter {
      $0.0 != track && $0.1.role.role == .harmony
    }
    let notes = UsableNotes.of(track.notes)
    guard notes.count >= 8 else { return nil }
    var worst: (name: String, notes: [Note])?
    for (other, _) in others {
      let rubbing = Self.rubbing(notes, against: UsableNotes.of(other.notes))
      if rubbing.count > worst?.notes.count ?? 0 { worst = (other.name, rubbing) }
    }
    guard let worst, Double(worst.notes.count) >= 0.2 * Double(notes.count),
      worst.notes.count >= 3
    else { return nil }
    return opportunity(
      .clashes, track, facts, bars(of: worst.notes),
      "\(worst.notes.count) of \(notes.count) notes rub a semitone against \(worst.name)",
      ["notes": Double(notes.count), "clashing": Double(worst.notes.count)],
      "keep the rhythm, other pitches",
      min(1, 1.5 * Double(worst.notes.count) / Double(notes.count)))
  }

  private func gap(_ track: Pattern, _ facts: MusicContext.Track) -> Opportunity? {
    let form = Form(of: track.notes, meter: meter, length: length)
    let count = form.kinds.count
    let playing = (1...max(count, 1)).filter { !form.isSilent($0) }
    guard let first = playing.first, let last = playing.last, playing.count >= 2 else {
      return nil
    }
    var longest = 0..<0
    var start = first
    for bar in first...last {
      if !form.isSilent(bar) { start = bar + 1 }
      if bar + 1 - start > longest.count { longest = start..<bar + 1 }
    }
    guard longest.count >= 2 else { return nil }
    let bars = longest.lowerBound + firstBar - 1...longest.upperBound + firstBar - 2
    return opportunity(
      .gap, track, facts, bars, "nothing is played in \(longest.count) bars between others",
      ["bars": Double(longest.count)], "fill bars \(bars.lowerBound)-\(bars.upperBound)", 0.5)
  }

  private func stiffTiming(_ track: Pattern, _ facts: MusicContext.Track) -> Opportunity? {
    let notes = UsableNotes.of(track.notes)
    guard notes.count >= 32, context.swing.feel != .swung else { return nil }
    let off = notes.map { note in
      abs(note.start.quarters * 4 - (note.start.quarters * 4).rounded()) / 4
    }
    guard off.allSatisfy({ $0 < 1.0 / 960 }), deviation(notes.map { Double($0.velocity) }) < 8
    else { return nil }
    return opportunity(
      .stiffTiming, track, facts, bars(of: notes),
      "all \(notes.count) notes lie exactly on the sixteenths",
      ["notes": Double(notes.count)], "groovier, a bit laid back", 0.4)
  }

  // MARK: Tools

  private var length: Beats { Beats(context.length) }

  private func opportunity(
    _ kind: Opportunity.Kind, _ track: Pattern, _ facts: MusicContext.Track,
    _ bars: ClosedRange<Int>, _ evidence: String, _ figures: [String: Double], _ request: String,
    _ strength: Double
  ) -> Opportunity {
    Opportunity(
      kind: kind, track: track.name, role: facts.role.role, firstBar: bars.lowerBound,
      lastBar: bars.upperBound, evidence: evidence, figures: figures, request: request,
      strength: strength)
  }

  private func step(_ note: Note) -> Int {
    grid.nearestStep(to: context.swing.straightened(note.start, meter: meter))
  }

  /// The chord that each of `notes`, in order of their starts, begins in.
  private func chords(under notes: [Note]) -> [Chord?] {
    var span = 0
    return notes.map { note in
      // A note a hair early belongs to the chord it anticipates.
      let place = note.start + Beats(0.1)
      while span < context.chords.count, context.chords[span].end <= place { span += 1 }
      guard span < context.chords.count, context.chords[span].start <= place else { return nil }
      return context.chords[span].chord
    }
  }

  /// Those of `notes` that sound a semitone, in any octave, from a held note for a sixteenth or more.
  ///
  /// Both in order of their starts. Of each key the note struck last counts, so that the work grows
  /// with the notes alone.
  private static func rubbing(_ notes: [Note], against held: [Note]) -> [Note] {
    var last = [Note?](repeating: nil, count: 128)
    var next = 0
    return notes.filter { note in
      while next < held.count, held[next].start < note.end {
        last[Int(held[next].pitch) & 127] = held[next]
        next += 1
      }
      let own = Int(note.pitch) % 12
      return last.indices.contains { key in
        let apart = (key % 12 - own + 12) % 12
        guard apart == 1 || apart == 11, let other = last[key] else { return false }
        return min(other.end, note.end) - max(other.start, note.start) >= Beats(0.25)
      }
    }
  }

  /// The song's bars that `notes` begin in.
  private func bars(of notes: [Note]) -> ClosedRange<Int> {
    let all = notes.map { note in
      Int((Double(step(note)) / Double(grid.stepsPerBar)).rounded(.down)) + firstBar
    }
    let first = all.min() ?? firstBar
    return first...max(all.max() ?? first, first)
  }

  /// The off-beat eighth that the kick strikes in most bars, at least half of them, in words.
  private func pushedOffbeat() -> (words: String, bars: Int)? {
    guard let kicks = context.kit?.kick, meter.beatUnit == 4 else { return nil }
    var bars: [Int: Set<Int>] = [:]
    for kick in kicks {
      let place = grid.nearestStep(to: context.swing.straightened(Beats(kick), meter: meter))
      let bar = Int((Double(place) / Double(grid.stepsPerBar)).rounded(.down))
      let inside = Double(place - bar * grid.stepsPerBar) * grid.step.quarters
      let half = inside * 2
      guard half == half.rounded(), Int(half) % 2 == 1 else { continue }
      bars[Int(half), default: []].insert(bar)
    }
    let total = max(1, Int((context.length / meter.barLength.quarters).rounded()))
    guard let best = bars.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) }),
      2 * best.value.count >= total
    else { return nil }
    return ("the “and” of \(best.key / 2 + 1)", best.value.count)
  }

  private func deviation(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(max(values.count, 1))
    let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (sum / Double(max(values.count, 1))).squareRoot()
  }

  private static func tenth(_ value: Double) -> String {
    String((value * 10).rounded() / 10)
  }
}
