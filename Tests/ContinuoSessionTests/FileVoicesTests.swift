// SPDX-License-Identifier: MIT
import ContinuoMusic
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoSession

struct FileVoicesTests {
  private func note(_ pitch: Int, channel: Int, _ start: Double) throws -> Note {
    try #require(
      Note(pitch: pitch, velocity: 90, channel: channel, start: Beats(start), duration: Beats(0.5)))
  }

  private func write(_ notes: [Note], _ folder: TemporaryFolder) throws -> String {
    let path = folder.file("song.mid")
    let tempo = try #require(Tempo(97))
    _ = try PatternFile.write(
      Pattern(name: "Keys", notes: notes, length: Beats(8)), tempo: tempo, to: path)
    return path
  }

  @Test func `each channel of a track is a voice and all are as long as the file`() throws {
    let folder = try TemporaryFolder()
    let path = try write(
      [try note(36, channel: 0, 0), try note(60, channel: 3, 1), try note(38, channel: 0, 7)],
      folder)
    let read = try FileVoices(path: path)
    #expect(read.voices.map(\.name) == ["Keys ch. 1", "Keys ch. 4"])
    #expect(read.voices.map { $0.notes.map(\.pitch) } == [[36, 38], [60]])
    #expect(Set(read.voices.map(\.length)) == [Beats(8)])
    #expect(abs(read.tempo.quartersPerMinute - 97) < 1e-3)
  }

  @Test func `one channel alone is named by its track`() throws {
    let folder = try TemporaryFolder()
    let path = try write([try note(36, channel: 9, 0)], folder)
    #expect(try FileVoices(path: path).voices.map(\.name) == ["Keys"])
  }

  @Test func `a missing file, a folder and a file that is none are refused by name`() throws {
    let folder = try TemporaryFolder()
    let text = try folder.write("hello", to: "text.mid")
    for path in [folder.file("none.mid"), folder.url.path, text] {
      let failure = #expect(throws: CommandFailure.self) { try FileVoices(path: path) }
      #expect(failure?.message.contains(path) == true)
    }
  }

  @Test func `with the file's tempo left aside its notes lie between the beats that were found`()
    throws
  {
    let folder = try TemporaryFolder()
    // Kick, snare and eighths at 141.7 in a file that says 97.
    let ratio = 97 / 141.7
    var notes: [Note] = []
    for beat in 0..<48 {
      let at = 0.4 + Double(beat) * ratio
      notes.append(try note(beat % 2 == 0 ? 36 : 38, channel: 9, at))
      notes.append(try note(42, channel: 9, at + ratio / 2))
      notes.append(try note(beat % 4 == 0 ? 36 : 43, channel: 0, at))
    }
    let path = folder.file("song.mid")
    _ = try PatternFile.write(
      Pattern(
        name: "Song", notes: notes, controls: [.init(at: Beats(0), bytes: [0xC0, 33])],
        length: Beats(48)), tempo: try #require(Tempo(97)),
      to: path)
    let read = try FileVoices(path: path, findsBeats: true)
    #expect(abs(read.tempo.quartersPerMinute - 141.7) < 4)
    let bass = try #require(read.voices.first { $0.notes.first?.channel == 0 })
    #expect(bass.notes.count == 48)
    // The program says what instrument it is.
    #expect(bass.controls.map(\.bytes) == [[0xC0, 33]])
    for (index, note) in bass.notes.enumerated() {
      let beat = note.start.quarters
      #expect(abs(beat - beat.rounded()) < 0.06, "note \(index)")
    }
    #expect(Set(read.voices.map(\.length)).count == 1)
    let few = try write([try note(36, channel: 9, 0)], folder)
    let failure = #expect(throws: CommandFailure.self) {
      try FileVoices(path: few, findsBeats: true)
    }
    #expect(failure?.message.contains("too few notes") == true)
  }
}
