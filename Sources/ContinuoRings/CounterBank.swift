// SPDX-License-Identifier: MIT
public import Synchronization

/// A row of 64-bit counters that one thread writes and any thread reads.
///
/// The writer never needs a locked instruction: a relaxed load and a relaxed store.
@safe
@frozen
public struct CounterBank: @unchecked Sendable {
  // SAFETY (@unchecked): all access is atomic; the memory lives until `deallocate()`, which the
  // owner calls after every thread is done.
  @usableFromInline let base: UnsafeMutablePointer<Atomic<UInt64>>
  /// How many counters there are.
  public let count: Int

  /// Allocates `count` counters at zero.
  public init(count: Int) {
    self.count = count
    unsafe base = .allocate(capacity: count)
    for index in 0..<count { unsafe (base + index).initialize(to: Atomic(0)) }
  }

  /// Frees the memory.
  ///
  /// Set-up thread, once.
  public func deallocate() {
    unsafe base.deinitialize(count: count)
    unsafe base.deallocate()
  }

  /// The counter at `index`, 0..<count.
  /// - Thread: any. Realtime-safe: yes.
  @inlinable @inline(__always)
  public func load(_ index: Int) -> UInt64 {
    unsafe base[index].load(ordering: .relaxed)
  }

  /// Sets the counter at `index`.
  /// - Thread: the writer's. Realtime-safe: yes.
  @inlinable @inline(__always)
  public func store(_ value: UInt64, at index: Int) {
    unsafe base[index].store(value, ordering: .relaxed)
  }

  /// Adds `amount` to the counter at `index`.
  /// - Thread: the writer's. Realtime-safe: yes.
  @inlinable @inline(__always)
  public func add(_ amount: UInt64, at index: Int) {
    store(load(index) &+ amount, at: index)
  }
}
