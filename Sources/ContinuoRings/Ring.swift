// SPDX-License-Identifier: MIT
public import Synchronization

/// A wait-free queue between exactly two threads: one producer, one consumer.
///
/// It allocates once, never overwrites and never waits: a push into a full ring is refused, and
/// the producer counts it. Positions only grow (64 bits last for centuries), so no slot is wasted
/// and full and empty differ. Each side keeps its own position and a cached copy of the other's,
/// and reads the shared one only when the cached copy says full or empty; the two shared
/// positions lie on cache lines of their own.
///
/// The ring owns the memory and outlives both ends: `deallocate()` comes after the process thread
/// has stopped.
///
/// Memory order: the producer's release store of `written` pairs with the consumer's acquire load
/// (the slots are filled before they are seen); the consumer's release store of `consumed` pairs
/// with the producer's acquire load (the slots are read before they are filled again).
@safe
public final class Ring<Element: BitwiseCopyable>: @unchecked Sendable {
  // SAFETY (@unchecked): slots are only reached through the two single-owner ends, which follow
  // the memory order above; everything else is immutable.

  /// How many elements fit: a power of two.
  public let capacity: Int
  private let slots: FixedBuffer<Element>
  private let positions: UnsafeMutableRawPointer
  /// Set-up thread only.
  private var producerTaken = false
  private var consumerTaken = false

  /// Bytes between the two positions: two cache lines, since processors fetch lines in pairs.
  private static var spacing: Int { 128 }

  /// Allocates room for `minimumCapacity` elements (1...2²⁶), rounded up to a power of two.
  public init(minimumCapacity: Int, filling value: Element) {
    var capacity = 1
    while capacity < min(max(minimumCapacity, 1), 1 << 26) { capacity *= 2 }
    self.capacity = capacity
    slots = FixedBuffer(count: capacity, repeating: value)
    unsafe positions = .allocate(byteCount: 2 * Self.spacing, alignment: Self.spacing)
    unsafe written.initialize(to: Atomic(0))
    unsafe consumed.initialize(to: Atomic(0))
  }

  private var written: UnsafeMutablePointer<Atomic<Int>> {
    unsafe positions.assumingMemoryBound(to: Atomic<Int>.self)
  }

  private var consumed: UnsafeMutablePointer<Atomic<Int>> {
    unsafe (positions + Self.spacing).assumingMemoryBound(to: Atomic<Int>.self)
  }

  /// The end that writes.
  ///
  /// Call it once: it belongs to one thread from then on.
  public func makeProducer() -> RingProducer<Element> {
    precondition(!producerTaken, "A ring has one producer")
    producerTaken = true
    return unsafe RingProducer(
      slots: slots, mask: capacity - 1, written: written, consumed: consumed)
  }

  /// The end that reads.
  ///
  /// Call it once: it belongs to one thread from then on.
  public func makeConsumer() -> RingConsumer<Element> {
    precondition(!consumerTaken, "A ring has one consumer")
    consumerTaken = true
    return unsafe RingConsumer(
      slots: slots, mask: capacity - 1, written: written, consumed: consumed)
  }

  /// Frees the memory.
  ///
  /// Only after neither end is used any more.
  public func deallocate() {
    slots.deallocate()
    unsafe positions.deallocate()
  }
}

/// The end that writes.
///
/// One thread at a time.
@safe
@frozen
public struct RingProducer<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  // SAFETY (@unchecked): not copyable, so one owner; it moves between threads only as a whole.
  @usableFromInline let slots: FixedBuffer<Element>
  @usableFromInline let mask: Int
  @usableFromInline let written: UnsafeMutablePointer<Atomic<Int>>
  @usableFromInline let consumed: UnsafeMutablePointer<Atomic<Int>>
  /// Always in step with `written`.
  @usableFromInline var position = 0
  /// May be behind `consumed`, never ahead.
  @usableFromInline var cachedConsumed = 0

  init(
    slots: FixedBuffer<Element>, mask: Int, written: UnsafeMutablePointer<Atomic<Int>>,
    consumed: UnsafeMutablePointer<Atomic<Int>>
  ) {
    self.slots = slots
    self.mask = mask
    unsafe self.written = written
    unsafe self.consumed = consumed
  }

  /// Elements waiting in the ring: exact or too high, never too low.
  /// - Thread: the producer's. Realtime-safe: yes.
  @inlinable
  public var used: Int {
    @inline(__always) get {
      unsafe position &- consumed.pointee.load(ordering: .acquiring)
    }
  }

  /// Whether `count` more elements fit now.
  ///
  /// The consumer can only make more room.
  /// - Thread: the producer's. Realtime-safe: yes.
  @inlinable @inline(__always)
  public mutating func hasRoom(for count: Int) -> Bool {
    if position &- cachedConsumed &+ count <= mask &+ 1 { return true }
    unsafe cachedConsumed = consumed.pointee.load(ordering: .acquiring)
    return position &- cachedConsumed &+ count <= mask &+ 1
  }

  /// Writes `element` `offset` slots ahead without showing it yet; after `hasRoom(for:)` only.
  /// - Thread: the producer's. Realtime-safe: yes.
  @inlinable @inline(__always)
  public mutating func stage(_ element: Element, at offset: Int) {
    slots[(position &+ offset) & mask] = element
  }

  /// Shows the next `count` staged elements to the consumer, all at once.
  /// - Thread: the producer's. Realtime-safe: yes.
  @inlinable @inline(__always)
  public mutating func publish(_ count: Int) {
    position &+= count
    unsafe written.pointee.store(position, ordering: .releasing)
  }

  /// Adds `element`; false when the ring is full and nothing was written.
  /// - Thread: the producer's. Realtime-safe: yes.
  @inlinable @inline(__always)
  public mutating func push(_ element: Element) -> Bool {
    guard hasRoom(for: 1) else { return false }
    stage(element, at: 0)
    publish(1)
    return true
  }
}

/// The end that reads.
///
/// One thread at a time.
@safe
@frozen
public struct RingConsumer<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  // SAFETY (@unchecked): not copyable, so one owner; it moves between threads only as a whole.
  @usableFromInline let slots: FixedBuffer<Element>
  @usableFromInline let mask: Int
  @usableFromInline let written: UnsafeMutablePointer<Atomic<Int>>
  @usableFromInline let consumed: UnsafeMutablePointer<Atomic<Int>>
  /// Always in step with `consumed`.
  @usableFromInline var position = 0
  /// May be behind `written`, never ahead.
  @usableFromInline var cachedWritten = 0

  init(
    slots: FixedBuffer<Element>, mask: Int, written: UnsafeMutablePointer<Atomic<Int>>,
    consumed: UnsafeMutablePointer<Atomic<Int>>
  ) {
    self.slots = slots
    self.mask = mask
    unsafe self.written = written
    unsafe self.consumed = consumed
  }

  /// How many elements can be read now, at least `wanted` if there are so many.
  /// - Thread: the consumer's. Realtime-safe: yes.
  @inlinable @inline(__always)
  public mutating func available(atLeast wanted: Int = 1) -> Int {
    if cachedWritten &- position >= wanted { return cachedWritten &- position }
    unsafe cachedWritten = written.pointee.load(ordering: .acquiring)
    return cachedWritten &- position
  }

  /// The element `offset` places ahead, left in the ring; `offset` < `available()`.
  /// - Thread: the consumer's. Realtime-safe: yes.
  @inlinable @inline(__always)
  public func peek(_ offset: Int = 0) -> Element {
    slots[(position &+ offset) & mask]
  }

  /// Gives `count` read slots back to the producer.
  /// - Thread: the consumer's. Realtime-safe: yes.
  @inlinable @inline(__always)
  public mutating func release(_ count: Int) {
    position &+= count
    unsafe consumed.pointee.store(position, ordering: .releasing)
  }

  /// Takes the oldest element; nil when the ring is empty.
  /// - Thread: the consumer's. Realtime-safe: yes.
  @inlinable @inline(__always)
  public mutating func pop() -> Element? {
    guard available() > 0 else { return nil }
    let element = peek()
    release(1)
    return element
  }
}
