// SPDX-License-Identifier: MIT
internal import ContinuoMusic

/// The beats found in music without a time base.
public struct BeatTrack: Hashable, Sendable {
  /// Seconds from the start of what was heard, in order.
  public let beats: [Double]
  /// Beats a bar, 3 or 4.
  public let beatsPerBar: Int
  /// The first of `beats` that begins a bar, 0..<`beatsPerBar`.
  public let firstDownbeat: Int

  /// Beats a minute: of the median time between two beats.
  public var beatsPerMinute: Double {
    let gaps = zip(beats.dropFirst(), beats).map { $0 - $1 }.sorted()
    return gaps.isEmpty ? 0 : 60 / gaps[gaps.count / 2]
  }

  /// Beats from the first bar line on or before the first beat, at `seconds`; before the first and
  /// after the last beat the next gap goes on.
  public func place(at seconds: Double) -> Double {
    guard beats.count > 1 else { return 0 }
    let low = min(beats.lastIndex { $0 <= seconds }, beats.count - 2)
    let fraction = (seconds - beats[low]) / (beats[low + 1] - beats[low])
    let offset = (beatsPerBar - firstDownbeat) % beatsPerBar
    return Double(low + offset) + fraction
  }
}
