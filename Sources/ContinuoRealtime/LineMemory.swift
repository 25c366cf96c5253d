// SPDX-License-Identifier: MIT
internal import ContinuoRings

/// Remembers lines by transport frame, so that after a locate the line known from an earlier pass
/// is tried before a new one is looked for.
///
/// Holds the last 16.
///
/// Runs on the JACK process thread.
@safe
struct LineMemory {
  private let lines: FixedBuffer<SongLine>
  private(set) var count = 0
  private var next = 0
  /// The absolute frame at which the transport's frame 0 lies at present.
  var zeroFrame: Int64 = 0

  /// Set-up thread.
  init() {
    lines = FixedBuffer(
      count: 16,
      repeating: SongLine(baseFrame: 0, baseQuarters: 0, framesPerQuarter: 24000))
  }

  func deallocate() { lines.deallocate() }

  @_noLocks @_noAllocation
  mutating func removeAll() {
    count = 0
    next = 0
  }

  /// The line at `index`, 0..<count, in absolute frames.
  @_noLocks @_noAllocation
  func line(_ index: Int) -> SongLine {
    var line = lines[index]
    line.baseFrame &+= zeroFrame
    return line
  }

  /// Keeps a line given in absolute frames, unless it is kept already.
  @_noLocks @_noAllocation
  mutating func keep(_ line: SongLine) {
    var relative = line
    relative.baseFrame &-= zeroFrame
    for index in 0..<count {
      let known = lines[index]
      let apart = abs(known.quarters(at: relative.baseFrame) - relative.baseQuarters)
      let sameTempo =
        abs(known.framesPerQuarter - line.framesPerQuarter) < 1e-9 * line.framesPerQuarter
      if sameTempo, apart * line.framesPerQuarter < 0.01 { return }
    }
    lines[next] = relative
    next = (next &+ 1) % lines.count
    count = min(count &+ 1, lines.count)
  }
}
