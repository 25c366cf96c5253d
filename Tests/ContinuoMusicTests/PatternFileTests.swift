// SPDX-License-Identifier: MIT

import Testing

@testable import ContinuoMusic

@Suite struct PatternFileTests {
  private func read(_ tracks: [[Event]], ppq: Int = 96) -> StandardMIDIFile {
    StandardMIDIFile(format: .parallel, division: .ticksPerQuarter(ppq), tracks: tracks)
  }

  @Test func `notes are paired first on first off, and what is odd is counted`() throws {
    let file = read([
      [
        try channel(0, 0x90, 60, 100), try channel(48, 0x90, 60, 50), try channel(96, 0x80, 60, 7),
        try channel(144, 0x90, 60, 0), try channel(144, 0x80, 60, 1),  // nothing sounds any more
        try channel(150, 0x90, 62, 1), try channel(150, 0x80, 62, 2),  // no length
        try channel(192, 0x91, 64, 9),  // never ended
        end(384),
      ]
    ])
    let made = try PatternFile(reading: file)
    #expect(
      made.pattern.notes == [
        try note(60, 0, 1, velocity: 100, release: 7),
        try note(60, 0.5, 1, velocity: 50),
        try note(62, 150.0 / 96, 1.0 / 96, velocity: 1, release: 2),
        try note(64, 2, 2, velocity: 9, channel: 1),
      ])
    #expect(
      made.repairs == [
        .closedNotes(count: 1), .strayNoteOffs(count: 1), .overlappingNotes(count: 1),
        .emptyNotes(count: 1),
      ])
    #expect(made.pattern.length == Beats(4))
  }

  @Test func `a chosen track and channel leave the rest out`() throws {
    let file = read([
      [Event(tick: 0, .meta(.trackName("Song"))), end(0)],
      [
        Event(tick: 0, .meta(.trackName("Ba\u{1B}ss"))), try channel(0, 0x90, 40, 1),
        try channel(0, 0x91, 41, 1), try channel(96, 0x80, 40, 64), try channel(96, 0x81, 41, 64),
        end(96),
      ],
      [try channel(0, 0x90, 50, 1), try channel(96, 0x80, 50, 64), end(96)],
    ])
    #expect(try Pattern(file: file).notes.map(\.pitch) == [40, 41, 50])
    #expect(try Pattern(file: file, track: 2).notes.map(\.pitch) == [50])
    #expect(try Pattern(file: file, channel: 1).notes.map(\.pitch) == [41])
    #expect(try Pattern(file: file).name == "Ba ss", "the playing track's name, made printable")
    #expect(try Pattern(file: file, track: 0).name == "Song")
    for (track, channel) in [(3, nil), (-1, nil), (nil, 16), (nil, -1)] as [(Int?, Int?)] {
      #expect(throws: MusicError.self) { try Pattern(file: file, track: track, channel: channel) }
    }
    let songs = StandardMIDIFile(
      format: .sequential, division: file.division, tracks: file.tracks)
    #expect(throws: MusicError.self) { try Pattern(file: songs) }
    #expect(try Pattern(file: songs, track: 2).notes.map(\.pitch) == [50])
  }

  @Test func `controls, SysEx packets and escapes become whole messages`() throws {
    let file = read([
      [
        try channel(0, 0xC0, 33), try channel(10, 0xE0, 1, 2), Event(tick: 20, .sysEx([1, 2])),
        Event(tick: 21, .escape([0xF8])), Event(tick: 22, .escape([3])),
        Event(tick: 30, .escape([4, 0xF7])), Event(tick: 40, .sysEx([5])),
        Event(tick: 50, .sysEx([6, 0xF7])), Event(tick: 60, .escape([0xF2, 1])),
        Event(tick: 70, .escape([0x90, 60, 100])), Event(tick: 80, .escape([0x80, 60, 1])),
        end(96),
      ]
    ])
    let made = try PatternFile(reading: file)
    #expect(
      made.pattern.controls.map(\.bytes) == [
        [0xC0, 33], [0xE0, 1, 2], [0xF0, 1, 2, 3, 4, 0xF7], [0xF8], [0xF0, 6, 0xF7],
      ])
    #expect(made.pattern.controls[2].at == Beats(ticks: 20, ppq: 96))
    #expect(made.pattern.notes.count == 1, "an escaped note is a note")
    #expect(made.repairs == [.droppedMessages(count: 2)])
  }

  @Test func `the length is whole bars unless asked for exactly`() throws {
    let three = try #require(Meter(3, 4))
    let file = read([[Event(tick: 0, .meta(.meter(three))), try channel(0, 0xC0, 1), end(289)]])
    #expect(try Pattern(file: file).length == Beats(6))
    #expect(try Pattern(file: file).meter == three)
    #expect(try Pattern(file: file, ending: .exact).length == Beats(ticks: 289, ppq: 96))
    #expect(try Pattern(file: read([[end(384)]])).length == Beats(4))
    #expect(try Pattern(file: read([[end(0)]])).length == Beats(4), "an empty file is one bar")
    #expect(try Pattern(file: read([])).length == Beats(4))
  }

  @Test func `dropped changes of tempo and metre are told`() throws {
    let file = read([
      [
        Event(tick: 0, .meta(.tempo(.standard))),
        Event(tick: 96, .meta(.tempo(try #require(Tempo(90))))),
        Event(tick: 384, .meta(.meter(try #require(Meter(3, 4))))), end(672),
      ]
    ])
    let made = try PatternFile(reading: file)
    #expect(made.repairs == [.droppedTempoChanges(count: 1), .droppedMeterChanges(count: 1)])
    #expect(made.pattern.length == Beats(7), "the end lies on a bar line of the file's own metre")
  }

  @Test(arguments: 0..<40) func `a pattern on the grid comes back exactly`(seed: UInt64) throws {
    for round in 0..<25 {
      var random = SeededGenerator(seed: seed * 25 + UInt64(round))
      let ppq = [1, 24, 96, 480, 960, 1920, 32767][random.number(0...6)]
      let pattern = try randomPattern(&random, ppq: ppq)
      let format = random.chance(2) ? StandardMIDIFile.Format.single : .parallel
      let made = try PatternFile(writing: pattern, ticksPerQuarter: ppq, format: format)
      try #require(made.repairs.isEmpty)
      let read = try PatternFile(
        reading: try StandardMIDIFile(made.file.bytes(runningStatus: random.chance(2))),
        ending: .exact)
      try #require(read.pattern == pattern, "seed \(seed) round \(round)")
      try #require(read.file == made.file)
    }
  }

  /// Notes of each pitch start and end in the same order, as a MIDI file's must.
  private func randomPattern(_ random: inout SeededGenerator, ppq: Int) throws -> Pattern {
    var notes: [Note] = []
    var last = 0
    for pitch in 0..<random.number(0...20) {
      var start = random.number(0...(ppq * 2))
      var ending = start
      let channel = random.number(0...15)
      for _ in 0..<random.number(1...20) {
        ending = max(ending, start) + random.number(1...ppq)
        last = max(last, ending)
        notes.append(
          try #require(
            Note(
              pitch: pitch * 6, velocity: random.number(1...127),
              releaseVelocity: random.number(0...127), channel: channel,
              start: Beats(ticks: start, ppq: ppq),
              duration: Beats(ticks: ending - start, ppq: ppq))))
        start += random.number(1...ppq)
      }
    }
    var controls: [Pattern.Control] = []
    for _ in 0..<random.number(0...20) {
      let messages: [[UInt8]] = [
        [0xB0, 64, 127], [0xE3, 0, 64], [0xC2, 5], [0xD1, 9], [0xA0, 60, 1],
        [0xF0] + (0..<random.number(0...200)).map { _ in random.byte() } + [0xF7], [0xF8],
        [0xF2, 1, 2],
      ]
      let tick = random.number(0...(ppq * 8))
      last = max(last, tick)
      controls.append(
        Pattern.Control(at: Beats(ticks: tick, ppq: ppq), bytes: messages[random.number(0...7)]))
    }
    return Pattern(
      name: "Bä & <\(random.number(0...9))>", notes: notes, controls: controls,
      length: Beats(ticks: last + random.number(1...ppq), ppq: ppq),
      meter: try #require(Meter(random.number(1...64), 1 << random.number(0...6))))
  }

  @Test func `places off the grid go to the nearest tick and never vanish`() throws {
    let pattern = Pattern(
      name: "", notes: [try note(60, 0.26, 0.001), try note(61, 0.24, 1)], length: Beats(4))
    let made = try PatternFile(writing: pattern, ticksPerQuarter: 4)
    let back = try Pattern(file: made.file)
    #expect(back.notes.map(\.start) == [Beats(0.25), Beats(0.25)])
    #expect(back.notes.map(\.duration) == [Beats(0.25), Beats(1)])
  }

  @Test func `a nested note and notes beyond the end are told`() throws {
    let pattern = Pattern(
      name: "", notes: [try note(60, 0, 4), try note(60, 1, 1), try note(62, 3, 2)],
      length: Beats(4))
    let made = try PatternFile(writing: pattern)
    #expect(made.repairs == [.nestedNotes(count: 1), .eventsPastEnd(count: 1)])
    #expect(try Pattern(file: made.file, ending: .exact).length == Beats(5))
  }

  @Test func `a repeated note ends before it starts again`() throws {
    let pattern = Pattern(
      name: "", notes: [try note(60, 0, 1), try note(60, 1, 1)], length: Beats(4))
    let music = try PatternFile(writing: pattern, ticksPerQuarter: 1).file.tracks[1]
    #expect(
      music.dropFirst() == [
        try channel(0, 0x90, 60, 96), try channel(1, 0x80, 60, 64), try channel(1, 0x90, 60, 96),
        try channel(2, 0x80, 60, 64), end(4),
      ])
  }

  @Test func `tempo, metre and name are written`() throws {
    let tempo = try #require(Tempo(104))
    let meter = try #require(Meter(7, 8))
    let pattern = Pattern(name: "Bäss", notes: [], length: Beats(7), meter: meter)
    let read = try PatternFile(
      reading: PatternFile(writing: pattern, tempo: tempo).file)
    #expect(abs(read.tempo.quartersPerMinute - 104) < 0.001)
    #expect(read.pattern == pattern)
    let slow = try PatternFile(writing: pattern, tempo: try #require(Tempo(1)))
    #expect(abs(try PatternFile(reading: slow.file).tempo.quartersPerMinute - 3.576) < 0.001)
  }

  @Test func `what no file can hold is refused`() throws {
    var early = try note(60, 0, 1)
    early.start = Beats(-1)
    var lost = try note(60, 0, 1)
    lost.start = Beats(.nan)
    var far = try note(60, 0, 1)
    far.start = Beats(1e300)
    var wrong = try note(60, 0, 1)
    wrong.pitch = 200
    var silent = try note(60, 0, 1)
    silent.velocity = 0
    for bad in [early, lost, far, wrong, silent] {
      let pattern = Pattern(name: "", notes: [bad], length: Beats(4))
      let error = #expect(throws: MusicError.self) { try PatternFile(writing: pattern) }
      #expect(error?.description.contains("note 1") == true)
    }
    for bytes in [[], [0x90], [0x90, 60, 200], [0xF0, 1], [1, 2, 3]] as [[UInt8]] {
      let pattern = Pattern(
        name: "", notes: [], controls: [.init(at: .zero, bytes: bytes)], length: Beats(4))
      #expect(throws: MusicError.self) { try PatternFile(writing: pattern) }
    }
    let endless = Pattern(name: "", notes: [], length: Beats(.infinity))
    #expect(throws: MusicError.self) { try PatternFile(writing: endless) }
    let plain = Pattern(name: "", notes: [], length: Beats(4))
    for ppq in [0, -1, 32768, .max] {
      #expect(throws: MusicError.self) { try PatternFile(writing: plain, ticksPerQuarter: ppq) }
    }
    #expect(throws: MusicError.self) { try PatternFile(writing: plain, format: .sequential) }
  }

  @Test func `a written pattern is on disk whole`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/bass.mid"
    let pattern = Pattern(name: "Bass", notes: [try note(40, 0, 1)], length: Beats(4))
    #expect(try PatternFile.write(pattern, to: path).isEmpty)
    #expect(try Pattern(file: StandardMIDIFile(contents(path))) == pattern)
    #expect(folder.names == ["bass.mid"])
  }
}
