// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import ContinuoTestSupport
import Testing

@Suite struct GrooveTests {
  struct Timeline: Sendable {
    let steps: String
    let perBar: Double
    let distance: Double
  }

  /// Shiko, son, rumba, soukous, gahu and bossa nova, as Gómez and others (2005) give them.
  static let timelines = [
    Timeline(steps: "x...x.x...x.x...", perBar: 2, distance: 6.0 / 5),
    Timeline(steps: "x..x..x...x.x...", perBar: 4, distance: 14.0 / 5),
    Timeline(steps: "x..x...x..x.x...", perBar: 5, distance: 18.0 / 5),
    Timeline(steps: "x..x..x...xx....", perBar: 6, distance: 18.0 / 5),
    Timeline(steps: "x..x..x...x...x.", perBar: 5, distance: 18.0 / 5),
    Timeline(steps: "x..x..x...x..x..", perBar: 6, distance: 4),
    Timeline(steps: "x...x...x...x...", perBar: 0, distance: 0),
    Timeline(steps: "xxxxxxxxxxxxxxxx", perBar: 0, distance: 2.5),
    Timeline(steps: "..x...x...x...x.", perBar: 7, distance: 4),
  ]

  @Test(arguments: timelines)
  func `timelines have their published syncopation`(timeline: Timeline) throws {
    let found = try #require(
      Syncopation(onsets: Sketch.steps(timeline.steps), grid: MetricGrid(.common), bars: 1))
    #expect(found.perBar == timeline.perBar)
    #expect(abs(found.beatDistance - timeline.distance) < 1e-12)
  }

  @Test func `a bar repeated is as syncopated as the bar`() throws {
    let once = Sketch.steps("x..x..x...x.x...")
    let grid = MetricGrid(.common)
    let four = (0..<4).flatMap { bar in once.map { $0 + 16 * bar } }
    #expect(
      Syncopation(onsets: four, grid: grid, bars: 4)
        == Syncopation(onsets: once, grid: grid, bars: 1))
    #expect(Syncopation(onsets: [], grid: grid, bars: 1) == nil)
  }

  struct Bar: Sendable {
    let meter: Meter?
    let strong: [Int]
    let pulses: [Int]
  }

  static let bars = [
    Bar(meter: Meter(4, 4), strong: [0, 8], pulses: [4, 4, 4, 4]),
    Bar(meter: Meter(3, 4), strong: [0], pulses: [4, 4, 4]),
    Bar(meter: Meter(5, 4), strong: [0, 12], pulses: [4, 4, 4, 4, 4]),
    Bar(meter: Meter(6, 8), strong: [0, 6], pulses: [6, 6]),
    Bar(meter: Meter(7, 8), strong: [0, 4, 8], pulses: [4, 4, 6]),
    Bar(meter: Meter(12, 8), strong: [0, 6, 12, 18], pulses: [6, 6, 6, 6]),
    Bar(meter: Meter(2, 2), strong: [0], pulses: [4, 4, 4, 4]),
    Bar(meter: Meter(8, 8), strong: [0, 6, 12], pulses: [6, 6, 4]),
    Bar(meter: Meter(7, 16), strong: [0, 2, 4], pulses: [2, 2, 3]),
  ]

  @Test(arguments: bars)
  func `bars are grouped as musicians count them`(bar: Bar) throws {
    let grid = MetricGrid(try #require(bar.meter))
    #expect(grid.strongSteps == bar.strong)
    #expect(grid.pulses.map(\.count) == bar.pulses)
    #expect(grid.weights[0] == 0)
    #expect(grid.weights.dropFirst().allSatisfy { $0 < 0 })
  }

  @Test func `every metre has a whole grid`() throws {
    for beats in 1...64 {
      for unit in [1, 2, 4, 8, 16, 32, 64] {
        let meter = try #require(Meter(beats, unit))
        let grid = MetricGrid(meter)
        #expect(grid.pulses.reduce(0) { $0 + $1.count } == grid.stepsPerBar)
        #expect(
          abs(Double(grid.stepsPerBar) * grid.step.quarters - meter.barLength.quarters) < 1e-9)
        #expect(Set(grid.strongSteps).isSubset(of: grid.pulses.map(\.lowerBound)))
      }
    }
  }

  @Test func `each place of the bar tells how late, how steady and how loud it is played`() throws {
    var notes: [Note] = []
    for bar in 0..<4 {
      let start = Double(bar) * 4
      notes += Sketch.note(36, at: start, for: 0.5, velocity: 120)
      // The second beat drags by a twentieth, one bar more and one less.
      notes += Sketch.note(
        38, at: start + 1.05 + (bar % 2 == 0 ? 0.01 : -0.01), for: 0.5, velocity: 60)
      notes += Sketch.note(42, at: start + 2.48, for: 0.5, velocity: 60)
    }
    let template = Groove(of: notes, meter: .common, length: Beats(16)).template
    #expect(template.slots.map(\.step) == [0, 4, 10] && template.stepsPerBar == 16)
    #expect(template.slots.map(\.count) == [4, 4, 4])
    let drag = try #require(template.slot(4))
    #expect(abs(drag.lateness - 0.05) < 1e-9 && abs(drag.spread - 0.01) < 1e-9)
    #expect(abs(try #require(template.slot(10)).lateness + 0.02) < 1e-9)
    #expect(template.slot(0)?.accent == 1.5 && template.slot(4)?.accent == 0.75)
    #expect(template.slot(1) == nil)
  }

  @Test func `what the swing asks for is no lateness`() throws {
    let swing = Swing(ratio: 2, evidence: 9)
    let notes = (0..<16).flatMap { Sketch.note(60, at: Double($0) + 2.0 / 3, for: 0.2) }
    let template = GrooveTemplate(of: notes, meter: .common, swing: swing)
    #expect(template.slots.map(\.step) == [2, 6, 10, 14])
    #expect(template.slots.allSatisfy { abs($0.lateness) < 1e-9 })
  }

  @Test func `articulation is the share of the time to the next onset`() {
    func articulation(_ notes: [Note]) -> Double? {
      Groove(of: notes, meter: .common, length: Beats(8)).articulation
    }
    let legato = Sketch.line([60, 62, 64, 65], step: 1)
    #expect(articulation(legato).map { $0 > 0.9 } == true)
    var short: [Note] = []
    for beat in 0..<8 { short += Sketch.note(60 + beat, at: Double(beat), for: 0.25) }
    #expect(articulation(short).map { abs($0 - 0.25) < 1e-9 } == true)
    #expect(articulation([]) == nil && articulation(Sketch.note(60, at: 0, for: 1)) == nil)
  }

  @Test(arguments: [1.0, 1.3, 1.5, 2.0, 3.0]) func `the swing that was played is measured`(
    ratio: Double
  ) throws {
    let upbeat = ratio / (1 + ratio)
    let notes = (0..<16).flatMap { beat in
      Sketch.note(60, at: Double(beat), for: 0.2)
        + Sketch.note(60, at: Double(beat) + upbeat, for: 0.2)
    }
    let swing = Swing(of: notes, meter: .common)
    #expect(abs(try #require(swing.ratio) - ratio) < 1e-9)
    #expect(swing.feel == (ratio < 1.12 ? .straight : .swung))
  }

  @Test(arguments: [1.2, 1.5, 2.0, 2.6]) func `swung sixteenths are told from swung eighths`(
    ratio: Double
  ) throws {
    let upbeat = ratio / (1 + ratio) / 2
    var notes: [Note] = []
    for eighth in 0..<32 {
      let start = Double(eighth) / 2
      notes += Sketch.note(60, at: start, for: 0.1)
      if eighth % 3 != 0 { notes += Sketch.note(60, at: start + upbeat, for: 0.1) }
    }
    let swing = Swing(of: notes, meter: .common)
    #expect(swing.unit == .sixteenth && swing.feel == .swung)
    #expect(abs(try #require(swing.ratio) - ratio) < 1e-9)
    for place in stride(from: -1.0, through: 3, by: 1.0 / 16) {
      let back = swing.straightened(
        swing.swung(Beats(place), meter: .common), meter: .common)
      #expect(abs(back.quarters - place) < 1e-9)
    }
    #expect(abs(swing.straightened(Beats(upbeat), meter: .common).quarters - 0.25) < 1e-9)
  }

  @Test func `players who are late and early alike do not bend the ratio`() throws {
    var random = SeededGenerator(seed: 5)
    for ratio in [1.2, 2.0, 3.0] {
      let upbeat = ratio / (1 + ratio)
      var notes: [Note] = []
      for beat in 0..<200 {
        let early = Double.random(in: -0.05...0.05, using: &random)
        let late = Double.random(in: -0.1...0.1, using: &random)
        notes += Sketch.note(60, at: Double(beat) + early, for: 0.1)
        notes += Sketch.note(60, at: Double(beat) + upbeat + late, for: 0.1)
      }
      let found = try #require(Swing(of: notes, meter: .common).ratio)
      #expect(abs(found / (1 + found) - upbeat) < 0.02, "\(ratio): \(found)")
    }
  }

  @Test func `quarters alone are no evidence of swing, and sixteenths are straight`() {
    #expect(Swing(of: Sketch.line([60, 62, 64, 65, 67, 69]), meter: .common).feel == .unknown)
    var sixteenths: [Note] = []
    for beat in 0..<8 {
      let start = Double(beat)
      sixteenths += Sketch.note(60, at: start, for: 0.2)
      sixteenths += Sketch.note(60, at: start + 0.75, for: 0.2)
      sixteenths += Sketch.note(60, at: start + 8.5, for: 0.2)
    }
    #expect(Swing(of: sixteenths, meter: .common).feel == .straight)
  }

  @Test func `swung and straightened are each other's reverse`() {
    let swing = Swing(ratio: 2, evidence: 9)
    for place in stride(from: -3.0, through: 5, by: 0.125) {
      let back = swing.straightened(
        swing.swung(Beats(place), meter: .common), meter: .common)
      #expect(abs(back.quarters - place) < 1e-9)
    }
  }

  @Test func `a swung line is no more syncopated than the same line straight`() {
    let straight = Sketch.line([40, 43, 45, 47, 48, 47, 45, 43], step: 0.5)
    let swing = Swing(ratio: 2, evidence: 8)
    let swung = straight.flatMap {
      Sketch.note(Int($0.pitch), at: swing.swung($0.start, meter: .common).quarters, for: 0.3)
    }
    let first = Groove(of: straight, meter: .common, length: Beats(4))
    let second = Groove(of: swung, meter: .common, length: Beats(4))
    #expect(first.syncopation == second.syncopation)
  }

  @Test func `density, silence, voices and accents are counted exactly`() {
    let notes =
      Sketch.note(40, at: 0, for: 1, velocity: 120) + Sketch.note(52, at: 0, for: 1, velocity: 120)
      + Sketch.note(40, at: 1, for: 1, velocity: 60) + Sketch.note(40, at: 2.5, for: 0.5)
    let groove = Groove(of: notes, meter: .common, length: Beats(4))
    #expect(groove.noteCount == 4)
    #expect(groove.onsetCount == 3)
    #expect(groove.density == 0.75)
    #expect(groove.onPulse == 2)
    #expect(groove.silence == 0.375)
    #expect(groove.mostVoices == 2)
    #expect(abs(groove.polyphony - 1.4) < 1e-9)
    #expect(groove.accents.map { $0 != nil } == [true, true, false, false])
    #expect(groove.variety == 1)
  }
}
