// SPDX-License-Identifier: MIT
import ContinuoMusic
import Testing

@testable import ContinuoComposer

/// Whatever a model answers, what was to be kept is kept.
@Suite("A model held to what was asked") struct ModelWaysTests {
  private let band = Band()

  private func mended(_ request: CompositionRequest) throws -> MendedPattern {
    try #require(ModelReply([ModelReplyCorpus.good], for: request).patterns.first)
  }

  @Test("locked bars and beats are the source's, note for note, and nothing is added to them")
  func locks() throws {
    for lock in [
      NoteLock(bars: [1...1, 3...3]), NoteLock(beats: [1, 3]), NoteLock(hits: [4, 5]),
      NoteLock(voices: [45]),
    ] {
      var request = band.request(.bass, "groovier")
      request.lock = lock
      let mended = try mended(request)
      #expect(
        lock.faults(
          of: mended.pattern, against: band.bass, length: request.length, meter: request.meter)
          == [])
      #expect(mended.mending.line?.contains("locked notes stand as they were") == true)
      #expect(mended.pattern.notes != band.bass.notes)
    }
  }

  @Test("filled bars are the model's, and the others the source's")
  func fill() throws {
    let request = band.request(.bass, "fill bars 3-4")
    let notes = try mended(request).pattern.notes
    #expect(
      notes.filter { $0.start.quarters < 8 } == band.bass.notes.filter { $0.start.quarters < 8 })
    #expect(notes.filter { $0.start.quarters >= 8 }.count == 10)
    #expect(ReplyWays(request).words == ["Way: write bars 3-4 anew; the others stay."])
  }

  @Test("the rhythm kept: places, lengths and loudness are the source's, pitches the model's")
  func rhythm() throws {
    var request = band.request(.bass)
    request.mode = .keepRhythm
    let notes = try mended(request).pattern.notes
    #expect(notes.map(\.start) == band.bass.notes.map(\.start))
    #expect(notes.map(\.duration) == band.bass.notes.map(\.duration))
    #expect(notes.map(\.pitch) != band.bass.notes.map(\.pitch))
  }

  @Test("the pitches kept: in the source's order, in the model's rhythm")
  func pitches() throws {
    var request = band.request(.bass)
    request.mode = .keepPitches
    let notes = try mended(request).pattern.notes
    #expect(notes.count == 20)
    #expect(Array(notes.map(\.pitch).prefix(16)) == band.bass.notes.map(\.pitch))
    #expect(notes[1].start.quarters == 0.75)
  }

  @Test("swing asked for by number is played, and polyphony held")
  func steering() throws {
    var request = band.request(.bass)
    request.steering = Steering(swing: 2)
    let swung = try mended(request).pattern.notes
    #expect(swung.contains { abs($0.start.quarters - 2 - 2.0 / 3) < 0.01 })
    var chords = band.request(.harmony)
    chords.steering = Steering(polyphony: 2)
    let text =
      #"{"bars":[["C",".","C","-"],["C",".",".","."],["C","-","-","C"],["C",".","C","."]]}"#
    let made = try #require(ModelReply([text], for: chords).patterns.first)
    for note in made.pattern.notes {
      let together = made.pattern.notes.count { $0.start == note.start }
      #expect(together <= 2)
    }
  }
}
