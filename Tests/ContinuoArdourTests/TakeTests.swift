// SPDX-License-Identifier: MIT
import ContinuoArdour
import ContinuoMusic
import Testing

struct TakeTests {
  static func note(
    _ pitch: Int, _ start: Double, _ duration: Double = 0.5, velocity: Int = 100, channel: Int = 0
  ) throws -> Note {
    try #require(
      Note(
        pitch: pitch, velocity: velocity, channel: channel, start: Beats(start),
        duration: Beats(duration)))
  }

  static let map = SongMap(tempo: Tempo(120) ?? .standard)

  func verify(_ played: [Note], _ recorded: [Note]) -> TakeVerification {
    TakeVerification(played: played, recorded: recorded, map: Self.map, sampleRate: 48_000)
  }

  @Test func `events stand at their frames, offs before ons, later by the delay`() throws {
    let pattern = Pattern(
      name: "p", notes: [try Self.note(60, 0, 1), try Self.note(60, 1, 1)],
      controls: [.init(at: Beats(1), bytes: [0xB0, 7, 1])], length: Beats(4))
    let performance = TakePerformance(
      pattern, at: Beats(4), in: Self.map, sampleRate: 48_000, delay: 10)
    #expect(performance.events.map(\.frame) == [96_010, 120_010, 120_010, 120_010, 144_010])
    #expect(
      performance.events.map(\.bytes) == [
        [0x90, 60, 100], [0x80, 60, 64], [0xB0, 7, 1], [0x90, 60, 100], [0x80, 60, 64],
      ])
    #expect(performance.notes.map(\.start) == [Beats(4), Beats(5)])
    #expect(performance.endFrame == 192_010)
  }

  @Test func `a key struck again ends its note and nothing outlasts the pattern`() throws {
    let pattern = Pattern(
      name: "p",
      notes: [
        try Self.note(60, 0, 3), try Self.note(60, 1, 9), try Self.note(60, 1, 1),
        try Self.note(60, 0, 3, channel: 1), try Self.note(61, 7, 1), try Self.note(62, -1, 1),
      ], length: Beats(4))
    let performance = TakePerformance(pattern, at: .zero, in: Self.map, sampleRate: 48_000)
    let notes = performance.notes.map { [Double($0.channel), $0.start.quarters, $0.end.quarters] }
    #expect(notes == [[0, 0, 1], [1, 0, 3], [0, 1, 4]])
    #expect(performance.events.count == 6)
  }

  @Test func `a delay before the song's start moves to frame 0`() throws {
    let pattern = Pattern(name: "p", notes: [try Self.note(60, 0, 0.001)], length: Beats(4))
    let performance = TakePerformance(
      pattern, at: .zero, in: Self.map, sampleRate: 48_000, delay: -500)
    #expect(performance.events.map(\.frame) == [0, 1])
  }

  @Test func `an exact take is exact and rounding to a tick is none of its faults`() throws {
    let played = [try Self.note(60, 0), try Self.note(60, 1), try Self.note(64, 1)]
    let tick = 1.0 / 1920
    let recorded = [
      try Self.note(60, tick, 0.5 - tick), try Self.note(60, 1, 0.5 + tick),
      try Self.note(64, 1 - tick),
    ]
    let result = verify(played, recorded)
    #expect(result.isExact)
    #expect(abs((result.medianOffset ?? 1)) < 1e-6)
    #expect(result.offsetRange.map { abs($0.upperBound - 12.5) < 1e-6 } == true)
  }

  @Test func `a constant offset is measured and is the only fault`() throws {
    let played = try (0..<8).map { try Self.note(60, Double($0) / 2, 0.4) }
    let recorded = try (0..<8).map { try Self.note(60, Double($0) / 2 - 0.125, 0.4) }
    let result = verify(played, recorded)
    #expect(!result.isExact && result.isExactButForOffset)
    #expect(result.shifted.count == 8)
    #expect(result.medianOffset == -3000)
  }

  @Test func `every fault is told apart`() throws {
    let played = [
      try Self.note(60, 0), try Self.note(61, 1), try Self.note(62, 2), try Self.note(63, 3),
    ]
    let recorded = [
      try Self.note(60, 0, velocity: 99), try Self.note(61, 1, 0.25),
      try Self.note(62, 2.01), try Self.note(63, 3, channel: 1),
    ]
    let result = verify(played, recorded)
    #expect(result.louderOrSofter.map(\.played) == [played[0]])
    #expect(result.longerOrShorter.map(\.played) == [played[1]])
    #expect(result.shifted.map(\.played) == [played[2]])
    #expect(result.missing == [played[3]])
    #expect(result.extra == [recorded[3]])
    #expect(!result.isExactButForOffset)
  }

  @Test func `a lost or doubled repetition does not pull the others along`() throws {
    let played = try (0..<6).map { try Self.note(60, Double($0) / 4, 0.2) }
    var recorded = played
    recorded.remove(at: 2)
    var result = verify(played, recorded)
    #expect(result.missing == [played[2]])
    #expect(result.shifted == [] && result.extra == [])
    recorded = played + [try Self.note(60, 3, 0.2)]
    result = verify(played, recorded)
    #expect(result.extra == [try Self.note(60, 3, 0.2)])
    #expect(result.missing == [] && result.shifted == [])
    result = verify(played, [])
    #expect(result.missing == played && result.medianOffset == nil)
    #expect(!result.isExactButForOffset)
  }

  @Test(arguments: [
    (SessionFile.Alignment.automatic, 1024, 2048, -1008), (.captureTime, 1024, 2048, 1056),
    (.automatic, 1024, 1024, -1008), (.captureTime, 1024, 1024, 32),
  ])
  func `the offset to expect is the one that was measured`(
    alignment: SessionFile.Alignment, capture: Int, playback: Int, offset: Int
  ) {
    let latency = RecordedOffset.Latency.connected(capture: capture, playback: playback)
    #expect(RecordedOffset.expected(alignment: alignment, latency: latency) == offset)
    #expect(RecordedOffset.expected(alignment: alignment, latency: .none) == 0)
  }

  @Test func `pedals and wheels are compared too: missing, too many, out of place`() throws {
    let notes = [try Self.note(60, 0), try Self.note(60, 2)]
    func control(_ at: Double, _ bytes: UInt8...) -> Pattern.Control {
      Pattern.Control(at: Beats(at), bytes: bytes)
    }
    func check(_ played: [Pattern.Control], _ recorded: [Pattern.Control]) -> TakeVerification {
      TakeVerification(
        played: notes, recorded: notes, controls: (played, recorded), map: Self.map,
        sampleRate: 48_000)
    }
    let pedal = [control(0.5, 0xB0, 64, 127), control(1.5, 0xB0, 64, 0)]
    #expect(check(pedal, pedal.reversed()).isExact)
    #expect(check(pedal, []).missingControls == pedal)
    #expect(!check(pedal, []).isExact && !check(pedal, []).isExactButForOffset)
    #expect(check([], pedal).extraControls == pedal)
    #expect(!check([], pedal).isExact)
    let late = [pedal[0], control(1.502, 0xB0, 64, 0)]
    #expect(check(pedal, late).shiftedControls == [pedal[1]])
    #expect(!check(pedal, late).isExact)
    let other = check(pedal, [pedal[0], control(1.5, 0xB1, 64, 0)])
    #expect(other.missingControls == [pedal[1]] && other.extraControls.count == 1)
    // Equal messages in a row are paired in their order.
    let twice = [control(1, 0xB0, 7, 100), control(1.25, 0xB0, 7, 100)]
    #expect(check(twice, twice).isExact)
    #expect(check(twice, [twice[1]]).missingControls.count == 1)
  }

  @Test func `the bank that Ardour writes with a program is none of the take's faults`() throws {
    let notes = [try Self.note(60, 0)]
    func check(_ played: [[UInt8]], _ recorded: [[UInt8]]) -> Bool {
      TakeVerification(
        played: notes, recorded: notes,
        controls: (
          played.map { Pattern.Control(at: .zero, bytes: $0) },
          recorded.map { Pattern.Control(at: .zero, bytes: $0) }
        ), map: Self.map, sampleRate: 48_000
      ).isExact
    }
    let bank: [[UInt8]] = [[0xB2, 0, 0], [0xB2, 32, 0]]
    #expect(check([[0xC2, 5]], bank + [[0xC2, 5]]))
    #expect(!check([[0xC1, 5]], bank + [[0xC1, 5]]))
    #expect(!check([[0xC2, 5]], [[0xB2, 0, 1], [0xC2, 5]]))
    #expect(!check([], bank))
  }
}
