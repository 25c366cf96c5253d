// SPDX-License-Identifier: MIT
public import CRealtime
internal import ContinuoRings

/// Owns the real-time core: makes its memory, hands out the session's ends, frees it again.
///
/// Life: `init` → the audio server calls `runRealtimeCycle` each cycle → the server's callback is off →
/// `deallocate()`. Between two servers the same engine goes on with `serverRestarted()`, so that
/// what was captured and what is loaded survives.
@safe
public final class RealtimeEngine: @unchecked Sendable {
  // SAFETY (@unchecked): `state` belongs to the process thread while the callback is on and to the
  // set-up thread while it is off; the rings' ends below have one owner each, the session.
  private let state: UnsafeMutablePointer<RealtimeState>
  private let api: UnsafeMutablePointer<continuo_port_api>
  private let captureRing: Ring<RealtimeEvent>
  private let commandRing: Ring<RealtimeCommand>
  private let retiredRing: Ring<UInt64>
  private let snapshotBuffer: TripleBuffer<RealtimeSnapshot>
  private var commands: RingProducer<RealtimeCommand>
  private var retired: RingConsumer<UInt64>
  private var capture: CaptureReader
  /// Programs the process thread may still read, by the handle of their loading.
  private var programs: [UInt64: PatternProgram] = [:]
  private var lastHandle: UInt64 = 0

  /// How many slots the capture ring has (64 bytes each).
  public let captureCapacity: Int
  /// What the process thread counts. Any thread may read.
  public let counters: Counters
  /// How long the callback took. Any thread may read.
  public let histogram: CycleHistogram

  /// Allocates everything: `inputCount` ports (1...64), a ring of `captureCapacity` slots.
  ///
  /// The default holds 65,536 short messages or 4 MiB of SysEx: over a second of the densest
  /// traffic a drainer could be late for.
  public init(
    api: continuo_port_api, inputCount: Int, captureCapacity: Int = 1 << 16
  ) {
    captureRing = Ring(
      minimumCapacity: captureCapacity, filling: RealtimeEvent(kind: .midi, frame: 0))
    commandRing = Ring(minimumCapacity: 256, filling: .silence)
    retiredRing = Ring(minimumCapacity: 1024, filling: 0)
    snapshotBuffer = TripleBuffer(RealtimeSnapshot())
    counters = Counters()
    histogram = CycleHistogram()
    self.captureCapacity = captureRing.capacity
    commands = commandRing.makeProducer()
    retired = retiredRing.makeConsumer()
    capture = CaptureReader(ring: captureRing.makeConsumer())
    unsafe self.api = .allocate(capacity: 1)
    unsafe self.api.initialize(to: api)
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(
      to: RealtimeState(
        api: self.api, counters: counters, histogram: histogram,
        capture: captureRing.makeProducer(),
        commands: commandRing.makeConsumer(), retired: retiredRing.makeProducer(),
        snapshots: snapshotBuffer.makeWriter(), inputCount: min(max(inputCount, 1), 64)))
  }

  /// What the process callback is given to find the engine: valid until `deallocate()`.
  public var context: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(state) }

  /// Tells that the next cycle comes from a new server. Set-up thread, callback off.
  public func serverRestarted() {
    unsafe state.pointee.serverRestarted()
  }

  /// Sends a command; false when 256 wait already (the process thread does not run).
  /// - Thread: session, one at a time.
  public func send(_ command: RealtimeCommand) -> Bool {
    commands.push(command)
  }

  /// Puts `program` into `slot` (0..<8); false when 256 commands wait already.
  ///
  /// Replacing the program that plays is a revision: it goes on from the same place.
  /// - Thread: session, one at a time.
  public func load(_ program: PatternProgram, into slot: Int) -> Bool {
    var command = RealtimeCommand(.load, slot: slot)
    let handle = lastHandle + 1
    command.program = program.view(handle: handle)
    guard commands.push(command) else { return false }
    programs[handle] = program
    lastHandle = handle
    return true
  }

  /// Empties `slot`; false when 256 commands wait already.
  /// - Thread: session, one at a time.
  public func clear(_ slot: Int) -> Bool {
    commands.push(RealtimeCommand(.clear, slot: slot))
  }

  /// Frees what the process thread has given back; returns how many programs.
  /// - Thread: session, one at a time.
  @discardableResult
  public func collectRetired() -> Int {
    var count = 0
    while let handle = retired.pop() {
      programs[handle] = nil
      count += 1
    }
    return count
  }

  /// The oldest captured event or record; nil when there is none.
  /// - Thread: session, one at a time.
  public func nextCaptured() -> CapturedEvent? {
    capture.next()
  }

  /// The state at the end of the last cycle.
  /// - Thread: session, one at a time.
  public func snapshot() -> RealtimeSnapshot {
    snapshotBuffer.read()
  }

  /// Frees everything. Only after the callback is off for good.
  public func deallocate() {
    unsafe state.pointee.deallocate()
    unsafe state.deinitialize(count: 1)
    unsafe state.deallocate()
    unsafe api.deallocate()
    captureRing.deallocate()
    commandRing.deallocate()
    retiredRing.deallocate()
    snapshotBuffer.deallocate()
    counters.deallocate()
    histogram.deallocate()
    programs.removeAll()
  }
}

/// Runs one cycle on the engine behind `context` (`RealtimeEngine.context`).
/// - Thread: realtime. Realtime-safe: yes.
@_noLocks @_noAllocation
public func runRealtimeCycle(_ context: UnsafeMutableRawPointer, _ cycle: CycleInput) {
  // SAFETY: `context` is the state of an engine that is alive while its callback is on.
  unsafe context.assumingMemoryBound(to: RealtimeState.self).pointee.run(cycle)
}
