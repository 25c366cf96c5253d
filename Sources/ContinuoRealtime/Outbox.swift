// SPDX-License-Identifier: MIT
internal import CRealtime
internal import ContinuoRings

/// One output event; `length` > 0 means long bytes at `bytes`.
struct OutboxItem: BitwiseCopyable {
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

  var isNoteOn: Bool {
    @_noLocks @_noAllocation get { length == 0 && message.isNoteOn }
  }

  var isNoteOff: Bool {
    @_noLocks @_noAllocation get { length == 0 && message.isNoteOff }
  }
}

/// Writes one output port: in time order, note-offs first when room is short, nothing forgotten.
///
/// What a full port buffer refuses waits for the next cycle: a due note-off is *owed* (one counter
/// a key, so it can never be lost), everything else queues in order; a pedal or bend that finds the
/// queue full is owed by value. Whatever is sent is counted in a ledger of its own, so that each
/// note-on that really left gets exactly one note-off.
/// Runs on the JACK process thread.
@safe
struct Outbox: ~Copyable {
  /// The pattern's events of this cycle, then the musician's own, each in time order.
  private let pattern: FixedBuffer<OutboxItem>
  private let thru: FixedBuffer<OutboxItem>
  private var patternCount = 0
  private var thruCount = 0

  private var sent = NoteLedger()
  private let owed: FixedBuffer<UInt8>
  private var owedTotal = 0
  private var waiting = WaitingQueue()
  private var owedControls = ControlDebt()

  /// Events that had to wait a cycle or more.
  private(set) var delayed = 0
  /// Events given up: the queue was full, or no cycle has room for the message.
  private(set) var lost = 0
  /// Events written.
  private(set) var written = 0
  private var writtenThisCycle = 0
  private var lastOffset: UInt32 = 0
  private var frames: UInt32 = 1

  /// Set-up thread.
  init() {
    let none = OutboxItem(offset: 0, message: ShortMessage(0xFE, size: 1))
    pattern = FixedBuffer(count: 8192, repeating: none)
    thru = FixedBuffer(count: 32768, repeating: none)
    owed = FixedBuffer(count: 16 * 128, repeating: 0)
  }

  /// Set-up thread, after the process thread has stopped.
  func deallocate() {
    pattern.deallocate()
    thru.deallocate()
    waiting.deallocate()
    owed.deallocate()
    owedControls.deallocate()
    sent.deallocate()
  }

  /// Notes that sound at the port.
  var sounding: Int {
    @_noLocks @_noAllocation get { sent.sounding }
  }

  /// Whether anything still has to leave.
  var isEmpty: Bool {
    @_noLocks @_noAllocation get {
      owedTotal == 0 && waiting.count == 0 && owedControls.count == 0
    }
  }

  /// Room left for pattern events this cycle.
  var patternRoom: Int {
    @_noLocks @_noAllocation get { pattern.count &- patternCount }
  }

  /// Adds a pattern event, not before the last one added; counted as lost when there is no room.
  @_noLocks @_noAllocation
  mutating func addPattern(_ item: OutboxItem) {
    guard patternCount < pattern.count else {
      lost &+= 1
      return
    }
    pattern[patternCount] = item
    patternCount &+= 1
  }

  /// Adds an event of the musician's own; counted as lost when there is no room.
  @_noLocks @_noAllocation
  mutating func addThru(_ item: OutboxItem) {
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
    releaseNotes(&ledger, at: offset, from: origin)
    guard ledger.isDisplaced else { return }
    for channel in 0..<16 {
      let status = UInt8(channel)
      for pedal in 0..<3 where ledger.pedalValue(channel, pedal) > 0 {
        let up = ShortMessage(0xB0 | status, NoteLedger.controller(pedal), 0)
        add(OutboxItem(offset: offset, message: up), from: origin)
      }
      if ledger.bend(channel) != NoteLedger.centre {
        let centred = ShortMessage(0xE0 | status, 0, 0x40)
        add(OutboxItem(offset: offset, message: centred), from: origin)
      }
    }
    ledger.restControllers()
  }

  /// Ends every note that `ledger` counts.
  @_noLocks @_noAllocation
  mutating func releaseNotes(_ ledger: inout NoteLedger, at offset: UInt32, from origin: Origin) {
    var key = 0
    while ledger.sounding > 0, key < 16 * 128 {
      while ledger.noteOff(key) {
        add(OutboxItem(offset: offset, message: .noteOff(key: key)), from: origin)
      }
      key &+= 1
    }
  }

  @_noLocks @_noAllocation
  private mutating func add(_ item: OutboxItem, from origin: Origin) {
    switch origin {
    case .pattern: addPattern(item)
    case .thru: addThru(item)
    }
  }

  /// Writes the cycle: what was owed, what waited, then both lists by time (pattern first at ties).
  /// Without a buffer everything waits.
  @_noLocks @_noAllocation
  mutating func flush(
    _ api: UnsafePointer<continuo_port_api>, _ buffer: UnsafeMutableRawPointer?, frames: UInt32
  ) {
    if let buffer = unsafe buffer { unsafe continuo_port_clear(api, buffer) }
    writtenThisCycle = 0
    lastOffset = 0
    self.frames = frames
    unsafe payOwed(api, buffer)
    unsafe sendWaiting(api, buffer)
    unsafe payControls(api, buffer)
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
    _ api: UnsafePointer<continuo_port_api>, _ buffer: UnsafeMutableRawPointer?
  ) {
    var key = 0
    while owedTotal > 0, key < 16 * 128 {
      while owed[key] > 0 {
        let off = OutboxItem(offset: 0, message: .noteOff(key: key))
        guard unsafe write(off, api, buffer) else { return }
        owed[key] &-= 1
        owedTotal &-= 1
        _ = sent.noteOff(key)
      }
      key &+= 1
    }
  }

  @_noLocks @_noAllocation
  private mutating func sendWaiting(
    _ api: UnsafePointer<continuo_port_api>, _ buffer: UnsafeMutableRawPointer?
  ) {
    while waiting.count > 0 {
      let item = waiting.first
      let message = item.message
      if item.length == 0, message.size == 0 {
        waiting.removeFirst()
        continue
      }
      if item.isNoteOff {
        // Its note-on waited ahead of it and is out by now, unless that was given up.
        if sent.count(message.key) > owed[message.key] {
          guard unsafe write(item, api, buffer) else { return }
          _ = sent.noteOff(message.key)
        }
      } else if unsafe write(item, api, buffer) {
        if item.isNoteOn { _ = sent.noteOn(message.key) }
      } else if item.length > 0, unsafe isTooLong(buffer) {
        lost &+= 1
      } else {
        return
      }
      waiting.removeFirst()
    }
  }

  /// Sends the pedals and bends that found the queue full, once everything before them is out.
  @_noLocks @_noAllocation
  private mutating func payControls(
    _ api: UnsafePointer<continuo_port_api>, _ buffer: UnsafeMutableRawPointer?
  ) {
    guard owedControls.count > 0, waiting.count == 0 else { return }
    for place in 0..<ControlDebt.places {
      guard let message = owedControls.message(place) else { continue }
      guard unsafe write(OutboxItem(offset: 0, message: message), api, buffer) else { return }
      owedControls.settle(message)
    }
  }

  /// Whether a long message that was refused will never fit: it was alone in an empty buffer.
  @_noLocks @_noAllocation
  private func isTooLong(_ buffer: UnsafeMutableRawPointer?) -> Bool {
    unsafe buffer != nil && writtenThisCycle == 0
  }

  @_noLocks @_noAllocation
  private mutating func send(
    _ item: OutboxItem, _ api: UnsafePointer<continuo_port_api>,
    _ buffer: UnsafeMutableRawPointer?
  ) {
    let key = item.message.key
    if item.isNoteOff {
      if waiting.onCount(key) > 0 {
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
    // A key counts to 255 at the port, those that wait for it included.
    if item.isNoteOn, Int(sent.count(key)) &+ Int(waiting.onCount(key)) >= 255 {
      lost &+= 1
      return
    }
    if waiting.count == 0, unsafe write(item, api, buffer) {
      if item.isNoteOn { _ = sent.noteOn(key) }
      owedControls.settle(item.message)
      return
    }
    if item.length > 0, waiting.count == 0, unsafe isTooLong(buffer) {
      lost &+= 1
      return
    }
    wait(item)
  }

  @_noLocks @_noAllocation
  private mutating func wait(_ item: OutboxItem) {
    if waiting.append(item) {
      delayed &+= 1
      owedControls.settle(item.message)
    } else if item.isNoteOff {
      // Not even the share kept for note-offs is left: the note-on it ends is taken back.
      waiting.takeBackOn(item.message.key)
      lost &+= 2
    } else if item.length == 0, owedControls.owe(item.message) {
      delayed &+= 1
    } else {
      lost &+= 1
    }
  }

  @_noLocks @_noAllocation
  private mutating func write(
    _ item: OutboxItem, _ api: UnsafePointer<continuo_port_api>,
    _ buffer: UnsafeMutableRawPointer?
  ) -> Bool {
    guard let buffer = unsafe buffer else { return false }
    // The server refuses, and prints about, a time that goes backwards or leaves the cycle.
    let offset = min(max(item.offset, lastOffset), frames &- 1)
    let size = item.length > 0 ? item.length : UInt32(item.message.size)
    guard let target = unsafe continuo_port_reserve(api, buffer, offset, size) else {
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
    lastOffset = offset
    written &+= 1
    writtenThisCycle &+= 1
    return true
  }
}
