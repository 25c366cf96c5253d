// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// What is fixed before a note is written: the bars and their steps, harmony, feel and room.
struct Ground {
  let kind: CompositionKind
  let grid: MetricGrid
  let bars: Int
  let range: ClosedRange<Int>
  let intent: Intent
  /// The chord at each pulse: one row a bar.
  private let chords: [[Chord]]
  let scale: Key?
  /// Whether any chord was measured rather than assumed.
  let chordsKnown: Bool
  let swing: Swing
  /// Steps, from the start, on which the drums' kick falls.
  let kick: Set<Int>
  /// The source's notes inside the bars, and where they start in steps.
  let source: [(step: Int, note: Note)]
  let sourceDensity: Double?
  let sourceSyncopation: Double
  let sourceVelocity: Int
  /// The pitch the line circles about.
  private(set) var home: Int
  /// How the take is played.
  let feel: Feel
  /// What was asked for by number.
  let steering: Steering
  /// Steps on which another track's bass line strikes.
  let bassSteps: Set<Int>
  /// The fewest steps between two strikes of one hand at this tempo.
  let leastGap: Int
  let remarks: [String]

  init(_ request: CompositionRequest, intent: Intent, asked given: Asked? = nil) {
    let asked = given ?? Asked(request)
    let grid = MetricGrid(request.meter)
    let context = request.context
    let swing =
      asked.steering.swing.map { Swing(ratio: $0, evidence: 0) }
      ?? Self.swing(asked: intent[.swing], measured: context.swing)
    let length = request.length.quarters
    let notes = UsableNotes.of(request.source.notes).filter {
      $0.start.quarters >= -0.1 && $0.start.quarters < length - 0.1
    }
    var remarks: [String] = []
    let key = context.key.key
    let scale = key ?? KeyEstimate(of: notes).key
    let fallback = Self.fallbackChord(key: scale, notes: notes)
    let known = context.chords.contains { $0.chord != nil }
    if request.settledKind != .drums, !known {
      remarks.append("no chords were heard, so all bars stay on \(fallback.symbol(flats: false))")
    }
    if context.meter == nil {
      remarks.append("the metre is not known; \(request.meter) is assumed")
    }
    self.kind = request.settledKind
    self.grid = grid
    self.bars = request.bars
    self.range = request.settledRange
    self.intent = intent
    self.scale = scale
    chordsKnown = known
    self.swing = swing
    chords = Self.chords(context, grid: grid, bars: request.bars, fallback: fallback)
    kick = Self.kick(context, grid: grid, bars: request.bars)
    source = notes.map {
      (grid.nearestStep(to: context.swing.straightened($0.start, meter: request.meter)), $0)
    }
    let groove = Groove(
      of: notes, meter: request.meter, length: request.length, swing: context.swing)
    let leaning = Self.leaning(notes, kind: request.settledKind)
    sourceDensity = notes.isEmpty ? nil : groove.density
    sourceSyncopation =
      Syncopation(of: leaning, meter: request.meter, bars: request.bars, swing: context.swing)?
      .perBar ?? 0
    sourceVelocity =
      notes.isEmpty
      ? 86 : min(max(notes.reduce(0) { $0 + Int($1.velocity) } / notes.count, 60), 108)
    home =
      asked.steering.register.map { Self.inside($0, request.settledRange) }
      ?? Self.home(notes, range: request.settledRange, intent: intent, kind: self.kind)
    feel = Feel(of: source, grid: grid, swing: context.swing)
    steering = asked.steering
    bassSteps = Self.bassSteps(request, grid: grid)
    let step = (context.tempo ?? .standard).seconds(of: grid.step)
    leastGap = min(max(1, Int((Self.fastestStrike / step - 0.001).rounded(.up))), grid.stepsPerBar)
    self.remarks = remarks
  }

  /// A hand strikes again after this long, in seconds, without effort: ten times a second.
  static let fastestStrike = 0.099

  var stepsPerBar: Int { grid.stepsPerBar }
  var steps: Int { grid.stepsPerBar * bars }
  var length: Beats { Beats(grid.meter.barLength.quarters * Double(bars)) }

  /// The chord in force at `step`, which wraps round the end: the pattern loops.
  func chord(at step: Int) -> Chord {
    let wrapped = ((step % steps) + steps) % steps
    let rest = wrapped % stepsPerBar
    let pulse = grid.pulses.firstIndex { $0.contains(rest) } ?? 0
    return chords[wrapped / stepsPerBar][pulse]
  }

  /// The pitch classes a line may pass through at `step`: the key bent to the chord.
  func scaleClasses(at step: Int) -> [Int] {
    let chord = chord(at: step)
    let tones = chord.pitchClasses
    let minor = tones.contains((chord.root + 3) % 12)
    let degrees = minor ? [0, 2, 3, 5, 7, 9, 10] : [0, 2, 4, 5, 7, 9, 10]
    let base = scale?.scale ?? degrees.map { (chord.root + $0) % 12 }
    let foreign = tones.filter { !base.contains($0) }
    // A chord's foreign tone stands for its neighbour of the scale, as B stands for Bb over G7.
    let kept = base.filter { degree in
      tones.contains(degree)
        || !foreign.contains { ($0 + 1) % 12 == degree || ($0 + 11) % 12 == degree }
    }
    return (kept + foreign).sorted()
  }

  /// The pitch of class `pitchClass` nearest to `near` and inside the range, lower ones first.
  func place(_ pitchClass: Int, near: Int) -> Int {
    var best = range.lowerBound
    var distance = Int.max
    for pitch in range where pitch % 12 == ((pitchClass % 12) + 12) % 12 {
      if abs(pitch - near) < distance {
        best = pitch
        distance = abs(pitch - near)
      }
    }
    return best
  }

  /// The notes whose rhythm is the groove: of a kit the kick and the snare, else all.
  static func leaning(_ notes: [Note], kind: CompositionKind) -> [Note] {
    kind == .drums ? notes.filter { (35...40).contains($0.pitch) && $0.velocity > 55 } : notes
  }

  private static func swing(asked: Double, measured: Swing) -> Swing {
    if asked > 0 {
      return measured.feel == .swung ? measured : Swing(ratio: asked > 1 ? 2 : 1.7, evidence: 0)
    }
    return asked < 0 ? Swing(ratio: 1, evidence: 0) : measured
  }

  private static func fallbackChord(key: Key?, notes: [Note]) -> Chord {
    if let key { return Chord(root: key.tonic, quality: key.mode == .major ? .major : .minor) }
    var counts = [Int](repeating: 0, count: 12)
    for note in notes where note.channel != UsableNotes.drumChannel {
      counts[Int(note.pitch) % 12] += 1
    }
    let root = counts.indices.max { counts[$0] < counts[$1] } ?? 0
    let minor = counts[(root + 3) % 12] > counts[(root + 4) % 12]
    return Chord(root: root, quality: minor ? .minor : .major)
  }

  /// The measured chords on each pulse; a context shorter than the answer comes round again.
  private static func chords(
    _ context: MusicContext, grid: MetricGrid, bars: Int, fallback: Chord
  ) -> [[Chord]] {
    let bar = grid.meter.barLength.quarters
    let spans = context.chords
    let first = spans.first { $0.chord != nil }?.chord ?? fallback
    let heard = spans.last?.end.quarters ?? 0
    let heardBars = max(1, min(4_096, Int((heard / bar + 0.5).rounded(.down))))
    var cursor = 0
    var last = first
    var rows: [[Chord]] = []
    for index in 0..<bars {
      if index % heardBars == 0 { cursor = 0 }
      var row: [Chord] = []
      for pulse in grid.pulses {
        let place =
          Double(index % heardBars) * bar + Double(pulse.lowerBound) * grid.step.quarters + 1e-6
        while cursor < spans.count, spans[cursor].end.quarters <= place { cursor += 1 }
        if cursor < spans.count, let chord = spans[cursor].chord { last = chord }
        row.append(last)
      }
      rows.append(row)
    }
    return rows
  }

  private static func kick(_ context: MusicContext, grid: MetricGrid, bars: Int) -> Set<Int> {
    guard let kit = context.kit else { return [] }
    let steps = kit.kick.map {
      grid.nearestStep(to: context.swing.straightened(Beats($0), meter: grid.meter))
    }
    return Set(steps.filter { $0 >= 0 && $0 < grid.stepsPerBar * bars })
  }

  private static func home(
    _ notes: [Note], range: ClosedRange<Int>, intent: Intent, kind: CompositionKind
  ) -> Int {
    let pitches = notes.map { Int($0.pitch) }.sorted()
    let low = range.lowerBound + (kind == .bass ? 9 : range.count / 2)
    let middle = pitches.isEmpty ? low : pitches[pitches.count / 2]
    return inside(middle + Int(intent[.register] * 7), range)
  }

  /// Moves the middle of the line, as far as the range has room.
  mutating func moveHome(by semitones: Int) { home = Self.inside(home + semitones, range) }

  /// `pitch` as far inside `range` as a line that circles about it needs.
  private static func inside(_ pitch: Int, _ range: ClosedRange<Int>) -> Int {
    min(max(pitch, range.lowerBound + 5), max(range.upperBound - 7, range.lowerBound))
  }

  private static func bassSteps(_ request: CompositionRequest, grid: MetricGrid) -> Set<Int> {
    let bass = request.others.prefix(MusicContext.mostTracks).filter {
      TrackRole(name: $0.name, notes: $0.notes).role == .bass
    }
    let steps = bass.flatMap { UsableNotes.of($0.notes) }.map {
      grid.nearestStep(to: request.context.swing.straightened($0.start, meter: request.meter))
    }
    return Set(steps.filter { $0 >= 0 && $0 < grid.stepsPerBar * request.bars })
  }
}
