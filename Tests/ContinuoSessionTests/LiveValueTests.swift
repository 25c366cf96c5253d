// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import ContinuoRealtime
import Testing

@testable import ContinuoSession

/// The session's plain values: bars heard, candidates, programs, figures in words.
struct LiveValueTests {
  private func note(_ pitch: Int, _ start: Double, _ duration: Double) throws -> Note {
    try #require(
      Note(pitch: pitch, velocity: 100, start: Beats(start), duration: Beats(duration)))
  }

  private func heard() throws -> HeardBars {
    let pattern = Pattern(
      name: "Bass",
      notes: [try note(36, 0, 1), try note(38, 4, 5), try note(40, 8, 1), try note(41, 11.5, 0.5)],
      length: Beats(12))
    return HeardBars(
      firstBar: 5, start: 16, bars: 3, meter: .common, tempo: nil, tracks: [("Bass", pattern)])
  }

  @Test func `a part begins at its bar and cuts what sounds beyond it`() throws {
    let part = try #require(try heard().part(from: 6, count: 1))
    #expect(part.firstBar == 6 && part.start == 20 && part.bars == 1)
    let pattern = try #require(part.pattern(of: "bass"))
    #expect(pattern.length == Beats(4))
    #expect(pattern.notes.map(\.pitch) == [38])
    #expect(pattern.notes.map(\.start) == [.zero] && pattern.notes.map(\.duration) == [Beats(4)])
  }

  @Test(arguments: [(4, 1), (5, 4), (8, 1), (5, 0), (5, -1)])
  func `bars that were not heard make no part`(from: Int, count: Int) throws {
    #expect(try heard().part(from: from, count: count) == nil)
  }

  private func shelf(_ count: Int) -> CandidateShelf {
    let pattern = Pattern(name: "x", notes: [], length: Beats(8))
    return CandidateShelf(
      track: "Bass", kind: .bass, request: "groovier", firstBar: 5, start: 16, tempo: nil,
      original: pattern, source: "what was captured", context: MusicContext(tracks: []),
      neighbours: [],
      candidates: (0..<count).map {
        ShelvedCandidate(
          name: "Line \($0)", summary: "s", pattern: pattern, composer: "builtin",
          seed: .max, score: 0.5, figures: .null)
      })
  }

  @Test func `candidates are counted from 1 and none beyond the last is found`() throws {
    #expect(try shelf(2).candidate(2).name == "Line 1")
    #expect(throws: CommandFailure.self) { try shelf(2).candidate(0) }
    #expect(throws: CommandFailure.self) { try shelf(2).candidate(3) }
    #expect(shelf(2).lines.first == "1  Line 0  (score 0.5, builtin)")
  }

  @Test func `the shelf's data holds what a program needs and seeds lose no bit`() {
    guard case .object(let members) = shelf(1).data,
      case .array(let candidates) = members["candidates"],
      case .object(let first) = candidates.first
    else {
      Issue.record("the shelf is no object with candidates")
      return
    }
    #expect(members["firstBar"] == .int(5) && members["bars"] == .int(2))
    #expect(first["seed"] == .string("18446744073709551615"))
    #expect(first["candidate"] == .int(1) && first["notes"] == .int(0))
  }

  @Test func `a program leaves out what lies outside and keeps notes that ring over`() throws {
    let pattern = Pattern(
      name: "x",
      notes: [try note(36, -1, 1), try note(37, 0, 1), try note(38, 3.5, 2), try note(39, 4, 1)],
      controls: [
        .init(at: Beats(1), bytes: [0xB0, 7, 100]), .init(at: Beats(2), bytes: [0xC0, 9]),
        .init(at: Beats(3), bytes: [0xF0, 1, 2, 0xF7]), .init(at: Beats(9), bytes: [0xB0, 7, 1]),
        .init(at: Beats(1), bytes: []),
      ], length: Beats(4))
    let program = try PatternProgram(pattern, identity: 7)
    #expect(program.identity == 7 && program.length == 4 && program.count == 5)
    let warped = try PatternProgram(pattern, identity: 8) { Beats($0.quarters * 0.5) }
    #expect(warped.length == 2 && warped.count == 5)
  }

  @Test func `a pattern that cannot be played is refused`() {
    let pattern = Pattern(name: "x", notes: [], length: Beats(1e12))
    #expect(throws: PatternProgram.ProgramError.self) {
      try PatternProgram(pattern, identity: 1)
    }
  }

  @Test(
    arguments: [
      (120.0, "120"), (97.3, "97.3"), (174.614, "174.61"), (-0.5, "-0.5"), (1e300, "1e+300"),
      (.infinity, "inf"), (.nan, "nan"),
    ])
  func `a figure is told with two decimals at most and none is too large`(
    value: Double, text: String
  ) {
    #expect(decimal(value) == text)
  }

  @Test(
    arguments: [
      (4.0, 4), (3.6, 4), (.nan, 0), (.infinity, 0), (-.infinity, 0), (1e19, 0),
    ])
  func `a figure no integer holds becomes nothing`(value: Double, number: Int) {
    #expect(whole(value) == number)
  }

  @Test(
    arguments: [
      (0.2, "just now"), (-30, "just now"), (2, "2 seconds ago"), (89, "89 seconds ago"),
      (120, "2 minutes ago"), (7200, "2 hours ago"), (259_200, "3 days ago"),
      (.infinity, "at an unknown time"), (.nan, "at an unknown time"), (1e300, "0 days ago"),
    ])
  func `a time past is told as a person would`(seconds: Double, text: String) {
    if seconds == 1e300 {
      #expect(ago(seconds).hasSuffix("days ago"))
    } else {
      #expect(ago(seconds) == text)
    }
  }
}
