// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoSession

struct ProjectStateTests {
  let folder: TemporaryFolder
  var file: URL { folder.url.appendingPathComponent("continuo.json") }

  init() throws { folder = try TemporaryFolder("project") }

  func full() throws -> ProjectState {
    let note = try #require(
      Note(pitch: 40, velocity: 90, start: Beats(0.1), duration: Beats(1.0 / 3)))
    let pattern = Pattern(
      name: "Bass", notes: [note], controls: [.init(at: Beats(2), bytes: [0xB0, 64, 127])],
      length: Beats(7), meter: Meter(7, 8) ?? .common)
    var state = ProjectState()
    state.followed = [.init(input: 2, name: "E Piano", port: "ardour:E Piano/midi_out 1")]
    state.listeners = ["synth:in"]
    state.tempo = .steady(quartersPerMinute: 97.3, beatsPerBar: 7, beatUnit: 8)
    state.shelf = CandidateShelf(
      track: "Bass", kind: .bass, request: "groovier", firstBar: 5, start: 14, tempo: Tempo(97.3),
      original: pattern, source: "heard", context: MusicContext(tracks: [pattern]),
      neighbours: [pattern],
      candidates: [
        ShelvedCandidate(
          name: "riff", summary: "more", pattern: pattern, composer: "builtin", seed: .max,
          score: 0.1 + 0.2, figures: ["key": 0.75])
      ])
    return state
  }

  @Test func `what is put away is taken up whole, for its owner alone`() throws {
    let state = try full()
    try state.write(to: file)
    try state.write(to: file)
    #expect(try ProjectState(reading: file) == state)
    #expect(try Data(contentsOf: file) == state.encoded)
    let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 1)
  }

  @Test func `a folder that is not there leaves one sentence and no file`() throws {
    let nowhere = folder.url.appendingPathComponent("gone/continuo.json")
    let failure = #expect(throws: CommandFailure.self) { try full().write(to: nowhere) }
    #expect(failure?.message.contains("No such file") == true)
  }

  @Test(arguments: [
    ("", "it is no JSON"), ("{}", "version is missing"), ("{\"version\":2}", "version 2"),
    ("{\"version\":1}", "followed is missing"),
    ("{\"version\":\"1\"}", "another sort"),
  ])
  func `what is no state is refused with the reason`(text: String, reason: String) throws {
    try Data(text.utf8).write(to: file)
    let failure = #expect(throws: CommandFailure.self) { try ProjectState(reading: file) }
    #expect(failure?.message.contains(reason) == true, "\(failure?.message ?? "")")
  }

  @Test(arguments: [
    ("\"input\" : 2", "\"input\" : 99"), ("E Piano\"", "E\\u001b[2J\""),
    ("\"firstBar\" : 5", "\"firstBar\" : -1"), ("97.3", "1e9"),
    ("\"pitch\" : 40", "\"pitch\" : 400"),
  ])
  func `values that cannot be are refused`(good: String, bad: String) throws {
    let text = String(decoding: try full().encoded, as: UTF8.self)
    #expect(text.contains(good))
    try Data(text.replacingOccurrences(of: good, with: bad).utf8).write(to: file)
    #expect(throws: CommandFailure.self) { try ProjectState(reading: file) }
  }

  @Test func `every cut of the file is refused, never a crash`() throws {
    let whole = try full().encoded
    for length in stride(from: 0, to: whole.count - 2, by: 7) {
      try whole.prefix(length).write(to: file)
      #expect(throws: CommandFailure.self) { try ProjectState(reading: file) }
    }
  }
}
