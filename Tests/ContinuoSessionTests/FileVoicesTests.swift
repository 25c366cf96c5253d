// SPDX-License-Identifier: MIT
import ContinuoAnalysis
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

struct LiveFileTests {
  private func example(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Examples/\(name).mid").path
  }

  @Test(arguments: ["bass", "drums", "keys"])
  func `an example fed event by event is told as analyze tells its file`(_ name: String) throws {
    let path = example(name)
    let read = try FileVoices(path: path)
    let file = try StandardMIDIFile.read(try InputFile.read(path)).file
    guard case .ticksPerQuarter(let ppq) = file.division else {
      Issue.record("the example counts time code")
      return
    }
    var live = LiveAnalysis(
      names: read.voices.map(\.name), meter: read.meter, tempo: read.tempo, ticksPerQuarter: ppq)
    var fed = 0
    for event in file.tracks.joined() {
      if case .channel(let message) = event.payload {
        live.hear(message, track: 0, at: event.tick)
        fed += 1
        if fed % 16 == 0 { _ = live.context() }
      }
      live.advance(to: event.tick)
    }
    #expect(read.voices.count == 1)
    #expect(live.context() == read.context(.halfBeat))
  }

  @Test func `a percussion map is read for the track it is given to`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("45 = kick\n", to: "kit=1.txt")
    let read = try FileVoices(path: example("bass"))
    let name = try #require(read.voices.first?.name)
    let maps = try read.drumMaps(["\(name)=\(path)"])
    #expect(read.context(.halfBeat, drumMaps: maps).tracks.map(\.role.role) == [.drums])
    let none = #expect(throws: CommandFailure.self) { try read.drumMaps(["Tuba=\(path)"]) }
    #expect(none?.message.contains("the tracks are \(name)") == true)
    let broken = try folder.write("45 = kick\n46\n", to: "broken.txt")
    let fault = #expect(throws: CommandFailure.self) { try read.drumMaps(["\(name)=\(broken)"]) }
    #expect(fault?.message.contains("broken.txt, line 2: ") == true)
  }
}
