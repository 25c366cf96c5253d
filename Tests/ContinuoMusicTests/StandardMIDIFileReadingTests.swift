// SPDX-License-Identifier: MIT

import Testing

@testable import ContinuoMusic

/// A header for `tracks` tracks at 96 ticks a quarter, and one chunk for each.
func file(format: UInt8 = 1, division: String = "00 60", _ tracks: String...) -> [UInt8] {
  var all = bytes("4D546864 00000006 00") + [format, 0, UInt8(tracks.count)] + bytes(division)
  for track in tracks {
    let data = bytes(track)
    all += bytes("4D54726B 0000") + [UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data
  }
  return all
}

typealias Event = StandardMIDIFile.Event

func channel(_ tick: Int, _ status: UInt8, _ data1: UInt8, _ data2: UInt8 = 0) throws -> Event {
  Event(tick: tick, .channel(try #require(ChannelMessage(status, data1, data2))))
}

func end(_ tick: Int) -> Event { Event(tick: tick, .meta(.endOfTrack)) }

@Suite struct StandardMIDIFileReadingTests {
  @Test func `the specification's own format 1 example is read event for event`() throws {
    // The example of the Standard MIDI Files 1.0 specification, byte for byte.
    let golden = bytes(
      """
      4D546864 00000006 0001 0004 0060
      4D54726B 00000014 00FF5804 04021808 00FF5103 07A120 8300FF2F00
      4D54726B 00000010 00C005 8140904C20 814C4C00 00FF2F00
      4D54726B 0000000F 00C12E 60914340 82204300 00FF2F00
      4D54726B 00000015 00C246 00923060 003C60 83003000 003C00 00FF2F00
      """)
    let reading = try StandardMIDIFile.read(golden)
    #expect(reading.repairs.isEmpty)
    #expect(reading.file.format == .parallel)
    #expect(reading.file.division == .ticksPerQuarter(96))
    let tempo = try #require(Tempo(120))
    #expect(
      reading.file.tracks == [
        [
          Event(tick: 0, .meta(.meter(.common))), Event(tick: 0, .meta(.tempo(tempo))), end(384),
        ],
        [
          try channel(0, 0xC0, 5), try channel(192, 0x90, 0x4C, 0x20), try channel(396, 0x90, 0x4C),
          end(396),
        ],
        [
          try channel(0, 0xC1, 0x2E), try channel(96, 0x91, 0x43, 0x40),
          try channel(384, 0x91, 0x43), end(384),
        ],
        [
          try channel(0, 0xC2, 0x46), try channel(0, 0x92, 0x30, 0x60),
          try channel(0, 0x92, 0x3C, 0x60), try channel(384, 0x92, 0x30),
          try channel(384, 0x92, 0x3C), end(384),
        ],
      ])
    #expect(try reading.file.bytes(runningStatus: true) == golden)
  }

  @Test func `SysEx, packets and escapes keep their bytes`() throws {
    let reading = try StandardMIDIFile.read(
      file(
        format: 0,
        "00F003 4312 00 8148F706 431200431200 64F704 431200F7 00F701F8 00F0047E7F09F7 00FF2F00"))
    #expect(reading.repairs.isEmpty)
    #expect(
      reading.file.tracks[0] == [
        Event(tick: 0, .sysEx([0x43, 0x12, 0x00])),
        Event(tick: 200, .escape(bytes("431200431200"))),
        Event(tick: 300, .escape(bytes("431200F7"))), Event(tick: 300, .escape([0xF8])),
        Event(tick: 300, .sysEx(bytes("7E7F09F7"))), end(300),
      ])
  }

  @Test(arguments: [
    ("E8 04", StandardMIDIFile.FrameRate.fps24, 4), ("E7 28", .fps25, 40),
    ("E3 50", .fps30Drop, 80), ("E2 FF", .fps30, 255),
  ]) func `time-code divisions are read`(
    division: String, rate: StandardMIDIFile.FrameRate, ticks: Int
  ) throws {
    let made = try StandardMIDIFile(file(format: 0, division: division, "00FF2F00"))
    #expect(made.division == .timeCode(rate, ticksPerFrame: ticks))
    #expect(try made.bytes() == file(format: 0, division: division, "00FF2F00"))
  }

  @Test(arguments: [
    // Header
    ("", 0), ("4D546864", 0), ("52494646 00000006 0000 0001 0060 00", 0),
    ("4D546864 00000005 0000 0001 0060 00", 4), ("4D546864 FFFFFFFF 0000 0001 0060 00", 4),
    ("4D546864 00000006 0003 0001 0060", 8), ("4D546864 00000006 0000 0001 0000", 12),
    ("4D546864 00000006 0000 0001 E428", 12), ("4D546864 00000006 0000 0001 E800", 13),
    ("4D546864 00000006 0000 0001 0060", 14),
    // Chunks
    ("4D546864 00000006 0000 0001 0060 4D5472", 14),
    ("4D546864 00000006 0000 0001 0060 4D54726B 00000005 00FF2F00", 18),
    ("4D546864 00000006 0000 0001 0060 58585858 FFFFFFFF 00", 18),
    // Events, from byte 22
    ("4D546864 00000006 0000 0001 0060 4D54726B 00000001 00", 23),
    ("4D546864 00000006 0000 0001 0060 4D54726B 00000003 003C40", 23),
    ("4D546864 00000006 0000 0001 0060 4D54726B 00000003 00903C", 25),
    ("4D546864 00000006 0000 0001 0060 4D54726B 00000004 0090803C", 24),
    ("4D546864 00000006 0000 0001 0060 4D54726B 00000004 00903C80", 25),
    ("4D546864 00000006 0000 0001 0060 4D54726B 00000002 00F8", 23),
    ("4D546864 00000006 0000 0001 0060 4D54726B 00000005 8080808000", 22),
    ("4D546864 00000006 0000 0001 0060 4D54726B 00000002 8080", 24),
    ("4D546864 00000006 0000 0001 0060 4D54726B 00000002 00FF", 24),
    ("4D546864 00000006 0000 0001 0060 4D54726B 00000004 00FF8000", 24),
    ("4D546864 00000006 0000 0001 0060 4D54726B 00000004 00FF0105", 25),
    ("4D546864 00000006 0000 0001 0060 4D54726B 00000007 00F0FFFFFF7F00", 24),
  ]) func `a damaged file names the byte where it breaks`(text: String, at: Int) {
    let error = #expect(throws: MusicError.self) { try StandardMIDIFile(bytes(text)) }
    guard case .midiFile(let place, let expected, let found) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(place == at, "expected \(expected), found \(found)")
    #expect(!expected.isEmpty && !found.isEmpty)
  }

  @Test func `what real files get wrong is forgiven and told`() throws {
    let odd =
      bytes("4D546864 00000008 0001 0003 0060 AAAA")
      + bytes("4A554E4B 00000002 0102")
      + bytes("4D54726B 0000000B 00903C40 00FF0100 3C4060")
    let reading = try StandardMIDIFile.read(
      Array(odd.dropLast()) + bytes("00") + bytes("4D54726B 00000006 00FF2F00 0000"))
    #expect(
      reading.repairs == [
        .skippedChunk(at: 16, length: 10), .runningStatusAfterMeta(track: 1, count: 1),
        .missingEndOfTrack(track: 1), .bytesAfterEndOfTrack(track: 2, count: 2),
        .missingTracks(declared: 3, found: 2),
      ])
    #expect(
      reading.file.tracks[0] == [
        try channel(0, 0x90, 0x3C, 0x40), Event(tick: 0, .meta(.text(""))),
        try channel(60, 0x90, 0x40, 0), end(60),
      ])
    let trailing = try StandardMIDIFile.read(file("00FF2F00") + [1, 2, 3])
    #expect(trailing.repairs == [.bytesAfterLastTrack(count: 3)])
    #expect(try StandardMIDIFile.read(file("")).repairs == [.missingEndOfTrack(track: 1)])
  }

  @Test func `a tick beyond the limit is refused where it happens`() throws {
    // Each event is the longest delta, 2²⁸ − 1: the 4097th passes 2⁴⁰.
    let event = bytes("FFFFFF7F C000")
    var track: [UInt8] = []
    for _ in 0..<4097 { track += event }
    let head =
      bytes("4D546864 00000006 0000 0001 0060 4D54726B 0000") + [
        UInt8(track.count >> 8), UInt8(track.count & 0xFF),
      ]
    let error = #expect(throws: MusicError.self) { try StandardMIDIFile(head + track) }
    guard case .midiFile(let at, _, _) = error else { return }
    #expect(at == 22 + 4096 * 6 + 4)
  }

  @Test func `a huge promise takes no huge memory or time`() throws {
    let lies = bytes("4D546864 00000006 0001 FFFF 0060")
    var many = lies
    for _ in 0..<65535 { many += bytes("4D54726B 00000004 00FF2F00") }
    #expect(try StandardMIDIFile(many).tracks.count == 65535)
    let one = try StandardMIDIFile.read(lies + bytes("4D54726B 00000004 00FF2F00"))
    #expect(one.repairs == [.missingTracks(declared: 65535, found: 1)])
    var tempos = [UInt8]()
    for index in 0..<100_000 { tempos += bytes("01FF5103 07A1") + [UInt8(index & 0xFF)] }
    let length = tempos.count
    let head =
      bytes("4D546864 00000006 0000 0001 0060 4D54726B 00") + [
        UInt8(length >> 16), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF),
      ]
    let map = SongMap(try StandardMIDIFile(head + tempos))
    #expect(map.tempos.count == 100_001)
    #expect(map.tick(at: map.beats(atTick: 77_777)) == 77_777)
  }

  @Test func `text is UTF-8 or else Latin-1`() throws {
    #expect(MetaEvent.trackName("Bässe").text == "Bässe")
    #expect(MetaEvent(type: 3, bytes: [0x42, 0xE4])?.text == "Bä")
    #expect(MetaEvent(type: 0x51, bytes: [1, 2, 3])?.text == nil)
    #expect(MetaEvent(type: 0x80, bytes: []) == nil)
    #expect(MetaEvent(type: 0x51, bytes: [0, 0, 0])?.microsecondsPerQuarter == nil)
    #expect(MetaEvent(type: 0x58, bytes: [7, 3, 0, 8])?.meter == Meter(7, 8))
    #expect(MetaEvent(type: 0x58, bytes: [7, 200, 0, 8])?.meter == nil)
  }
}
