// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import Foundation
import Testing

@Suite struct ChordEstimateTests {
  /// Am7 Dm7 G7 Cmaj7, one a bar, with a bass, strummed upwards by `strum`.
  private func turnaround(bar: Double = 4, strum: Double = 0) -> [Note] {
    let voicings = [
      [45, 60, 64, 67], [38, 60, 65, 69], [43, 59, 62, 65], [36, 59, 64, 67],
    ]
    return voicings.enumerated().flatMap {
      Sketch.chord($1, at: Double($0) * bar, for: bar * 0.95, strum: strum)
    }
  }

  private func symbols(_ spans: [ChordSpan]) -> [String] {
    spans.map { $0.chord?.symbol(flats: false) ?? "-" }
  }

  @Test(arguments: [0, 0.04, 0.1]) func `one chord a bar is read, struck or strummed`(
    strum: Double
  ) {
    let spans = ChordEstimate.spans(
      of: turnaround(strum: strum), length: Beats(16), meter: .common)
    #expect(symbols(spans) == ["Am7", "Dm7", "G7", "Cmaj7"])
    #expect(spans.map(\.start.quarters) == [0, 4, 8, 12])
    #expect(spans.last?.end == Beats(16))
    #expect(spans.allSatisfy { $0.confidence > 0.4 })
  }

  @Test func `bars of seven eighths are kept`() throws {
    let meter = try #require(Meter(7, 8))
    let spans = ChordEstimate.spans(of: turnaround(bar: 3.5), length: Beats(14), meter: meter)
    #expect(symbols(spans) == ["Am7", "Dm7", "G7", "Cmaj7"])
    #expect(spans.map(\.start.quarters) == [0, 3.5, 7, 10.5])
  }

  @Test(arguments: ChordQuality.allCases) func `each quality is told in root position`(
    quality: ChordQuality
  ) {
    // A sixth chord and a seventh chord on another root share their notes: the bass decides.
    let notes = Sketch.chord([36] + quality.intervals.map { 60 + $0 }, at: 0, for: 4)
    let chord = ChordEstimate.spans(of: notes, length: Beats(4), meter: .common).first?.chord
    #expect(chord?.root == 0)
    #expect(chord?.quality == quality)
    #expect(chord?.bass == 0)
  }

  @Test func `an inversion keeps its root and names its bass`() {
    let notes = Sketch.chord([40, 60, 67, 72, 76], at: 0, for: 4)
    let spans = ChordEstimate.spans(of: notes, length: Beats(4), meter: .common)
    #expect(symbols(spans) == ["C/E"])
  }

  @Test func `silence and drums alone are no chord`() {
    let drums = (0..<16).flatMap { Sketch.note(36, at: Double($0), channel: 9) }
    let spans = ChordEstimate.spans(
      of: Sketch.chord([48, 60, 64, 67], at: 0, for: 3.9) + drums, length: Beats(8),
      meter: .common)
    #expect(symbols(spans) == ["C", "-"])
  }

  @Test func `half bars and pulses follow faster harmony and join where it stays`() {
    let notes =
      Sketch.chord([48, 60, 64, 67], at: 0, for: 2) + Sketch.chord([43, 59, 62, 67], at: 2, for: 2)
      + Sketch.chord([48, 60, 64, 67], at: 4, for: 4)
    let half = ChordEstimate.spans(
      of: notes, length: Beats(8), meter: .common, resolution: .halfBar)
    #expect(symbols(half) == ["C", "G", "C"])
    #expect(half.map(\.end.quarters) == [2, 4, 8])
    let pulse = ChordEstimate.spans(
      of: notes, length: Beats(8), meter: .common, resolution: .pulse)
    #expect(symbols(pulse) == ["C", "G", "C"])
  }

  @Test func `notes of several tracks together make the chord`() {
    let bass = Sketch.line([45, 45, 52, 45])
    let tune = Sketch.line([72, 76, 72, 69])
    let spans = ChordEstimate.spans(of: bass + tune, length: Beats(4), meter: .common)
    #expect(symbols(spans) == ["Am"])
  }

  @Test func `the JSON has root, quality and bass, and reads back`() throws {
    let spans = ChordEstimate.spans(of: turnaround(), length: Beats(20), meter: .common)
    let data = try JSONEncoder().encode(spans)
    #expect(try JSONDecoder().decode([ChordSpan].self, from: data) == spans)
    let rows = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    #expect(rows.first?["root"] as? Int == 9)
    #expect(rows.first?["quality"] as? String == "m7")
    #expect(rows.last?["quality"] as? String == "none")
  }
}
