// SPDX-License-Identifier: MIT
internal import CRealtime
internal import ContinuoRings

/// Where the song is in this cycle, as far as it is known.
@frozen
public struct SongCycle: BitwiseCopyable, Sendable {
  /// Whether the song's place is known at all.
  public var isKnown: Bool
  /// Whether it moves in this cycle.
  public var rolling: Bool
  /// The place was left by a jump: what sounds must stop, what plays must seek.
  public var jumped: Bool
  /// From frames to quarters; holds while `rolling`.
  public var line: SongLine
  /// Quarter notes from bar 1 at the cycle's start.
  public var quarters: Double
  /// Where a seek starts: `quarters`, or the earliest place it can be while that is uncertain.
  public var seekQuarters: Double
  /// The bar that holds `quarters`, from 1.
  public var bar: Int32
  /// Where that bar starts.
  public var barStart: Double
  /// Quarter notes a bar lasts.
  public var barLength: Double
  /// Quarter notes a beat lasts.
  public var beatLength: Double
  /// Quarter notes a minute; 0 while unknown.
  public var quartersPerMinute: Double
  /// How far the true line may lie from `line`, in frames either way.
  public var uncertaintyFrames: Double

  /// A song that is nowhere.
  @_noLocks @_noAllocation
  public init() {
    isKnown = false
    rolling = false
    jumped = false
    line = SongLine(baseFrame: 0, baseQuarters: 0, framesPerQuarter: 24000)
    quarters = 0
    seekQuarters = 0
    bar = 1
    barStart = 0
    barLength = 4
    beatLength = 1
    quartersPerMinute = 0
    uncertaintyFrames = 0
  }
}

/// Knows where the song is at every frame: from JACK's bar|beat|tick, or from its own tempo.
///
/// Runs on the JACK process thread.
@safe
struct SongClock: ~Copyable {
  /// Whether the place comes from a tempo of our own rather than from the server's transport.
  private(set) var isFree = false
  private(set) var cycle = SongCycle()
  private var meters = MeterMap()
  private var phase = PhaseEstimator()
  private var memory = LineMemory()

  /// The time base's habits, learned.
  private var ticksPerBeat = 1920.0
  /// Quarter notes a tick lasts.
  private var tickLength = 1 / 1920.0
  /// What the master declared last.
  private var declaredBeats: Float = 0
  private var declaredType: Float = 0
  private var declaredTempo = 0.0
  /// Whether the declared metre was contradicted by the bars themselves.
  private var metreIsDeclared = true

  private var lastBar: Int32 = 0
  private var lastBeat: Int32 = 0
  private var lastQuarters = 0.0
  private var expectedFrame: UInt64 = 0
  private var expectedTransport: UInt32 = 0
  private var isWaitingForBBT = false
  private var waitingSince: Int64 = 0
  private var toldTempo = 0.0
  private var toldBeats: Int32 = 0
  private var toldBeatLength = 0.0
  private var hasRun = false

  /// Set-up thread.
  init() {}

  /// Set-up thread, after the process thread has stopped.
  func deallocate() {
    meters.deallocate()
    phase.deallocate()
    memory.deallocate()
  }

  /// Runs on a tempo of its own from the next cycle on, from quarter `start`.
  @_noLocks @_noAllocation
  mutating func runFree(
    at frame: UInt64, start: Double, framesPerQuarter: Double, beatsPerBar: Int32,
    beatLength: Double
  ) {
    isFree = true
    meters.removeAll()
    meters.learn(bar: 1, beatsPerBar: beatsPerBar, beatLength: beatLength)
    cycle.line = SongLine(
      baseFrame: Int64(bitPattern: frame), baseQuarters: start, framesPerQuarter: framesPerQuarter)
    cycle.isKnown = true
    cycle.jumped = true
  }

  /// Follows the server's transport from the next cycle on.
  @_noLocks @_noAllocation
  mutating func followTransport() {
    isFree = false
    meters.removeAll()
    forgetMaster()
    cycle = SongCycle()
    cycle.jumped = true
    hasRun = false
  }

  /// Forgets what depends on the sample rate or on the server.
  @_noLocks @_noAllocation
  mutating func forgetLines() {
    phase.reset()
    memory.removeAll()
    cycle.jumped = true
  }

  @_noLocks @_noAllocation
  private mutating func forgetMaster() {
    phase.reset()
    memory.removeAll()
    ticksPerBeat = 1920
    tickLength = 1 / 1920.0
    declaredBeats = 0
    declaredType = 0
    declaredTempo = 0
    metreIsDeclared = true
    lastBar = 0
  }

  /// Moves on to the cycle [`frame`, `frame + frames`).
  @_noLocks @_noAllocation
  mutating func advance(
    frame: UInt64, frames: UInt32, sampleRate: Double, transport: Transport,
    records: inout CaptureWriter
  ) {
    let at = Int64(bitPattern: frame)
    cycle.jumped = false
    if isFree {
      cycle.rolling = true
      cycle.quarters = cycle.line.quarters(at: at)
      cycle.seekQuarters = cycle.quarters
      if !hasRun { cycle.jumped = true }
      hasRun = true
      cycle.uncertaintyFrames = 0
      finish(sampleRate)
      return
    }
    if transport.rolling {
      roll(at, sampleRate: sampleRate, transport, &records)
    } else {
      rest(at, transport, &records)
    }
    expectedFrame = frame &+ UInt64(frames)
    expectedTransport = transport.frame &+ (transport.rolling ? frames : 0)
    finish(sampleRate)
  }

  /// Places a record in the song.
  @_noLocks @_noAllocation
  func stamp(_ event: inout RealtimeEvent) {
    var flags: UInt32 = cycle.rolling ? 1 : 0
    if cycle.isKnown {
      flags |= 2
      let quarters =
        cycle.rolling
        ? cycle.line.quarters(at: Int64(bitPattern: event.frame)) : cycle.quarters
      place(quarters, &event)
    }
    event.flags = flags
  }

  @_noLocks @_noAllocation
  private func place(_ quarters: Double, _ event: inout RealtimeEvent) {
    var bar = cycle.bar
    var start = cycle.barStart
    var length = cycle.barLength
    var beatLength = cycle.beatLength
    if quarters < start || quarters + 1e-9 >= start + length {
      let found = meters.bar(holding: quarters)
      bar = found.bar
      length = found.metre.barLength
      beatLength = found.metre.beatLength
      start = found.metre.start + Double(bar &- found.metre.bar) * length
    }
    let within = max(0, quarters - start)
    let beat = continuo_floor((within + 1e-9) / beatLength)
    event.quarters = quarters
    event.bar = bar
    event.beat = Int16(min(max(beat, 0), 1000)) &+ 1
    event.tick = max(0, (within - beat * beatLength) / beatLength * 1920)
  }

  @_noLocks @_noAllocation
  private mutating func finish(_ sampleRate: Double) {
    guard cycle.isKnown else { return }
    let found = meters.bar(holding: cycle.quarters)
    cycle.bar = found.bar
    cycle.barLength = found.metre.barLength
    cycle.beatLength = found.metre.beatLength
    cycle.barStart = found.metre.start + Double(found.bar &- found.metre.bar) * cycle.barLength
    if cycle.rolling { cycle.quartersPerMinute = 60 * sampleRate / cycle.line.framesPerQuarter }
  }

  @_noLocks @_noAllocation
  private mutating func rest(
    _ at: Int64, _ transport: Transport, _ records: inout CaptureWriter
  ) {
    if cycle.rolling {
      cycle.rolling = false
      cycle.quarters = cycle.line.quarters(at: at)
      keepLine()
      tell(.transportStopped, at, 0, &records)
    }
    isWaitingForBBT = false
    if transport.hasBBT {
      learnMeter(transport)
      let quarters = observed(transport)
      if !cycle.isKnown || abs(quarters - cycle.quarters) > 2 * tickLength {
        let left = cycle.quarters
        let wasKnown = cycle.isKnown
        cycle.isKnown = true
        cycle.quarters = quarters
        cycle.jumped = true
        if wasKnown { tell(.located, at, left, &records) }
      }
      lastBar = transport.bar
      lastBeat = transport.beat
    } else if transport.frame != expectedTransport || !hasRun {
      cycle.isKnown = false
    }
  }

  @_noLocks @_noAllocation
  private mutating func roll(
    _ at: Int64, sampleRate: Double, _ transport: Transport, _ records: inout CaptureWriter
  ) {
    let starts = !cycle.rolling
    let jumps = !starts && transport.frame != expectedTransport
    let missed = !starts && at != Int64(bitPattern: expectedFrame)
    let before = cycle.quarters
    cycle.rolling = true
    guard transport.hasBBT else {
      waitForBBT(at, restarts: starts || (jumps && !missed))
      if starts { tell(.transportStarted, at, 0, &records) }
      hasRun = true
      return
    }
    let declarationChanged = learnMeter(transport)
    let width = observationWidth(transport, sampleRate)
    let observedFrame = at &- Int64(transport.hasOffset ? transport.bbtOffset : 0)
    var quarters = observed(transport)
    let isFresh = starts || isWaitingForBBT || phase.count == 0 || (jumps && !missed)
    if !isFresh, !metreHolds(transport, at, quarters) { quarters = observed(transport) }
    if isFresh {
      begin(observedFrame, at, quarters, width, transport, sampleRate)
      cycle.jumped = true
    } else if declarationChanged || missed
      || !phase.observe(frame: observedFrame, quarters: quarters, width: width)
    {
      rejoin(
        observedFrame, at, quarters, width, transport, sampleRate,
        declarationChanged: declarationChanged || missed, before: before, &records)
    }
    let late = isWaitingForBBT ? waitingSince : at
    isWaitingForBBT = false
    cycle.isKnown = true
    cycle.line = phase.line
    cycle.quarters = cycle.line.quarters(at: at)
    cycle.uncertaintyFrames = phase.uncertainty(width: width)
    cycle.seekQuarters = min(
      cycle.line.quarters(at: late), phase.isTrusted ? cycle.quarters : quarters)
    if starts {
      tell(.transportStarted, at, 0, &records)
    } else if cycle.jumped {
      tell(cycle.quarters < before ? .loopWrapped : .located, at, before, &records)
    }
    cycle.bar = transport.bar
    tellTempoAndMeter(at, sampleRate, &records)
    lastBar = transport.bar
    lastBeat = transport.beat
    lastQuarters = quarters
    hasRun = true
  }

  @_noLocks @_noAllocation
  private mutating func waitForBBT(_ at: Int64, restarts: Bool) {
    if phase.count > 0, !restarts, !isWaitingForBBT {
      // The master skipped one: the line still holds.
      cycle.quarters = cycle.line.quarters(at: at)
      cycle.seekQuarters = cycle.quarters
      return
    }
    if !isWaitingForBBT { waitingSince = at }
    isWaitingForBBT = true
    cycle.isKnown = false
    cycle.jumped = true
  }

  /// A new segment, from nothing but this observation and what is likely.
  @_noLocks @_noAllocation
  private mutating func begin(
    _ observedFrame: Int64, _ at: Int64, _ quarters: Double, _ width: Double,
    _ transport: Transport, _ sampleRate: Double
  ) {
    keepLine()
    let frames = declaredFramesPerQuarter(transport, sampleRate)
    let zero = at &- Int64(transport.frame)
    memory.zeroFrame = zero
    if width > 0 {
      let origin = SongLine(baseFrame: zero, baseQuarters: 0, framesPerQuarter: frames)
      if phase.admits(origin, frame: observedFrame, quarters: quarters, width: width) {
        phase.begin(
          origin, trusted: true, frame: observedFrame, quarters: quarters, width: width)
        return
      }
      for index in 0..<memory.count {
        let known = memory.line(index)
        let sameTempo = abs(known.framesPerQuarter - frames) < 1e-6 * frames
        if sameTempo,
          phase.admits(known, frame: observedFrame, quarters: quarters, width: width)
        {
          phase.begin(
            known, trusted: true, frame: observedFrame, quarters: quarters, width: width)
          return
        }
      }
    }
    let line = SongLine(
      baseFrame: observedFrame, baseQuarters: quarters, framesPerQuarter: frames)
    phase.begin(line, trusted: width == 0, frame: observedFrame, quarters: quarters, width: width)
  }

  /// The line no longer holds: another tempo, or another place.
  @_noLocks @_noAllocation
  private mutating func rejoin(
    _ observedFrame: Int64, _ at: Int64, _ quarters: Double, _ width: Double,
    _ transport: Transport, _ sampleRate: Double, declarationChanged: Bool, before: Double,
    _ records: inout CaptureWriter
  ) {
    let advance = quarters - lastQuarters
    let expected = max(cycle.line.quarters(at: at) - before, 0)
    if advance < -2 * width - 1e-9 || advance > 8 * expected + 0.125 {
      begin(observedFrame, at, quarters, width, transport, sampleRate)
      cycle.jumped = true
      return
    }
    let frames = declaredFramesPerQuarter(transport, sampleRate)
    if declarationChanged {
      // Tempo and metre change on a beat: the old line leads up to it, the new one on from it.
      let old = cycle.line
      let beat = joint(before: quarters, after: before)
      let exact = (beat - old.baseQuarters) * old.framesPerQuarter + old.baseFraction
      let whole = continuo_floor(exact)
      let joined = SongLine(
        baseFrame: old.baseFrame &+ Int64(min(max(whole, -0x1p52), 0x1p52)),
        baseFraction: exact - whole, baseQuarters: beat, framesPerQuarter: frames)
      if width > 0, phase.admits(joined, frame: observedFrame, quarters: quarters, width: width) {
        keepLine()
        phase.begin(
          joined, trusted: true, frame: observedFrame, quarters: quarters, width: width)
      } else {
        begin(observedFrame, at, quarters, width, transport, sampleRate)
      }
      return
    }
    keepLine()
    if !phase.refit(
      frame: observedFrame, quarters: quarters, width: width, declared: frames,
      sampleRate: sampleRate)
    {
      begin(observedFrame, at, quarters, width, transport, sampleRate)
    }
  }

  /// The last bar line, else the last beat, between two places.
  @_noLocks @_noAllocation
  private func joint(before quarters: Double, after: Double) -> Double {
    let found = meters.bar(holding: quarters)
    let barStart =
      found.metre.start + Double(found.bar &- found.metre.bar) * found.metre.barLength
    if barStart > after { return barStart }
    return barStart
      + continuo_floor((quarters - barStart) / found.metre.beatLength) * found.metre.beatLength
  }

  @_noLocks @_noAllocation
  private mutating func keepLine() {
    if phase.count > 8 { memory.keep(phase.line) }
  }

  @_noLocks @_noAllocation
  private func observed(_ transport: Transport) -> Double {
    let metre = meters.change(at: transport.bar)
    let start = metre.start + Double(transport.bar &- metre.bar) * metre.barLength
    let tick = transport.hasTickDouble ? transport.tickDouble : Double(transport.tick)
    return start + Double(transport.beat &- 1) * metre.beatLength + tick * tickLength
  }

  /// How much of the true position an observation leaves open, in quarters; 0: exact.
  @_noLocks @_noAllocation
  private func observationWidth(_ transport: Transport, _ sampleRate: Double) -> Double {
    if transport.hasTickDouble { return 0 }
    if transport.hasOffset {
      // The tick is whole and true at a frame that was itself rounded.
      return 2 / declaredFramesPerQuarter(transport, sampleRate)
    }
    return tickLength
  }

  @_noLocks @_noAllocation
  private func declaredFramesPerQuarter(_ transport: Transport, _ sampleRate: Double) -> Double {
    let type = metreIsDeclared && transport.beatType >= 1 ? Double(transport.beatType) : 4
    let quartersPerMinute = transport.beatsPerMinute * 4 / type
    guard quartersPerMinute > 0.1, quartersPerMinute < 100_000 else {
      return cycle.line.framesPerQuarter
    }
    return 60 * sampleRate / quartersPerMinute
  }

  /// Takes in the declared metre and tempo; true when tempo or metre are declared anew.
  @_noLocks @_noAllocation
  @discardableResult
  private mutating func learnMeter(_ transport: Transport) -> Bool {
    let sane =
      transport.ticksPerBeat >= 1 && transport.ticksPerBeat < 1e9 && transport.beatsPerBar >= 1
      && transport.beatsPerBar <= 64 && transport.beatType >= 1 && transport.beatType <= 64
    let ticks = sane ? transport.ticksPerBeat : 1920
    let beats = sane ? transport.beatsPerBar : 4
    let type = sane ? transport.beatType : 4
    let metreIsNew = beats != declaredBeats || type != declaredType || ticks != ticksPerBeat
    let tempoIsNew = transport.beatsPerMinute != declaredTempo
    guard metreIsNew || tempoIsNew || meters.isEmpty else {
      if metreIsDeclared { adoptDeclared(transport.bar, beats, type) }
      return false
    }
    let isFirst = declaredBeats == 0
    declaredBeats = beats
    declaredType = type
    declaredTempo = transport.beatsPerMinute
    ticksPerBeat = ticks
    if metreIsNew {
      metreIsDeclared = true
      tickLength = 4 / Double(type) / ticks
    }
    if metreIsDeclared { adoptDeclared(transport.bar, beats, type) }
    return !isFirst
  }

  @_noLocks @_noAllocation
  private mutating func adoptDeclared(_ bar: Int32, _ beats: Float, _ type: Float) {
    let beatsPerBar = Int32(beats)
    let beatLength = 4 / Double(type)
    let known = meters.change(at: bar)
    if meters.isEmpty || known.beatsPerBar != beatsPerBar || known.beatLength != beatLength {
      meters.learn(bar: bar, beatsPerBar: beatsPerBar, beatLength: beatLength)
    }
  }

  /// Holds the bars themselves against the metre believed; false when that had to be mended.
  ///
  /// Ardour 7 declares the song's first metre everywhere and counts ticks of a quarter whatever
  /// the beat: the beats per bar and the beat's length are then read off the bars.
  @_noLocks @_noAllocation
  private mutating func metreHolds(_ transport: Transport, _ at: Int64, _ quarters: Double)
    -> Bool
  {
    let metre = meters.change(at: transport.bar)
    let predicted = phase.line.quarters(at: at)
    let tick = transport.hasTickDouble ? transport.tickDouble : Double(transport.tick)
    if transport.beat > metre.beatsPerBar {
      return mend(transport.bar, transport.beat, metre.beatLength)
    }
    if tick * tickLength > metre.beatLength + 1e-9 {
      return mend(transport.bar, metre.beatsPerBar, ticksPerBeat * tickLength)
    }
    let ahead = quarters - predicted
    guard ahead > 4 * tickLength else { return true }
    if transport.bar == lastBar &+ 1, transport.beat == 1 {
      let previous = meters.change(at: lastBar)
      let missing = ahead / previous.beatLength
      let whole = continuo_floor(missing + 0.5)
      if lastBeat < previous.beatsPerBar, whole >= 1, abs(missing - whole) < 0.05 {
        return mend(lastBar, lastBeat, previous.beatLength)
      }
    }
    if transport.bar == lastBar, transport.beat == lastBeat &+ 1 {
      let real = (metre.beatLength - ahead) / metre.beatLength
      for halving in 1...3 {
        let share = 1 / Double(1 << halving)
        if abs(real - share) < 0.02 {
          tickLength = 1 / ticksPerBeat
          return mend(transport.bar, metre.beatsPerBar, share * ticksPerBeat * tickLength)
        }
      }
    }
    return true
  }

  @_noLocks @_noAllocation
  private mutating func mend(_ bar: Int32, _ beatsPerBar: Int32, _ beatLength: Double) -> Bool {
    metreIsDeclared = false
    meters.learn(bar: bar, beatsPerBar: min(max(beatsPerBar, 1), 64), beatLength: beatLength)
    return false
  }

  @_noLocks @_noAllocation
  private func tell(
    _ kind: RealtimeEvent.Kind, _ at: Int64, _ value: Double, _ records: inout CaptureWriter
  ) {
    var record = RealtimeEvent(kind: kind, frame: UInt64(bitPattern: at), value: value)
    stamp(&record)
    records.write(record)
  }

  @_noLocks @_noAllocation
  private mutating func tellTempoAndMeter(
    _ at: Int64, _ sampleRate: Double, _ records: inout CaptureWriter
  ) {
    let tempo = 60 * sampleRate / cycle.line.framesPerQuarter
    // Under whole ticks a tempo that is still being found wavers by less than this.
    let threshold = phase.isTrusted ? 1e-9 : 0.005
    if abs(tempo - toldTempo) > threshold * tempo {
      if toldTempo > 0 { tell(.tempoChanged, at, tempo, &records) }
      toldTempo = tempo
    }
    let metre = meters.change(at: cycle.bar)
    if metre.beatsPerBar != toldBeats || metre.beatLength != toldBeatLength {
      if toldBeats > 0 {
        var record = RealtimeEvent(
          kind: .meterChanged, frame: UInt64(bitPattern: at), value: Double(metre.beatsPerBar),
          extra: UInt64(4 / metre.beatLength))
        stamp(&record)
        records.write(record)
      }
      toldBeats = metre.beatsPerBar
      toldBeatLength = metre.beatLength
    }
  }
}
