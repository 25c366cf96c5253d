// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import ContinuoTestSupport
import Testing

@Suite struct OpportunityTests {
  private let length = Beats(32)

  private func track(_ name: String, _ notes: [Note]) -> Pattern {
    Pattern(name: name, notes: notes, length: length)
  }

  private func chords(_ roots: [Int]) -> Pattern {
    var notes: [Note] = []
    for (bar, root) in roots.enumerated() {
      for step in [0, 4, 7] {
        notes += Sketch.note(60 + root + step, at: Double(bar) * 4, for: 3.9)
      }
    }
    return track("Piano", notes)
  }

  private func found(_ tracks: [Pattern], firstBar: Int = 1) -> [Opportunity] {
    let context = MusicContext(tracks: tracks, meter: .common, resolution: .halfBeat)
    return Opportunities(tracks: tracks, context: context, firstBar: firstBar).found
  }

  private let roots = [0, 5, 7, 0, 0, 5, 7, 0]

  @Test func `a bass of roots on the beat is told with its count and its bars`() throws {
    var notes: [Note] = []
    for (bar, root) in roots.enumerated() {
      for beat in 0..<4 {
        let velocity = 70 + (beat * 13 + bar * 7) % 40
        notes += Sketch.note(36 + root, at: Double(bar * 4 + beat), for: 0.9, velocity: velocity)
      }
    }
    let bass = track("Bass", notes)
    let plain = try #require(
      found([bass, chords(roots)], firstBar: 9).first { $0.kind == .plainBass })
    #expect(plain.track == "Bass" && plain.role == .bass)
    #expect(plain.figures["notes"] == 32 && (plain.figures["rootsOnBeat"] ?? 0) >= 26)
    #expect(plain.firstBar == 9 && plain.lastBar == 16)
    #expect(plain.evidence.contains("of 32 notes are roots on the beat"))
  }

  @Test func `one bar played again and again asks for a fill of its end, in the song's bars`()
    throws
  {
    var notes: [Note] = []
    for bar in 0..<8 {
      let start = Double(bar * 4)
      for place in [0.0, 1.5, 2] {
        notes += Sketch.note(36, at: start + place, for: 0.1, velocity: 100)
      }
      for place in [1.0, 3] { notes += Sketch.note(38, at: start + place, for: 0.1, velocity: 90) }
    }
    for index in notes.indices { notes[index].channel = 9 }
    let drums = track("Drums", notes)
    let same = try #require(found([drums], firstBar: 5).first { $0.kind == .sameBars })
    #expect(same.firstBar == 5 && same.lastBar == 12 && same.figures["bars"] == 8)
    #expect(same.request == "fill bar 12")
    #expect(same.evidence == "one bar played 8 times")
  }

  @Test func `even loudness, gaps and clashes are counted`() throws {
    var notes: [Note] = []
    for bar in 0..<8 where bar != 3 && bar != 4 {
      for beat in 0..<4 {
        let key = 61 + roots[bar] + beat % 2
        notes += Sketch.note(key, at: Double(bar * 4 + beat), for: 0.9, velocity: 90)
      }
    }
    let flat = track("Lead", notes)
    let all = found([flat, chords(roots)])
    let lead = all.filter { $0.track == "Lead" }
    #expect(lead.count <= Opportunities.mostPerTrack)
    let alone = found([flat])
    let even = try #require(alone.first { $0.kind == .evenLoudness })
    #expect(even.figures["velocity"] == 90 && even.figures["spread"] == 0)
    let gap = try #require(alone.first { $0.kind == .gap })
    #expect(gap.firstBar == 4 && gap.lastBar == 5 && gap.request == "fill bars 4-5")
    let clash = try #require(all.first { $0.kind == .clashes })
    #expect((clash.figures["clashing"] ?? 0) >= 12)
  }

  @Test func `where nothing stands out nothing is said`() {
    var random = SeededGenerator(seed: 8)
    var notes: [Note] = []
    for step in 0..<64 where Int.random(in: 0..<3, using: &random) > 0 {
      notes += Sketch.note(
        60 + Int.random(in: 0..<14, using: &random),
        at: Double(step) / 2 + Double.random(in: 0...0.06, using: &random), for: 0.3,
        velocity: Int.random(in: 50...120, using: &random))
    }
    #expect(found([track("Flute", notes)]) == [])
    #expect(found([]) == [])
    #expect(found([track("Empty", [])]) == [])
  }

  @Test func `suggestions are ranked and bounded`() {
    let same = (0..<20).map { index in
      track(
        "Track \(index)",
        (0..<32).flatMap { Sketch.note(60 + index, at: Double($0), for: 0.5, velocity: 100) })
    }
    let all = found(same)
    #expect(all.count == Opportunities.most)
    #expect(zip(all, all.dropFirst()).allSatisfy { $0.strength >= $1.strength })
  }
}
