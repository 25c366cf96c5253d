// SPDX-License-Identifier: MIT

/// The song on a tempo of our own.
extension SongClock {
  /// Runs on a tempo of its own from the cycle at `frame` on, from quarter `start`.
  @_noLocks @_noAllocation
  mutating func runFree(
    at frame: UInt64, start: Double, framesPerQuarter: Double, beatsPerBar: Int32,
    beatLength: Double
  ) {
    source = .own
    bars.hold(beatsPerBar: beatsPerBar, beatLength: beatLength)
    cycle.line = SongLine(
      baseFrame: Int64(bitPattern: frame), baseQuarters: start, framesPerQuarter: framesPerQuarter)
    mustJump = true
  }

  /// One cycle on a tempo of our own.
  @_noLocks @_noAllocation
  mutating func runOn(_ at: Int64, _ sampleRate: Double, _ records: inout CaptureWriter) {
    let starts = !cycle.rolling
    let before = cycle.quarters
    cycle.rolling = true
    cycle.isKnown = true
    cycle.quarters = cycle.line.quarters(at: at)
    cycle.seekQuarters = cycle.quarters
    cycle.uncertaintyFrames = 0
    finish(sampleRate)
    tellMove(starts, from: before, at, sampleRate, &records)
    hasRun = true
  }
}
