// SPDX-License-Identifier: MIT
internal import CRealtime
internal import ContinuoRings

/// Reads all input ports of a cycle in time order; at a tie the lower port comes first.
///
/// Ports without events cost one call each; the rest is linear in the events.
/// Runs on the JACK process thread.
@safe
struct PortMerge {
  /// The next event of one port that still has some.
  @safe
  struct Head: BitwiseCopyable {
    var port: Int
    var buffer: UInt
    var index: UInt32
    var count: UInt32
    var event: continuo_midi_event

    @_noLocks @_noAllocation
    init(port: Int, buffer: UInt, count: UInt32) {
      self.port = port
      self.buffer = buffer
      index = 0
      self.count = count
      unsafe event = continuo_midi_event(time: 0, size: 0, bytes: nil)
    }
  }

  private let heads: FixedBuffer<Head>
  private var active = 0

  /// Set-up thread.
  init(portCount: Int) {
    heads = FixedBuffer(count: portCount, repeating: Head(port: 0, buffer: 0, count: 0))
  }

  func deallocate() { heads.deallocate() }

  @_noLocks @_noAllocation
  mutating func begin(
    _ buffers: FixedBuffer<UInt>, _ count: Int, _ api: UnsafePointer<continuo_port_api>
  ) {
    active = 0
    for port in 0..<min(count, heads.count) {
      // SAFETY: the address was a port buffer's of this cycle, or 0.
      guard let buffer = unsafe UnsafeMutableRawPointer(bitPattern: buffers[port]) else {
        continue
      }
      let events = unsafe continuo_port_count(api, buffer)
      guard events > 0 else { continue }
      var head = Head(port: port, buffer: buffers[port], count: events)
      if unsafe fetch(&head, api) {
        heads[active] = head
        active &+= 1
      }
    }
  }

  /// The earliest event left, or nil.
  @_noLocks @_noAllocation
  mutating func next(_ api: UnsafePointer<continuo_port_api>) -> Head? {
    guard active > 0 else { return nil }
    var earliest = 0
    var candidate = 1
    while candidate < active {
      if unsafe heads[candidate].event.time < heads[earliest].event.time { earliest = candidate }
      candidate &+= 1
    }
    let taken = heads[earliest]
    var head = taken
    head.index &+= 1
    if unsafe fetch(&head, api) {
      heads[earliest] = head
    } else {
      active &-= 1
      var place = earliest
      while place < active {
        heads[place] = heads[place &+ 1]
        place &+= 1
      }
    }
    return taken
  }

  /// Reads the event at `head.index`, passing over any the server will not give.
  @_noLocks @_noAllocation
  private func fetch(_ head: inout Head, _ api: UnsafePointer<continuo_port_api>) -> Bool {
    guard let buffer = unsafe UnsafeMutableRawPointer(bitPattern: head.buffer) else {
      return false
    }
    while head.index < head.count {
      if unsafe continuo_port_get(api, &head.event, buffer, head.index) == 0 { return true }
      head.index &+= 1
    }
    return false
  }
}
