// SPDX-License-Identifier: MIT
internal import CRealtime
public import ContinuoRings

/// One cycle as the audio server hands it over.
@safe
@frozen
public struct CycleInput {
  /// The server's 32-bit counter at the cycle's start.
  public var counter: UInt32
  /// Frames in the cycle, at least 1.
  public var frames: UInt32
  /// Frames a second.
  public var sampleRate: Double
  /// The transport at the cycle's start.
  public var transport: Transport
  /// Input port buffers, one a port.
  public var inputs: FixedBuffer<UInt>
  /// How many of `inputs` are filled.
  public var inputCount: Int
  /// The clock port's buffer; nil when there is none.
  public var clock: UnsafeMutableRawPointer?
  /// The output port's buffer; nil when there is none.
  public var output: UnsafeMutableRawPointer?
  /// Whether the server freewheels.
  public var freewheeling: Bool

  /// All of a cycle.
  @_noLocks @_noAllocation
  public init(
    counter: UInt32, frames: UInt32, sampleRate: Double, transport: Transport,
    inputs: FixedBuffer<UInt>, inputCount: Int, output: UnsafeMutableRawPointer?,
    freewheeling: Bool, clock: UnsafeMutableRawPointer? = nil
  ) {
    unsafe self.clock = clock
    self.counter = counter
    self.frames = frames
    self.sampleRate = sampleRate
    self.transport = transport
    self.inputs = inputs
    self.inputCount = inputCount
    unsafe self.output = output
    self.freewheeling = freewheeling
  }
}

/// Everything the process thread touches, in one place, and the one function it runs.
///
/// Stages of a cycle: begin (frames, commands, song position), play, capture and pass on, write,
/// publish.
/// Runs on the JACK process thread.
@safe
struct RealtimeState: ~Copyable {
  private let api: UnsafePointer<continuo_port_api>
  let counters: Counters
  let histogram: CycleHistogram
  private var frameClock = FrameClock()
  private var songClock = SongClock()
  private var capture: CaptureWriter
  private var player = PatternPlayer()
  private var take = TakeTiming()
  private var aheadFrames: UInt32 = 0
  private var playsPeriodAhead = false
  private var sentAheadFrames: Int64 = 0
  private var sentAheadPorts: UInt64 = 0
  private var thru = ThruStage()
  private var outbox = Outbox()
  private var commands: RingConsumer<RealtimeCommand>
  private var retired: RingProducer<UInt64>
  private var snapshots: TripleBufferWriter<RealtimeSnapshot>
  private var merge: PortMerge
  private var nextFrame: UInt64 = 0
  private var sampleRate = 0.0
  private var frames: UInt32 = 0
  private var freewheeling = false
  private var hasRun = false
  private var silences: UInt64 = 0
  private var isNewServer = false

  /// Set-up thread.
  init(
    api: UnsafePointer<continuo_port_api>, counters: Counters, histogram: CycleHistogram,
    capture: consuming RingProducer<RealtimeEvent>,
    commands: consuming RingConsumer<RealtimeCommand>, retired: consuming RingProducer<UInt64>,
    snapshots: consuming TripleBufferWriter<RealtimeSnapshot>, inputCount: Int
  ) {
    unsafe self.api = api
    self.counters = counters
    self.histogram = histogram
    self.capture = CaptureWriter(ring: capture)
    self.commands = commands
    self.retired = retired
    self.snapshots = snapshots
    merge = PortMerge(portCount: inputCount)
  }

  /// Set-up thread, after the process thread has stopped.
  func deallocate() {
    songClock.deallocate()
    player.deallocate()
    thru.deallocate()
    outbox.deallocate()
    merge.deallocate()
  }

  /// Set-up thread, between two servers: frames go on, the song's lines do not.
  mutating func serverRestarted() {
    isNewServer = true
  }

  @_noLocks @_noAllocation
  mutating func run(_ cycle: CycleInput) {
    let started = continuo_nanoseconds()
    var cycle = cycle
    cycle.transport = cycle.transport.bounded()
    if !(cycle.sampleRate >= 1 && cycle.sampleRate < 1e7) { cycle.sampleRate = 48000 }
    player.beginCycle()
    let frame = begin(cycle)
    drainCommands(at: frame, cycle.sampleRate)
    if let clock = unsafe cycle.clock {
      // SAFETY: the buffer is this cycle's own.
      unsafe songClock.midi.read(
        clock, api, frame: Int64(bitPattern: frame), frames: cycle.frames,
        sampleRate: cycle.sampleRate)
    }
    songClock.advance(
      frame: frame, frames: cycle.frames, sampleRate: cycle.sampleRate,
      transport: cycle.transport, records: &capture)
    let song = songClock.cycle
    let played =
      take.isOn
      ? take.cycle(song, frame: Int64(bitPattern: frame), cycle.transport)
      : songClock.ahead(
        by: aheadFrames &+ (playsPeriodAhead ? cycle.frames : 0), at: Int64(bitPattern: frame))
    let change = player.play(
      played, frame: Int64(bitPattern: frame), frames: cycle.frames, outbox: &outbox,
      records: &capture)
    thru.begin(
      patternSounds: player.sounds, from: change, frames: cycle.frames,
      mustReassert: player.hasRestedControls, &outbox)
    takeInputs(cycle, frame)
    thru.finish(&outbox)
    // SAFETY: the buffer is this cycle's own.
    unsafe outbox.flush(api, cycle.output, frames: cycle.frames)
    publish(cycle, frame, song, started)
  }

  @_noLocks @_noAllocation
  private mutating func begin(_ cycle: CycleInput) -> UInt64 {
    if isNewServer {
      frameClock.serverRestarted(continuingAt: nextFrame)
      songClock.forgetLines()
      songClock.midi.reset()
    }
    var frame = frameClock.widen(cycle.counter)
    if isNewServer, hasRun {
      tell(.serverRestarted, frame, 0)
      thru.interrupt()
    }
    if hasRun, !isNewServer, frame != nextFrame {
      let gap = Int64(bitPattern: frame &- nextFrame)
      if gap < 0 {
        // A counter that stepped back: frames never do.
        frameClock.serverRestarted(continuingAt: nextFrame)
        frame = frameClock.widen(cycle.counter)
      }
      counters.add(.xruns, 1)
      tell(.xrun, frame, Double(gap))
      // The cycles missed may have held note-offs.
      thru.interrupt()
    }
    isNewServer = false
    if cycle.sampleRate != sampleRate {
      if hasRun { tell(.sampleRateChanged, frame, cycle.sampleRate) }
      songClock.sampleRateChanged(at: frame, from: sampleRate, to: cycle.sampleRate)
      sampleRate = cycle.sampleRate
    }
    if cycle.frames != frames {
      if hasRun { tell(.bufferSizeChanged, frame, Double(cycle.frames)) }
      frames = cycle.frames
    }
    if cycle.freewheeling != freewheeling {
      freewheeling = cycle.freewheeling
      tell(.freewheel, frame, freewheeling ? 1 : 0)
    }
    hasRun = true
    nextFrame = frame &+ UInt64(cycle.frames)
    return frame
  }

  @_noLocks @_noAllocation
  private mutating func tell(_ kind: RealtimeEvent.Kind, _ frame: UInt64, _ value: Double) {
    capture.write(RealtimeEvent(kind: kind, frame: frame, value: value))
  }

  /// Carries out up to 64 commands; one that may retire a pattern waits until that has room.
  @_noLocks @_noAllocation
  private mutating func drainCommands(at frame: UInt64, _ sampleRate: Double) {
    var done = 0
    while done < 64, commands.available() > 0 {
      let command = commands.peek()
      if command.mayRetire, !retired.hasRoom(for: 1) { return }
      commands.release(1)
      done &+= 1
      carryOut(command, frame, sampleRate)
    }
  }

  @_noLocks @_noAllocation
  private mutating func carryOut(
    _ command: RealtimeCommand, _ frame: UInt64, _ sampleRate: Double
  ) {
    let slot = min(max(command.slot, 0), PatternPlayer.slotCount &- 1)
    switch command.kind {
    case .load, .clear:
      load(command.program, into: slot, frame)
    case .take:
      endTake(frame)
      take.begin(byTransport: command.flag)
      player.start(
        slot, at: .now, anchor: command.first, anchorsAtStart: false, loops: false)
    case .playAhead:
      aheadFrames = UInt32(truncatingIfNeeded: command.mask)
      playsPeriodAhead = command.flag
    case .sentAhead:
      sentAheadFrames = Int64(command.first)
      sentAheadPorts = command.mask
    case .placeTake:
      take.place(origin: Int64(bitPattern: command.mask))
    case .start:
      endTake(frame)
      player.start(
        slot, at: command.quantum, anchor: command.first, anchorsAtStart: command.flag,
        loops: command.loops)
    case .stop:
      endTake(frame)
      player.stop(at: command.quantum)
    case .thru:
      thru.set(command.thru, ports: command.mask)
    case .silence:
      take.end()
      player.release(at: 0, &outbox)
      player.silence(
        frame: Int64(bitPattern: frame), songClock.cycle, records: &capture)
      thru.set(.off, ports: 0)
      silences &+= 1
    case .endThru:
      thru.end()
    case .timebase:
      songClock.setTimebase(command.timebase)
    case .songPositions:
      songClock.midi.clocksPerPosition = command.flag ? 1 : 6
    case .runFree:
      songClock.runFree(
        at: frame, start: command.first,
        framesPerQuarter: 60 * sampleRate / command.second,
        beatsPerBar: Int32(truncatingIfNeeded: command.mask), beatLength: command.third)
    case .followTransport:
      songClock.followTransport()
    }
  }

  /// Ends a take and its notes, whose places count frames.
  @_noLocks @_noAllocation
  private mutating func endTake(_ frame: UInt64) {
    guard take.isOn else { return }
    take.end()
    player.release(at: 0, &outbox)
    player.silence(frame: Int64(bitPattern: frame), songClock.cycle, records: &capture)
  }

  @_noLocks @_noAllocation
  private mutating func load(_ program: ProgramView?, into slot: Int, _ frame: UInt64) {
    let wasActive = slot == player.active
    guard let previous = player.load(program, into: slot) else { return }
    // There is room: commands are only taken while there is.
    _ = retired.push(previous.handle)
    guard wasActive else { return }
    let isRevised = player.active == slot
    var record = RealtimeEvent(
      kind: isRevised ? .patternRevised : .patternStopped, frame: frame, value: Double(slot),
      extra: isRevised ? player.identity(slot) : previous.identity)
    songClock.stamp(&record)
    capture.write(record)
  }

  /// Captures every input event in time order over all ports, and passes on what passes.
  @_noLocks @_noAllocation
  private mutating func takeInputs(_ cycle: CycleInput, _ frame: UInt64) {
    unsafe merge.begin(cycle.inputs, cycle.inputCount, api)
    var captured = 0
    while let item = unsafe merge.next(api) {
      guard let bytes = unsafe item.event.bytes else { continue }
      let offset = unsafe min(item.event.time, cycle.frames &- 1)
      var stamp = RealtimeEvent(kind: .midi, frame: frame &+ UInt64(offset))
      stamp.port = UInt8(truncatingIfNeeded: item.port &+ 1)
      let isAhead = sentAheadPorts >> UInt64(item.port & 63) & 1 != 0
      songClock.stamp(&stamp, sentAhead: isAhead ? sentAheadFrames : 0)
      let size = unsafe Int(item.event.size)
      unsafe capture.write(stamp, bytes: bytes, size: size)
      unsafe thru.take(port: item.port, offset: offset, bytes: bytes, size: size, &outbox)
      captured &+= 1
    }
    counters.add(.captured, captured)
  }

  @_noLocks @_noAllocation
  private mutating func publish(
    _ cycle: CycleInput, _ frame: UInt64, _ song: SongCycle, _ started: UInt64
  ) {
    capture.measure()
    counters.add(.cycles, 1)
    counters.set(.captureDropped, capture.dropped)
    counters.set(.captureHighWater, capture.highWater)
    counters.set(.played, outbox.written)
    counters.set(.playDelayed, outbox.delayed)
    counters.set(.playLost, outbox.lost &+ thru.refused)
    counters.set(.playRefused, player.refused)
    counters.set(.playLate, player.late)
    counters.set(.playLatestFrames, player.latest)
    counters.set(.slips, songClock.slips)
    counters.set(.sounding, outbox.sounding)
    counters.set(.pending, outbox.isEmpty ? 0 : 1)
    var place = RealtimeEvent(kind: .midi, frame: frame)
    songClock.stamp(&place)
    var snapshot = RealtimeSnapshot()
    snapshot.frame = frame
    snapshot.frames = cycle.frames
    snapshot.sampleRate = cycle.sampleRate
    snapshot.song = song
    snapshot.beat = song.isKnown ? Int32(place.beat) : 0
    snapshot.tick = place.tick
    snapshot.transportFrame = cycle.transport.frame
    snapshot.transportRolling = cycle.transport.rolling
    snapshot.source = songClock.source
    snapshot.clocks = songClock.midi.heard
    snapshot.activeSlot = Int32(truncatingIfNeeded: player.active)
    snapshot.activePattern = player.active >= 0 ? player.identity(player.active) : 0
    snapshot.pendingSlot = Int32(truncatingIfNeeded: player.pendingSlot)
    snapshot.thruOpen = thru.isOpen
    snapshot.silences = silences
    snapshots.publish(snapshot)
    histogram.record(nanoseconds: continuo_nanoseconds() &- started)
  }
}
