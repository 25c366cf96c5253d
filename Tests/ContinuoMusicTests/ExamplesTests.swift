// SPDX-License-Identifier: MIT

import Testing

@testable import ContinuoMusic

@Suite struct ExamplesTests {
  private static let folder = #filePath.replacing(
    "Tests/ContinuoMusicTests/ExamplesTests.swift", with: "Examples/")

  private func example(_ name: String) throws -> PatternFile {
    let reading = try StandardMIDIFile.read(contents(Self.folder + name + ".mid"))
    #expect(reading.repairs.isEmpty)
    return try PatternFile(reading: reading.file)
  }

  @Test(arguments: [("drums", 9, 144), ("bass", 0, 32), ("keys", 1, 88)])
  func `each part of the song is eight bars at 104`(name: String, channel: Int, count: Int) throws {
    let made = try example(name)
    #expect(made.repairs.isEmpty)
    #expect(made.file.format == .parallel && made.file.division == .ticksPerQuarter(480))
    #expect(made.pattern.length == Beats(32) && made.pattern.meter == .common)
    #expect(abs(made.tempo.quartersPerMinute - 104) < 0.001)
    #expect(made.pattern.notes.count == count)
    #expect(made.pattern.notes.allSatisfy { Int($0.channel) == channel })
    #expect(made.pattern.name.lowercased() == name)
  }

  @Test func `bass and keys sound the chords of the song`() throws {
    let chords: [Set<Int>] = [
      [9, 0, 4, 7], [2, 5, 9, 0], [7, 11, 2, 5], [0, 4, 7, 11], [5, 9, 0, 4], [11, 2, 5, 9],
      [4, 8, 11, 2], [9, 0, 4, 7],
    ]
    let notes = try example("bass").pattern.notes + example("keys").pattern.notes
    for (bar, chord) in chords.enumerated() {
      let sounding = notes.filter { Int($0.start.quarters / 4) == bar }.map { Int($0.pitch) % 12 }
      #expect(Set(sounding) == chord, "bar \(bar + 1)")
    }
  }
}
