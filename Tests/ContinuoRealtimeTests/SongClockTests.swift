// SPDX-License-Identifier: MIT
import ContinuoRealtime
import Testing

@Suite struct SongClockTests {
  @Test func `Ardour's bars show the metre that it does not declare, and a second pass knows it`() {
    let ardour = FakeArdour([(1, 4, 4), (3, 6, 8), (5, 3, 4), (7, 5, 4), (9, 12, 8)], bpm: 120)
    let rig = CycleRig()
    let length = UInt32(70 * 24_000)
    var late = 0
    for pass in 0..<2 {
      var at: UInt32 = 0
      while at < length {
        rig.inputs[0].add(200, [0xF8])
        rig.run(256, ardour.transport(at: at))
        let song = rig.engine.snapshot().song
        let truth = ardour.quarters(Double(at))
        #expect(abs(song.quarters - truth) * 24_000 < 1, "pass \(pass), frame \(at)")
        let place = ardour.place(ardour.quarters(Double(at) + 200))
        for event in rig.captured() where event.event.kind == .midi {
          let isRight =
            event.event.bar == Int32(place.bar) && event.event.beat == Int16(place.beat)
          // The first time a metre is heard, each beat beyond what was believed gives it away, and
          // so does a bar line that comes early: the one event just before was placed by the old.
          if pass == 0, !isRight { late += 1 }
          if pass == 1 {
            #expect(isRight, "frame \(at): \(event.event.bar)|\(event.event.beat), not \(place)")
          }
        }
        at += 256
      }
    }
    // 6/8: beats 2, 5, 6. 3/4: its bar line. 5/4: beats 4, 5. 12/8: beats 2, 6 to 12.
    #expect(late <= 3 + 1 + 2 + 8)
  }

  @Test
  func `a song that begins in 6/8 is read right from its second beat, or at once as Ardour's`() {
    let ardour = FakeArdour([(1, 6, 8)], bpm: 120)
    for isTold in [false, true] {
      let rig = CycleRig()
      if isTold { #expect(rig.engine.send(.timebase(.ardour))) }
      var at: UInt32 = 0
      while at < 480_000 {
        rig.run(256, ardour.transport(at: at))
        let song = rig.engine.snapshot().song
        let truth = ardour.quarters(Double(at))
        if isTold || at >= 12_000 + 512 {
          #expect(abs(song.quarters - truth) * 24_000 < 1, "told \(isTold), frame \(at)")
          #expect(song.beatLength == 0.5 && song.barLength == 3)
        }
        at += 256
      }
    }
  }

  /// (BPM, period, largest error in frames from one bar on).
  @Test(arguments: [120, 97.3], [64, 128, 256, 512, 1000, 1024])
  func `a place that nothing announces is found to less than a frame within one bar`(
    _ bpm: Double, _ period: Int
  ) {
    let framesPerQuarter = 60 * 48_000 / bpm
    let tick = framesPerQuarter / 1920
    // The phases of a tick that the period can meet: the remainders of whole tenths.
    let stepTicks = Int((Double(period) * bpm * 10).rounded())
    let whole = 60 * 48_000 * 10 / 1920
    let phases = whole / gcd(stepTicks, whole)
    for isRounded in [false, true] {
      var worst = 0.0
      var told = 0.0
      for trial in 0..<12 {
        let rig = CycleRig()
        if isRounded { #expect(rig.engine.send(.timebase(.ardour))) }
        // The song's own clock: no relation to the transport's frame.
        let offset = 1_234_567.0 + Double(trial) * (tick / 12 + framesPerQuarter * 3.7)
        let ardour = FakeArdour([(1, 4, 4)], bpm: bpm)
        let other = FakeTimebase([(1, bpm, 4, 4)], ticks: .truncated, rate: 48_000)
        var at: UInt32 = 0
        while Double(at) < 8 * framesPerQuarter {
          var transport = ardour.transport(at: at, song: Double(at) + offset)
          if !isRounded {
            transport = other.truncated(at: Double(at) + offset)
            transport.frame = at
          }
          rig.run(UInt32(period), transport)
          let song = rig.engine.snapshot().song
          if Double(at) >= 4 * framesPerQuarter {
            let truth = (Double(at) + offset) / framesPerQuarter
            worst = max(worst, abs(song.quarters - truth) * framesPerQuarter)
            told = max(told, song.uncertaintyFrames)
          }
          at += UInt32(period)
        }
      }
      // Half of the gap between the phases met; with many phases, of the widest gap left.
      let cycles = 4 * framesPerQuarter / Double(period)
      let met = min(Double(phases), cycles)
      let bound = phases == 1 ? tick / 2 : min(tick / 2, 2 * tick / met)
      print(
        "\(isRounded ? "rounding" : "truncating") master, \(bpm) BPM, \(period) frames: "
          + "worst \(rounded(worst)), told \(rounded(told)), bound \(rounded(bound)) frames; "
          + "\(phases) phases")
      #expect(worst <= bound + 0.01)
      #expect(worst <= told + 0.01)
      if phases > 1 { #expect(worst < 1) }
    }
  }

  @Test func `what was learned on an unrelated clock does not spoil the clock in step`() {
    // Ardour unrecognised, on its own clock: the middle that is found is half a tick off.
    let rig = CycleRig()
    let ardour = FakeArdour([(1, 4, 4)], bpm: 97.3)
    let framesPerQuarter = 60 * 48_000 / 97.3
    var at: UInt32 = 0
    for pass in 0..<3 {
      for cycle in 0..<200 {
        // The same unrelated place again and again: its line is remembered.
        let song = 5_000_003.0 + Double(cycle) * 256
        rig.run(256, ardour.transport(at: 50_000 + UInt32(cycle) * 256, song: song))
      }
      rig.run(256, ardour.transport(at: UInt32(pass), rolling: false))
    }
    at = 0
    for _ in 0..<400 {
      rig.run(256, ardour.transport(at: at))
      let song = rig.engine.snapshot().song
      #expect(abs(song.quarters * framesPerQuarter - Double(at)) < 0.01)
      #expect(song.uncertaintyFrames == 0)
      at += 256
    }
  }

  @Test(arguments: [64, 256, 1024])
  func `a tempo ramp is followed to within the measured bound`(_ period: UInt32) {
    // 120 to 90 over 16 beats, the tempo linear in beats, as Ardour ramps.
    let slope = 30.0 / 16
    func quarters(_ frame: Double) -> Double {
      let seconds = frame / 48_000
      let end = 60 / slope * 0.2876820724517809
      if seconds >= end { return 16 + (seconds - end) * 90 / 60 }
      return 120 / slope * (1 - exponential(-slope * seconds / 60))
    }
    let ardour = FakeArdour([(1, 4, 4)], declared: 120, quarters: quarters)
    let rig = CycleRig()
    #expect(rig.engine.send(.timebase(.ardour)))
    var at: UInt32 = 0
    var worst = 0.0
    var jumps = 0
    while at < 48_000 * 12 {
      rig.run(period, ardour.transport(at: at))
      let song = rig.engine.snapshot().song
      worst = max(worst, abs(song.quarters - quarters(Double(at))) * song.line.framesPerQuarter)
      if at > 0, song.jumped { jumps += 1 }
      at += period
    }
    print("ramp 120 to 90 over 16 beats, \(period) frames: worst \(rounded(worst)) frames")
    #expect(worst < 16)
    #expect(jumps == 0)
  }

  @Test(arguments: [false, true])
  func `after an xrun the song is behind by whole periods, and is followed exactly`(
    _ weMissToo: Bool
  ) {
    let ardour = FakeArdour([(1, 4, 4)], bpm: 97.3)
    let framesPerQuarter = 60 * 48_000 / 97.3
    let rig = CycleRig()
    var at: UInt32 = 0
    var behind = 0.0
    for cycle in 0..<600 {
      if cycle == 200 || cycle == 350 {
        // One period, then three.
        let slip: UInt32 = cycle == 200 ? 256 : 768
        behind += Double(slip)
        if weMissToo {
          rig.miss(slip)
          at += slip
        }
      }
      rig.run(256, ardour.transport(at: at, song: Double(at) - behind))
      let song = rig.engine.snapshot().song
      let truth = Double(at) - behind
      #expect(abs(song.quarters * framesPerQuarter - truth) < 0.01, "cycle \(cycle)")
      #expect(song.uncertaintyFrames == 0)
      #expect(cycle == 0 || !song.jumped)
      at += 256
    }
    let events = rig.captured().map(\.event)
    #expect(events.filter { $0.kind == .located }.count == 2)
    #expect(rig.engine.counters[.slips] == 2)
    #expect(events.filter { $0.kind == .tempoChanged }.isEmpty)
    #expect(events.filter { $0.kind == .xrun }.map(\.value) == (weMissToo ? [256, 768] : []))
  }

  @Test func `cycles we missed ourselves while the song went on keep the line`() {
    let ardour = FakeArdour([(1, 4, 4)], bpm: 140, declared: 120)
    let rig = CycleRig()
    #expect(rig.engine.send(.timebase(.ardour)))
    var at: UInt32 = 0
    var before = 0.0
    for cycle in 0..<800 {
      if cycle == 600 {
        rig.miss(1024)
        at += 1024
        before = rig.engine.snapshot().song.uncertaintyFrames
      }
      rig.run(256, ardour.transport(at: at))
      let song = rig.engine.snapshot().song
      if cycle >= 600 {
        #expect(abs(song.quarters * 60 * 48_000 / 140 - Double(at)) < 1)
        #expect(song.uncertaintyFrames <= before)
        #expect(!song.jumped)
      }
      at += 256
    }
    #expect(rig.engine.counters[.slips] == 0)
  }

  @Test func `a master without a place in the first cycles is waited for, and nothing is missed`()
    throws
  {
    let master = FakeTimebase([(1, 120, 4, 4)], ticks: .truncated, rate: 48_000)
    let rig = CycleRig()
    let note = PatternProgram.Event(
      at: 0, end: 0.5, noteOn: ShortMessage(0x90, 60, 90), release: 64)
    #expect(rig.engine.load(try PatternProgram(identity: 1, length: 4, events: [note]), into: 0))
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: 0, loops: true)))
    for cycle in 0..<10 {
      let at = UInt32(cycle * 64)
      var transport = master.transport(at: at)
      if cycle < 3 { transport.hasBBT = false }
      rig.run(64, transport)
      #expect(rig.engine.snapshot().song.isKnown == (cycle >= 3))
    }
    // The first note's frame was 0; it leaves as soon as the place is known.
    #expect(rig.sent.first?.bytes == [0x90, 60, 90])
    #expect(rig.sent.first?.frame == 192)
  }

  @Test(arguments: [1, 24, 960, 1920])
  func `an offset places whole ticks of any size to the frame`(_ ticksPerBeat: Int) {
    let rig = CycleRig()
    let framesPerQuarter = 60 * 48_000 / 97.3
    let frameOfTick = framesPerQuarter / Double(ticksPerBeat)
    var at: UInt32 = 0
    for cycle in 0..<800 {
      let ticks = (Double(at) / frameOfTick + 1e-9).rounded(.down)
      var transport = Transport()
      transport.rolling = true
      transport.frame = at
      transport.hasBBT = true
      transport.bar = Int32(ticks) / Int32(4 * ticksPerBeat) + 1
      transport.beat = Int32(ticks) / Int32(ticksPerBeat) % 4 + 1
      transport.tick = Int32(ticks) % Int32(ticksPerBeat)
      transport.ticksPerBeat = Double(ticksPerBeat)
      transport.beatsPerBar = 4
      transport.beatType = 4
      transport.beatsPerMinute = 97.3
      transport.hasOffset = true
      transport.bbtOffset = UInt32((Double(at) - ticks * frameOfTick).rounded())
      rig.run(256, transport)
      let song = rig.engine.snapshot().song
      #expect(abs(song.quarters * framesPerQuarter - Double(at)) < 1, "cycle \(cycle)")
      #expect(song.rolling)
      at += 256
    }
  }

  @Test func `a song that stands while the transport rolls lets no note hang`() throws {
    let ardour = FakeArdour([(1, 4, 4)], bpm: 120)
    let rig = CycleRig()
    #expect(rig.engine.send(.timebase(.ardour)))
    let pad = PatternProgram.Event(
      at: 0, end: 15, noteOn: ShortMessage(0x90, 60, 90), release: 64)
    #expect(rig.engine.load(try PatternProgram(identity: 1, length: 16, events: [pad]), into: 0))
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: 0, loops: true)))
    // On its own clock: somewhere else than the transport, then it stops, then it goes on.
    for cycle in 0..<600 {
      let moved = cycle < 200 ? cycle : cycle < 400 ? 200 : cycle - 200
      let song = 24_000.0 * 16 * 5 - 512 + Double(moved) * 256
      rig.run(256, ardour.transport(at: UInt32(cycle) * 256 + 99_000, song: song))
      if cycle == 199 { #expect(rig.engine.counters[.sounding] == 1) }
      if cycle == 210 {
        #expect(rig.engine.counters[.sounding] == 0)
        #expect(!rig.engine.snapshot().song.rolling)
      }
    }
    #expect(rig.engine.snapshot().song.rolling)
    let kinds = rig.captured().map(\.event.kind)
    #expect(
      kinds.filter { [.transportStarted, .transportStopped].contains($0) } == [
        .transportStarted, .transportStopped, .transportStarted,
      ])
    #expect(!kinds.contains(.tempoChanged))
  }

  @Test func `a clock of our own begins anew, keeps its tempo at another rate, and gives way`()
    throws
  {
    let rig = CycleRig()
    let clicks = (0..<4).map {
      PatternProgram.Event(
        at: Double($0), end: Double($0) + 0.5, noteOn: ShortMessage(0x90, UInt8(60 + $0), 90),
        release: 64)
    }
    #expect(rig.engine.load(try PatternProgram(identity: 1, length: 4, events: clicks), into: 0))
    let free = RealtimeCommand.runFree(
      start: 0, quartersPerMinute: 120, beatsPerBar: 4, beatUnit: 4)
    #expect(rig.engine.send(free))
    #expect(rig.engine.send(.start(slot: 0, at: .now, anchor: 0, loops: true)))
    for _ in 0..<1000 { rig.run(96) }
    #expect(rig.engine.counters[.sounding] == 0)
    // From the beginning again, in the middle of beat 1 of bar 2.
    rig.run(96)
    rig.sent = []
    let again = rig.frame
    #expect(rig.engine.send(free))
    for _ in 0..<500 { rig.run(96) }
    let ons = rig.sent.filter { $0.bytes[0] == 0x90 }
    #expect(ons.map(\.frame) == [again, again + 24_000])
    #expect(ons.map { $0.bytes[1] } == [60, 61])
    // Every note that sounded before has ended before the first of the new ones.
    #expect(rig.sent.first?.bytes[0] == 0x80)
    rig.sampleRate = 96_000
    rig.run(96)
    #expect(abs(rig.engine.snapshot().song.quartersPerMinute - 120) < 1e-9)
    #expect(abs(rig.engine.snapshot().song.line.framesPerQuarter - 48_000) < 1e-6)
    #expect(rig.engine.send(.followTransport))
    rig.run(96)
    #expect(!rig.engine.snapshot().song.isKnown)
    #expect(rig.engine.counters[.sounding] == 0)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300, 0, .leastNonzeroMagnitude])
  func `figures that are none cannot stop our own clock`(_ figure: Double) throws {
    let rig = CycleRig()
    let note = PatternProgram.Event(
      at: 0, end: 0.5, noteOn: ShortMessage(0x90, 60, 90), release: 64)
    #expect(rig.engine.load(try PatternProgram(identity: 1, length: 4, events: [note]), into: 0))
    for unit in [Int.min, 0, Int.max] {
      #expect(
        rig.engine.send(
          .runFree(start: figure, quartersPerMinute: figure, beatsPerBar: unit, beatUnit: unit)))
      #expect(rig.engine.send(.start(slot: unit, at: .now, anchor: figure, loops: true)))
      for _ in 0..<20 { rig.run(64) }
    }
    #expect(rig.engine.send(.silence))
    rig.run(64)
    rig.run(64)
    #expect(rig.engine.counters[.sounding] == 0)
  }
}

extension FakeTimebase {
  /// Whole ticks, cut off, at a place that need not be a whole frame.
  func truncated(at frame: Double) -> Transport {
    let quarters = frame * sections[0].bpm / (60 * rate)
    let ticks = (quarters * 1920 + 1e-9).rounded(.down)
    var transport = Transport()
    transport.rolling = true
    transport.hasBBT = true
    transport.bar = Int32(ticks / 7680) + 1
    transport.beat = Int32(ticks / 1920) % 4 + 1
    transport.tick = Int32(ticks.truncatingRemainder(dividingBy: 1920))
    transport.ticksPerBeat = 1920
    transport.beatsPerBar = 4
    transport.beatType = 4
    transport.beatsPerMinute = sections[0].bpm
    return transport
  }
}

private func gcd(_ a: Int, _ b: Int) -> Int { b == 0 ? a : gcd(b, a % b) }

private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

/// e to the `x`, by its series: the tests need no C library.
private func exponential(_ x: Double) -> Double {
  var term = 1.0
  var sum = 1.0
  for index in 1..<60 {
    term *= x / Double(index)
    sum += term
  }
  return sum
}
