// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoComposer
import ContinuoMusic

/// A small band that plays i7 iv7 VII7 IIImaj7 in any metre and key, to compose against.
struct Band {
  let meter: Meter
  let bars: Int
  let bass: Pattern
  let keys: Pattern
  let drums: Pattern

  private static let roots = [45, 38, 43, 36]
  private static let voicings = [[60, 64, 67], [60, 65, 69], [59, 62, 65], [59, 64, 67]]

  /// The bass strikes every pulse of the bar on the root; `up` transposes by semitones.
  init(meter: Meter = .common, bars: Int = 4, up: Int = 0, swung: Bool = false) {
    let grid = MetricGrid(meter)
    let bar = meter.barLength.quarters
    var bass: [Note] = []
    var keys: [Note] = []
    var drums: [Note] = []
    for index in 0..<bars {
      let start = Double(index) * bar
      for (number, pulse) in grid.pulses.enumerated() {
        let at = start + Double(pulse.lowerBound) * grid.step.quarters
        let length = Double(pulse.count) * grid.step.quarters
        bass += Self.note(Self.roots[index % 4] + up, at, length * 0.8)
        drums += Self.note(number % 2 == 0 ? 36 : 38, at, length / 2, channel: 9)
        drums += Self.note(42, at + length * (swung ? 2.0 / 3 : 0.5), length / 4, channel: 9)
      }
      for pitch in Self.voicings[index % 4] { keys += Self.note(pitch + up, start, bar * 0.95) }
    }
    self.meter = meter
    self.bars = bars
    let length = Beats(bar * Double(bars))
    self.bass = Pattern(name: "Bass", notes: bass, length: length, meter: meter)
    self.keys = Pattern(name: "Keys", notes: keys, length: length, meter: meter)
    self.drums = Pattern(name: "Drums", notes: drums, length: length, meter: meter)
  }

  var context: MusicContext {
    MusicContext(tracks: [bass, keys, drums], tempo: Tempo(104), meter: meter)
  }

  func request(
    _ kind: CompositionKind, _ text: String = "", seed: UInt64 = 1, bars: Int? = nil,
    context: MusicContext? = nil
  ) -> CompositionRequest {
    let source =
      switch kind {
      case .bass: bass
      case .drums: drums
      case .harmony: keys
      case .melody, .general: Pattern(name: "Lead", notes: [], length: bass.length, meter: meter)
      }
    return CompositionRequest(
      kind: kind, text: text, source: source, context: context ?? self.context,
      bars: bars ?? self.bars, seed: seed)
  }

  static func note(
    _ pitch: Int, _ start: Double, _ duration: Double, channel: Int = 0
  ) -> [Note] {
    Note(
      pitch: pitch, velocity: 90, channel: channel, start: Beats(start), duration: Beats(duration)
    ).map { [$0] } ?? []
  }
}
