// SPDX-License-Identifier: MIT
import ContinuoRealtime
import Testing

/// What a test sent and expects back.
private struct Sent: Equatable {
  var frame: UInt64
  var port: UInt8
  var bytes: [UInt8]
}

extension CapturedEvent {
  fileprivate var asSent: Sent { Sent(frame: event.frame, port: event.port, bytes: bytes) }
}

private let stopped = Transport()

/// Bytes that no neighbour could give: length and place show.
private func sysex(_ size: Int, _ random: inout Seeded) -> [UInt8] {
  [0xF0] + (0..<max(0, size - 2)).map { _ in UInt8(truncatingIfNeeded: random.next() & 0x7F) }
    + [0xF7]
}

@Suite struct CaptureTests {
  @Test(arguments: [32, 64, 256, 1024, 4096])
  func `every event of eight ports is captured once, in time order, at its frame`(_ period: Int)
    throws
  {
    let rig = CycleRig(ports: 8, startingAt: 12_345)
    var random = Seeded(UInt64(period))
    var expected: [Sent] = []
    var captured: [Sent] = []
    for cycle in 0..<200 {
      var dueNow: [(offset: Int, port: Int, order: Int, bytes: [UInt8])] = []
      for port in 0..<8 {
        // Sparse cycles, and bursts of a hundred events, many of them at one frame.
        let count = cycle % 17 == 0 ? 100 : random.below(4)
        let offsets = (0..<count).map { _ in
          random.below(6) == 0 ? [0, period - 1][random.below(2)] : random.below(period)
        }.sorted()
        for (order, offset) in offsets.enumerated() {
          let bytes: [UInt8]
          switch random.below(12) {
          case 0: bytes = [0xF8]
          case 1: bytes = [0xC0 | UInt8(port), UInt8(order & 127)]
          case 2: bytes = sysex([4, 16, 17, 64, 65, 130][random.below(6)], &random)
          default: bytes = [0x90 | UInt8(port), UInt8(order & 127), UInt8(cycle % 127 + 1)]
          }
          rig.inputs[port].add(UInt32(offset), bytes)
          dueNow.append((offset, port, order, bytes))
        }
      }
      dueNow.sort { ($0.offset, $0.port, $0.order) < ($1.offset, $1.port, $1.order) }
      expected += dueNow.map {
        Sent(frame: rig.frame + UInt64($0.offset), port: UInt8($0.port + 1), bytes: $0.bytes)
      }
      rig.run(UInt32(period), stopped)
      captured += rig.captured().filter { $0.event.kind == .midi }.map(\.asSent)
    }
    #expect(captured.count == expected.count)
    #expect(captured == expected)
    #expect(rig.engine.counters[.captured] == UInt64(expected.count))
    #expect(rig.engine.counters[.captureDropped] == 0)
  }

  @Test(arguments: [1, 2, 3, 15, 16, 17, 63, 64, 65, 80, 127, 128, 129, 1000, 32_720, 65_536])
  func `a message of any length arrives whole between its neighbours`(_ size: Int) {
    let rig = CycleRig()
    var random = Seeded(UInt64(size))
    // Round the ring more than once, so that long messages cross its end.
    for cycle in 0..<(size > 1000 ? 70 : 300) {
      let long = size == 1 ? [0xFA] : size == 2 ? [0xF1, 5] : sysex(size, &random)
      rig.inputs[0].add(3, [0x90, 60, UInt8(cycle % 127 + 1)])
      rig.inputs[0].add(3, long)
      rig.inputs[0].add(9, [0x80, 60, 1])
      let start = rig.frame
      rig.run(64, stopped)
      #expect(
        rig.captured().map(\.asSent) == [
          Sent(frame: start + 3, port: 1, bytes: [0x90, 60, UInt8(cycle % 127 + 1)]),
          Sent(frame: start + 3, port: 1, bytes: long),
          Sent(frame: start + 9, port: 1, bytes: [0x80, 60, 1]),
        ])
    }
  }

  @Test func `a day, and three wraps of the server's 32-bit counter, keep 64-bit frames`() {
    // One event a cycle; three days and two hours at 48 kHz.
    let rig = CycleRig(startingAt: UInt32.max - 10_000)
    let start = rig.frame
    let cycles = Int((3 * (UInt64(1) << 32) + 20_000) / 65_536) + 1
    var index = 0
    var wrong = 0
    var last: UInt64 = 0
    for cycle in 0..<cycles {
      rig.inputs[0].add(UInt32(cycle & 4095), [0xF8])
      rig.turn(65_536, stopped)
      rig.inputs[0].clear()
      rig.counter &+= 65_536
      while let event = rig.engine.nextCaptured() {
        let due = start + UInt64(index) * 65_536 + UInt64(index & 4095)
        if event.event.frame != due || (index > 0 && event.event.frame <= last) { wrong += 1 }
        last = event.event.frame
        index += 1
      }
    }
    #expect(wrong == 0)
    #expect(index == cycles)
    #expect(last >= start + 3 * (UInt64(1) << 32))
    // A day at 48 kHz is 4,147,200,000 frames.
    #expect(last - start > 4_147_200_000)
    #expect(rig.engine.counters[.xruns] == 0)
  }

  @Test func `a full ring drops whole messages, counts them, and tells where they are missing`() {
    let rig = CycleRig(captureCapacity: 16)
    for key in 0..<20 { rig.inputs[0].add(UInt32(key), [0x90, UInt8(key), 1]) }
    rig.run(64, stopped)
    // 16 slots: 16 messages in, 4 dropped.
    #expect(rig.engine.counters[.captureDropped] == 4)
    #expect(rig.engine.counters[.captureHighWater] == 16)
    var got = rig.captured()
    #expect(got.map(\.bytes) == (0..<16).map { [0x90, UInt8($0), 1] })
    // A SysEx that does not fit whole is dropped whole; the short one after it still fits.
    rig.inputs[0].add(0, [0xF0] + [UInt8](repeating: 1, count: 16 * 64) + [0xF7])
    rig.inputs[0].add(5, [0x90, 99, 1])
    rig.run(64, stopped)
    got = rig.captured()
    #expect(got.map(\.event.kind) == [.dropped, .midi])
    #expect(got.first?.event.value == 5)
    #expect(got.first?.event.frame == got.last?.event.frame)
    #expect(got.last?.bytes == [0x90, 99, 1])
    #expect(rig.engine.counters[.captureDropped] == 5)
    // Told once.
    rig.inputs[0].add(5, [0x90, 98, 1])
    rig.run(64, stopped)
    #expect(rig.captured().map(\.event.kind) == [.midi])
  }

  @Test(arguments: 0..<50)
  func `whatever is dropped, what is told adds up and the order stays`(_ seed: UInt64) {
    var random = Seeded(seed)
    let rig = CycleRig(ports: 3, captureCapacity: 8 << random.below(5))
    var serial = 0
    var heard: [Int] = []
    var told = 0
    for _ in 0..<400 {
      for port in 0..<3 {
        for _ in 0..<random.below(5) {
          let number = [UInt8(serial >> 14 & 127), UInt8(serial >> 7 & 127), UInt8(serial & 127)]
          let tail = [UInt8](repeating: 5, count: random.below(3) == 0 ? random.below(300) : 0)
          // One port after the other at one frame each: serial order is time order.
          rig.inputs[port].add(UInt32(port), [0xF0] + number + tail + [0xF7])
          serial += 1
        }
      }
      rig.run(64, stopped)
      if random.below(3) == 0 {
        for event in rig.captured() {
          if event.event.kind == .dropped { told += Int(event.event.value) }
          guard event.event.kind == .midi else { continue }
          let bytes = event.bytes
          heard.append(Int(bytes[1]) << 14 | Int(bytes[2]) << 7 | Int(bytes[3]))
          #expect(bytes.first == 0xF0 && bytes.last == 0xF7)
          // What is missing up to here is exactly what was told up to here.
          #expect(heard.count + told == (heard.last ?? 0) + 1)
        }
      }
    }
    rig.run(64, stopped)
    _ = rig.captured()
    #expect(heard == heard.sorted())
    #expect(rig.engine.counters[.captured] == UInt64(serial))
  }

  @Test func `an xrun, a new period, rate, freewheeling and server are records in their order`() {
    let rig = CycleRig(startingAt: 1000)
    rig.run(256, stopped)
    rig.miss(512)
    rig.run(256, stopped)
    rig.run(64, stopped)
    rig.sampleRate = 44_100
    rig.run(64, stopped)
    rig.run(64, stopped, freewheel: true)
    rig.run(64, stopped)
    let before = rig.frame
    rig.engine.serverRestarted()
    rig.counter = 77
    rig.inputs[0].add(5, [0xF8])
    rig.run(64, stopped)
    rig.run(64, stopped)
    let events = rig.captured().map(\.event)
    #expect(
      events.map(\.kind) == [
        .xrun, .bufferSizeChanged, .sampleRateChanged, .freewheel, .freewheel, .serverRestarted,
        .midi,
      ])
    #expect(events.map(\.frame) == [1768, 2024, 2088, 2152, 2216, before, before + 5])
    #expect(events.prefix(5).map(\.value) == [512, 64, 44_100, 1, 0])
    #expect(rig.engine.counters[.xruns] == 1)
  }

  @Test func `a server counter that steps back never makes frames go back`() {
    let rig = CycleRig(startingAt: 100_000)
    rig.run(256, stopped)
    rig.counter &-= 5000
    rig.inputs[0].add(7, [0xF8])
    rig.run(256, stopped)
    rig.inputs[0].add(7, [0xF8])
    rig.run(256, stopped)
    let events = rig.captured().map(\.event)
    #expect(events.map(\.kind) == [.xrun, .midi, .midi])
    #expect(events.map(\.frame) == [100_256, 100_263, 100_519])
    #expect(events[0].value == -5000)
  }

  @Test func `start, stop, locate, loop, tempo and metre are records with their places`() throws {
    let rig = CycleRig()
    let master = FakeTimebase(
      [(1, 120, 4, 4), (2, 90, 3, 4)], ticks: .double, rate: 48000)
    func roll(from: UInt32, cycles: Int) {
      for cycle in 0..<cycles {
        rig.run(1000, master.transport(at: from + UInt32(cycle) * 1000))
      }
    }
    rig.run(1000, master.transport(at: 0, rolling: false))
    roll(from: 0, cycles: 100)
    rig.run(1000, master.transport(at: 100_000, rolling: false))
    rig.run(1000, master.transport(at: 48_000, rolling: false))
    roll(from: 48_000, cycles: 10)
    roll(from: 24_000, cycles: 10)
    roll(from: 90_000, cycles: 3)
    let events = rig.captured().map(\.event)
    #expect(
      events.map(\.kind) == [
        .transportStarted, .tempoChanged, .meterChanged, .transportStopped, .located,
        .transportStarted, .tempoChanged, .meterChanged, .loopWrapped, .located,
      ])
    #expect(
      events.map(\.frame) == [
        1000, 97_000, 97_000, 101_000, 102_000, 103_000, 103_000, 103_000, 113_000, 123_000,
      ])
    #expect(abs(events[1].value - 90) < 1e-6)
    #expect(events[2].value == 3 && events[2].extra == 4)
    #expect(abs(events[4].value - 4.125) < 1e-6 && abs(events[4].quarters - 2) < 1e-6)
    #expect(abs(events[8].value - (58_000 - 1000) / 24_000.0) < 1e-6)
    #expect(events[8].bar == 1 && events[8].beat == 2 && events[8].tick < 1e-6)
  }

  @Test(arguments: FakeTimebase.Ticks.allCases)
  func `every event has its bar, beat and tick, after a bar line within the cycle too`(
    _ ticks: FakeTimebase.Ticks
  ) {
    let rig = CycleRig()
    let master = FakeTimebase([(1, 97.3, 7, 8)], ticks: ticks, rate: 48000)
    var random = Seeded(9)
    var at: UInt32 = 0
    var crossings = 0
    for _ in 0..<2000 {
      var offsets = (0..<6).map { _ in random.below(1024) }
      offsets.sort()
      for offset in offsets { rig.inputs[0].add(UInt32(offset), [0xF8]) }
      rig.run(1024, master.transport(at: at))
      for event in rig.captured() where event.event.kind == .midi {
        let quarters = Double(event.event.frame) * 97.3 / (60 * 48000)
        let eighths = quarters * 2
        let bar = Int((eighths / 7 + 1e-9).rounded(.down))
        let beat = Int((eighths - Double(bar * 7) + 1e-9).rounded(.down))
        let tick = (eighths - Double(bar * 7 + beat)) * 1920
        #expect(event.event.hasPosition && event.event.rolling)
        #expect(event.event.bar == Int32(bar + 1))
        #expect(event.event.beat == Int16(beat + 1))
        // One frame is 0.13 of these ticks.
        #expect(abs(event.event.tick - tick) < 0.13)
        if bar + 1 != Int(master.transport(at: at).bar) { crossings += 1 }
      }
      at += 1024
    }
    #expect(crossings > 20)
  }

  @Test func `before any time base is known events have frames and no place`() {
    let rig = CycleRig()
    var transport = Transport()
    transport.rolling = true
    rig.inputs[0].add(7, [0x90, 60, 1])
    rig.run(64, transport)
    let event = rig.captured().last?.event
    #expect(event?.frame == 7)
    #expect(event?.hasPosition == false)
    #expect(event?.rolling == true)
  }
}
