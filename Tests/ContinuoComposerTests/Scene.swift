// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoComposer
import ContinuoMusic

/// One of many contexts to compose in: every key, metre, tempo, feel and a playing band.
struct Scene {
  static let metres = [
    (4, 4), (3, 4), (7, 8), (5, 4), (6, 8), (12, 8), (9, 8), (5, 8), (7, 4), (2, 4),
  ]
  static let kinds: [CompositionKind] = [.bass, .drums, .melody, .harmony, .general]
  /// Scale degrees of the chords, one a bar.
  private static let progressions = [
    [0, 5, 3, 4], [0, 3, 4, 0], [1, 4, 0, 0], [5, 3, 0, 4], [0, 0, 3, 4], [0, 6, 5, 4],
  ]

  let meter: Meter
  let bars: Int
  let kind: CompositionKind
  let bass: Pattern
  let keys: Pattern
  let drums: Pattern
  let tune: Pattern
  let context: MusicContext
  let tempo: Tempo

  /// The `index`th scene; the same for the same number.
  init(_ index: Int) {
    var state = UInt64(index) &* 0x9E37_79B9_7F4A_7C15 | 1
    func random(_ count: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state >> 33) % count
    }
    let (beats, unit) = Self.metres[index % Self.metres.count]
    let meter = Meter(beats, unit) ?? .common
    let grid = MetricGrid(meter)
    let bars = [4, 8, 4, 2][index / 7 % 4]
    let key = Key(tonic: index / 3 % 12, mode: index % 2 == 0 ? .minor : .major)
    let degrees = Self.progressions[random(Self.progressions.count)]
    let swung = meter.beatUnit == 4 && index % 4 == 3
    let feel = Swing(ratio: swung ? 1.5 + Double(random(60)) / 100 : 1, evidence: 8)
    func place(_ bar: Int, _ step: Int) -> Double {
      let even = Double(bar * grid.stepsPerBar + step) * grid.step.quarters
      return max(0, feel.swung(Beats(even), meter: meter).quarters + Double(random(13) - 6) / 500)
    }
    func pitch(_ degree: Int, near: Int) -> Int {
      let pitchClass = key.scale[((degree % 7) + 7) % 7]
      return near + ((pitchClass - near) % 12 + 12) % 12
    }
    var bass: [Note] = []
    var keys: [Note] = []
    var drums: [Note] = []
    var tune: [Note] = []
    let eighths = stride(from: 0, to: grid.stepsPerBar, by: 2).filter { $0 == 0 || random(3) > 0 }
    for bar in 0..<bars {
      let degree = degrees[bar % 4]
      for (number, step) in eighths.enumerated() {
        let next = number + 1 < eighths.count ? eighths[number + 1] : grid.stepsPerBar
        let length = (place(bar, next) - place(bar, step)) * 0.8
        let loud = 70 + random(30)
        let root = pitch(number % 3 == 2 ? degree + 4 : degree, near: 31)
        bass += Self.note(root, loud, place(bar, step), length)
        let tone = number == 0 ? degree + 2 * random(3) : degree + random(5)
        tune += Self.note(pitch(tone, near: 64), loud, place(bar, step), length)
        drums += Self.note(42, loud, place(bar, step), 0.1, channel: 9)
      }
      for (number, pulse) in grid.pulses.enumerated() {
        drums += Self.note(
          number % 2 == 0 ? 36 : 38, 95, place(bar, pulse.lowerBound), 0.1, channel: 9)
      }
      let held = meter.barLength.quarters * 0.9
      for third in [0, 2, 4] {
        keys += Self.note(pitch(degree + third, near: 55), 75, place(bar, 0), held)
      }
    }
    let length = Beats(meter.barLength.quarters * Double(bars))
    func pattern(_ name: String, _ notes: [Note]) -> Pattern {
      Pattern(name: name, notes: notes, length: length, meter: meter)
    }
    self.meter = meter
    self.bars = bars
    kind = Self.kinds[(index + index / 10) % Self.kinds.count]
    self.bass = pattern("Bass", bass)
    self.keys = pattern("Keys", keys)
    self.drums = pattern("Drums", drums)
    self.tune = pattern("Lead", tune)
    tempo = Tempo(60 + Double(index * 37 % 141)) ?? .standard
    context = MusicContext(
      tracks: [self.bass, self.keys, self.drums, self.tune], tempo: tempo, meter: meter)
  }

  /// The track that plays `kind`.
  var source: Pattern {
    switch kind {
    case .bass: bass
    case .drums: drums
    case .harmony: keys
    case .melody, .general: tune
    }
  }

  /// Asks in this scene.
  func request(
    _ text: String = "", seed: UInt64 = 1, mode: CompositionMode? = nil,
    lock: NoteLock = NoteLock(), steering: Steering = Steering()
  ) -> CompositionRequest {
    let others = [bass, keys, tune].filter { $0.name != source.name }
    return CompositionRequest(
      kind: kind, text: text, source: source, context: context, bars: bars, seed: seed, mode: mode,
      lock: lock, steering: steering, others: others)
  }

  private static func note(
    _ pitch: Int, _ velocity: Int, _ start: Double, _ duration: Double, channel: Int = 0
  ) -> [Note] {
    Note(
      pitch: pitch, velocity: velocity, channel: channel, start: Beats(start),
      duration: Beats(duration)
    ).map { [$0] } ?? []
  }
}
