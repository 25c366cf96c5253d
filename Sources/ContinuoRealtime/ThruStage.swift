// SPDX-License-Identifier: MIT
internal import CRealtime
internal import ContinuoRings

/// Passes the musician's own playing to the output, unless a pattern sounds in its place.
///
/// It remembers what the input holds (pedals, bend) while it is shut, so that opening it again
/// puts the instrument where the musician's hands and feet are.
/// Runs on the JACK process thread.
@safe
struct ThruStage: ~Copyable {
  private(set) var mode = ThruMode.off
  private(set) var ports: UInt64 = 0
  private(set) var isOpen = false
  private var ledger = NoteLedger()
  /// What the input itself holds, passed or not.
  private var input = NoteLedger()
  /// Messages other than note-offs that one cycle passes on.
  private static var limit: Int {
    @_noLocks @_noAllocation get { 8192 }
  }
  private var passed = 0
  private(set) var refused = 0
  /// From this offset on, `nextOpen` holds.
  private var change: UInt32 = 0
  private var nextOpen = false
  private var hasChanged = true
  /// What passed must end first: its note-offs may never come, or are no longer listened to.
  private var mustEndNotes = false
  private var mustEndAll = false

  /// Set-up thread.
  init() {}

  /// Set-up thread, after the process thread has stopped.
  func deallocate() {
    ledger.deallocate()
    input.deallocate()
  }

  @_noLocks @_noAllocation
  mutating func set(_ mode: ThruMode, ports: UInt64) {
    if ports != self.ports { mustEndAll = true }
    self.mode = mode
    self.ports = ports
  }

  /// Input was missed: what sounds must end, for its note-offs may have been in it.
  @_noLocks @_noAllocation
  mutating func interrupt() { mustEndNotes = true }

  /// The sources are others: what sounds must end, pedals and bends with it.
  @_noLocks @_noAllocation
  mutating func end() { mustEndAll = true }

  /// Begins a cycle in which the pattern sounds or is silent from `offset` on.
  @_noLocks @_noAllocation
  mutating func begin(
    patternSounds: Bool, from offset: UInt32, frames: UInt32, _ outbox: inout Outbox
  ) {
    passed = 0
    if mustEndAll {
      outbox.releaseAll(&ledger, at: 0, from: .thru)
      input.restControllers()
    } else if mustEndNotes {
      outbox.releaseNotes(&ledger, at: 0, from: .thru)
    }
    mustEndAll = false
    mustEndNotes = false
    switch mode {
    case .off: nextOpen = false
    case .always: nextOpen = ports != 0
    case .unlessPlaying: nextOpen = ports != 0 && !patternSounds
    }
    // A mode that was switched takes effect at the cycle's start.
    change = offset < frames ? offset : 0
    hasChanged = nextOpen == isOpen
  }

  /// Takes one input event at `offset`; events come in time order.
  @_noLocks @_noAllocation
  mutating func take(
    port: Int, offset: UInt32, bytes: UnsafePointer<UInt8>, size: Int, _ outbox: inout Outbox
  ) {
    guard ports >> UInt64(port) & 1 != 0, size > 0 else { return }
    catchUp(to: offset, &outbox)
    let status = unsafe bytes[0]
    if size > 3 || status >= 0xF0 || status < 0x80 {
      guard isOpen else { return }
      guard passed < Self.limit else {
        refused &+= 1
        return
      }
      passed &+= 1
      unsafe outbox.addThru(OutboxItem(offset: offset, bytes: bytes, length: size))
      return
    }
    guard size == (status & 0xE0 == 0xC0 ? 2 : 3) else {
      // Half a message would swallow the next one's bytes downstream.
      if isOpen { refused &+= 1 }
      return
    }
    let message = unsafe ShortMessage(
      status, bytes[1] & 0x7F, size > 2 ? bytes[2] & 0x7F : 0,
      size: UInt8(truncatingIfNeeded: size))
    input.note(message)
    guard isOpen else { return }
    if message.isNoteOff {
      if ledger.noteOff(message.key) {
        outbox.addThru(OutboxItem(offset: offset, message: message))
      }
      return
    }
    guard passed < Self.limit, !message.isNoteOn || ledger.sounding < 2048 else {
      refused &+= 1
      return
    }
    if message.isNoteOn {
      guard ledger.noteOn(message.key) else {
        refused &+= 1
        return
      }
    } else {
      ledger.note(message)
    }
    passed &+= 1
    outbox.addThru(OutboxItem(offset: offset, message: message))
  }

  /// Ends the cycle: a change that no event came after takes effect.
  @_noLocks @_noAllocation
  mutating func finish(_ outbox: inout Outbox) {
    catchUp(to: .max, &outbox)
  }

  @_noLocks @_noAllocation
  private mutating func catchUp(to offset: UInt32, _ outbox: inout Outbox) {
    guard !hasChanged, offset >= change else { return }
    hasChanged = true
    isOpen = nextOpen
    if isOpen {
      restore(at: change, &outbox)
    } else {
      outbox.releaseAll(&ledger, at: change, from: .thru)
    }
  }

  /// Sends what the input holds: pedals that are down, bends away from the centre.
  @_noLocks @_noAllocation
  private mutating func restore(at offset: UInt32, _ outbox: inout Outbox) {
    guard input.isDisplaced else { return }
    for channel in 0..<16 {
      let status = UInt8(channel)
      for pedal in 0..<3 where input.pedalValue(channel, pedal) > 0 {
        let down = ShortMessage(
          0xB0 | status, NoteLedger.controller(pedal), input.pedalValue(channel, pedal))
        ledger.note(down)
        outbox.addThru(OutboxItem(offset: offset, message: down))
      }
      let bend = input.bend(channel)
      if bend != NoteLedger.centre {
        let bent = ShortMessage(
          0xE0 | status, UInt8(bend & 0x7F), UInt8(truncatingIfNeeded: bend >> 7))
        ledger.note(bent)
        outbox.addThru(OutboxItem(offset: offset, message: bent))
      }
    }
  }
}
