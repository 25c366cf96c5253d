// SPDX-License-Identifier: MIT
public import ContinuoMusic
public import ContinuoRealtime
internal import Synchronization

/// Everything captured, in order, bounded: the oldest goes first and is counted.
///
/// At 100 events a second the default million holds 2 h 46 min.
/// - Thread: any.
public final class TakeStore: Sendable {
  /// A record about time, kept beside the music.
  public struct Mark: Sendable, Equatable {
    /// What happened.
    public let kind: RealtimeEvent.Kind
    /// Absolute frame.
    public let frame: UInt64
    /// What the record says, as `RealtimeEvent.value`.
    public let value: Double
    /// The record's second figure, as `RealtimeEvent.extra`.
    public let extra: UInt64
    /// Quarter notes from bar 1; nil when the song's place was unknown.
    public let quarters: Double?
    /// How many events had been taken before it.
    public let index: Int
  }

  private struct State: ~Copyable {
    var events: [Take.Event] = []
    var marks: [Mark] = []
    /// Events dropped from the front.
    var forgotten = 0
  }

  private let state = Mutex(State())
  private let limit: Int

  /// Holds up to `limit` events (at least 1000).
  public init(limit: Int = 1_000_000) {
    self.limit = max(limit, 1000)
  }

  /// Adds what came out of the capture ring.
  public func add(_ batch: [CapturedEvent]) {
    state.withLock { state in
      for captured in batch {
        let event = captured.event
        guard event.kind == .midi else {
          state.marks.append(
            Mark(
              kind: event.kind, frame: event.frame, value: event.value, extra: event.extra,
              quarters: event.hasPosition ? event.quarters : nil,
              index: state.forgotten + state.events.count))
          if state.marks.count > 100_000 { state.marks.removeFirst(50_000) }
          continue
        }
        state.events.append(Take.Event(captured))
      }
      if state.events.count > limit {
        let excess = state.events.count - limit * 3 / 4
        state.events.removeFirst(excess)
        state.forgotten += excess
      }
    }
  }

  /// Events taken since the start, the forgotten ones included.
  public var count: Int { state.withLock { $0.forgotten + $0.events.count } }

  /// Events no longer held.
  public var forgotten: Int { state.withLock { $0.forgotten } }

  /// The events from number `index` (from 0, over all taken) on, as far as they are still held.
  public func events(from index: Int) -> [Take.Event] {
    state.withLock { state in
      Array(state.events.dropFirst(max(0, index - state.forgotten)))
    }
  }

  /// The records from event number `index` on.
  public func marks(from index: Int) -> [Mark] {
    state.withLock { state in state.marks.filter { $0.index >= index } }
  }
}

extension Take.Event {
  /// A captured MIDI event as a take holds it.
  public init(_ captured: CapturedEvent) {
    let event = captured.event
    let position = SongPosition(
      bar: Int(event.bar), beat: Int(event.beat), tick: event.tick,
      quarters: Beats(event.quarters))
    self.init(
      frame: event.frame, port: Int(event.port), bytes: captured.bytes,
      position: event.hasPosition ? position : nil, rolling: event.rolling)
  }
}
