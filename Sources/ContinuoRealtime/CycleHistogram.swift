// SPDX-License-Identifier: MIT
public import ContinuoRings

/// How long the process callback took: a histogram with fixed, log-linear buckets.
///
/// 16 buckets to an octave: a quantile is right to 1/16 of itself. Up to 2⁴⁰ ns.
@frozen
public struct CycleHistogram: Sendable {
  @usableFromInline let buckets: CounterBank

  @usableFromInline static var bucketCount: Int { 16 + 36 * 16 }

  /// An empty histogram.
  ///
  /// Set-up thread.
  public init() {
    buckets = CounterBank(count: CycleHistogram.bucketCount + 1)
  }

  /// Frees the memory.
  ///
  /// Set-up thread, once.
  public func deallocate() { buckets.deallocate() }

  /// Counts a duration.
  /// - Thread: realtime (the only writer). Realtime-safe: yes.
  @_noLocks @_noAllocation
  func record(nanoseconds: UInt64) {
    var index = Int(truncatingIfNeeded: nanoseconds)
    if nanoseconds >= 16 {
      let octave = 63 &- nanoseconds.leadingZeroBitCount
      if octave >= 40 {
        index = 16 &+ 36 &* 16 &- 1
      } else {
        let sub = Int(truncatingIfNeeded: nanoseconds >> UInt64(octave &- 4)) & 15
        index = 16 &+ (octave &- 4) &* 16 &+ sub
      }
    }
    buckets.add(1, at: index)
    let most: Int = 16 &+ 36 &* 16
    if nanoseconds > buckets.load(most) { buckets.store(nanoseconds, at: most) }
  }

  /// Durations counted.
  public var count: UInt64 {
    (0..<Self.bucketCount).reduce(0) { $0 + buckets.load($1) }
  }

  /// The longest duration, in nanoseconds, exact.
  public var maximum: UInt64 { buckets.load(Self.bucketCount) }

  /// The duration, in nanoseconds, that `share` (0...1) of all stay within; 0 when none counted.
  public func quantile(_ share: Double) -> UInt64 {
    let total = count
    guard total > 0 else { return 0 }
    let wanted = UInt64((Double(total) * min(max(share, 0), 1)).rounded(.up))
    var seen: UInt64 = 0
    for index in 0..<Self.bucketCount {
      seen += buckets.load(index)
      if seen >= max(wanted, 1) { return min(Self.upperEdge(index), maximum) }
    }
    return maximum
  }

  private static func upperEdge(_ index: Int) -> UInt64 {
    guard index >= 16 else { return UInt64(index) }
    let octave = (index - 16) / 16 + 4
    let sub = UInt64((index - 16) % 16)
    return ((16 + sub + 1) << UInt64(octave - 4)) - 1
  }
}
