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
}
