// SPDX-License-Identifier: MIT
internal import CRealtime

/// A fixed piece of memory, prefaulted and locked at set-up, that real-time code reads and writes.
///
/// It never grows. Copies share the memory; `deallocate()` is called once, by the owner, after the
/// process thread has stopped.
/// - Thread: set-up makes and frees it; whoever owns the field uses it.
@safe
@frozen
public struct FixedBuffer<Element: BitwiseCopyable> {
  @usableFromInline let base: UnsafeMutablePointer<Element>
  /// How many elements it holds.
  public let count: Int

  /// Allocates `count` elements (at least 1), all `value`.
  public init(count: Int, repeating value: Element) {
    self.count = max(1, count)
    unsafe base = .allocate(capacity: self.count)
    unsafe base.initialize(repeating: value, count: self.count)
    // A refused lock is no error here: the pages are touched, and `doctor` reports the limit.
    unsafe _ = continuo_prefault_and_lock(base, self.count * MemoryLayout<Element>.stride)
  }

  /// Frees the memory.
  ///
  /// Set-up thread only, once.
  public func deallocate() {
    unsafe continuo_unlock(base, count * MemoryLayout<Element>.stride)
    unsafe base.deallocate()
  }

  /// The element at `index`, 0..<count; an index outside stops a debug build.
  @inlinable
  public subscript(index: Int) -> Element {
    // SAFETY: every caller's index is bounded by `count`; debug builds check it.
    @inline(__always) get {
      assert(index >= 0 && index < count)
      return unsafe base[index]
    }
    @inline(__always) nonmutating set {
      assert(index >= 0 && index < count)
      unsafe base[index] = newValue
    }
  }

  /// Where the element at `index` lies.
  @inlinable @inline(__always)
  public func address(_ index: Int) -> UnsafeMutablePointer<Element> {
    unsafe base + index
  }
}
