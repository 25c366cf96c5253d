// SPDX-License-Identifier: MIT
internal import CRealtime
internal import ContinuoRings

/// A pattern as the process thread plays it: immutable, sorted, in quarter notes.
///
/// Made off the process thread, handed over by pointer, and freed off it again once retired.
/// Notes carry their own ends, so a revision or a loop's end never cuts or forgets one.
@safe
public final class PatternProgram: @unchecked Sendable {
  // SAFETY (@unchecked): immutable after `init`; freed by ARC once the owner, who keeps it until
  // the process thread has retired it, lets go.

  /// One event of a program.
  @frozen
  public struct Event: BitwiseCopyable, Sendable {
    /// Quarter notes from the program's start, 0 ..< its length.
    public var at: Double
    /// Where a note ends, quarter notes from the program's start; may pass its length.
    public var end: Double
    /// Where a long message lies in the program's bytes.
    public var offset: UInt32
    /// Bytes of a long message; 0 for a short one.
    public var length: UInt32
    /// The short message.
    public var message: ShortMessage
    /// A note's release velocity.
    public var release: UInt8

    /// A note from `at` to `end`; an end before its start is its start.
    public init(at: Double, end: Double, noteOn: ShortMessage, release: UInt8) {
      self.at = at
      self.end = max(at, end)
      offset = 0
      length = 0
      message = noteOn
      self.release = release & 0x7F
    }

    /// A message that is no note.
    public init(at: Double, message: ShortMessage) {
      self.init(at: at, end: at, noteOn: message, release: 0)
    }
  }

  /// What can be wrong with a program.
  public enum ProgramError: Error, Equatable, CustomStringConvertible {
    /// More events than `maximumEvents`.
    case tooManyEvents(Int)
    /// A position that is not a number, or lies outside the program.
    case outside(index: Int, at: Double)
    /// A length that is not a number, or not 1/32...10⁹ quarters.
    case badLength(Double)
    /// A message whose size does not fit its status.
    case badMessage(index: Int)

    /// One sentence for a person.
    public var description: String {
      switch self {
      case .tooManyEvents(let count):
        return "The pattern has \(count) events; \(PatternProgram.maximumEvents) is the most"
      case .outside(let index, let at):
        return "Event \(index) of the pattern lies at quarter \(at), outside the pattern"
      case .badLength(let length):
        return "A pattern cannot last \(length) quarter notes; from 1/32 to a billion it can"
      case .badMessage(let index):
        return "Event \(index) of the pattern is not one whole MIDI message"
      }
    }
  }

  /// The most events a program holds.
  public static let maximumEvents = 1 << 20

  /// What the caller calls it; told back when it starts, stops and retires.
  public let identity: UInt64
  /// Quarter notes until it repeats.
  public let length: Double
  /// Events, in playing order.
  public let count: Int
  private let events: FixedBuffer<Event>
  private let bytes: FixedBuffer<UInt8>

  /// Sorts and checks `events` (at in 0..<`length`) and long messages `(at, bytes)`.
  ///
  /// At one place controls come before notes, else the given order stays.
  /// - Throws: `ProgramError` naming the first thing wrong.
  public init(
    identity: UInt64, length: Double, events: [Event],
    longMessages: [(at: Double, bytes: [UInt8])] = []
  ) throws(ProgramError) {
    guard length.isFinite, length >= 1.0 / 32, length <= 1e9 else { throw .badLength(length) }
    let total = events.count + longMessages.count
    guard total <= Self.maximumEvents else { throw .tooManyEvents(total) }
    var all = events
    var blob: [UInt8] = []
    for message in longMessages {
      var event = Event(at: message.at, message: ShortMessage(0xF0, 0, 0, size: 1))
      event.offset = UInt32(blob.count)
      event.length = UInt32(message.bytes.count)
      if message.bytes.isEmpty { throw .badMessage(index: all.count) }
      blob.append(contentsOf: message.bytes)
      all.append(event)
    }
    for (index, event) in all.enumerated() {
      guard event.at.isFinite, event.end.isFinite, event.at >= 0, event.at < length else {
        throw .outside(index: index, at: event.at)
      }
      guard event.length > 0 || Self.isWhole(event.message) else {
        throw .badMessage(index: index)
      }
    }
    let order = all.indices.sorted { left, right in
      if all[left].at != all[right].at { return all[left].at < all[right].at }
      let leftNote = all[left].message.isNoteOn
      let rightNote = all[right].message.isNoteOn
      if leftNote != rightNote { return rightNote }
      return left < right
    }
    self.identity = identity
    self.length = length
    count = all.count
    self.events = FixedBuffer(
      count: all.count, repeating: Event(at: 0, message: ShortMessage(0xFE, size: 1)))
    for (place, index) in order.enumerated() { self.events[place] = all[index] }
    bytes = FixedBuffer(count: blob.count, repeating: 0)
    for (index, byte) in blob.enumerated() { bytes[index] = byte }
  }

  deinit {
    events.deallocate()
    bytes.deallocate()
  }

  /// The fixed-size view the process thread reads, and gives back by `handle`.
  func view(handle: UInt64) -> ProgramView {
    ProgramView(
      events: events, bytes: bytes, count: count, length: length, identity: identity,
      handle: handle)
  }

  private static func isWhole(_ message: ShortMessage) -> Bool {
    guard message.data1 < 0x80, message.data2 < 0x80 else { return false }
    switch message.status {
    case 0x90...0x9F: return message.size == 3 && message.data2 > 0
    case 0xA0...0xBF, 0xE0...0xEF, 0xF2: return message.size == 3
    case 0xC0...0xDF, 0xF1, 0xF3: return message.size == 2
    case 0xF6, 0xF8...0xFF: return message.size == 1
    default: return false
    }
  }
}

/// What the process thread holds of a program: no reference, so no reference counting.
@safe
struct ProgramView: BitwiseCopyable, @unchecked Sendable {
  // SAFETY (@unchecked): points into a `PatternProgram`, immutable, which its owner keeps until the
  // process thread has retired it.
  private let events: FixedBuffer<PatternProgram.Event>
  private let bytes: FixedBuffer<UInt8>
  let count: Int
  let length: Double
  let identity: UInt64
  /// Names this loading of the program: the same one may be loaded twice.
  let handle: UInt64

  init(
    events: FixedBuffer<PatternProgram.Event>, bytes: FixedBuffer<UInt8>, count: Int,
    length: Double, identity: UInt64, handle: UInt64
  ) {
    self.events = events
    self.bytes = bytes
    self.count = count
    self.length = length
    self.identity = identity
    self.handle = handle
  }

  @_noLocks @_noAllocation
  func event(_ index: Int) -> PatternProgram.Event { events[index] }

  @_noLocks @_noAllocation
  func longBytes(_ event: PatternProgram.Event) -> UnsafePointer<UInt8> {
    unsafe UnsafePointer(bytes.address(Int(event.offset)))
  }

  /// The first event at or after `quarters` (0..<length); `count` when there is none.
  @_noLocks @_noAllocation
  func firstIndex(from quarters: Double) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low &+ high) / 2
      if events[middle].at < quarters { low = middle &+ 1 } else { high = middle }
    }
    return low
  }
}
