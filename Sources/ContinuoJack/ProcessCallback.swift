// SPDX-License-Identifier: MIT
internal import CJack
public import CRealtime
internal import ContinuoRealtime
internal import ContinuoRings
internal import Synchronization

/// What the JACK process thread needs of the client: plain memory, no reference.
///
/// Made before activation, freed after deactivation.
@safe
struct ProcessState: ~Copyable {
  let client: OpaquePointer
  let inputs: FixedBuffer<UInt>
  let buffers: FixedBuffer<UInt>
  let inputCount: Int
  let output: OpaquePointer
  /// The port MIDI Clock comes in at; nil when there is none.
  let clock: OpaquePointer?
  let engine: UnsafeMutableRawPointer
  /// Frames a second, as bits of a Double.
  ///
  /// Written by JACK's notification thread.
  let sampleRate: Atomic<UInt64>
  /// 1 while the server freewheels.
  ///
  /// Written by JACK's notification thread.
  let freewheeling = Atomic<UInt32>(0)

  init(
    client: OpaquePointer, inputs: [OpaquePointer], output: OpaquePointer,
    clock: OpaquePointer?, engine: UnsafeMutableRawPointer, sampleRate: Double
  ) {
    unsafe self.clock = clock
    unsafe self.client = client
    let ports = unsafe FixedBuffer<UInt>(count: inputs.count, repeating: 0)
    for index in unsafe inputs.indices { ports[index] = unsafe UInt(bitPattern: inputs[index]) }
    self.inputs = ports
    buffers = unsafe FixedBuffer(count: inputs.count, repeating: 0)
    inputCount = unsafe inputs.count
    unsafe self.output = output
    unsafe self.engine = engine
    self.sampleRate = Atomic(sampleRate.bitPattern)
  }

  func deallocate() {
    inputs.deallocate()
    buffers.deallocate()
  }

  /// One cycle: gathers what JACK has and hands it to the engine.
  /// - Thread: realtime. Realtime-safe: yes.
  @_noLocks @_noAllocation
  borrowing func cycle(_ frames: UInt32) {
    guard frames > 0 else { return }
    for index in 0..<inputCount {
      // SAFETY: the port was registered before activation and lives until deactivation.
      if let port = unsafe OpaquePointer(bitPattern: inputs[index]) {
        buffers[index] = unsafe UInt(bitPattern: jack_port_get_buffer(port, frames))
      }
    }
    let input = unsafe CycleInput(
      counter: jack_last_frame_time(client), frames: frames,
      sampleRate: Double(bitPattern: sampleRate.load(ordering: .relaxed)),
      transport: transport(), inputs: buffers, inputCount: inputCount,
      output: jack_port_get_buffer(output, frames),
      freewheeling: freewheeling.load(ordering: .relaxed) != 0, clock: clockBuffer(frames))
    unsafe runRealtimeCycle(engine, input)
  }

  @_noLocks @_noAllocation
  private borrowing func clockBuffer(_ frames: UInt32) -> UnsafeMutableRawPointer? {
    guard let clock = unsafe clock else { return nil }
    return unsafe jack_port_get_buffer(clock, frames)
  }

  @_noLocks @_noAllocation
  private borrowing func transport() -> Transport {
    var position = jack_position_t()
    let state = unsafe jack_transport_query(client, &position)
    var transport = Transport()
    transport.rolling = state.rawValue == JackTransportRolling.rawValue
    transport.frame = position.frame
    let valid = position.valid.rawValue
    guard valid & JackPositionBBT.rawValue != 0 else { return transport }
    transport.hasBBT = true
    transport.bar = position.bar
    transport.beat = position.beat
    transport.tick = position.tick
    transport.ticksPerBeat = position.ticks_per_beat
    transport.beatsPerBar = position.beats_per_bar
    transport.beatType = position.beat_type
    transport.beatsPerMinute = position.beats_per_minute
    transport.hasOffset = valid & JackBBTFrameOffset.rawValue != 0
    if transport.hasOffset { transport.bbtOffset = position.bbt_offset }
    transport.hasTickDouble = valid & JackTickDouble.rawValue != 0
    if transport.hasTickDouble { transport.tickDouble = position.tick_double }
    return transport
  }
}

/// The one function the real-time trampoline calls; `context` is a `ProcessState`.
/// - Thread: realtime. Realtime-safe: yes.
@_noLocks @_noAllocation
func runJackCycle(_ frames: UInt32, _ context: UnsafeMutableRawPointer?) -> Int32 {
  // SAFETY: the context is the client's `ProcessState`, alive until deactivation.
  guard let state = unsafe context?.assumingMemoryBound(to: ProcessState.self) else { return 0 }
  unsafe state.pointee.cycle(frames)
  return 0
}

/// JACK's MIDI port calls in the engine's terms.
public enum JackPorts {
  /// The table the engine reads and writes ports through.
  public static var api: continuo_port_api {
    unsafe continuo_port_api(
      count: { buffer in unsafe jack_midi_get_event_count(buffer) },
      get: { event, buffer, index in unsafe jackEvent(event, buffer, index) },
      clear: { buffer in unsafe jack_midi_clear_buffer(buffer) },
      reserve: { buffer, time, size in unsafe jackReserve(buffer, time, size) })
  }
}

@_noLocks @_noAllocation
private func jackEvent(
  _ event: UnsafeMutablePointer<continuo_midi_event>, _ buffer: UnsafeMutableRawPointer,
  _ index: UInt32
) -> Int32 {
  var found = unsafe jack_midi_event_t()
  let code = unsafe jack_midi_event_get(&found, buffer, index)
  unsafe event.pointee = continuo_midi_event(
    time: found.time, size: UInt32(truncatingIfNeeded: found.size), bytes: found.buffer)
  return code
}

/// Asks before it reserves: a refusal would make libjack print on the process thread and count a
/// lost event in the buffer.
@_noLocks @_noAllocation
private func jackReserve(
  _ buffer: UnsafeMutableRawPointer, _ time: UInt32, _ size: UInt32
) -> UnsafeMutablePointer<UInt8>? {
  guard size > 0, unsafe jack_midi_max_event_size(buffer) >= Int(size) else { return nil }
  return unsafe jack_midi_event_reserve(buffer, time, Int(size))
}
