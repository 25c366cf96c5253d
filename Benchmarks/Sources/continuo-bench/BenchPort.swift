// SPDX-License-Identifier: MIT
import CRealtime

/// A port buffer that costs what JACK's costs: a table of events over a block of bytes.
struct BenchPort {
  private struct Slot {
    var time: UInt32
    var size: UInt32
    var start: Int
  }

  private struct Memory {
    var slots: UnsafeMutablePointer<Slot>
    var bytes: UnsafeMutablePointer<UInt8>
    var count = 0
    var used = 0
  }

  private static let slotCount = 8192
  private static let byteCount = 32_768
  private let memory: UnsafeMutablePointer<Memory>

  /// Room for 32 KiB, as in JACK.
  init() {
    memory = .allocate(capacity: 1)
    memory.initialize(
      to: Memory(
        slots: .allocate(capacity: Self.slotCount), bytes: .allocate(capacity: Self.byteCount)))
  }

  func deallocate() {
    memory.pointee.slots.deallocate()
    memory.pointee.bytes.deallocate()
    memory.deallocate()
  }

  var pointer: UnsafeMutableRawPointer { UnsafeMutableRawPointer(memory) }

  func add(_ time: UInt32, _ status: UInt8, _ data1: UInt8, _ data2: UInt8) {
    guard let bytes = Self.reserve(pointer, time, 3) else { return }
    bytes[0] = status
    bytes[1] = data1
    bytes[2] = data2
  }

  func clear() { Self.clear(pointer) }

  /// The engine's table.
  static let api = continuo_port_api(
    count: { BenchPort.count($0) }, get: { BenchPort.get($0, $1, $2) },
    clear: { BenchPort.clear($0) }, reserve: { BenchPort.reserve($0, $1, $2) })

  @_noLocks @_noAllocation
  private static func count(_ buffer: UnsafeMutableRawPointer) -> UInt32 {
    UInt32(truncatingIfNeeded: buffer.assumingMemoryBound(to: Memory.self).pointee.count)
  }

  @_noLocks @_noAllocation
  private static func get(
    _ event: UnsafeMutablePointer<continuo_midi_event>, _ buffer: UnsafeMutableRawPointer,
    _ index: UInt32
  ) -> Int32 {
    let memory = buffer.assumingMemoryBound(to: Memory.self)
    guard Int(index) < memory.pointee.count else { return -1 }
    let slot = memory.pointee.slots[Int(index)]
    event.pointee.time = slot.time
    event.pointee.size = slot.size
    event.pointee.bytes = UnsafePointer(memory.pointee.bytes + slot.start)
    return 0
  }

  @_noLocks @_noAllocation
  private static func clear(_ buffer: UnsafeMutableRawPointer) {
    let memory = buffer.assumingMemoryBound(to: Memory.self)
    memory.pointee.count = 0
    memory.pointee.used = 0
  }

  @_noLocks @_noAllocation
  private static func reserve(
    _ buffer: UnsafeMutableRawPointer, _ time: UInt32, _ size: UInt32
  ) -> UnsafeMutablePointer<UInt8>? {
    let memory = buffer.assumingMemoryBound(to: Memory.self)
    let count = memory.pointee.count
    let start = memory.pointee.used
    if count > 0, memory.pointee.slots[count &- 1].time > time { return nil }
    guard count < slotCount, start &+ Int(size) <= byteCount else { return nil }
    memory.pointee.slots[count] = Slot(time: time, size: size, start: start)
    memory.pointee.count = count &+ 1
    memory.pointee.used = start &+ Int(size)
    return memory.pointee.bytes + start
  }
}
