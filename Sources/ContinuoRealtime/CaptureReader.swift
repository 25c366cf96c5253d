// SPDX-License-Identifier: MIT
internal import CRealtime
internal import ContinuoRings

/// What came out of the capture ring: the slot and, for MIDI, the whole message.
public struct CapturedEvent: Sendable {
  /// Frame, port, song position, kind.
  public let event: RealtimeEvent
  /// The message, exactly as it arrived; empty for records.
  public let bytes: [UInt8]

  /// An event as a log or a test tells it.
  public init(event: RealtimeEvent, bytes: [UInt8]) {
    self.event = event
    self.bytes = bytes
  }
}

extension CapturedEvent {
  /// The stop that a server which died never told: at the end of the last cycle that ran.
  ///
  /// Nil when the song did not roll in it. Not for the process thread.
  public init?(stopAfter snapshot: RealtimeSnapshot) {
    let song = snapshot.song
    guard song.isKnown, song.rolling, song.line.framesPerQuarter > 0 else { return nil }
    var event = RealtimeEvent(
      kind: .transportStopped, frame: snapshot.frame + UInt64(snapshot.frames))
    event.quarters = song.quarters + Double(snapshot.frames) / song.line.framesPerQuarter
    event.bar = song.bar
    event.flags = 2
    self.init(event: event, bytes: [])
  }
}

/// Takes events out of the capture ring, long messages put together again.
///
/// - Thread: session. It allocates; never on the process thread.
@safe
public struct CaptureReader: ~Copyable, Sendable {
  private var ring: RingConsumer<RealtimeEvent>

  init(ring: consuming RingConsumer<RealtimeEvent>) {
    self.ring = ring
  }

  /// The oldest event, or nil when there is none.
  public mutating func next() -> CapturedEvent? {
    guard ring.available() > 0 else { return nil }
    let head = ring.peek()
    let size = Int(head.length)
    guard head.kind == .midi else {
      ring.release(1)
      return CapturedEvent(event: head, bytes: [])
    }
    if size <= RealtimeEvent.inlineCapacity {
      var packed = head.bytes
      // SAFETY: `packed` is 16 bytes wide and `size` is at most that.
      let bytes = unsafe withUnsafeBytes(of: &packed) { unsafe Array($0.prefix(size)) }
      ring.release(1)
      return CapturedEvent(event: head, bytes: bytes)
    }
    let slotSize = MemoryLayout<RealtimeEvent>.size
    let following = (size + slotSize - 1) / slotSize
    // The writer publishes head and rest at once, so the rest is there.
    guard ring.available(atLeast: 1 + following) >= 1 + following else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    for slot in 0..<following {
      var raw = ring.peek(1 + slot)
      // SAFETY: a slot is `slotSize` bytes wide.
      unsafe withUnsafeBytes(of: &raw) {
        unsafe bytes.append(contentsOf: $0.prefix(min(slotSize, size - bytes.count)))
      }
    }
    ring.release(1 + following)
    return CapturedEvent(event: head, bytes: bytes)
  }
}
