// SPDX-License-Identifier: MIT
import CRealtime
import ContinuoRealtime
import ContinuoRings

/// Drives the engine with made-up cycles, each through the C trampoline that JACK calls.
final class CycleRig {
  struct Output: Equatable {
    var frame: UInt64
    var bytes: [UInt8]
  }

  /// What the trampoline's callback finds.
  struct Cycle {
    var engine: UnsafeMutableRawPointer
    var input: CycleInput
  }

  let engine: RealtimeEngine
  let inputs: [FakePort]
  let output: FakePort
  /// False: the server gives no buffer for the output.
  var hasOutput = true
  let buffers: FixedBuffer<UInt>
  /// Keeps the clock port alive.
  private var clock: FakePort?
  private let cycle: UnsafeMutablePointer<Cycle>
  private let context: UnsafeMutablePointer<continuo_process_context>
  var counter: UInt32 = 0
  var frame: UInt64 = 0
  var sampleRate = 48000.0
  var sent: [Output] = []

  init(
    ports: Int = 1, captureCapacity: Int = 1 << 16, startingAt counter: UInt32 = 0,
    slots: Int = 1 << 14, bytes: Int = 1 << 18
  ) {
    engine = RealtimeEngine(api: fakePorts, inputCount: ports, captureCapacity: captureCapacity)
    inputs = (0..<ports).map { _ in FakePort(slots: slots, bytes: bytes) }
    output = FakePort(slots: slots, bytes: bytes)
    buffers = FixedBuffer(count: ports, repeating: 0)
    for index in 0..<ports { buffers[index] = UInt(bitPattern: inputs[index].pointer) }
    self.counter = counter
    frame = UInt64(counter)
    cycle = .allocate(capacity: 1)
    cycle.initialize(
      to: Cycle(
        engine: engine.context,
        input: CycleInput(
          counter: 0, frames: 0, sampleRate: 48000, transport: Transport(), inputs: buffers,
          inputCount: ports, output: nil, freewheeling: false)))
    context = .allocate(capacity: 1)
    context.initialize(
      to: continuo_process_context(cycle: { runRigCycle($0, $1) }, context: cycle))
  }

  deinit {
    engine.deallocate()
    buffers.deallocate()
    cycle.deallocate()
    context.deallocate()
  }

  /// A rig with a clock port, and that port; the test clears it.
  static func withClock() -> (CycleRig, FakePort) {
    let rig = CycleRig()
    let clock = FakePort()
    rig.cycle.pointee.input.clock = clock.pointer
    rig.clock = clock
    return (rig, clock)
  }

  /// Runs one cycle and takes what came out of it, frames absolute.
  @discardableResult
  func run(_ frames: UInt32, _ transport: Transport = Transport(), freewheel: Bool = false)
    -> [Output]
  {
    turn(frames, transport, freewheel: freewheel)
    let written =
      hasOutput
      ? output.events.map { Output(frame: frame + UInt64($0.time), bytes: $0.bytes) } : []
    sent += written
    for port in inputs { port.clear() }
    counter &+= frames
    frame += UInt64(frames)
    return written
  }

  /// The cycle alone: nothing is read, cleared or moved on.
  func turn(_ frames: UInt32, _ transport: Transport, freewheel: Bool = false) {
    output.memory.pointee.frames = frames
    cycle.pointee.input.counter = counter
    cycle.pointee.input.frames = frames
    cycle.pointee.input.sampleRate = sampleRate
    cycle.pointee.input.transport = transport
    cycle.pointee.input.output = hasOutput ? output.pointer : nil
    cycle.pointee.input.freewheeling = freewheel
    _ = continuo_process(frames, context)
  }

  /// Lets `frames` pass without a cycle, as the server does at an xrun.
  func miss(_ frames: UInt32) {
    counter &+= frames
    frame += UInt64(frames)
  }

  /// Everything captured so far.
  func captured() -> [CapturedEvent] {
    var all: [CapturedEvent] = []
    while let event = engine.nextCaptured() { all.append(event) }
    return all
  }

  /// The records of one kind captured so far; takes everything out of the ring.
  func records(_ kind: RealtimeEvent.Kind) -> [RealtimeEvent] {
    captured().map(\.event).filter { $0.kind == kind }
  }
}

@_noLocks @_noAllocation
private func runRigCycle(_ frames: UInt32, _ context: UnsafeMutableRawPointer) -> Int32 {
  let cycle = context.assumingMemoryBound(to: CycleRig.Cycle.self)
  runRealtimeCycle(cycle.pointee.engine, cycle.pointee.input)
  return 0
}

/// A small seeded generator (SplitMix64), the same on every machine.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  /// 0..<`bound`, quickly.
  mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }
}
