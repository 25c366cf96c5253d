// SPDX-License-Identifier: MIT
import ContinuoRealtime
import Testing

/// A timebase master is any program on the machine: whatever it says, the cycle must end, soon and
/// without a trap, and a sane master afterwards must be believed again.
@Suite struct HostileTimebaseTests {
  private static let integers: [Int32] = [
    .min, .min + 1, -1_000_001, -1, 0, 1, 2, 4, 5, 64, 65, 1919, 1920, 1_000_000, 1_000_001,
    .max - 1, .max,
  ]
  private static let doubles: [Double] = [
    .nan, -.nan, .signalingNaN, .infinity, -.infinity, 1e300, -1e300, 0, -0.0, 1e-300, -1, 0.1, 1,
    1920, 120, 99_999, 1e6, 1e9,
  ]
  private static let floats: [Float] = [
    .nan, .infinity, -.infinity, 1e38, -1, 0, 1e-38, 0.5, 1, 3.5, 4, 8, 63.9, 64, 65,
  ]

  private func hostile(_ random: inout Seeded) -> Transport {
    var transport = Transport()
    transport.rolling = random.below(8) != 0
    transport.frame = UInt32(truncatingIfNeeded: random.next())
    transport.hasBBT = random.below(10) != 0
    transport.bar = Self.integers[random.below(Self.integers.count)]
    transport.beat = Self.integers[random.below(Self.integers.count)]
    transport.tick = Self.integers[random.below(Self.integers.count)]
    transport.ticksPerBeat = Self.doubles[random.below(Self.doubles.count)]
    transport.beatsPerBar = Self.floats[random.below(Self.floats.count)]
    transport.beatType = Self.floats[random.below(Self.floats.count)]
    transport.beatsPerMinute = Self.doubles[random.below(Self.doubles.count)]
    transport.hasTickDouble = random.below(2) == 0
    transport.tickDouble = Self.doubles[random.below(Self.doubles.count)]
    transport.hasOffset = random.below(2) == 0
    transport.bbtOffset = [0, 1, 1000, 1 << 24, .max][random.below(5)]
    return transport
  }

  @Test(arguments: 0..<20)
  func `whatever a master says, no cycle traps or hangs, and a sane one is believed again`(
    _ seed: UInt64
  ) throws {
    var random = Seeded(seed)
    let rig = CycleRig()
    let notes = (0..<64).map {
      PatternProgram.Event(
        at: Double($0) / 16, end: Double($0) / 16 + 3, noteOn: ShortMessage(0x90, UInt8($0), 90),
        release: 64)
    }
    #expect(rig.engine.load(try PatternProgram(identity: 1, length: 4, events: notes), into: 0))
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: 0, loops: true)))
    var base = hostile(&random)
    for cycle in 0..<2000 {
      // Sometimes one field of a sane master at a time, sometimes everything at once.
      var transport: Transport
      switch random.below(3) {
      case 0: transport = hostile(&random)
      case 1:
        transport = base
        transport.bar &+= 1
      default:
        transport = FakeTimebase([(1, 120, 4, 4)], ticks: .truncated, rate: 48_000)
          .transport(at: UInt32(cycle * 256))
        let strange = hostile(&random)
        switch random.below(8) {
        case 0: transport.bar = strange.bar
        case 1: transport.beat = strange.beat
        case 2: transport.tick = strange.tick
        case 3: transport.ticksPerBeat = strange.ticksPerBeat
        case 4: transport.beatsPerBar = strange.beatsPerBar
        case 5: transport.beatType = strange.beatType
        case 6: transport.beatsPerMinute = strange.beatsPerMinute
        default:
          transport.hasTickDouble = true
          transport.tickDouble = strange.tickDouble
        }
      }
      if random.below(50) == 0 { base = hostile(&random) }
      if random.below(100) == 0 {
        #expect(rig.engine.send(.timebase(random.below(2) == 0 ? .ardour : .unknown)))
      }
      if random.below(100) == 0 {
        rig.sampleRate = [48_000, 44_100, .nan, 0, 1e300, 192_000][random.below(6)]
      }
      rig.inputs[0].add(0, [0xF8])
      rig.run([16, 256, 8192][random.below(3)], transport)
      let song = rig.engine.snapshot().song
      #expect(song.quarters.isFinite && song.line.framesPerQuarter > 0)
      if random.below(10) == 0 { _ = rig.captured() }
    }
    rig.sampleRate = 48_000
    #expect(rig.output.memory.pointee.offences == 0)
    // A sane master, from a fresh start of the transport.
    let sane = FakeTimebase([(1, 97.3, 4, 4)], ticks: .truncated, rate: 48_000)
    rig.run(256, sane.transport(at: 0, rolling: false))
    #expect(rig.engine.send(.timebase(.unknown)) && rig.engine.send(.followTransport))
    for cycle in 0..<500 { rig.run(256, sane.transport(at: UInt32(cycle * 256))) }
    let song = rig.engine.snapshot().song
    #expect(abs(song.quarters * 60 * 48_000 / 97.3 - 499 * 256) < 1)
    #expect(rig.engine.send(.silence))
    rig.run(256, sane.transport(at: 500 * 256))
    rig.run(256, sane.transport(at: 501 * 256))
    #expect(rig.engine.counters[.sounding] == 0)
  }
}
