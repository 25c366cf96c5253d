// SPDX-License-Identifier: MIT
import ContinuoRealtime
import Testing

/// Takes played by frames of the song.
@Suite struct TakeTimingTests {
  /// Frames of the song at which a note of pitch 60 begins and one of 61 ends with the next.
  static let frames = [1000, 1001, 4093, 25_000, 25_007, 61_234]

  private func load(_ rig: CycleRig) throws {
    let events = Self.frames.enumerated().map { index, frame in
      PatternProgram.Event(
        at: Double(frame - 1000) / 16, end: Double(frame - 1000 + 500) / 16,
        noteOn: ShortMessage(0x90, UInt8(60 + index), 100), release: 64)
    }
    let program = try PatternProgram(identity: 7, length: 4000, events: events)
    #expect(rig.engine.load(program, into: 7))
  }

  private func onsets(_ rig: CycleRig, after origin: Int) -> [Int] {
    rig.sent.filter { $0.bytes[0] == 0x90 }.map { Int($0.frame) - origin }
  }

  /// Rolls the transport from frame 0 to 1280, and returns how it was told last.
  private func begin(_ rig: CycleRig) -> Transport {
    var transport = Transport()
    transport.rolling = true
    for at in stride(from: 0, to: 1280, by: 256) {
      transport.frame = UInt32(at)
      rig.run(256, transport)
    }
    return transport
  }

  private func silent(_ rig: CycleRig) -> Bool { rig.engine.counters[.sounding] == 0 }

  @Test(arguments: [64, 256, 1024])
  func `a take keeps the transport's frames whatever tempo the master tells`(_ period: Int) throws {
    let rig = CycleRig(startingAt: 777)
    try load(rig)
    #expect(rig.engine.send(.take(slot: 7, from: 1000, byTransport: true)))
    for _ in 0..<10 { rig.run(UInt32(period)) }
    let origin = Int(rig.frame)
    let ardour = FakeArdour([(1, 4, 4)], bpm: 120)
    for at in stride(from: 0, to: 64_000, by: period) {
      var transport = ardour.transport(at: UInt32(at))
      // A master that loses its way, and its tempo, in the middle of the take.
      if at > 20_000 { transport.hasBBT = at % 3 == 0 }
      if at > 40_000 { transport.beatsPerMinute = 33 }
      rig.run(UInt32(period), transport)
    }
    #expect(onsets(rig, after: origin) == Self.frames)
    let ends = rig.sent.filter { $0.bytes[0] == 0x80 }.map { Int($0.frame) - origin }
    #expect(ends == Self.frames.map { $0 + 500 })
    #expect(rig.engine.counters[.playLate] == 0 && silent(rig))
  }

  @Test func `a take that is left by the transport ends its notes, and is found again`() throws {
    let rig = CycleRig()
    try load(rig)
    #expect(rig.engine.send(.take(slot: 7, from: 1000, byTransport: true)))
    var transport = begin(rig)
    #expect(onsets(rig, after: 0) == [1000, 1001])
    transport.frame = 24_832
    let origin = Int(rig.frame) - 24_832
    rig.run(256, transport)
    let ends = rig.sent.filter { $0.bytes[0] == 0x80 }
    #expect(ends.map(\.frame) == [UInt64(origin + 24_832), UInt64(origin + 24_832)])
    #expect(onsets(rig, after: origin).suffix(2) == [25_000, 25_007])
    transport.rolling = false
    rig.run(256, transport)
    #expect(silent(rig))
  }

  @Test func `on a clock without frames nothing plays before the take is placed`() throws {
    let (rig, clock) = CycleRig.withClock()
    try load(rig)
    #expect(rig.engine.send(.take(slot: 7, from: 1000, byTransport: false)))
    clock.add(0, [0xFA])
    func turn() {
      for at in 0..<256 where (Int(rig.frame) + at) % 1000 == 0 { clock.add(UInt32(at), [0xF8]) }
      rig.run(256)
      clock.clear()
    }
    while rig.frame < 10_240 { turn() }
    #expect(rig.sent.isEmpty)
    #expect(rig.engine.snapshot().clocks == 11)
    // The song's frame 0 lies there, says the session: everything is still to come.
    let origin = 11_000
    #expect(rig.engine.send(.placeTake(origin: Int64(origin))))
    while rig.frame < 90_000 { turn() }
    #expect(onsets(rig, after: origin) == Self.frames)
    #expect(rig.engine.counters[.playLate] == 0 && silent(rig))
  }

  @Test func `a stop, a start and silence end a take and what sounds of it`() throws {
    let commands: [RealtimeCommand] = [
      .stop(at: .bar), .start(slot: 0, at: .bar, anchor: nil, loops: true), .silence,
    ]
    for command in commands {
      let rig = CycleRig()
      try load(rig)
      #expect(rig.engine.send(.take(slot: 7, from: 1000, byTransport: true)))
      var transport = begin(rig)
      #expect(!silent(rig))
      #expect(rig.engine.send(command))
      transport.frame = 1280
      rig.run(256, transport)
      #expect(silent(rig) && rig.engine.snapshot().activeSlot == -1)
    }
  }
}
