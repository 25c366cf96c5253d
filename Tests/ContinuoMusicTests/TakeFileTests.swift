// SPDX-License-Identifier: MIT

import Testing

@testable import ContinuoMusic

func event(
  _ frame: UInt64, _ port: Int, _ hexadecimal: String, at position: SongPosition? = nil,
  rolling: Bool = true
) -> Take.Event {
  Take.Event(
    frame: frame, port: port, bytes: bytes(hexadecimal), position: position, rolling: rolling)
}

func place(_ quarters: Double) -> SongPosition { SongMap().position(at: Beats(quarters)) }

@Suite struct TakeFileTests {
  @Test func `a line is spelled exactly`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/take.jsonl"
    let half = SongPosition(bar: 12, beat: 3, tick: 960.5, quarters: Beats(46.5))
    let lost = SongPosition(bar: 1, beat: 1, tick: .nan, quarters: .zero)
    let take = Take(
      events: [
        event(5_000_000_000, 1, "903C64", at: place(2)),
        event(5_000_000_001, 2, "803C00", at: half, rolling: false),
        event(.max, 16, "F0 00 FF F7", rolling: false), event(.max, 1, "F8", at: lost),
      ], sampleRate: 48000)
    try TakeFile.write(take, to: path)
    #expect(
      text(path) == """
        {"frame":5000000000,"port":1,"bytes":"903c64","bar":1,"beat":3,"tick":0,"transport":"rolling"}
        {"frame":5000000001,"port":2,"bytes":"803c00","bar":12,"beat":3,"tick":960.5,"transport":"stopped"}
        {"frame":18446744073709551615,"port":16,"bytes":"f000fff7","transport":"stopped"}
        {"frame":18446744073709551615,"port":1,"bytes":"f8","transport":"rolling"}

        """)
    #expect(folder.names == ["take.jsonl"])
  }

  @Test(arguments: [44100.0, 48000, 96000, 192_000, 8000])
  func `without a song a tick is a whole number of frames`(rate: Double) throws {
    let take = Take(
      events: [
        event(1000, 1, "903C64"), event(1001, 1, "803C00"),
        event(1000 + UInt64(rate) * 3, 2, "903E64", at: place(4)),
      ], sampleRate: rate)
    let made = try TakeFile.midiFile(take)
    guard case .ticksPerQuarter(let ppq) = made.division else {
      Issue.record("time code")
      return
    }
    #expect(made.tracks.count == 2)
    let map = SongMap(made)
    #expect(map.tempo(at: .zero) == .standard)
    #expect(map.seconds(atTick: made.tracks[1][1].tick) == 3)
    #expect(made.tracks[1][1] == (try channel(ppq * 6, 0x90, 0x3E, 0x64)))
    if rate <= 48000 {
      #expect(made.tracks[0][4] == (try channel(1, 0x80, 0x3C, 0)), "one frame is one tick")
    }
    guard case .meta(let remark) = made.tracks[0][2].payload else {
      Issue.record("no remark")
      return
    }
    #expect(remark.text?.contains("frames from frame 1000") == true)
    #expect(remark.text?.contains("120 BPM") == true)
  }

  @Test func `in the song time is the song's and the tempo is measured`() throws {
    let take = Take(
      events: [
        event(1_000_000, 1, "903C64", at: place(8)), event(1_024_000, 3, "803C00", at: place(9)),
        event(1_096_000, 1, "F8", at: place(12)),
      ], sampleRate: 48000)
    let made = try TakeFile.midiFile(take)
    #expect(made.format == .parallel)
    #expect(made.division == .ticksPerQuarter(1920))
    #expect(made.tracks.count == 3)
    #expect(made.tracks[0][3] == (try channel(8 * 1920, 0x90, 0x3C, 0x64)))
    #expect(made.tracks[0][4] == Event(tick: 12 * 1920, .escape([0xF8])))
    #expect(made.tracks[1] == [Event(tick: 0, .meta(.trackName("in_2"))), end(0)])
    #expect(made.tracks[2][1] == (try channel(9 * 1920, 0x80, 0x3C, 0)))
    #expect(SongMap(made).tempo(at: .zero).quartersPerMinute == 120)
    let slower = Take(
      events: [
        event(0, 1, "903C64", at: place(0)), event(48000, 1, "803C00", at: place(1)),
      ], sampleRate: 48000)
    #expect(SongMap(try TakeFile.midiFile(slower)).tempo(at: .zero).quartersPerMinute == 60)
    // One event says nothing of tempo.
    let one = Take(events: [event(0, 1, "903C64", at: place(0))], sampleRate: 48000)
    #expect(try TakeFile.midiFile(one).tracks[0][1] == Event(tick: 0, .meta(.tempo(.standard))))
  }

  @Test(arguments: [
    [8.0, 7.0], [-1.0, 0.0], [0.0, .nan], [0.0, .infinity], [0.0, 1e300], [0.0, 1e9],
  ]) func `a song that jumps back or cannot be is told in frames`(places: [Double]) throws {
    let take = Take(
      events: places.enumerated().map {
        event(UInt64($0.offset) * 48000, 1, "903C64", at: place($0.element))
      }, sampleRate: 48000)
    let made = try TakeFile.midiFile(take)
    #expect(made.division == .ticksPerQuarter(24000))
    #expect(made.tracks[0][4].tick == 48000)
  }

  @Test func `SysEx fragments become packets and no byte is lost`() throws {
    let take = Take(
      events: [
        event(0, 1, "F0 01 02"), event(10, 2, "F0 11"), event(20, 1, "03 04"), event(21, 1, "F8"),
        event(30, 1, "05 F7"), event(40, 2, "F7"), event(50, 1, "F0 7E F7"),
        event(60, 1, "F2 01 02"),
        event(70, 1, "90 3C"), event(80, 1, ""), event(90, 1, "33"),
      ], sampleRate: 48000)
    let made = try TakeFile.midiFile(take)
    #expect(
      made.tracks[0].dropFirst(3).map(\.payload) == [
        .sysEx([1, 2]), .escape([3, 4]), .escape([0xF8]), .escape([5, 0xF7]),
        .sysEx([0x7E, 0xF7]), .escape([0xF2, 1, 2]), .escape([0x90, 0x3C]), .escape([]),
        .escape([0x33]), .meta(.endOfTrack),
      ])
    #expect(
      made.tracks[1].dropFirst().map(\.payload) == [
        .sysEx([0x11]), .escape([0xF7]), .meta(.endOfTrack),
      ])
    #expect(try StandardMIDIFile(made.bytes()) == made)
    let pattern = try Pattern(file: made, track: 0)
    #expect(pattern.controls.first?.bytes == [0xF0, 1, 2, 3, 4, 5, 0xF7])
  }

  @Test func `a silence longer than a delta time is bridged`() throws {
    let take = Take(
      events: [event(0, 1, "903C64"), event(3_000_000_000, 1, "803C00")], sampleRate: 48000)
    let made = try StandardMIDIFile(TakeFile.midiFile(take).bytes())
    #expect(made.tracks[0].last?.tick == 3_000_000_000)
  }

  @Test func `a frame that went back stands with the one before`() throws {
    let take = Take(
      events: [event(1000, 1, "903C64"), event(2000, 1, "803C00"), event(5, 1, "903E64")],
      sampleRate: 48000)
    let made = try TakeFile.midiFile(take)
    #expect(made.tracks[0].dropFirst(3).map(\.tick) == [0, 1000, 1000, 1000])
  }

  @Test func `there are as many tracks as ports asked for`() throws {
    let take = Take(events: [event(0, 2, "903C64")], sampleRate: 48000)
    #expect(try TakeFile.midiFile(take, ports: 4).tracks.count == 4)
    #expect(try TakeFile.midiFile(take, ports: 1).tracks.count == 2)
    #expect(try TakeFile.midiFile(Take(sampleRate: 48000)).tracks.count == 1)
  }

  @Test func `what cannot be a take is refused`() throws {
    let good = event(0, 1, "903C64")
    for take in [
      Take(events: [event(0, 0, "903C64")], sampleRate: 48000),
      Take(events: [event(0, 1025, "903C64")], sampleRate: 48000),
      Take(events: [event(0, .max, "903C64")], sampleRate: 48000),
      Take(events: [good], sampleRate: 0), Take(events: [good], sampleRate: .nan),
      Take(events: [good], sampleRate: .infinity), Take(events: [good], sampleRate: -1),
      Take(events: [good, event(.max, 1, "F8")], sampleRate: 48000),
    ] {
      #expect(throws: MusicError.self) { try TakeFile.midiFile(take) }
    }
    #expect(throws: MusicError.self) {
      try TakeFile.midiFile(Take(events: [good], sampleRate: 48000), ports: 9999)
    }
    #expect(throws: MusicError.self) {
      try TakeFile.write(Take(events: [good], sampleRate: 48000), to: "/tmp/take.wav")
    }
  }
}
