// SPDX-License-Identifier: MIT

/// Widens the server's 32-bit frame counter to 64 bits, once, at the start of each cycle.
///
/// 32 bits wrap after 24 hours 51 minutes at 48 kHz. The first frame seen is taken as it is, so
/// that within the first wrap a 64-bit frame equals the server's own.
@frozen
public struct FrameClock: BitwiseCopyable, Sendable {
  private var last: UInt64
  private var started: Bool
  /// Set when the server was restarted: its counter begins anew, ours goes on.
  private var rebase: Bool
  /// Added to the server's widened counter.
  private var offset: UInt64
  private var raw: UInt64

  /// A clock that has seen no cycle yet.
  @_noLocks @_noAllocation
  public init() {
    last = 0
    started = false
    rebase = false
    offset = 0
    raw = 0
  }

  /// The 64-bit frame of a cycle that starts at the server's `counter`.
  ///
  /// A counter up to 2³¹ behind the last one is taken as behind (a server that stepped back), not
  /// as a wrap.
  /// - Thread: realtime. Realtime-safe: yes.
  @_noLocks @_noAllocation
  public mutating func widen(_ counter: UInt32) -> UInt64 {
    if !started {
      started = true
      raw = UInt64(counter)
    } else if rebase {
      raw = UInt64(counter)
      offset = last &- raw
    } else {
      let step = Int32(truncatingIfNeeded: counter &- UInt32(truncatingIfNeeded: raw))
      raw = raw &+ UInt64(bitPattern: Int64(step))
    }
    rebase = false
    last = raw &+ offset
    return last
  }

  /// Tells that the next counter belongs to another server: frames go on from `frame`.
  /// - Thread: realtime. Realtime-safe: yes.
  @_noLocks @_noAllocation
  public mutating func serverRestarted(continuingAt frame: UInt64) {
    guard started else { return }
    rebase = true
    last = frame
  }
}
