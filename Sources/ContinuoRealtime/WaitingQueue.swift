// SPDX-License-Identifier: MIT
internal import CRealtime
internal import ContinuoRings

/// Output events that found the port buffer full, in order, with their bytes.
///
/// Holds 8192 events and 128 KiB of long ones; a quarter of the events is kept for note-offs.
/// Runs on the JACK process thread.
@safe
struct WaitingQueue {
  private let items: FixedBuffer<OutboxItem>
  private var head = 0
  private(set) var count = 0
  /// Note-ons that wait, per key.
  private let ons: FixedBuffer<UInt8>
  private let arena: FixedBuffer<UInt8>
  private var arenaUsed = 0

  /// Set-up thread.
  init() {
    items = FixedBuffer(
      count: 8192, repeating: OutboxItem(offset: 0, message: ShortMessage(0xFE, size: 1)))
    ons = FixedBuffer(count: 16 * 128, repeating: 0)
    arena = FixedBuffer(count: 1 << 17, repeating: 0)
  }

  func deallocate() {
    items.deallocate()
    ons.deallocate()
    arena.deallocate()
  }

  /// How many note-ons of `key` wait.
  @_noLocks @_noAllocation
  func onCount(_ key: Int) -> UInt8 { ons[key] }

  /// The oldest event; only while `count` > 0.
  var first: OutboxItem {
    @_noLocks @_noAllocation get { items[head] }
  }

  @_noLocks @_noAllocation
  mutating func removeFirst() {
    let item = items[head]
    if item.isNoteOn { ons[item.message.key] &-= 1 }
    head = (head &+ 1) % items.count
    count &-= 1
    if count == 0 { arenaUsed = 0 }
  }

  /// Adds `item`, for offset 0 of a later cycle; false when there is no room.
  @_noLocks @_noAllocation
  mutating func append(_ item: OutboxItem) -> Bool {
    var queued = item
    queued.offset = 0
    let limit = item.isNoteOff ? items.count : items.count &* 3 / 4
    guard count < limit, !(item.isNoteOn && ons[item.message.key] == 255) else { return false }
    if item.length > 0 {
      let size = Int(item.length)
      guard arenaUsed &+ size <= arena.count,
        let source = unsafe UnsafePointer<UInt8>(bitPattern: item.bytes)
      else { return false }
      // SAFETY: the arena has room for `size` bytes, and the item's bytes are valid this cycle.
      unsafe continuo_copy(arena.address(arenaUsed), source, size)
      queued.bytes = unsafe UInt(bitPattern: arena.address(arenaUsed))
      arenaUsed &+= size
    }
    items[(head &+ count) % items.count] = queued
    count &+= 1
    if item.isNoteOn { ons[item.message.key] &+= 1 }
    return true
  }

  /// Strikes the newest waiting note-on of `key` out of the queue.
  @_noLocks @_noAllocation
  mutating func takeBackOn(_ key: Int) {
    var place = count &- 1
    while place >= 0 {
      let index = (head &+ place) % items.count
      var item = items[index]
      if item.isNoteOn, item.message.key == key {
        item.message.size = 0
        items[index] = item
        ons[key] &-= 1
        return
      }
      place &-= 1
    }
  }
}
