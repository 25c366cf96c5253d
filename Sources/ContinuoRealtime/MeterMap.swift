// SPDX-License-Identifier: MIT
internal import CRealtime
internal import ContinuoRings

/// Where each bar starts, in quarter notes, as learned from the time base while the song plays.
///
/// Holds up to 64 metre changes; when full, a further one replaces the last.
/// Runs on the JACK process thread.
@safe
struct MeterMap {
  /// One metre, from `bar` on.
  struct Change: BitwiseCopyable {
    var bar: Int32
    var beatsPerBar: Int32
    /// Quarter notes a beat lasts.
    var beatLength: Double
    /// Quarter notes from bar 1 at which `bar` starts.
    var start: Double

    @_noLocks @_noAllocation
    init(bar: Int32, beatsPerBar: Int32, beatLength: Double, start: Double) {
      self.bar = bar
      self.beatsPerBar = beatsPerBar
      self.beatLength = beatLength
      self.start = start
    }

    var barLength: Double {
      @_noLocks @_noAllocation get { Double(beatsPerBar) * beatLength }
    }
  }

  private let changes: FixedBuffer<Change>
  private var count = 0

  /// Set-up thread.
  init() {
    changes = FixedBuffer(
      count: 64, repeating: Change(bar: 1, beatsPerBar: 4, beatLength: 1, start: 0))
  }

  func deallocate() { changes.deallocate() }

  var isEmpty: Bool {
    @_noLocks @_noAllocation get { count == 0 }
  }

  @_noLocks @_noAllocation
  mutating func removeAll() { count = 0 }

  /// The metre in force at `bar`; 4/4 when nothing is known.
  @_noLocks @_noAllocation
  func change(at bar: Int32) -> Change {
    var index = count &- 1
    while index > 0, changes[index].bar > bar { index &-= 1 }
    return index >= 0 ? changes[index] : Change(bar: 1, beatsPerBar: 4, beatLength: 1, start: 0)
  }

  /// Quarter notes from bar 1 at which `bar` starts.
  @_noLocks @_noAllocation
  func start(of bar: Int32) -> Double {
    let metre = change(at: bar)
    return metre.start + Double(bar &- metre.bar) * metre.barLength
  }

  /// The bar that holds `quarters`, with its metre; a hair before a bar line counts as on it.
  @_noLocks @_noAllocation
  func bar(holding quarters: Double) -> (bar: Int32, metre: Change) {
    let at = quarters + 1e-9
    var index = count &- 1
    while index > 0, changes[index].start > at { index &-= 1 }
    let metre =
      index >= 0
      ? changes[index] : Change(bar: 1, beatsPerBar: 4, beatLength: 1, start: 0)
    let bars = continuo_floor((at - metre.start) / metre.barLength)
    let bounded = min(max(bars, -1_000_000), 1_000_000)
    return (metre.bar &+ Int32(bounded), metre)
  }

  /// Learns that from `bar` on the metre is this one.
  ///
  /// The bars before keep their places.
  @_noLocks @_noAllocation
  mutating func learn(bar: Int32, beatsPerBar: Int32, beatLength: Double) {
    if count == 0 {
      // The first metre seen is taken to hold from bar 1, until bars before it are heard.
      changes[0] = Change(bar: 1, beatsPerBar: beatsPerBar, beatLength: beatLength, start: 0)
      count = 1
      return
    }
    var index = count &- 1
    while index > 0, changes[index].bar > bar { index &-= 1 }
    if changes[index].bar == bar || (index == 0 && bar < changes[0].bar) {
      var change = changes[index]
      change.beatsPerBar = beatsPerBar
      change.beatLength = beatLength
      changes[index] = change
    } else {
      let place = min(index &+ 1, 63)
      if count < 64 {
        var move = count
        while move > place {
          changes[move] = changes[move &- 1]
          move &-= 1
        }
        count &+= 1
      }
      changes[place] = Change(
        bar: bar, beatsPerBar: beatsPerBar, beatLength: beatLength, start: start(before: place, bar)
      )
      index = place
    }
    var following = index &+ 1
    while following < count {
      var change = changes[following]
      change.start = start(before: following, change.bar)
      changes[following] = change
      following &+= 1
    }
  }

  @_noLocks @_noAllocation
  private func start(before index: Int, _ bar: Int32) -> Double {
    let earlier = changes[index &- 1]
    return earlier.start + Double(bar &- earlier.bar) * earlier.barLength
  }
}
