// SPDX-License-Identifier: MIT

extension SongClock {
  /// The cycle at `frame` as it is for what is heard `frames` later; itself on any other clock than
  /// JACK's transport, which alone never goes back to a loop's start (Ardour does not loop there).
  @_noLocks @_noAllocation
  func ahead(by frames: UInt32, at frame: Int64) -> SongCycle {
    guard frames > 0, source.isJack, cycle.isKnown, cycle.rolling else { return cycle }
    var ahead = cycle
    ahead.line.baseFrame &-= Int64(frames)
    ahead.quarters = ahead.line.quarters(at: frame)
    // At a start or a jump all from the true place on is still to be played, if late.
    if !cycle.jumped { ahead.seekQuarters = ahead.quarters }
    return placedInBar(ahead)
  }

  /// Whether this cycle's place comes from MIDI Clock.
  ///
  /// A JACK transport that rolls with bars and beats comes first. After it has stopped, the clock
  /// of a program that follows it runs on for a moment: a clock that rolled off under JACK's
  /// transport takes over only a quarter of a second later, one that rolls off later at once. A
  /// song that stands stays where its clock left it until JACK rolls or is located.
  @_noLocks @_noAllocation
  mutating func choosesClock(_ transport: Transport, _ at: Int64, _ sampleRate: Double) -> Bool {
    if transport.rolling, transport.hasBBT {
      jackRolledAt = at
      leaveClock()
      return false
    }
    if midi.isRunning {
      guard !source.isMIDIClock else { return true }
      guard midi.startedAt > jackRolledAt || Double(at &- jackRolledAt) >= sampleRate / 4 else {
        return false
      }
      enterClock()
      return true
    }
    if source.isMIDIClock, transport.frame != expectedTransport { leaveClock() }
    return source.isMIDIClock
  }

  @_noLocks @_noAllocation
  private mutating func enterClock() {
    forgetLines()
    source = .midiClock
    cycle.jumped = true
    mustJump = false
  }

  /// Back to JACK's transport; what sounds ends with the jump.
  @_noLocks @_noAllocation
  private mutating func leaveClock() {
    guard source.isMIDIClock else { return }
    followTransport()
    mustJump = false
    cycle.jumped = true
  }

  /// One cycle on MIDI Clock, in the metre that JACK's master told last, else in 4/4.
  @_noLocks @_noAllocation
  mutating func followClock(
    _ at: Int64, _ sampleRate: Double, _ transport: Transport, _ records: inout CaptureWriter
  ) {
    if transport.hasBBT { _ = bars.learn(transport) }
    if bars.meters.isEmpty { bars.hold(beatsPerBar: 4, beatLength: 1) }
    guard midi.isRunning else {
      if cycle.rolling { halt(at, &records) }
      // It stopped between two clocks, and was not moved since: it stands where the line left it.
      let hasMoved = abs(midi.quarters - cycle.quarters) > 1.5 / MIDIClock.perQuarter
      if midi.isPlaced, hasMoved || !cycle.isKnown { settle(midi.quarters, at, &records) }
      return
    }
    let starts = !cycle.rolling
    let before = cycle.quarters
    let wasKnown = cycle.isKnown
    cycle.rolling = true
    hasRun = true
    guard midi.hasLine else {
      cycle.isKnown = false
      cycle.jumped = true
      if starts { tell(.transportStarted, at, 0, &records) }
      return
    }
    if midi.jumped || !wasKnown { cycle.jumped = true }
    cycle.isKnown = true
    cycle.line = midi.phase.line
    cycle.quarters = cycle.line.quarters(at: at)
    cycle.seekQuarters = cycle.quarters
    cycle.uncertaintyFrames = midi.phase.uncertainty(width: midi.width)
    finish(sampleRate)
    tellMove(starts, from: before, at, sampleRate, &records)
  }
}
