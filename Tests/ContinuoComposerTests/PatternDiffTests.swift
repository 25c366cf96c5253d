// SPDX-License-Identifier: MIT
import ContinuoComposer
import ContinuoMusic
import Testing

@Suite struct PatternDiffTests {
  private func pattern(_ notes: [(Int, Int, Double, Double)]) -> Pattern {
    let made = notes.compactMap { pitch, velocity, start, duration in
      Note(pitch: pitch, velocity: velocity, start: Beats(start), duration: Beats(duration))
    }
    return Pattern(name: "", notes: made, length: Beats(8))
  }

  @Test func `each kind of change is told, in bars and note names`() {
    let before = pattern([
      (36, 90, 0, 1), (38, 90, 1, 1), (40, 90, 2, 1), (43, 90, 4, 1), (45, 90, 5, 1),
      (48, 90, 6, 1),
    ])
    let after = pattern([
      (36, 90, 0, 1), (39, 90, 1, 1), (40, 60, 2, 1), (43, 90, 4.5, 1), (48, 90, 6, 0.25),
      (50, 80, 7.75, 0.25),
    ])
    let diff = PatternDiff(from: before, to: after)
    #expect(
      diff.lines(meter: .common) == [
        "1 added, 1 removed, 1 moved, 1 repitched, 1 louder or softer, 1 longer or shorter, 1 as before",
        "~ 1|2  D2 became D#2",
        "~ 1|3  E2  velocity 90 became 60",
        "~ 2|1  G2  moved to 2|1.5",
        "- 2|2  A2",
        "~ 2|3  C3  1.00 became 0.25 quarters long",
        "+ 2|4.75  D3  velocity 80",
      ])
    #expect(diff.unchanged == 1)
    #expect(diff.lines(meter: .common, firstBar: 9, flats: true)[1] == "~ 9|2  D2 became Eb2")
    #expect(diff.lines(meter: .common, mostLines: 2).last == "and 4 more")
  }

  @Test func `nothing changed is said`() {
    let one = pattern([(36, 90, 0, 1)])
    #expect(
      PatternDiff(from: one, to: one).lines(meter: .common) == ["nothing changed, 1 as before"])
  }

  @Test("every note of both sides is told once", arguments: 0..<100)
  func complete(seed: Int) {
    var state = UInt64(seed) &* 77 &+ 5
    func random(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    func some() -> Pattern {
      pattern(
        (0..<random(24)).map { _ in (36 + random(5), 1 + random(127), Double(random(32)) / 4, 0.25)
        })
    }
    let before = some()
    let after = some()
    let diff = PatternDiff(from: before, to: after)
    #expect(diff.changes.count { $0.before != nil } + diff.unchanged == before.notes.count)
    #expect(diff.changes.count { $0.after != nil } + diff.unchanged == after.notes.count)
    let back = PatternDiff(from: after, to: before)
    #expect(back.unchanged == diff.unchanged)
  }

  @Test func `places are counted as musicians count them`() {
    #expect(PatternDiff.place(Beats(0), meter: .common) == "1|1")
    #expect(PatternDiff.place(Beats(3.999), meter: .common) == "2|1")
    #expect(PatternDiff.place(Beats(-0.5), meter: .common) == "0|4.5")
    #expect(Meter(7, 8).map { PatternDiff.place(Beats(4), meter: $0) } == "2|2")
    #expect(PatternDiff.place(Beats(.nan), meter: .common) == "?")
  }
}
