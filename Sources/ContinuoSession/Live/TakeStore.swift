// SPDX-License-Identifier: MIT
public import ContinuoMusic
public import ContinuoRealtime
internal import Synchronization

/// Everything captured, in order, bounded: the oldest goes first and is counted.
///
/// 50 events a second on each of 8 tracks fill the default two million, 80 MB, in 83 minutes.
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
    var events = CompactEvents()
    var marks: [Mark] = []
    var forgottenMarks = 0
  }

  private let state = Mutex(State())
  private let limit: Int

  /// Bytes of long messages held at most, beside the events.
  static let longLimit = 256 << 20

  /// Holds `limit` events, or up to 16,384 fewer after the oldest went.
  public init(limit: Int = 2_000_000) {
    self.limit = max(limit, 1)
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
              index: state.events.forgotten + state.events.count))
          if state.marks.count > 100_000 {
            state.marks.removeFirst(50_000)
            state.forgottenMarks += 50_000
          }
          continue
        }
        state.events.append(captured)
      }
      while state.events.count > max(limit, CompactEvents.chunkSize)
        || state.events.longBytes > Self.longLimit
      {
        let before = state.events.count
        state.events.forgetOldestChunk()
        guard state.events.count < before else { break }
      }
    }
  }

  /// Events taken since the start, the forgotten ones included.
  public var count: Int { state.withLock { $0.events.forgotten + $0.events.count } }

  /// Events no longer held.
  public var forgotten: Int { state.withLock { $0.events.forgotten } }

  /// The events from number `index` (from 0, over all taken) on, as far as they are still held.
  public func events(from index: Int) -> [Take.Event] {
    state.withLock { $0.events.events(from: index) }
  }

  /// The number of the first event at or after `frame`, as far as events are still held.
  public func index(atFrame frame: UInt64) -> Int {
    state.withLock { $0.events.index(atFrame: frame) }
  }

  /// Bytes that the events take in memory.
  public var byteCount: Int { state.withLock { $0.events.byteCount } }

  /// The records from event number `index` on.
  public func marks(from index: Int) -> [Mark] {
    state.withLock { state in state.marks.filter { $0.index >= index } }
  }

  /// What came since, at one moment.
  struct News {
    var events: [Take.Event]
    /// The number of the first of `events`, over all taken.
    var firstEvent: Int
    var marks: [Mark]
    /// Records taken in all.
    var marksTaken: Int
  }

  /// The events from number `event` on and the records from number `mark` on, as far as both are
  /// still held.
  func news(fromEvent event: Int, fromMark mark: Int) -> News {
    state.withLock { state in
      News(
        events: state.events.events(from: event),
        firstEvent: min(
          max(event, state.events.forgotten), state.events.forgotten + state.events.count),
        marks: Array(state.marks.dropFirst(max(0, mark - state.forgottenMarks))),
        marksTaken: state.forgottenMarks + state.marks.count)
    }
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
