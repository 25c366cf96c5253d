// SPDX-License-Identifier: MIT
import CRealtime
import ContinuoRealtime
import ContinuoRings

/// What one process callback costs, through the trampoline that JACK calls.
///
/// Eight input ports, everything captured and passed on, and a pattern of sixteenths in four voices
/// playing against a rolling time base.
struct CallbackBench {
  struct Result {
    var frames: Int
    var events: Int
    var median: UInt64
    var nearlyAll: UInt64
    var longest: UInt64
  }

  private struct Cycle {
    var engine: UnsafeMutableRawPointer
    var input: CycleInput
  }

  static func run(frames: Int, events: Int, cycles: Int) throws -> Result {
    let engine = RealtimeEngine(api: BenchPort.api, inputCount: 8)
    let ports = (0..<8).map { _ in BenchPort() }
    let output = BenchPort()
    let buffers = FixedBuffer<UInt>(count: 8, repeating: 0)
    for index in 0..<8 { buffers[index] = UInt(bitPattern: ports[index].pointer) }
    let cycle = UnsafeMutablePointer<Cycle>.allocate(capacity: 1)
    cycle.initialize(
      to: Cycle(
        engine: engine.context,
        input: CycleInput(
          counter: 0, frames: UInt32(frames), sampleRate: 48_000, transport: Transport(),
          inputs: buffers, inputCount: 8, output: output.pointer, freewheeling: false)))
    var context = continuo_process_context(cycle: { runBenchCycle($0, $1) }, context: cycle)
    defer {
      engine.deallocate()
      buffers.deallocate()
      cycle.deallocate()
      output.deallocate()
      for port in ports { port.deallocate() }
    }
    _ = engine.load(try pattern(), into: 0)
    _ = engine.send(.start(slot: 0, at: .now, anchor: 0, loops: true))
    _ = engine.send(.thru(.always, ports: 0xFF))
    for index in 0..<cycles {
      let at = UInt32(truncatingIfNeeded: index * frames)
      cycle.pointee.input.counter = at
      cycle.pointee.input.transport = transport(at: at)
      fill(ports, events, frames, isOn: index % 2 == 0)
      _ = continuo_process(UInt32(frames), &context)
      while engine.nextCaptured() != nil {}
    }
    let histogram = engine.histogram
    return Result(
      frames: frames, events: events, median: histogram.quantile(0.5),
      nearlyAll: histogram.quantile(0.99), longest: histogram.maximum)
  }

  /// Note-ons in one cycle, their note-offs in the next.
  private static func fill(_ ports: [BenchPort], _ events: Int, _ frames: Int, isOn: Bool) {
    for port in ports { port.clear() }
    for index in 0..<events {
      ports[index % 8].add(
        UInt32(index * frames / max(events, 1)), isOn ? 0x90 : 0x80, UInt8(index / 8 % 128), 64)
    }
  }

  private static func pattern() throws -> PatternProgram {
    let notes = (0..<64).map { index in
      let at = Double(index / 4) / 4
      let note = ShortMessage(0x91, UInt8(40 + index % 4 * 7), 90)
      return PatternProgram.Event(at: at, end: at + 0.2, noteOn: note, release: 64)
    }
    return try PatternProgram(identity: 1, length: 4, events: notes)
  }

  /// 120 BPM, whole ticks, cut off.
  private static func transport(at frame: UInt32) -> Transport {
    let ticks = Int(frame) * 2 / 25
    var transport = Transport()
    transport.rolling = true
    transport.frame = frame
    transport.hasBBT = true
    transport.bar = Int32(ticks / 7680) + 1
    transport.beat = Int32(ticks / 1920 % 4) + 1
    transport.tick = Int32(ticks % 1920)
    transport.ticksPerBeat = 1920
    transport.beatsPerBar = 4
    transport.beatType = 4
    transport.beatsPerMinute = 120
    return transport
  }

  @_noLocks @_noAllocation
  fileprivate static func turn(_ context: UnsafeMutableRawPointer) {
    let cycle = context.assumingMemoryBound(to: Cycle.self)
    runRealtimeCycle(cycle.pointee.engine, cycle.pointee.input)
  }
}

@_noLocks @_noAllocation
private func runBenchCycle(_ frames: UInt32, _ context: UnsafeMutableRawPointer) -> Int32 {
  CallbackBench.turn(context)
  return 0
}
