// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import Foundation
import Testing

@Suite struct MusicContextTests {
  private let bass = Pattern(
    name: "Bass",
    notes: Sketch.line([45, 45, 52, 45, 38, 38, 45, 38, 43, 43, 50, 43, 36, 36, 43, 36]),
    length: Beats(16))
  private let keys = Pattern(
    name: "Keys",
    notes: comping, length: Beats(16))
  private let drums = Pattern(name: "Take 3", notes: shuffle, length: Beats(16))

  private static let comping: [Note] = {
    let voicings = [[60, 64, 67], [60, 65, 69], [59, 62, 65], [59, 64, 67]]
    return voicings.enumerated().flatMap { Sketch.chord($1, at: Double($0) * 4, for: 4) }
  }()

  private static let shuffle: [Note] = (0..<16).flatMap { beat in
    let start = Double(beat)
    let drum = Sketch.note(beat % 2 == 0 ? 36 : 38, at: start, for: 0.2, channel: 9)
    return drum + Sketch.note(42, at: start + 2.0 / 3, for: 0.1, channel: 9)
  }

  @Test func `a band is read whole`() {
    let context = MusicContext(
      tracks: [bass, keys, drums], tempo: Tempo(104), meter: .common)
    #expect(context.tracks.map(\.role.role) == [.bass, .harmony, .drums])
    #expect(context.chords.map { $0.chord?.symbol(flats: false) } == ["Am7", "Dm7", "G7", "Cmaj7"])
    #expect(context.swing.feel == .swung)
    #expect(context.kit?.kick == [0, 2, 4, 6, 8, 10, 12, 14])
    #expect(context.kit?.snare.first == 1)
    #expect(context.description.contains("104 BPM 4/4, swung eighths (2.00 : 1)"))
    #expect(context.description.contains("bars 1-4: Am7 | Dm7 | G7 | Cmaj7"))
    #expect(context.description.contains("Bass (bass"))
    #expect(context.description.contains("16 of 16 notes on the beat"))
  }

  @Test func `what is not known is said to be unknown`() {
    let context = MusicContext(tracks: [])
    #expect(context.description.contains("key unknown"))
    #expect(context.description.contains("tempo unknown"))
    #expect(context.description.contains("metre unknown"))
    #expect(context.kit == nil)
    #expect(TrackRole(name: "", notes: Sketch.line([60, 62])).role == .unknown)
  }

  @Test func `it survives JSON`() throws {
    let context = MusicContext(tracks: [bass, keys, drums], tempo: Tempo(104), meter: .common)
    let data = try JSONEncoder().encode(context)
    #expect(try JSONDecoder().decode(MusicContext.self, from: data) == context)
  }

  @Test func `the musician's word on a role is final`() {
    let context = MusicContext(tracks: [bass], roles: ["Bass": .melody])
    #expect(context.tracks.first?.role == TrackRole(role: .melody, confidence: 1))
  }

  @Test(arguments: 0..<60) func `any notes at all are measured without a trap`(seed: Int) throws {
    var state = UInt64(seed)
    let count = [0, 1, 2, 17, 400, 10_000][seed % 6]
    let places = [0, -3, 1e-300, 1e300, -1e300, .infinity, .nan, 99_999, -99_999, 1e9, 0.3]
    var notes: [Note] = []
    for _ in 0..<count {
      let roll = Sketch.next(&state)
      guard
        var note = Note(
          pitch: Int(roll % 128), velocity: 1 + Int(roll >> 8 % 127) % 127,
          channel: Int(roll >> 16 & 15), start: Beats(Double(roll >> 20 & 1023) / 16),
          duration: Beats(0.25))
      else { continue }
      if roll >> 40 & 3 == 0 { note.start = Beats(places[Int(roll >> 42 & 1023) % places.count]) }
      if roll >> 52 & 3 == 0 {
        note.duration = Beats(places[Int(roll >> 54 & 1023) % places.count])
      }
      if roll >> 30 & 31 == 0 { note.pitch = UInt8(truncatingIfNeeded: roll >> 33) }
      if roll >> 35 & 31 == 0 { note.velocity = 0 }
      notes.append(note)
    }
    let meter = try #require(Meter(1 + seed % 13, [4, 8, 16, 2, 64][seed % 5]))
    let lengths = [16.0, 0.01, 1e9, -1, .nan, .infinity, 64]
    let context = MusicContext(
      tracks: [Pattern(name: "X", notes: notes, length: Beats(16), meter: meter)], meter: meter,
      length: Beats(lengths[seed % 7]))
    #expect((0...1).contains(context.key.confidence))
    #expect(context.chords.allSatisfy { (0...1).contains($0.confidence) && $0.start < $0.end })
    let groove = try #require(context.tracks.first?.groove)
    let figures = [groove.density, groove.polyphony, groove.variety, groove.silence]
    #expect(figures.allSatisfy { $0.isFinite && $0 >= 0 })
    #expect(groove.accents.allSatisfy { $0?.isFinite ?? true })
    #expect(groove.syncopation.map { $0.perBar.isFinite && $0.beatDistance.isFinite } ?? true)
    // The whole of it is valid JSON, which has no word for "not a number".
    #expect(try !JSONEncoder().encode(context).isEmpty)
  }
}
