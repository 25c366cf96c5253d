// SPDX-License-Identifier: MIT
internal import CRealtime
internal import ContinuoRings

/// Plays one of eight pattern slots at the song's position.
///
/// A pattern is anchored in the song: its place follows from the song's position alone, so after
/// any locate or loop it is where it would have been. Starts, stops and switches take effect at
/// an exact frame within the cycle; notes in flight end at their own place, whatever the pattern
/// turns into meanwhile.
/// Runs on the JACK process thread.
@safe
struct PatternPlayer: ~Copyable {
  static var slotCount: Int {
    @_noLocks @_noAllocation get { 8 }
  }

  private let programs: FixedBuffer<ProgramView?>
  private var flights = FlightList()
  private var ledger = NoteLedger()

  /// The slot that plays, or -1.
  private(set) var active = -1
  private var anchor = 0.0
  private var loops = true
  /// The next event: its index, and how often the pattern has come round.
  private var index = 0
  private var round = 0.0
  private var mustSeek = true
  private var lastOffset: UInt32 = 0

  private var pendingKind = PendingKind.none
  /// The slot to start, or -1 to stop.
  private(set) var pendingSlot = -1
  private var pendingQuantum = Quantum.now
  private var pendingAnchor = 0.0
  private var pendingAnchorsAtStart = false
  private var pendingLoops = true
  private var pendingTarget = 0.0
  private var isTargetKnown = false

  /// Notes not played since 256 sounded already.
  private(set) var refused = 0
  /// Events played after their frame: a late hand-over or a jump in the song's clock.
  private(set) var late = 0
  /// Most by which one was late, in frames.
  private(set) var latest = 0

  private enum PendingKind: UInt8, BitwiseCopyable { case none, start, stop }

  /// Set-up thread.
  init() {
    programs = FixedBuffer(count: PatternPlayer.slotCount, repeating: nil)
  }

  /// Set-up thread, after the process thread has stopped.
  func deallocate() {
    programs.deallocate()
    flights.deallocate()
    ledger.deallocate()
  }

  /// Whether, at the end of the last cycle, a pattern sounded in the original's place: not while it
  /// waits for its beginning, and not once it is over.
  private(set) var sounds = false
  /// Whether pedals or bends were put to rest in this cycle.
  private(set) var hasRestedControls = false

  /// The identity of the pattern in `slot`; 0 when it is empty.
  @_noLocks @_noAllocation
  func identity(_ slot: Int) -> UInt64 { programs[slot]?.identity ?? 0 }

  /// Puts `program` into `slot` (0..<8) and returns what lay there.
  ///
  /// Replacing the one that plays is a revision: it goes on from the same place.
  @_noLocks @_noAllocation
  mutating func load(_ program: ProgramView?, into slot: Int) -> ProgramView? {
    let previous = programs[slot]
    programs[slot] = program
    if slot == active {
      flights.orphanAll()
      mustSeek = true
      if program == nil { active = -1 }
    }
    return previous
  }

  /// Asks for `slot` to play from the next `quantum`; the last request counts.
  @_noLocks @_noAllocation
  mutating func start(
    _ slot: Int, at quantum: Quantum, anchor: Double, anchorsAtStart: Bool, loops: Bool
  ) {
    pendingKind = .start
    pendingSlot = slot
    pendingQuantum = quantum
    pendingAnchor = anchor
    pendingAnchorsAtStart = anchorsAtStart
    pendingLoops = loops
    isTargetKnown = false
  }

  /// Asks for silence from the next `quantum`.
  @_noLocks @_noAllocation
  mutating func stop(at quantum: Quantum) {
    pendingKind = .stop
    pendingSlot = -1
    pendingQuantum = quantum
    isTargetKnown = false
  }

  /// Begins a cycle, before any command is carried out.
  @_noLocks @_noAllocation
  mutating func beginCycle() {
    lastOffset = 0
    hasRestedControls = false
  }

  /// Plays one cycle [`frame`, `frame` + `frames`) into `outbox`.
  ///
  /// Returns where within the cycle a pattern began or ceased to sound, or `frames` when none did.
  @_noLocks @_noAllocation
  mutating func play(
    _ song: SongCycle, frame: Int64, frames: UInt32, outbox: inout Outbox,
    records: inout CaptureWriter
  ) -> UInt32 {
    let change = perform(song, frame: frame, frames: frames, &outbox, &records)
    let sounded = sounds
    sounds = song.rolling && song.isKnown && covers(frame &+ Int64(frames) &- 1, song)
    guard change == frames, sounds != sounded, song.rolling, song.isKnown else { return change }
    // It began or was over by itself.
    let program: ProgramView? = active >= 0 ? programs[active] : nil
    let edge = anchor + (sounds ? 0 : program?.length ?? 0)
    let offset = song.line.frame(of: edge) &- frame
    return UInt32(clamping: min(max(offset, 0), Int64(frames) &- 1))
  }

  /// Whether the active pattern covers `frame`.
  @_noLocks @_noAllocation
  private func covers(_ frame: Int64, _ song: SongCycle) -> Bool {
    guard active >= 0, let program = programs[active] else { return false }
    return song.line.frame(of: anchor) <= frame
      && (loops || frame < song.line.frame(of: anchor + program.length))
  }

  @_noLocks @_noAllocation
  private mutating func perform(
    _ song: SongCycle, frame: Int64, frames: UInt32, _ outbox: inout Outbox,
    _ records: inout CaptureWriter
  ) -> UInt32 {
    if song.jumped || !song.rolling || !song.isKnown {
      release(at: 0, &outbox)
      mustSeek = true
      isTargetKnown = false
    }
    guard song.rolling, song.isKnown else {
      return settleWhileStopped(song, frame, frames, &records)
    }
    let end = frame &+ Int64(frames)
    guard pendingKind != .none else {
      render(song, from: frame, to: end, start: frame, &outbox)
      return frames
    }
    if !isTargetKnown { aim(song) }
    let change = max(song.line.frame(of: pendingTarget), frame)
    guard change < end else {
      render(song, from: frame, to: end, start: frame, &outbox)
      return frames
    }
    render(song, from: frame, to: change, start: frame, &outbox)
    let offset = UInt32(truncatingIfNeeded: change &- frame)
    advanceOffset(to: offset)
    release(at: offset, &outbox)
    apply(song, at: change, &records)
    render(song, from: change, to: end, start: frame, &outbox)
    return offset
  }

  /// Ends every note of the pattern and puts pedals and bends to rest.
  @_noLocks @_noAllocation
  mutating func release(at offset: UInt32, _ outbox: inout Outbox) {
    flights.removeAll()
    if ledger.isDisplaced { hasRestedControls = true }
    outbox.releaseAll(&ledger, at: max(offset, lastOffset), from: .pattern)
  }

  /// Forgets what plays and what is asked for.
  @_noLocks @_noAllocation
  mutating func silence(frame: Int64, _ song: SongCycle, records: inout CaptureWriter) {
    if active >= 0 { tell(.patternStopped, active, at: frame, song, &records) }
    active = -1
    pendingKind = .none
    pendingSlot = -1
    mustSeek = true
  }

  /// Without a moving song nothing sounds; a request for `now` is taken on at once.
  @_noLocks @_noAllocation
  private mutating func settleWhileStopped(
    _ song: SongCycle, _ frame: Int64, _ frames: UInt32, _ records: inout CaptureWriter
  ) -> UInt32 {
    if pendingKind == .stop || (pendingKind == .start && pendingQuantum.isNow && song.isKnown) {
      pendingTarget = song.quarters
      apply(song, at: frame, &records)
      return 0
    }
    return frames
  }

  @_noLocks @_noAllocation
  private mutating func aim(_ song: SongCycle) {
    // Half a frame early still counts as on the line.
    let here = song.seekQuarters - 0.5 / song.line.framesPerQuarter
    switch pendingQuantum {
    case .now:
      pendingTarget = song.quarters
    case .beat:
      let beats = (here - song.barStart) / song.beatLength
      pendingTarget = song.barStart - continuo_floor(-beats) * song.beatLength
    case .bar:
      pendingTarget = here <= song.barStart ? song.barStart : song.barStart + song.barLength
    case .patternEnd:
      if active >= 0, let program = programs[active] {
        let rounds = (here - anchor) / program.length
        pendingTarget = anchor - continuo_floor(-rounds) * program.length
      } else {
        pendingTarget = here <= song.barStart ? song.barStart : song.barStart + song.barLength
      }
    }
    isTargetKnown = true
  }

  @_noLocks @_noAllocation
  private mutating func apply(
    _ song: SongCycle, at frame: Int64, _ records: inout CaptureWriter
  ) {
    if active >= 0 { tell(.patternStopped, active, at: frame, song, &records) }
    if pendingKind == .start, programs[pendingSlot] != nil {
      active = pendingSlot
      loops = pendingLoops
      anchor = pendingAnchorsAtStart ? pendingTarget : pendingAnchor
      tell(.patternStarted, active, at: frame, song, &records)
    } else {
      active = -1
    }
    pendingKind = .none
    pendingSlot = -1
    mustSeek = true
  }

  @_noLocks @_noAllocation
  private func tell(
    _ kind: RealtimeEvent.Kind, _ slot: Int, at frame: Int64, _ song: SongCycle,
    _ records: inout CaptureWriter
  ) {
    var record = RealtimeEvent(
      kind: kind, frame: UInt64(bitPattern: frame), value: Double(slot), extra: identity(slot))
    if song.isKnown, song.placesRecords {
      record.flags = song.rolling ? 3 : 2
      record.quarters = song.rolling ? song.line.quarters(at: frame) : song.quarters
      record.bar = song.bar
    }
    records.write(record)
  }

  /// Plays the active pattern over the frames [`from`, `to`) of the cycle that starts at `start`.
  @_noLocks @_noAllocation
  private mutating func render(
    _ song: SongCycle, from: Int64, to: Int64, start: Int64, _ outbox: inout Outbox
  ) {
    guard from < to else { return }
    let program: ProgramView? = active >= 0 ? programs[active] : nil
    if mustSeek {
      if let program { seek(program, song, from, isCycleStart: from == start) }
      mustSeek = false
    }
    // Room is kept for ending every note in flight; what is left over plays late, and is counted.
    while outbox.patternRoom > 512 {
      let hasFlight = flights.count > 0
      let flightEnd = hasFlight ? flights[0].end : 0
      if let program, program.count > 0, round == 0 || loops {
        let event = program.event(index)
        let place = anchor + round * program.length + event.at
        if !hasFlight || place < flightEnd {
          guard song.line.frame(of: place) < to else { return }
          emit(event, program, place, song, start, &outbox)
          step(program)
          continue
        }
      }
      guard hasFlight, song.line.frame(of: flightEnd) < to else { return }
      land(song, start, &outbox)
    }
  }

  @_noLocks @_noAllocation
  private mutating func step(_ program: ProgramView) {
    index &+= 1
    if index >= program.count {
      index = 0
      round += 1
    }
  }

  /// Finds the first event whose frame is not before `frame`.
  @_noLocks @_noAllocation
  private mutating func seek(
    _ program: ProgramView, _ song: SongCycle, _ frame: Int64, isCycleStart: Bool
  ) {
    let half = (0.5 + 1e-6) / song.line.framesPerQuarter
    let here = song.line.quarters(at: frame) - half
    let from = song.jumped && isCycleStart ? min(here, song.seekQuarters - half) : here
    round = continuo_floor((from - anchor) / program.length)
    if round < 0 {
      // The song is before the pattern: it waits for its own start.
      round = 0
      index = 0
      return
    }
    index = program.firstIndex(from: from - anchor - round * program.length)
    if index >= program.count {
      index = 0
      round += 1
    }
  }

  @_noLocks @_noAllocation
  private mutating func emit(
    _ event: PatternProgram.Event, _ program: ProgramView, _ place: Double, _ song: SongCycle,
    _ start: Int64, _ outbox: inout Outbox
  ) {
    let offset = self.offset(of: place, song, start)
    let message = event.message
    if event.length > 0 {
      unsafe outbox.addPattern(
        OutboxItem(
          offset: offset, bytes: program.longBytes(event), length: Int(event.length)))
    } else if message.isNoteOn {
      landOrphans(message.key, offset, &outbox)
      guard !flights.isFull, ledger.noteOn(message.key) else {
        refused &+= 1
        return
      }
      outbox.addPattern(OutboxItem(offset: offset, message: message))
      flights.launch(
        end: place + (event.end - event.at), key: message.key, release: event.release)
    } else {
      ledger.note(message)
      outbox.addPattern(OutboxItem(offset: offset, message: message))
    }
  }

  /// The offset of `place` in the cycle, never before the last event's.
  @_noLocks @_noAllocation
  private mutating func offset(of place: Double, _ song: SongCycle, _ start: Int64) -> UInt32 {
    let exact = song.line.frame(of: place) &- start
    if exact < 0 {
      late &+= 1
      latest = max(latest, Int(clamping: -exact))
    }
    advanceOffset(to: UInt32(clamping: max(exact, 0)))
    return lastOffset
  }

  @_noLocks @_noAllocation
  private mutating func advanceOffset(to offset: UInt32) {
    lastOffset = max(lastOffset, offset)
  }

  @_noLocks @_noAllocation
  private mutating func land(_ song: SongCycle, _ start: Int64, _ outbox: inout Outbox) {
    let flight = flights[0]
    let offset = self.offset(of: flight.end, song, start)
    flights.remove(0)
    end(flight, offset, &outbox)
  }

  @_noLocks @_noAllocation
  private mutating func landOrphans(_ key: Int, _ offset: UInt32, _ outbox: inout Outbox) {
    var place = 0
    while place < flights.count {
      let flight = flights[place]
      if flight.isOrphan, Int(flight.key) == key {
        flights.remove(place)
        end(flight, offset, &outbox)
      } else {
        place &+= 1
      }
    }
  }

  @_noLocks @_noAllocation
  private mutating func end(_ flight: FlightList.Flight, _ offset: UInt32, _ outbox: inout Outbox) {
    let key = Int(flight.key)
    if ledger.noteOff(key) {
      outbox.addPattern(
        OutboxItem(offset: offset, message: .noteOff(key: key, velocity: flight.release)))
    }
  }
}
