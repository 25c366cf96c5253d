// SPDX-License-Identifier: MIT
internal import CRealtime

/// Knows where the song is at every frame: from JACK's bar|beat|tick, from MIDI Clock, or from its
/// own tempo.
///
/// Runs on the JACK process thread.
@safe
struct SongClock: ~Copyable {
  /// Whether the place comes from a tempo of our own rather than from the server's transport.
  var isFree: Bool {
    @_noLocks @_noAllocation get { source.isOwn }
  }
  /// Where the place comes from.
  var source = SongSource.jack
  var cycle = SongCycle()
  var bars = BarReader()
  /// What the clock port says.
  var midi = MIDIClock()
  /// When JACK's transport last rolled with bars and beats.
  var jackRolledAt = Int64.min / 2
  private var finder = LineFinder()

  private var expectedFrame: UInt64 = 0
  var expectedTransport: UInt32 = 0
  private var isWaitingForBBT = false
  private var waitingSince: Int64 = 0
  /// What the master said last, and since which frame it has said so.
  private var lastPlace = Transport()
  private var stillSince: Int64 = 0
  /// The transport rolls and the song does not: a master with a transport of its own has stopped.
  private var isStalled = false
  /// The song slipped back; told once it moves on.
  ///
  /// The quarter it left.
  private var slippedFrom: Double?
  /// Times the song fell behind, as after an xrun, and was followed.
  private(set) var slips = 0
  /// A jump ordered between two cycles.
  var mustJump = false
  private var toldTempo = 0.0
  private var toldBeats: Int32 = 0
  private var toldBeatLength = 0.0
  var hasRun = false

  /// Set-up thread.
  init() {}

  /// Set-up thread, after the process thread has stopped.
  func deallocate() {
    bars.deallocate()
    midi.deallocate()
    finder.deallocate()
  }

  /// Follows the server's transport from the next cycle on.
  @_noLocks @_noAllocation
  mutating func followTransport() {
    let rolled = cycle.rolling
    source = .jack
    bars.reset()
    finder.removeAll()
    cycle = SongCycle()
    cycle.rolling = rolled
    isStalled = false
    slippedFrom = nil
    mustJump = true
    hasRun = false
  }

  /// Takes in what the session knows of the timebase master.
  @_noLocks @_noAllocation
  mutating func setTimebase(_ kind: TimebaseKind) {
    let wasArdour = bars.isArdour
    bars.kind = kind
    guard bars.isArdour != wasArdour else { return }
    finder.setRounding(bars.isArdour ? .nearest : .unknown)
    if !isFree { followTransport() }
  }

  /// Forgets what depends on the server.
  @_noLocks @_noAllocation
  mutating func forgetLines() {
    finder.removeAll()
    mustJump = true
  }

  /// Goes on at another sample rate; a tempo of our own stays the same tempo.
  @_noLocks @_noAllocation
  mutating func sampleRateChanged(at frame: UInt64, from old: Double, to new: Double) {
    forgetLines()
    guard isFree, old > 0 else { return }
    let at = Int64(bitPattern: frame)
    cycle.line = SongLine(
      baseFrame: at, baseQuarters: cycle.line.quarters(at: at),
      framesPerQuarter: cycle.line.framesPerQuarter * new / old)
  }

  /// Moves on to the cycle [`frame`, `frame + frames`).
  @_noLocks @_noAllocation
  mutating func advance(
    frame: UInt64, frames: UInt32, sampleRate: Double, transport: Transport,
    records: inout CaptureWriter
  ) {
    let at = Int64(bitPattern: frame)
    cycle.jumped = mustJump
    mustJump = false
    if isFree {
      runOn(at, sampleRate, &records)
    } else if choosesClock(transport, at, sampleRate) {
      followClock(at, sampleRate, transport, &records)
    } else if transport.rolling {
      roll(at, frames, sampleRate: sampleRate, transport, &records)
    } else {
      rest(at, transport, &records)
    }
    expectedFrame = frame &+ UInt64(frames)
    expectedTransport = transport.frame &+ (transport.rolling ? frames : 0)
    finish(sampleRate)
  }

  /// Places a record in the song, `sentAhead` frames after its own while that rolls by JACK.
  @_noLocks @_noAllocation
  func stamp(_ event: inout RealtimeEvent, sentAhead: Int64 = 0) {
    var flags: UInt32 = cycle.rolling ? 1 : 0
    if cycle.isKnown {
      flags |= 2
      let quarters =
        cycle.rolling
        ? cycle.line.quarters(
          at: Int64(bitPattern: event.frame) &+ (source.isJack ? sentAhead : 0)) : cycle.quarters
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
      let found = bars.meters.bar(holding: quarters)
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
  mutating func finish(_ sampleRate: Double) {
    guard cycle.isKnown else { return }
    cycle = placedInBar(cycle)
    if cycle.rolling { cycle.quartersPerMinute = 60 * sampleRate / cycle.line.framesPerQuarter }
  }

  /// `cycle` with the bar that holds its quarters.
  @_noLocks @_noAllocation
  func placedInBar(_ cycle: SongCycle) -> SongCycle {
    var cycle = cycle
    let found = bars.meters.bar(holding: cycle.quarters)
    cycle.bar = found.bar
    cycle.barLength = found.metre.barLength
    cycle.beatLength = found.metre.beatLength
    cycle.barStart = found.metre.start + Double(found.bar &- found.metre.bar) * cycle.barLength
    return cycle
  }

  /// Tells of a song that starts, or jumped from `before`, and of its tempo and metre.
  @_noLocks @_noAllocation
  mutating func tellMove(
    _ starts: Bool, from before: Double, _ at: Int64, _ sampleRate: Double,
    _ records: inout CaptureWriter
  ) {
    if starts {
      cycle.jumped = true
      tell(.transportStarted, at, 0, &records)
    } else if cycle.jumped {
      tell(cycle.quarters < before ? .loopWrapped : .located, at, before, &records)
    }
    tellTempoAndMeter(at, sampleRate, &records)
  }

  @_noLocks @_noAllocation
  private mutating func rest(
    _ at: Int64, _ transport: Transport, _ records: inout CaptureWriter
  ) {
    if cycle.rolling { halt(at, &records) }
    isWaitingForBBT = false
    isStalled = false
    if transport.hasBBT {
      _ = bars.learn(transport)
      settle(bars.quarters(transport), at, &records)
      bars.leave(transport)
    } else if transport.frame != expectedTransport || !hasRun {
      cycle.isKnown = false
    }
  }

  /// The song has just stopped.
  @_noLocks @_noAllocation
  mutating func halt(_ at: Int64, _ records: inout CaptureWriter) {
    cycle.rolling = false
    if cycle.isKnown { cycle.quarters = cycle.line.quarters(at: at) }
    finder.keep()
    slippedFrom = nil
    tell(.transportStopped, at, 0, &records)
  }

  /// A song that stands is at `quarters`.
  @_noLocks @_noAllocation
  mutating func settle(
    _ quarters: Double, _ at: Int64, _ records: inout CaptureWriter
  ) {
    guard !cycle.isKnown || abs(quarters - cycle.quarters) > 2 * bars.tickLength else { return }
    let left = cycle.quarters
    let wasKnown = cycle.isKnown
    cycle.isKnown = true
    cycle.quarters = quarters
    cycle.jumped = true
    if wasKnown { tell(.located, at, left, &records) }
  }

  @_noLocks @_noAllocation
  private mutating func roll(
    _ at: Int64, _ frames: UInt32, sampleRate: Double, _ transport: Transport,
    _ records: inout CaptureWriter
  ) {
    let starts = !cycle.rolling
    let jumps = !starts && transport.frame != expectedTransport
    let missed = !starts && at != Int64(bitPattern: expectedFrame)
    let before = cycle.quarters
    guard transport.hasBBT else {
      cycle.rolling = true
      isStalled = false
      waitForBBT(at, restarts: starts || (jumps && !missed))
      if starts { tell(.transportStarted, at, 0, &records) }
      hasRun = true
      return
    }
    if stands(transport, at, frames, sampleRate) {
      if cycle.rolling { halt(at, &records) }
      settle(bars.quarters(transport), at, &records)
      finder.leave()
      return
    }
    cycle.rolling = true
    let declarationChanged = bars.learn(transport)
    var quarters = bars.quarters(transport)
    let isFresh = starts || isWaitingForBBT || finder.phase.count == 0 || (jumps && !missed)
    let expected = finder.phase.line.quarters(at: at)
    if !isFresh, !bars.holds(transport, quarters, predicted: expected) {
      quarters = bars.quarters(transport)
    }
    let declared = bars.declaredFramesPerQuarter(
      transport, sampleRate, otherwise: cycle.line.framesPerQuarter)
    let seen = Observation(
      frame: at &- Int64(transport.hasOffset ? transport.bbtOffset : 0), quarters: quarters,
      width: bars.width(transport, framesPerQuarter: declared))
    let zero = at &- Int64(transport.frame)
    if isFresh {
      finder.begin(seen, zero: zero, declared: declared)
      cycle.jumped = true
    } else {
      // A song that stood still over a gap is behind by all of it; a longer way back is a jump.
      let most = max(at &- Int64(bitPattern: expectedFrame), Int64(sampleRate / 4))
      switch declarationChanged ? .broken : finder.follow(seen, period: Int64(frames), most: most) {
      case .held: break
      case .slipped:
        if slippedFrom == nil {
          slippedFrom = before
          slips &+= 1
        }
      case .broken:
        let jumped = finder.rejoin(
          seen, zero: zero, declared: declared, sampleRate: sampleRate,
          isAnnounced: declarationChanged || missed, before: before, expected: expected,
          bars.meters)
        if jumped { cycle.jumped = true }
      }
    }
    if cycle.jumped { slippedFrom = nil }
    let late = isWaitingForBBT ? waitingSince : at
    isWaitingForBBT = false
    cycle.isKnown = true
    cycle.line = finder.phase.line
    cycle.quarters = cycle.line.quarters(at: at)
    cycle.uncertaintyFrames = finder.phase.uncertainty(width: seen.width)
    cycle.seekQuarters = min(
      cycle.line.quarters(at: late), finder.phase.isTrusted ? cycle.quarters : quarters)
    finish(sampleRate)
    if starts {
      tell(.transportStarted, at, 0, &records)
    } else if cycle.jumped {
      tell(cycle.quarters < before ? .loopWrapped : .located, at, before, &records)
    } else if let left = slippedFrom, stillSince == at {
      tell(.located, at, left, &records)
      slippedFrom = nil
    }
    tellTempoAndMeter(at, sampleRate, &records)
    bars.leave(transport)
    hasRun = true
  }

  /// Whether bar|beat|tick has not moved for so long that the song must be standing.
  @_noLocks @_noAllocation
  private mutating func stands(
    _ transport: Transport, _ at: Int64, _ frames: UInt32, _ sampleRate: Double
  ) -> Bool {
    let isSame = (cycle.rolling || isStalled) && !isWaitingForBBT && transport.isAt(lastPlace)
    lastPlace = transport
    if !isSame {
      stillSince = at
      isStalled = false
    } else if !isStalled {
      // Four cycles, and eight ticks even at 10 quarters a minute.
      let ticks = transport.hasTickDouble ? 0 : 8 * bars.tickLength
      let slowest = max(cycle.line.framesPerQuarter, 6 * sampleRate)
      let limit = min(max(4 * Double(frames), ticks * slowest), 60 * sampleRate)
      isStalled = Double(at &- stillSince) >= limit
    }
    return isStalled
  }

  @_noLocks @_noAllocation
  private mutating func waitForBBT(_ at: Int64, restarts: Bool) {
    if finder.phase.count > 0, !restarts, !isWaitingForBBT {
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

  @_noLocks @_noAllocation
  func tell(
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
    let threshold = finder.phase.isTrusted || isFree ? 1e-9 : 0.005
    if abs(tempo - toldTempo) > threshold * tempo {
      if toldTempo > 0 { tell(.tempoChanged, at, tempo, &records) }
      toldTempo = tempo
    }
    let metre = bars.meters.change(at: cycle.bar)
    if metre.beatsPerBar != toldBeats || metre.beatLength != toldBeatLength {
      if toldBeats > 0 {
        var record = RealtimeEvent(
          kind: .meterChanged, frame: UInt64(bitPattern: at), value: Double(metre.beatsPerBar),
          extra: UInt64(4 / metre.beatLength + 0.5))
        stamp(&record)
        records.write(record)
      }
      toldBeats = metre.beatsPerBar
      toldBeatLength = metre.beatLength
    }
  }
}
