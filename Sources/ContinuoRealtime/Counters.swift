// SPDX-License-Identifier: MIT
public import ContinuoRings

/// What the process thread counts; nothing is dropped without showing here.
@frozen
public struct Counters: Sendable {
  /// One thing that is counted.
  public enum Name: Int, CaseIterable, Sendable {
    /// Cycles run.
    case cycles
    /// MIDI events captured.
    case captured
    /// Events and records that found the capture ring full.
    case captureDropped
    /// Most slots of the capture ring ever in use.
    case captureHighWater
    /// Events written to the output port.
    case played
    /// Output events that waited for room in the port buffer.
    case playDelayed
    /// Output events given up: no room, or too long for the port.
    case playLost
    /// Pattern notes not played: 256 sounded already.
    case playRefused
    /// Pattern events played after their frame.
    case playLate
    /// The most frames one was late.
    case playLatestFrames
    /// Cycles the server missed, as told by its frame counter.
    case xruns
    /// Times the song fell behind JACK's frames, as Ardour's does after an xrun, and was followed.
    case slips
    /// Notes that sound at the output now.
    case sounding
    /// Output events that wait for the next cycle now.
    case pending
  }

  let bank: CounterBank

  /// All at zero.
  ///
  /// Set-up thread.
  public init() { bank = CounterBank(count: Name.allCases.count) }

  /// Frees the memory.
  ///
  /// Set-up thread, once.
  public func deallocate() { bank.deallocate() }

  /// A counter's value.
  /// - Thread: any.
  public subscript(name: Name) -> UInt64 { bank.load(name.rawValue) }

  @_noLocks @_noAllocation
  func set(_ name: Name, _ value: Int) {
    bank.store(UInt64(truncatingIfNeeded: value), at: name.rawValue)
  }

  @_noLocks @_noAllocation
  func add(_ name: Name, _ value: Int) {
    bank.add(UInt64(truncatingIfNeeded: value), at: name.rawValue)
  }
}
