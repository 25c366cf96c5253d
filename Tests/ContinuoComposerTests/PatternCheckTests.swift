// SPDX-License-Identifier: MIT
import ContinuoComposer
import ContinuoMusic
import Testing

@Suite struct PatternCheckTests {
  private func faults(_ notes: [Note], oneVoice: Bool = true) -> [PatternFault] {
    PatternCheck.faults(
      of: Pattern(name: "", notes: notes, length: Beats(4)), length: Beats(4), meter: .common,
      range: 28...55, oneVoice: oneVoice)
  }

  @Test func `a sound line has no faults`() {
    #expect(faults(Band.note(40, 0, 1) + Band.note(40, 1, 1) + Band.note(47, 3, 1)).isEmpty)
  }

  @Test func `each fault is named`() {
    #expect(faults([]) == [.empty])
    #expect(faults(Band.note(40, 3.5, 1)) == [.outside(bar: 1)])
    #expect(faults(Band.note(40, -0.5, 1)) == [.outside(bar: 0)])
    #expect(faults(Band.note(60, 0, 1)) == [.range(pitch: 60)])
    #expect(faults(Band.note(40, 0, 2) + Band.note(45, 1, 1)) == [.polyphony(bar: 1)])
    #expect(
      faults(Band.note(40, 0, 2) + Band.note(40, 1, 1), oneVoice: false)
        == [.overlap(pitch: 40, bar: 1)])
    #expect(faults(Band.note(40, 0, 2) + Band.note(45, 1, 1), oneVoice: false).isEmpty)
    var silent = Band.note(40, 0, 1)
    silent[0].velocity = 0
    #expect(faults(silent) == [.value(bar: 1)])
  }

  @Test func `distance is 0 for the same, 1 for nothing in common, and even-handed`() {
    let one = Pattern(name: "", notes: Band.note(40, 0, 1) + Band.note(43, 1, 1), length: Beats(4))
    let other = Pattern(name: "", notes: Band.note(40, 2, 1), length: Beats(4))
    let pitched = Pattern(
      name: "", notes: Band.note(41, 0, 1) + Band.note(44, 1, 1), length: Beats(4))
    #expect(PatternDistance.between(one, one, meter: .common) == 0)
    #expect(PatternDistance.between(one, other, meter: .common) == 1)
    #expect(PatternDistance.between(one, pitched, meter: .common) == 0.5)
    #expect(
      PatternDistance.between(one, other, meter: .common)
        == PatternDistance.between(other, one, meter: .common))
  }
}
