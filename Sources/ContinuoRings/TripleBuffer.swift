// SPDX-License-Identifier: MIT
public import Synchronization

/// Hands the newest value of one writer to one reader; neither ever waits.
///
/// Three cells: the writer fills its own and swaps it with the middle one, the reader swaps its
/// own with the middle one when that is newer. The reader always sees a whole value, the newest
/// that was published; older ones are skipped.
///
/// Bit 2 of the middle index (4) says that its cell was not read yet.
///
/// Memory order: both swaps are acquiring-and-releasing exchanges of the middle index, so a cell
/// is filled before it is seen and read before it is filled again.
@safe
public final class TripleBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
  // SAFETY (@unchecked): a cell belongs to whoever holds its index; indices change hands only
  // through the atomic exchange.
  private let cells: FixedBuffer<Element>
  private let middle: UnsafeMutablePointer<Atomic<Int>>
  /// Reader only.
  private var readIndex = 2

  /// All three cells hold `value`.
  public init(_ value: Element) {
    cells = FixedBuffer(count: 3, repeating: value)
    unsafe middle = .allocate(capacity: 1)
    unsafe middle.initialize(to: Atomic(1))
  }

  /// The writing end.
  ///
  /// Call it once: it belongs to the writer's thread from then on.
  public func makeWriter() -> TripleBufferWriter<Element> {
    unsafe TripleBufferWriter(cells: cells, middle: middle)
  }

  /// The newest published value.
  /// - Thread: the reader's, one at a time. Realtime-safe: no need.
  public func read() -> Element {
    if unsafe middle.pointee.load(ordering: .relaxed) & 4 != 0 {
      readIndex =
        unsafe middle.pointee.exchange(readIndex, ordering: .acquiringAndReleasing)
        & 3
    }
    return cells[readIndex]
  }

  /// Frees the memory.
  ///
  /// Only after neither end is used any more.
  public func deallocate() {
    cells.deallocate()
    unsafe middle.deallocate()
  }
}

/// The end that publishes.
///
/// One thread.
@safe
@frozen
public struct TripleBufferWriter<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  // SAFETY (@unchecked): not copyable, so one owner; it moves between threads only as a whole.
  @usableFromInline let cells: FixedBuffer<Element>
  @usableFromInline let middle: UnsafeMutablePointer<Atomic<Int>>
  @usableFromInline var index = 0

  init(cells: FixedBuffer<Element>, middle: UnsafeMutablePointer<Atomic<Int>>) {
    self.cells = cells
    unsafe self.middle = middle
  }

  /// Shows `value` to the reader.
  /// - Thread: the writer's. Realtime-safe: yes.
  @inlinable @inline(__always)
  public mutating func publish(_ value: Element) {
    cells[index] = value
    index = unsafe middle.pointee.exchange(index | 4, ordering: .acquiringAndReleasing) & 3
  }
}
