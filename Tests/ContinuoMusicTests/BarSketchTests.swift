// SPDX-License-Identifier: MIT
import ContinuoMusic
import Testing

@Suite struct BarSketchTests {
  private func pattern(_ notes: [(Int, Double, Double)], bars: Int = 2, meter: Meter = .common)
    -> Pattern
  {
    Pattern(
      name: "",
      notes: notes.compactMap {
        Note(pitch: $0.0, velocity: 90, start: Beats($0.1), duration: Beats($0.2))
      }, length: Beats(meter.barLength.quarters * Double(bars)), meter: meter)
  }

  @Test func `a bar shows where notes are struck, how high, and how long they sound`() {
    let line = pattern([(36, 0, 1), (43, 1.01, 0.25), (48, 1.5, 0.5), (36, 3.5, 1)])
    #expect(BarSketch.line(line, bar: 1) == "▁───▅·█─······▁─")
    #expect(BarSketch.line(line, bar: 2) == "──··············")
  }

  @Test func `of a chord the highest counts, and silence is drawn as silence`() {
    let chord = pattern([(60, 0, 0.25), (64, 0, 0.25), (72, 0, 0.25)], bars: 1)
    #expect(BarSketch.line(chord, bar: 1) == "█···············")
    #expect(BarSketch.line(pattern([], bars: 1), bar: 1) == "················")
    #expect(BarSketch.line(chord, bar: 2).isEmpty && BarSketch.line(chord, bar: 0).isEmpty)
  }

  @Test func `a bar of another metre has its own sixteenths`() throws {
    let seven = try #require(Meter(7, 8))
    let line = pattern([(40, 0, 0.5), (47, 3, 0.5)], bars: 1, meter: seven)
    #expect(BarSketch.line(line, bar: 1) == "▁─··········█─")
    let tiny = try #require(Meter(1, 64))
    #expect(BarSketch.line(pattern([(1, 0, 9)], bars: 1, meter: tiny), bar: 1) == "▁")
    let huge = try #require(Meter(64, 1))
    #expect(BarSketch.line(pattern([], bars: 1, meter: huge), bar: 1).count == 64)
  }
}
