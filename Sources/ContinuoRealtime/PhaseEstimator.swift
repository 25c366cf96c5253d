// SPDX-License-Identifier: MIT
internal import CRealtime
internal import ContinuoRings

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
  }

  /// How many frames either way the true line may still lie from `line`; 0 when trusted or exact.
  @_noLocks @_noAllocation
  func uncertainty(width: Double) -> Double {
    guard count > 0, !isTrusted, width > 0 else { return 0 }
    return max(0, width - (residualHigh - residualLow)) * line.framesPerQuarter / 2
  }

  /// Begins a segment with `line`, whether or not it is likely.
  @_noLocks @_noAllocation
  mutating func begin(
    _ line: SongLine, trusted: Bool, frame: Int64, quarters: Double, width: Double
  ) {
    reset()
    self.line = line
    isTrusted = trusted
    count = 1
    let residual = quarters - line.quarters(at: frame)
    residualLow = residual
    residualHigh = residual
    store(frame, quarters)
    settle(width)
  }

  /// Whether `line` meets one observation of `width` (0: exact).
  @_noLocks @_noAllocation
  func admits(_ line: SongLine, frame: Int64, quarters: Double, width: Double) -> Bool {
    let residual = quarters - line.quarters(at: frame)
    let slack = self.slack(width, line)
    let down = residual <= slack && residual > -width - slack
    let nearest = abs(residual) <= width / 2 + slack
    switch rounding {
    case .down: return down
    case .nearest: return nearest
    case .unknown: return down || nearest
    }
  }

  /// Takes in an observation; false when no line of this slope meets it with the ones before.
  @_noLocks @_noAllocation
  mutating func observe(frame: Int64, quarters: Double, width: Double) -> Bool {
    let residual = quarters - line.quarters(at: frame)
    let low = min(residualLow, residual)
    let high = max(residualHigh, residual)
    let slack = self.slack(width, line)
    guard high - low <= width + 2 * slack else { return false }
    residualLow = low
    residualHigh = high
    count &+= 1
    if count % stride == 0 { store(frame, quarters) }
    if isTrusted {
      let down = high <= slack && low > -width - slack
      let nearest = high <= width / 2 + slack && low >= -width / 2 - slack
      if down != nearest, count > 8, width > 0 { rounding = down ? .down : .nearest }
      isTrusted = rounding == .down ? down : rounding == .nearest ? nearest : down || nearest
    }
    settle(width)
    return true
  }

  /// A line's `framesPerQuarter` that meets the newest stretch of the window, preferring
  /// `declared` and then round tempi; nil when the window is too short. The segment then begins
  /// anew with that stretch.
  @_noLocks @_noAllocation
  mutating func refit(
    frame: Int64, quarters: Double, width: Double, declared: Double, sampleRate: Double
  ) -> Bool {
    let width = max(width, 2 * slack(0, line))
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
