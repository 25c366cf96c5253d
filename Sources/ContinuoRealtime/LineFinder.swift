// SPDX-License-Identifier: MIT
internal import CRealtime

/// Decides which line the song is on: likely ones first, then what the observations allow.
///
/// Likely are: from transport frame 0 at the declared tempo; a line known from an earlier pass; on
/// from the last beat at a newly declared tempo; the same line, whole periods later.
/// Runs on the JACK process thread.
@safe
struct LineFinder {
  private(set) var phase = PhaseEstimator()
  private var memory = LineMemory()
  private var lastQuarters = 0.0

  /// Set-up thread.
  init() {}

  func deallocate() {
    phase.deallocate()
    memory.deallocate()
  }

  /// Forgets every line; what was learned of the master's rounding stays.
  @_noLocks @_noAllocation
  mutating func removeAll() {
    phase.reset()
    memory.removeAll()
  }

  /// Leaves the line in force: the next observation begins a new one.
  @_noLocks @_noAllocation
  mutating func leave() {
    keep()
    phase.reset()
  }

  @_noLocks @_noAllocation
  mutating func setRounding(_ rounding: PhaseEstimator.Rounding) { phase.setRounding(rounding) }

  /// Remembers the line in force for a later pass, once it is worth it.
  @_noLocks @_noAllocation
  mutating func keep() {
    if phase.count > 8 { memory.keep(phase.line) }
  }

  /// A new segment, from nothing but this observation and what is likely. `zero` is the frame at
  /// which the transport's frame 0 lies, `declared` the declared frames a quarter.
  @_noLocks @_noAllocation
  mutating func begin(_ seen: Observation, zero: Int64, declared: Double) {
    keep()
    memory.zeroFrame = zero
    lastQuarters = seen.quarters
    if seen.width > 0 {
      let origin = SongLine(baseFrame: zero, baseQuarters: 0, framesPerQuarter: declared)
      if phase.admits(origin, seen, anyRounding: true) {
        phase.begin(origin, seen, trusted: true, teaches: true)
        return
      }
      for index in 0..<memory.count {
        let known = memory.line(index)
        let sameTempo = abs(known.framesPerQuarter - declared) < 1e-6 * declared
        if sameTempo, phase.admits(known, seen) {
          phase.begin(known, seen, trusted: true)
          return
        }
      }
    }
    let line = SongLine(
      baseFrame: seen.frame, baseQuarters: seen.quarters, framesPerQuarter: declared)
    phase.begin(line, seen, trusted: seen.width == 0)
  }

  /// What an observation did to the line.
  enum Step: BitwiseCopyable {
    /// The line holds.
    case held
    /// The same line, whole periods later.
    case slipped
    /// Neither: `rejoin` decides.
    case broken
  }

  /// Holds an observation against the line in force, and that line up to `most` frames later.
  @_noLocks @_noAllocation
  mutating func follow(_ seen: Observation, period: Int64, most: Int64) -> Step {
    if phase.observe(seen) {
      lastQuarters = seen.quarters
      return .held
    }
    guard phase.observeSlipped(seen, period: period, most: most) else { return .broken }
    lastQuarters = seen.quarters
    return .slipped
  }

  /// The line no longer holds: another tempo, or another place; true for another place. The song
  /// was at `before` in the last cycle and by the line should be at `expected` now.
  @_noLocks @_noAllocation
  mutating func rejoin(
    _ seen: Observation, zero: Int64, declared: Double, sampleRate: Double, isAnnounced: Bool,
    before: Double, expected: Double, _ meters: MeterMap
  ) -> Bool {
    let advance = seen.quarters - lastQuarters
    lastQuarters = seen.quarters
    if advance < -2 * seen.width - 1e-9 || advance > 8 * max(expected - before, 0) + 0.125 {
      begin(seen, zero: zero, declared: declared)
      return true
    }
    if isAnnounced {
      // Tempo and metre change on a beat: the old line leads up to it, the new one on from it.
      let old = phase.line
      let beat = Self.joint(before: seen.quarters, after: before, meters)
      let exact = (beat - old.baseQuarters) * old.framesPerQuarter + old.baseFraction
      let whole = continuo_floor(exact)
      let joined = SongLine(
        baseFrame: old.baseFrame &+ Int64(min(max(whole, -0x1p52), 0x1p52)),
        baseFraction: exact - whole, baseQuarters: beat, framesPerQuarter: declared)
      if seen.width > 0, phase.admits(joined, seen) {
        keep()
        phase.begin(joined, seen, trusted: true)
      } else {
        begin(seen, zero: zero, declared: declared)
      }
      return false
    }
    keep()
    if !phase.refit(seen, declared: declared, sampleRate: sampleRate) {
      begin(seen, zero: zero, declared: declared)
    }
    return false
  }

  /// The last bar line, else the last beat, between two places.
  @_noLocks @_noAllocation
  private static func joint(before quarters: Double, after: Double, _ meters: MeterMap) -> Double {
    let found = meters.bar(holding: quarters)
    let barStart =
      found.metre.start + Double(found.bar &- found.metre.bar) * found.metre.barLength
    if barStart > after { return barStart }
    return barStart
      + continuo_floor((quarters - barStart) / found.metre.beatLength) * found.metre.beatLength
  }
}
