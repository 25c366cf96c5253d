// SPDX-License-Identifier: MIT

import Testing

@testable import ContinuoMusic

/// A random file that can be written: every format and division, every kind of event.
func randomFile(_ random: inout SeededGenerator, largest: Int = 300) -> StandardMIDIFile {
  let format = [StandardMIDIFile.Format.single, .parallel, .sequential][random.number(0...2)]
  let rates: [StandardMIDIFile.FrameRate] = [.fps24, .fps25, .fps30Drop, .fps30]
  let division: StandardMIDIFile.Division =
    random.chance(3)
    ? .timeCode(rates[random.number(0...3)], ticksPerFrame: random.number(1...255))
    : .ticksPerQuarter(random.number(1...32767))
  var tracks: [[StandardMIDIFile.Event]] = []
  for _ in 0..<(format == .single ? 1 : random.number(0...4)) {
    var events: [StandardMIDIFile.Event] = []
    var tick = 0
    for _ in 0..<random.number(0...40) {
      let gaps = [0, 1, 0x7F, 0x80, 0x3FFF, 0x4000, 0x1F_FFFF, 0x20_0000, 0xFFF_FFFF]
      tick += random.chance(4) ? gaps[random.number(0...8)] : random.number(0...500)
      events.append(StandardMIDIFile.Event(tick: tick, randomPayload(&random, largest)))
    }
    events.append(StandardMIDIFile.Event(tick: tick + random.number(0...9), .meta(.endOfTrack)))
    tracks.append(events)
  }
  return StandardMIDIFile(format: format, division: division, tracks: tracks)
}

private func randomPayload(
  _ random: inout SeededGenerator, _ largest: Int
) -> StandardMIDIFile.Payload {
  let sizes = [0, 1, 2, 126, 127, 128, 129, largest]
  func data() -> [UInt8] {
    (0..<sizes[random.number(0...7)]).map { _ in random.byte(0...255) }
  }
  switch random.number(0...9) {
  case 0: return .sysEx(data())
  case 1: return .sysEx(data() + [0xF7])
  case 2: return .escape(data())
  case 3:
    let type = random.byte()
    return .meta(MetaEvent(type: type == 0x2F ? 1 : type, bytes: data()) ?? .text("x"))
  default:
    // Few statuses, so that running status has something to do.
    let status = [0x90, 0x90, 0x80, 0xB0, 0xC1, 0xD2, 0xE3, 0xA4][random.number(0...7)]
    let isShort = status & 0xE0 == 0xC0
    let message = ChannelMessage(UInt8(status), random.byte(), isShort ? 0 : random.byte())
    return message.map { .channel($0) } ?? .escape([])
  }
}

@Suite struct StandardMIDIFileWritingTests {
  @Test(arguments: 0..<20) func `random files come back event for event`(batch: Int) throws {
    for index in 0..<200 {
      var random = SeededGenerator(seed: UInt64(batch * 200 + index))
      let made = randomFile(&random, largest: index == 0 ? 40_000 : 300)
      for runningStatus in [false, true] {
        let written = try made.bytes(runningStatus: runningStatus)
        let reading = try StandardMIDIFile.read(written)
        try #require(reading.file == made, "seed \(batch * 200 + index)")
        try #require(reading.repairs.isEmpty)
        try #require(try reading.file.bytes(runningStatus: runningStatus) == written)
      }
    }
  }

  @Test func `golden bytes with and without running status`() throws {
    let made = StandardMIDIFile(
      format: .single, division: .ticksPerQuarter(480),
      tracks: [
        [
          Event(tick: 0, .meta(.trackName("A"))), try channel(0, 0x90, 60, 100),
          try channel(480, 0x90, 60, 0), Event(tick: 480, .sysEx([1, 0xF7])),
          try channel(480, 0x90, 62, 1), try channel(0x4480, 0xC0, 7), end(0x4480),
        ]
      ])
    let head = "4D546864 00000006 0000 0001 01E0 4D54726B 000000"
    #expect(
      try made.bytes()
        == bytes(
          head + "20 00FF030141 00903C64 8360903C00 00F00201F7 00903E01 818520C007 00FF2F00"))
    #expect(
      try made.bytes(runningStatus: true)
        == bytes(head + "1F 00FF030141 00903C64 83603C00 00F00201F7 00903E01 818520C007 00FF2F00"))
  }

  @Test func `a track without an end gets one at its last event`() throws {
    let made = StandardMIDIFile(
      format: .single, division: .ticksPerQuarter(1), tracks: [[try channel(5, 0xC0, 1)]])
    #expect(try StandardMIDIFile(made.bytes()).tracks == [[try channel(5, 0xC0, 1), end(5)]])
  }

  @Test func `what no file can hold is refused with track and event`() throws {
    func fault(_ events: [Event]) throws -> MusicError? {
      let made = StandardMIDIFile(
        format: .parallel, division: .ticksPerQuarter(1), tracks: [[], events])
      return #expect(throws: MusicError.self) { try made.bytes() }
    }
    for events in [
      [try channel(0, 0x90, 1, 1), try channel(-1, 0x90, 1, 1)],
      [end(0), try channel(1, 0x90, 1, 1)], [end(5), end(4)],
      [end(0), end(0)],
      [try channel(0, 0x90, 1, 1), try channel(StandardMIDIFile.maximumDelta + 1, 0x90, 1, 1)],
      [try channel(0, 0x90, 1, 1), try channel(.max, 0x90, 1, 1)],
    ] {
      guard case .unwritableEvent(2, 2, _) = try fault(events) else {
        Issue.record("\(events)")
        continue
      }
    }
    for (format, division, count) in [
      (.single, .ticksPerQuarter(1), 2), (.single, .ticksPerQuarter(1), 0),
      (.parallel, .ticksPerQuarter(0), 1), (.parallel, .ticksPerQuarter(32768), 1),
      (.parallel, .timeCode(.fps24, ticksPerFrame: 0), 1),
      (.parallel, .timeCode(.fps24, ticksPerFrame: 256), 1),
      (.parallel, .ticksPerQuarter(1), 65536),
    ] as [(StandardMIDIFile.Format, StandardMIDIFile.Division, Int)] {
      let made = StandardMIDIFile(
        format: format, division: division, tracks: Array(repeating: [], count: count))
      let error = #expect(throws: MusicError.self) { try made.bytes() }
      guard case .unwritableFile = error else {
        Issue.record("\(format) \(division) \(count)")
        continue
      }
    }
  }

  @Test func `a channel message checks its bytes`() {
    #expect(ChannelMessage(0x7F, 0, 0) == nil)
    #expect(ChannelMessage(0xF0, 0, 0) == nil)
    #expect(ChannelMessage(0x90, 128, 0) == nil)
    #expect(ChannelMessage(0x90, 0, 128) == nil)
    #expect(ChannelMessage(0xC0, 0, 1) == nil)
    #expect(ChannelMessage(0xC0, 9)?.bytes == [0xC0, 9])
    #expect(ChannelMessage(0x90, 9, 1)?.bytes == [0x90, 9, 1])
  }
}

@Suite struct StandardMIDIFileFuzzTests {
  /// Every mutant is read, and what reads is mapped, paired and written: nothing may trap or hang.
  @Test(arguments: 0..<10) func `mutated files are read or refused`(batch: UInt64) throws {
    var random = SeededGenerator(seed: 0xF0_22 + batch)
    var readable = 0
    var refused = 0
    for _ in 0..<100 {
      let original = try randomFile(&random, largest: 40).bytes(runningStatus: random.chance(2))
      for _ in 0..<110 {
        let mutant = mutate(original, &random)
        do {
          let reading = try StandardMIDIFile.read(mutant)
          readable += 1
          if random.chance(8) { try exercise(reading.file) }
        } catch let error as MusicError {
          refused += 1
          guard case .midiFile(let at, _, _) = error else { throw error }
          try #require((0...mutant.count).contains(at))
        }
      }
    }
    #expect(readable + refused == 11_000)
    #expect(readable > 500 && refused > 500, "\(readable) read, \(refused) refused")
  }

  private func exercise(_ file: StandardMIDIFile) throws {
    // A file that was read can always be written again, unless it says to be format 0 and is not.
    if file.format != .single || file.tracks.count == 1 {
      try #require(try StandardMIDIFile(file.bytes()) == file)
    }
    let map = SongMap(file)
    _ = map.position(at: map.beats(atTick: file.lastTick))
    guard let pattern = try? Pattern(file: file, track: file.tracks.isEmpty ? nil : 0) else {
      return
    }
    _ = try PatternFile(writing: pattern)
  }

  private func mutate(_ original: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var mutant = original
    for _ in 0..<random.number(1...3) where !mutant.isEmpty {
      let at = random.number(0...(mutant.count - 1))
      switch random.number(0...5) {
      case 0: mutant.removeLast(mutant.count - at)
      case 1: mutant[at] = random.byte(0...255)
      case 2: mutant[at] ^= 1 << random.byte(0...7)
      case 3: mutant.insert(random.byte(0...255), at: at)
      case 4: mutant.remove(at: at)
      default: mutant[at] = [0x00, 0x7F, 0x80, 0xFF, 0xF0, 0xF7][random.number(0...5)]
      }
    }
    return mutant
  }
}
