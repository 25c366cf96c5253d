// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import Foundation
import Testing

@Suite struct HarmonyTests {
  private static let cadence = [
    [48, 60, 64, 67], [53, 60, 65, 69], [43, 59, 62, 67], [48, 60, 64, 67],
  ]

  private func music(_ chords: [[Int]], each length: Double, up: Int = 0, from: Double = 0)
    -> [Note]
  {
    chords.enumerated().flatMap { index, pitches in
      Sketch.chord(pitches.map { $0 + up }, at: from + Double(index) * length, for: length)
    }
  }

  private func roots(_ spans: [ChordSpan]) -> [Int?] { spans.map { $0.chord?.root } }

  @Test(arguments: 0..<12) func `chords that change every beat are told in every key`(up: Int) {
    let spans = Harmony.spans(
      of: music(Self.cadence, each: 1, up: up), length: Beats(4), meter: .common)
    #expect(roots(spans) == [0, 5, 7, 0].map { ($0 + up) % 12 })
    #expect(spans.map(\.start.quarters) == [0, 1, 2, 3])
  }

  @Test func `what comes more than a quarter later changes no chord`() {
    let whole = music(Self.cadence, each: 2)
    let early = Harmony.spans(
      of: whole.filter { $0.start < Beats(6) }, length: Beats(8), meter: .common)
    let full = Harmony.spans(of: whole, length: Beats(8), meter: .common)
    #expect(early.filter { $0.end <= Beats(4) } == full.filter { $0.end <= Beats(4) })
  }

  @Test func `a tune's passing notes do not make the chord`() {
    let held = Sketch.chord([48, 60, 64, 67], at: 0, for: 4)
    let tune = Sketch.line([77, 74, 73, 71, 69, 73, 70, 66], step: 0.5)
    let spans = Harmony.spans(of: held, melody: tune, length: Beats(4), meter: .common)
    #expect(roots(spans) == [0])
  }

  @Test func `silence has no chord and no key`() {
    let spans = Harmony.spans(of: [], length: Beats(8), meter: .common)
    #expect(roots(spans) == [nil])
    #expect(spans.first?.end == Beats(8))
    #expect(LocalKey.spans(of: [], length: Beats(8), meter: .common).isEmpty)
    #expect(Harmony.spans(of: [], length: .zero, meter: .common).isEmpty)
  }

  @Test func `a stuck note and a million quarters are bounded`() {
    let stuck = Sketch.note(60, at: 0, for: 90_000)
    let spans = Harmony.spans(of: stuck, length: Beats(1e9), meter: .common)
    #expect(spans.last.map { $0.end.quarters <= Double(Harmony.mostWindows) / 2 } == true)
  }

  @Test func `a modulation is followed and then kept`() {
    let home = music(Self.cadence + Self.cadence, each: 2)
    let away = music(Self.cadence + Self.cadence, each: 2, up: 6, from: 16)
    let keys = LocalKey.spans(of: home + away, length: Beats(32), meter: .common)
    func key(at place: Double) -> Key? {
      keys.last { $0.start <= place && place < $0.end }.map { Key(tonic: $0.tonic, mode: $0.mode) }
    }
    #expect(key(at: 10) == Key(tonic: 0, mode: .major))
    #expect(key(at: 26) == Key(tonic: 6, mode: .major))
    #expect(key(at: 31.9) == Key(tonic: 6, mode: .major))
    // Chords outside a key come and go; the key does not with each of the sixteen.
    #expect(keys.count <= 4)
    #expect(keys.last?.end == 32)
  }

  @Test func `chords are named by their degree`() {
    let major = Key(tonic: 0, mode: .major)
    let minor = Key(tonic: 9, mode: .minor)
    #expect(Chord(root: 7, quality: .dominantSeventh).romanNumeral(in: major) == "V7")
    #expect(Chord(root: 11, quality: .halfDiminished).romanNumeral(in: major) == "viiø7")
    #expect(Chord(root: 10, quality: .major).romanNumeral(in: major) == "bVII")
    #expect(Chord(root: 5, quality: .major).romanNumeral(in: minor) == "VI")
    #expect(Chord(root: 8, quality: .diminished).romanNumeral(in: minor) == "#viio")
  }
}
