// SPDX-License-Identifier: MIT
import CRealtime

/// One fake port buffer: what JACK would hold for a cycle.
///
/// Its memory is its own and is made beforehand, so that what the engine calls allocates nothing:
/// the whole callback can be watched by RealtimeSanitizer.
final class FakePort {
  struct Memory {
    struct Slot {
      var time: UInt32
      var size: UInt32
      var start: Int
    }

    let slots: UnsafeMutablePointer<Slot>
    let slotCount: Int
    let bytes: UnsafeMutablePointer<UInt8>
    let byteCount: Int
    var count = 0
    var used = 0
    /// Bytes the port takes in a cycle before it is full.
    var room = Int.max
    /// Frames of the cycle: a time outside them is an offence.
    var frames: UInt32 = .max
    /// Reservations that the server would refuse and print about.
    var offences = 0
    /// Reservations that found the port full.
    var refusals = 0
  }

  let memory: UnsafeMutablePointer<Memory>

  init(slots: Int = 1 << 14, bytes: Int = 1 << 18) {
    memory = .allocate(capacity: 1)
    memory.initialize(
      to: Memory(
        slots: .allocate(capacity: slots), slotCount: slots, bytes: .allocate(capacity: bytes),
        byteCount: bytes))
  }

  deinit {
    memory.pointee.slots.deallocate()
    memory.pointee.bytes.deallocate()
    memory.deallocate()
  }

  var pointer: UnsafeMutableRawPointer { UnsafeMutableRawPointer(memory) }

  var room: Int {
    get { memory.pointee.room }
    set { memory.pointee.room = newValue }
  }

  func clear() {
    memory.pointee.count = 0
    memory.pointee.used = 0
  }

  func add(_ time: UInt32, _ bytes: [UInt8]) {
    guard let target = fakeAppend(memory, time, UInt32(bytes.count)) else {
      preconditionFailure("The test's input port is full")
    }
    for (index, byte) in bytes.enumerated() { target[index] = byte }
  }

  var count: Int { memory.pointee.count }

  /// The events in the buffer, in order.
  var events: [(time: UInt32, bytes: [UInt8])] {
    (0..<count).map { index in
      let slot = memory.pointee.slots[index]
      let bytes = UnsafeBufferPointer(
        start: memory.pointee.bytes + slot.start, count: Int(slot.size))
      return (slot.time, Array(bytes))
    }
  }
}

/// A port table over `FakePort`.
let fakePorts = continuo_port_api(
  count: { fakeCount($0) }, get: { fakeGet($0, $1, $2) }, clear: { fakeClear($0) },
  reserve: { fakeReserve($0, $1, $2) })

@_noLocks @_noAllocation
private func fakeCount(_ buffer: UnsafeMutableRawPointer) -> UInt32 {
  UInt32(
    truncatingIfNeeded: buffer.assumingMemoryBound(to: FakePort.Memory.self).pointee.count)
}

@_noLocks @_noAllocation
private func fakeGet(
  _ event: UnsafeMutablePointer<continuo_midi_event>, _ buffer: UnsafeMutableRawPointer,
  _ index: UInt32
) -> Int32 {
  let port = buffer.assumingMemoryBound(to: FakePort.Memory.self)
  guard Int(index) < port.pointee.count else { return -1 }
  let slot = port.pointee.slots[Int(index)]
  event.pointee.time = slot.time
  event.pointee.size = slot.size
  event.pointee.bytes = UnsafePointer(port.pointee.bytes + slot.start)
  return 0
}

@_noLocks @_noAllocation
private func fakeClear(_ buffer: UnsafeMutableRawPointer) {
  let port = buffer.assumingMemoryBound(to: FakePort.Memory.self)
  port.pointee.count = 0
  port.pointee.used = 0
}

@_noLocks @_noAllocation
private func fakeReserve(
  _ buffer: UnsafeMutableRawPointer, _ time: UInt32, _ size: UInt32
) -> UnsafeMutablePointer<UInt8>? {
  let port = buffer.assumingMemoryBound(to: FakePort.Memory.self)
  let count = port.pointee.count
  if size == 0 || time >= port.pointee.frames
    || (count > 0 && port.pointee.slots[count &- 1].time > time)
  {
    port.pointee.offences &+= 1
    return nil
  }
  guard port.pointee.used &+ Int(size) <= port.pointee.room else {
    port.pointee.refusals &+= 1
    return nil
  }
  return fakeAppend(port, time, size)
}

@_noLocks @_noAllocation
private func fakeAppend(
  _ port: UnsafeMutablePointer<FakePort.Memory>, _ time: UInt32, _ size: UInt32
) -> UnsafeMutablePointer<UInt8>? {
  let count = port.pointee.count
  let start = port.pointee.used
  guard count < port.pointee.slotCount, start &+ Int(size) <= port.pointee.byteCount else {
    return nil
  }
  port.pointee.slots[count] = FakePort.Memory.Slot(time: time, size: size, start: start)
  port.pointee.count = count &+ 1
  port.pointee.used = start &+ Int(size)
  return port.pointee.bytes + start
}
