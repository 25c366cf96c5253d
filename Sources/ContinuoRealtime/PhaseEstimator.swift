// SPDX-License-Identifier: MIT
internal import CRealtime
internal import ContinuoRings

/// Where the song was said to be: at `frame` it was at `quarters`, give or take `width` (0: exact).
struct Observation: BitwiseCopyable {
  var frame: Int64
  var quarters: Double
  /// How much of the true place it leaves open, in quarters.
  var width: Double

  @_noLocks @_noAllocation
  init(frame: Int64, quarters: Double, width: Double) {
    self.frame = frame
    self.quarters = quarters
    self.width = width
  }
}

/// Finds the exact line from frames to quarters behind a time base that only gives whole ticks.
///
/// Each cycle's tick bounds the true phase to one tick: [t, t+δ) when the master truncates,
/// [t-δ/2, t+δ/2] when it rounds. At constant tempo all bounds hold for one line, so their
/// intersection narrows with every cycle. Lines that are *likely* (through frame 0 at the declared
/// tempo; on from the last tempo; known from an earlier pass) are tried first and kept for as long
/// as they meet every bound; only when none does is the middle of the intersection taken.
/// `docs/realtime-contract.md` states the convergence.
///
/// Runs on the JACK process thread. Work per cycle is constant, a refit bounded by the window.
@safe
struct PhaseEstimator {
  /// How a master makes a whole tick out of the true one.
  enum Rounding: UInt8, BitwiseCopyable {
    case unknown, down, nearest
  }

  /// The line in force; meaningful once `count` > 0.
  private(set) var line = SongLine(baseFrame: 0, baseQuarters: 0, framesPerQuarter: 24000)
  /// Observations since the segment began.
  private(set) var count = 0
  /// Whether `line` is a likely line that met every bound so far.
  private(set) var isTrusted = false
  /// Learned once from a trusted line, kept for the master's life.
  private(set) var rounding = Rounding.unknown
  /// Whether the segment's line is known from elsewhere, so that it shows the master's rounding.
  private var teaches = false
  /// The spread of (tick - line) over the segment, in quarters.
  private var residualLow = 0.0
  private var residualHigh = 0.0

  private let frames: FixedBuffer<Int64>
  private let ticks: FixedBuffer<Double>
  private var stored = 0
  /// Every `stride`-th observation is stored, so that the window always spans the segment.
  private var stride = 1

  static var window: Int {
    @_noLocks @_noAllocation get { 64 }
  }

  /// Set-up thread.
  init() {
    frames = FixedBuffer(count: PhaseEstimator.window, repeating: 0)
    ticks = FixedBuffer(count: PhaseEstimator.window, repeating: 0)
  }

  func deallocate() {
    frames.deallocate()
    ticks.deallocate()
  }

  /// Forgets the segment; what was learned of the master's rounding stays.
  @_noLocks @_noAllocation
  mutating func reset() {
    count = 0
    stored = 0
    stride = 1
    isTrusted = false
    teaches = false
  }

  /// How many frames either way the true line may still lie from `line`; 0 when trusted or exact.
  @_noLocks @_noAllocation
  func uncertainty(width: Double) -> Double {
    guard count > 0, !isTrusted, width > 0 else { return 0 }
    return max(0, width - (residualHigh - residualLow)) * line.framesPerQuarter / 2
  }

  /// Takes over what is known of the master's rounding.
  @_noLocks @_noAllocation
  mutating func setRounding(_ rounding: Rounding) {
    self.rounding = rounding
    reset()
  }

  /// Begins a segment with `line`, whether or not it is likely. Only a line whose place is known
  /// from elsewhere `teaches` how the master rounds.
  @_noLocks @_noAllocation
  mutating func begin(
    _ line: SongLine, _ seen: Observation, trusted: Bool, teaches: Bool = false
  ) {
    reset()
    self.line = line
    isTrusted = trusted
    self.teaches = teaches
    count = 1
    let residual = seen.quarters - line.quarters(at: seen.frame)
    residualLow = residual
    residualHigh = residual
    store(seen.frame, seen.quarters)
    settle(seen.width)
  }

  /// Whether `line` meets one observation, by the master's rounding or by any.
  @_noLocks @_noAllocation
  func admits(_ line: SongLine, _ seen: Observation, anyRounding: Bool = false) -> Bool {
    let residual = seen.quarters - line.quarters(at: seen.frame)
    return meets(residual, residual, seen.width, line, anyRounding ? .unknown : rounding)
  }

  /// Takes in an observation; false when no line of this slope meets it with the ones before.
  @_noLocks @_noAllocation
  mutating func observe(_ seen: Observation) -> Bool {
    let residual = seen.quarters - line.quarters(at: seen.frame)
    let low = min(residualLow, residual)
    let high = max(residualHigh, residual)
    let slack = self.slack(seen.width, line)
    guard high - low <= seen.width + 2 * slack else { return false }
    residualLow = low
    residualHigh = high
    count &+= 1
    if count % stride == 0 { store(seen.frame, seen.quarters) }
    if isTrusted, seen.width > 0 {
      if teaches, count > 8 { learnRounding(seen.width) }
      isTrusted = meets(low, high, seen.width, line, teaches ? .unknown : rounding)
    }
    settle(seen.width)
    return true
  }

  /// Takes in an observation that lies whole periods behind the line, as after cycles that the
  /// master missed, and moves the line by as many, up to `most` frames; false when none fit.
  @_noLocks @_noAllocation
  mutating func observeSlipped(_ seen: Observation, period: Int64, most: Int64) -> Bool {
    // Periods of a tick or two could as well be a tempo that changes.
    guard Double(period) > 2 * seen.width * line.framesPerQuarter else { return false }
    let behind = (line.quarters(at: seen.frame) - seen.quarters) * line.framesPerQuarter
    let periods = continuo_floor(behind / Double(period) + 0.5)
    guard periods >= 1, periods * Double(period) <= Double(most) else { return false }
    let shift = Int64(periods) &* period
    move(by: shift)
    if observe(seen) { return true }
    move(by: 0 &- shift)
    return false
  }

  @_noLocks @_noAllocation
  private mutating func move(by shift: Int64) {
    line.baseFrame &+= shift
    for index in 0..<stored { frames[index] &+= shift }
  }

  /// Whether residuals from `low` to `high` are what a master of this rounding gives on `line`.
  @_noLocks @_noAllocation
  private func meets(
    _ low: Double, _ high: Double, _ width: Double, _ line: SongLine, _ rounding: Rounding
  ) -> Bool {
    let slack = self.slack(width, line)
    let down = high <= slack && low > -width - slack
    let nearest = high <= width / 2 + slack && low >= -width / 2 - slack
    switch rounding {
    case .down: return down
    case .nearest: return nearest
    case .unknown: return down || nearest
    }
  }

  @_noLocks @_noAllocation
  private mutating func learnRounding(_ width: Double) {
    let down = meets(residualLow, residualHigh, width, line, .down)
    let nearest = meets(residualLow, residualHigh, width, line, .nearest)
    if down != nearest { rounding = down ? .down : .nearest }
  }

  /// A line's `framesPerQuarter` that meets the newest stretch of the window, preferring
  /// `declared` and then round tempi; nil when the window is too short. The segment then begins
  /// anew with that stretch.
  @_noLocks @_noAllocation
  mutating func refit(_ seen: Observation, declared: Double, sampleRate: Double) -> Bool {
    let frame = seen.frame
    let quarters = seen.quarters
    let width = max(seen.width, 2 * slack(0, line))
    var length = stored
    while length >= 1 {
      let first = stored &- length
      let origin = frames[first]
      let originQuarters = ticks[first]
      // The slope's bounds from every pair with the stretch's first observation.
      var low = 0.0
      var high = 1.0
      var index = first &+ 1
      while index <= stored {
        let atFrame = index == stored ? frame : frames[index]
        let atQuarters = index == stored ? quarters : ticks[index]
        let span = Double(atFrame &- origin)
        if span > 0 {
          low = max(low, (atQuarters - originQuarters - width) / span)
          high = min(high, (atQuarters - originQuarters + width) / span)
        }
        index &+= 1
      }
      if low < high, high > 0 {
        let slope = choose(low, high, declared: declared, sampleRate: sampleRate)
        if fits(first, slope, frame, quarters, width) {
          adopt(first, slope, frame, quarters, width)
          return true
        }
      }
      length /= 2
    }
    return false
  }

  @_noLocks @_noAllocation
  private func choose(
    _ low: Double, _ high: Double, declared: Double, sampleRate: Double
  ) -> Double {
    if declared > 0, 1 / declared > low, 1 / declared < high { return 1 / declared }
    // The roundest tempo within the bounds: whole, then tenths, hundredths, thousandths.
    let perMinute = 60 * sampleRate
    var unit = 1.0
    while unit <= 1000 {
      let candidate = continuo_floor((low + high) / 2 * perMinute * unit + 0.5) / unit / perMinute
      if candidate > low, candidate < high { return candidate }
      unit *= 10
    }
    return max((low + high) / 2, 1e-9)
  }

  @_noLocks @_noAllocation
  private func fits(
    _ first: Int, _ slope: Double, _ frame: Int64, _ quarters: Double, _ width: Double
  ) -> Bool {
    let last = quarters - Double(frame &- frames[first]) * slope
    var low = last
    var high = last
    var index = first
    while index < stored {
      let residual = ticks[index] - Double(frames[index] &- frames[first]) * slope
      low = min(low, residual)
      high = max(high, residual)
      index &+= 1
    }
    return high - low <= width * 1.0002 + slope * 0.05
  }

  @_noLocks @_noAllocation
  private mutating func adopt(
    _ first: Int, _ slope: Double, _ frame: Int64, _ quarters: Double, _ width: Double
  ) {
    line = SongLine(
      baseFrame: frames[first], baseQuarters: ticks[first], framesPerQuarter: 1 / slope)
    isTrusted = false
    teaches = false
    var kept = 0
    var index = first
    while index < stored {
      frames[kept] = frames[index]
      ticks[kept] = ticks[index]
      kept &+= 1
      index &+= 1
    }
    stored = kept
    residualLow = quarters - line.quarters(at: frame)
    residualHigh = residualLow
    index = 0
    while index < stored {
      let residual = ticks[index] - line.quarters(at: frames[index])
      residualLow = min(residualLow, residual)
      residualHigh = max(residualHigh, residual)
      index &+= 1
    }
    count = stored &* stride &+ 1
    store(frame, quarters)
    settle(width)
  }

  /// Lays an untrusted line through the middle of what the bounds allow.
  @_noLocks @_noAllocation
  private mutating func settle(_ width: Double) {
    guard !isTrusted else { return }
    let middle = (residualLow + residualHigh) / 2
    // A truncating master's ticks lie on average half a tick behind the true line.
    let shift = width > 0 && rounding != .nearest ? middle + width / 2 : middle
    line = line.shifted(by: shift)
    residualLow -= shift
    residualHigh -= shift
  }

  @_noLocks @_noAllocation
  private mutating func store(_ frame: Int64, _ quarters: Double) {
    if stored == PhaseEstimator.window {
      var kept = 0
      while kept < stored / 2 {
        frames[kept] = frames[kept &* 2]
        ticks[kept] = ticks[kept &* 2]
        kept &+= 1
      }
      stored = kept
      stride = min(stride &* 2, 1 << 20)
    }
    frames[stored] = frame
    ticks[stored] = quarters
    stored &+= 1
  }

  /// What floating-point noise and a frame's rounding may cost, in quarters.
  @_noLocks @_noAllocation
  private func slack(_ width: Double, _ line: SongLine) -> Double {
    width > 0 ? width * 1e-4 : 0.02 / line.framesPerQuarter
  }
}
