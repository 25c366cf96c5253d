// SPDX-License-Identifier: MIT
internal import CRealtime
internal import ContinuoRings

/// Writes one output port: in time order, note-offs first when room is short, nothing forgotten.
///
/// What a full port buffer refuses waits for the next cycle: a due note-off is *owed* (one counter
/// a key, so it can never be lost), everything else queues in order. Whatever is sent is counted
/// in a ledger of its own, so that each note-on that really left gets exactly one note-off.
/// Runs on the JACK process thread.
@safe
struct Outbox: ~Copyable {
  /// One event for this cycle; `length` > 0 means long bytes at `bytes`.
  struct Item: BitwiseCopyable {
    var offset: UInt32
    var length: UInt32
    var bytes: UInt
    var message: ShortMessage

    @_noLocks @_noAllocation
    init(offset: UInt32, message: ShortMessage) {
      self.offset = offset
      length = 0
      bytes = 0
      self.message = message
    }

    @_noLocks @_noAllocation
    init(offset: UInt32, bytes: UnsafePointer<UInt8>, length: Int) {
      self.offset = offset
      self.length = UInt32(truncatingIfNeeded: length)
      self.bytes = UInt(bitPattern: bytes)
      message = ShortMessage(0xF0, size: 1)
    }
  }

  /// The pattern's events of this cycle, then the musician's own, each in time order.
  private let pattern: FixedBuffer<Item>
  private let thru: FixedBuffer<Item>
  private var patternCount = 0
  private var thruCount = 0

  private var sent = NoteLedger()
  private let owed: FixedBuffer<UInt8>
  private var owedTotal = 0
  private let waiting: FixedBuffer<Item>
  private var waitingHead = 0
  private var waitingCount = 0
  private let waitingOns: FixedBuffer<UInt8>
  private let arena: FixedBuffer<UInt8>
  private var arenaUsed = 0

  /// Events that had to wait a cycle or more.
  private(set) var delayed = 0
  /// Events given up: the queue was full, or no cycle has room for the message.
  private(set) var lost = 0
  /// Events written.
  private(set) var written = 0
  private var writtenThisCycle = 0

  /// Set-up thread.
  init() {
    let none = Item(offset: 0, message: ShortMessage(0xFE, size: 1))
    pattern = FixedBuffer(count: 8192, repeating: none)
    thru = FixedBuffer(count: 32768, repeating: none)
    waiting = FixedBuffer(count: 8192, repeating: none)
    owed = FixedBuffer(count: 16 * 128, repeating: 0)
    waitingOns = FixedBuffer(count: 16 * 128, repeating: 0)
    arena = FixedBuffer(count: 1 << 17, repeating: 0)
  }

  /// Set-up thread, after the process thread has stopped.
  func deallocate() {
    pattern.deallocate()
    thru.deallocate()
    waiting.deallocate()
    owed.deallocate()
    waitingOns.deallocate()
    arena.deallocate()
    sent.deallocate()
  }

  /// Notes that sound at the port.
  var sounding: Int {
    @_noLocks @_noAllocation get { sent.sounding }
  }

  /// Whether anything still has to leave.
  var isEmpty: Bool {
    @_noLocks @_noAllocation get { owedTotal == 0 && waitingCount == 0 }
  }

  /// Room left for pattern events this cycle.
  var patternRoom: Int {
    @_noLocks @_noAllocation get { pattern.count &- patternCount }
  }

  /// Adds a pattern event, not before the last one added; counted as lost when there is no room.
  @_noLocks @_noAllocation
  mutating func addPattern(_ item: Item) {
    guard patternCount < pattern.count else {
      lost &+= 1
      return
    }
    pattern[patternCount] = item
    patternCount &+= 1
  }

  /// Adds an event of the musician's own; counted as lost when there is no room.
  @_noLocks @_noAllocation
  mutating func addThru(_ item: Item) {
    guard thruCount < thru.count else {
      lost &+= 1
      return
    }
    thru[thruCount] = item
    thruCount &+= 1
  }

  /// Who an event comes from.
  enum Origin: UInt8, BitwiseCopyable { case pattern, thru }

  /// Ends every note that `ledger` counts and puts its pedals and bends to rest.
  @_noLocks @_noAllocation
  mutating func releaseAll(_ ledger: inout NoteLedger, at offset: UInt32, from origin: Origin) {
    if ledger.sounding > 0 {
      for key in 0..<(16 * 128) {
        while ledger.noteOff(key) {
          add(Item(offset: offset, message: .noteOff(key: key)), from: origin)
        }
        if ledger.sounding == 0 { break }
      }
    }
    guard ledger.isDisplaced else { return }
    for channel in 0..<16 {
      let status = UInt8(channel)
      for pedal in 0..<3 where ledger.pedalValue(channel, pedal) > 0 {
        let up = ShortMessage(0xB0 | status, NoteLedger.controller(pedal), 0)
        add(Item(offset: offset, message: up), from: origin)
      }
      if ledger.bend(channel) != NoteLedger.centre {
        add(Item(offset: offset, message: ShortMessage(0xE0 | status, 0, 0x40)), from: origin)
      }
    }
    ledger.restControllers()
  }

  @_noLocks @_noAllocation
  private mutating func add(_ item: Item, from origin: Origin) {
    switch origin {
    case .pattern: addPattern(item)
    case .thru: addThru(item)
    }
  }

  /// Writes the cycle: what was owed, what waited, then both lists by time (pattern first at ties).
  @_noLocks @_noAllocation
  mutating func flush(_ api: UnsafePointer<continuo_port_api>, _ buffer: UnsafeMutableRawPointer) {
    unsafe continuo_port_clear(api, buffer)
    writtenThisCycle = 0
    unsafe payOwed(api, buffer)
    unsafe sendWaiting(api, buffer)
    var left = 0
    var right = 0
    while left < patternCount || right < thruCount {
      if right >= thruCount
        || (left < patternCount && pattern[left].offset <= thru[right].offset)
      {
        unsafe send(pattern[left], api, buffer)
        left &+= 1
      } else {
        unsafe send(thru[right], api, buffer)
        right &+= 1
      }
    }
    patternCount = 0
    thruCount = 0
  }

  @_noLocks @_noAllocation
  private mutating func payOwed(
    _ api: UnsafePointer<continuo_port_api>, _ buffer: UnsafeMutableRawPointer
  ) {
    guard owedTotal > 0 else { return }
    for key in 0..<(16 * 128) {
      while owed[key] > 0 {
        let off = Item(offset: 0, message: .noteOff(key: key))
        guard unsafe write(off, api, buffer) else { return }
        owed[key] &-= 1
        owedTotal &-= 1
        _ = sent.noteOff(key)
      }
      if owedTotal == 0 { return }
    }
  }

  @_noLocks @_noAllocation
  private mutating func sendWaiting(
    _ api: UnsafePointer<continuo_port_api>, _ buffer: UnsafeMutableRawPointer
  ) {
    while waitingCount > 0 {
      let item = waiting[waitingHead]
      let message = item.message
      if item.length == 0, message.size == 0 {
        removeWaiting()
        continue
      }
      if item.length == 0, message.isNoteOff {
        // Its note-on waited ahead of it and is out by now, unless that was given up.
        if sent.count(message.key) > owed[message.key] {
          guard unsafe write(item, api, buffer) else { return }
          _ = sent.noteOff(message.key)
        }
      } else {
        guard unsafe write(item, api, buffer) else {
          if writtenThisCycle > 0 || item.length == 0 { return }
          // Alone in an empty buffer and still too long: it will never fit.
          lost &+= 1
          removeWaiting()
          continue
        }
        if item.length == 0, message.isNoteOn {
          waitingOns[message.key] &-= 1
          _ = sent.noteOn(message.key)
        }
      }
      removeWaiting()
    }
    arenaUsed = 0
  }

  @_noLocks @_noAllocation
  private mutating func removeWaiting() {
    waitingHead = (waitingHead &+ 1) % waiting.count
    waitingCount &-= 1
  }

  @_noLocks @_noAllocation
  private mutating func send(
    _ item: Item, _ api: UnsafePointer<continuo_port_api>, _ buffer: UnsafeMutableRawPointer
  ) {
    let message = item.message
    if item.length == 0, message.isNoteOff {
      let key = message.key
      if waitingOns[key] > 0 {
        wait(item)
      } else if sent.count(key) > owed[key] {
        // Offs owed from before go first, so that one that was refused is not overtaken.
        let isOut = owedTotal == 0 ? unsafe write(item, api, buffer) : false
        if isOut {
          _ = sent.noteOff(key)
        } else {
          owed[key] &+= 1
          owedTotal &+= 1
          delayed &+= 1
        }
      }
      return
    }
    if item.length == 0, message.isNoteOn, sent.count(message.key) == 255 {
      lost &+= 1
      return
    }
    let mustQueue = waitingCount > 0
    if !mustQueue, unsafe write(item, api, buffer) {
      if item.length == 0, message.isNoteOn { _ = sent.noteOn(message.key) }
      return
    }
    if item.length > 0, !mustQueue, writtenThisCycle == 0 {
      lost &+= 1
      return
    }
    wait(item)
  }

  @_noLocks @_noAllocation
  private mutating func wait(_ item: Item) {
    var queued = item
    queued.offset = 0
    let isOn = item.length == 0 && item.message.isNoteOn
    let isOff = item.length == 0 && item.message.isNoteOff
    // Part of the queue is kept for note-offs; when even that is full, the note-on is taken back.
    let limit = isOff ? waiting.count : waiting.count &* 3 / 4
    guard waitingCount < limit, !(isOn && waitingOns[item.message.key] == 255) else {
      lost &+= 1
      if isOff { takeBackWaitingOn(item.message.key) }
      return
    }
    if item.length > 0 {
      let size = Int(item.length)
      guard arenaUsed &+ size <= arena.count,
        let source = unsafe UnsafePointer<UInt8>(bitPattern: item.bytes)
      else {
        lost &+= 1
        return
      }
      // SAFETY: the arena has room for `size` bytes, and the item's bytes are valid this cycle.
      unsafe continuo_copy(arena.address(arenaUsed), source, size)
      queued.bytes = unsafe UInt(bitPattern: arena.address(arenaUsed))
      arenaUsed &+= size
    }
    waiting[(waitingHead &+ waitingCount) % waiting.count] = queued
    waitingCount &+= 1
    delayed &+= 1
    if isOn { waitingOns[item.message.key] &+= 1 }
  }

  /// Strikes the newest waiting note-on of `key` out of the queue.
  @_noLocks @_noAllocation
  private mutating func takeBackWaitingOn(_ key: Int) {
    var place = waitingCount &- 1
    while place >= 0 {
      let index = (waitingHead &+ place) % waiting.count
      var item = waiting[index]
      if item.length == 0, item.message.isNoteOn, item.message.key == key {
        item.message.size = 0
        waiting[index] = item
        waitingOns[key] &-= 1
        return
      }
      place &-= 1
    }
  }

  @_noLocks @_noAllocation
  private mutating func write(
    _ item: Item, _ api: UnsafePointer<continuo_port_api>, _ buffer: UnsafeMutableRawPointer
  ) -> Bool {
    let size = item.length > 0 ? item.length : UInt32(item.message.size)
    guard let target = unsafe continuo_port_reserve(api, buffer, item.offset, size) else {
      return false
    }
    if item.length > 0 {
      guard let source = unsafe UnsafeRawPointer(bitPattern: item.bytes) else { return false }
      // SAFETY: the port gave `size` bytes, and the item's bytes are valid this cycle.
      unsafe continuo_copy(target, source, Int(size))
    } else {
      unsafe target[0] = item.message.status
      if size > 1 { unsafe target[1] = item.message.data1 }
      if size > 2 { unsafe target[2] = item.message.data2 }
    }
    written &+= 1
    writtenThisCycle &+= 1
    return true
  }
}
