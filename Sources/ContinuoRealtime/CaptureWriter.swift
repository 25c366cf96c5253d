// SPDX-License-Identifier: MIT
internal import CRealtime
internal import ContinuoRings

/// Writes events into the capture ring: whole or not at all, dropped ones counted and told.
///
/// Runs on the JACK process thread.
@safe
struct CaptureWriter: ~Copyable {
  private var ring: RingProducer<RealtimeEvent>
  /// Dropped since the last `dropped` record got through.
  private var untold = 0
  /// Messages and records dropped since the start.
  private(set) var dropped = 0
  /// Most slots ever in use.
  private(set) var highWater = 0

  init(ring: consuming RingProducer<RealtimeEvent>) {
    self.ring = ring
  }

  /// Writes a record about time or the player.
  @_noLocks @_noAllocation
  mutating func write(_ record: RealtimeEvent) {
    if untold > 0 {
      guard ring.hasRoom(for: 2) else { return drop() }
      tellDrops(before: record)
    }
    if !ring.push(record) { drop() }
  }

  /// Writes a MIDI message of `size` bytes; `stamp` carries everything but length and bytes.
  @_noLocks @_noAllocation
  mutating func write(_ stamp: RealtimeEvent, bytes: UnsafePointer<UInt8>, size: Int) {
    let slotSize = MemoryLayout<RealtimeEvent>.size
    let isLong = size > RealtimeEvent.inlineCapacity
    let following = isLong ? (size &+ slotSize &- 1) / slotSize : 0
    guard ring.hasRoom(for: 1 &+ following &+ (untold > 0 ? 1 : 0)) else { return drop() }
    if untold > 0 { tellDrops(before: stamp) }
    var head = stamp
    head.length = UInt32(truncatingIfNeeded: size)
    if isLong {
      var offset = 0
      for slot in 0..<following {
        var raw = RealtimeEvent(kind: .midi, frame: 0)
        let part = min(slotSize, size &- offset)
        // SAFETY: `part` is at most the slot's size and ends within the message.
        unsafe withUnsafeMutablePointer(to: &raw) { target in
          unsafe continuo_copy(target, bytes + offset, part)
        }
        ring.stage(raw, at: 1 &+ slot)
        offset &+= part
      }
    } else {
      // SAFETY: `size` is at most 16, the width of `head.bytes`.
      unsafe withUnsafeMutablePointer(to: &head.bytes) { target in
        unsafe continuo_copy(target, bytes, size)
      }
    }
    ring.stage(head, at: 0)
    ring.publish(1 &+ following)
  }

  /// Notes how full the ring is; once a cycle.
  @_noLocks @_noAllocation
  mutating func measure() {
    highWater = max(highWater, ring.used)
  }

  @_noLocks @_noAllocation
  private mutating func drop() {
    untold &+= 1
    dropped &+= 1
  }

  @_noLocks @_noAllocation
  private mutating func tellDrops(before event: RealtimeEvent) {
    var record = RealtimeEvent(kind: .dropped, frame: event.frame, value: Double(untold))
    record.flags = event.flags
    ring.stage(record, at: 0)
    ring.publish(1)
    untold = 0
  }
}
