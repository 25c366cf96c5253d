// SPDX-License-Identifier: MIT
import CRealtime
import ContinuoRealtime
import ContinuoRings

/// One fake port buffer: what JACK would hold for a cycle.
final class FakePort {
  var events: [(time: UInt32, bytes: [UInt8])] = []
  var storage: [UnsafeMutablePointer<UInt8>] = []
  var sizes: [Int] = []
  /// Bytes the port takes in a cycle before it is full.
  var room = Int.max
  var used = 0

  func clear() {
    events.removeAll(keepingCapacity: true)
    for pointer in storage { pointer.deallocate() }
    storage.removeAll(keepingCapacity: true)
    sizes.removeAll(keepingCapacity: true)
    used = 0
  }

  func add(_ time: UInt32, _ bytes: [UInt8]) {
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
    for (index, byte) in bytes.enumerated() { memory[index] = byte }
    storage.append(memory)
    sizes.append(bytes.count)
    events.append((time, bytes))
  }

  var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  static func at(_ pointer: UnsafeMutableRawPointer) -> FakePort {
    Unmanaged<FakePort>.fromOpaque(pointer).takeUnretainedValue()
  }

  deinit { clear() }
}

/// A port table over `FakePort`.
let fakePorts = continuo_port_api(
  count: { UInt32(FakePort.at($0).events.count) },
  get: { event, buffer, index in
    let port = FakePort.at(buffer)
    guard Int(index) < port.events.count else { return -1 }
    event.pointee = continuo_midi_event(
      time: port.events[Int(index)].time, size: UInt32(port.sizes[Int(index)]),
      bytes: UnsafePointer(port.storage[Int(index)]))
    return 0
  },
  clear: { FakePort.at($0).clear() },
  reserve: { buffer, time, size in
    let port = FakePort.at(buffer)
    if let last = port.events.last, last.time > time { return nil }
    guard port.used + Int(size) <= port.room else { return nil }
    port.used += Int(size)
    port.add(time, [UInt8](repeating: 0, count: Int(size)))
    return port.storage.last
  })

/// Drives the engine with made-up cycles.
final class CycleRig {
  struct Output: Equatable {
    var frame: UInt64
    var bytes: [UInt8]
  }

  let engine: RealtimeEngine
  let inputs: [FakePort]
  let output = FakePort()
  let buffers: FixedBuffer<UInt>
  var counter: UInt32 = 0
  var frame: UInt64 = 0
  var sampleRate = 48000.0
  var sent: [Output] = []

  init(ports: Int = 1, captureCapacity: Int = 1 << 16, startingAt counter: UInt32 = 0) {
    engine = RealtimeEngine(
      api: fakePorts, inputCount: ports, captureCapacity: captureCapacity)
    inputs = (0..<ports).map { _ in FakePort() }
    buffers = FixedBuffer(count: ports, repeating: 0)
    for index in 0..<ports { buffers[index] = UInt(bitPattern: inputs[index].pointer) }
    self.counter = counter
    frame = UInt64(counter)
  }

  deinit {
    engine.deallocate()
    buffers.deallocate()
  }

  /// Runs one cycle and takes what came out of it, frames absolute.
  @discardableResult
  func run(_ frames: UInt32, _ transport: Transport = Transport(), freewheel: Bool = false)
    -> [Output]
  {
    let cycle = CycleInput(
      counter: counter, frames: frames, sampleRate: sampleRate, transport: transport,
      inputs: buffers, inputCount: inputs.count, output: output.pointer, freewheeling: freewheel)
    runRealtimeCycle(engine.context, cycle)
    let written = output.events.enumerated().map { index, event in
      Output(
        frame: frame + UInt64(event.time),
        bytes: Array(UnsafeBufferPointer(start: output.storage[index], count: output.sizes[index])))
    }
    sent += written
    for port in inputs { port.clear() }
    counter &+= frames
    frame += UInt64(frames)
    return written
  }

  /// Everything captured so far.
  func captured() -> [CapturedEvent] {
    var all: [CapturedEvent] = []
    while let event = engine.nextCaptured() { all.append(event) }
    return all
  }
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
}
