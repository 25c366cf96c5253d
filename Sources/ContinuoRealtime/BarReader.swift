// SPDX-License-Identifier: MIT
internal import CRealtime

/// What is known of the program that tells bar, beat and tick.
@frozen
public enum TimebaseKind: UInt8, BitwiseCopyable, Sendable, CaseIterable {
  /// Anything: metre, ticks and rounding are learned from what it says.
  case unknown = 0
  /// Ardour 7: ticks are of a quarter whatever the beat, rounded; tempo and metre as declared are
  /// those of the song's beginning.
  case ardour
}

/// Reads bar|beat|tick as quarter notes: believes the metre that is declared until the bars
/// themselves contradict it, then the bars.
///
/// Ardour 7 declares the song's first metre everywhere and counts ticks of a quarter whatever the
/// beat: the beats per bar and the beat's length are then read off the bars.
/// Runs on the JACK process thread.
@safe
struct BarReader {
  private(set) var meters = MeterMap()
  /// Quarter notes a tick lasts.
  private(set) var tickLength = 1 / 1920.0
  var kind = TimebaseKind.unknown
  var isArdour: Bool {
    @_noLocks @_noAllocation get {
      switch kind {
      case .ardour: true
      case .unknown: false
      }
    }
  }
  private var ticksPerBeat = 1920.0
  private var declaredBeats: Float = 0
  private var declaredType: Float = 0
  private var declaredTempo = 0.0
  /// False once the bars contradicted the declared metre.
  private var isDeclared = true
  private var lastBar: Int32 = 0
  private var lastBeat: Int32 = 0

  /// Set-up thread.
  init() {}

  func deallocate() { meters.deallocate() }

  /// Forgets the song and the master, but not what kind it is.
  @_noLocks @_noAllocation
  mutating func reset() {
    meters.removeAll()
    ticksPerBeat = 1920
    tickLength = 1 / 1920.0
    declaredBeats = 0
    declaredType = 0
    declaredTempo = 0
    isDeclared = true
    lastBar = 0
    lastBeat = 0
  }

  /// Holds one metre from bar 1 on, for a clock of our own.
  @_noLocks @_noAllocation
  mutating func hold(beatsPerBar: Int32, beatLength: Double) {
    meters.removeAll()
    meters.learn(bar: 1, beatsPerBar: beatsPerBar, beatLength: beatLength)
  }

  /// Notes where the song was, for the next cycle's comparison.
  @_noLocks @_noAllocation
  mutating func leave(_ transport: Transport) {
    lastBar = transport.bar
    lastBeat = transport.beat
  }

  /// Where bar|beat|tick is, in quarter notes from bar 1.
  @_noLocks @_noAllocation
  func quarters(_ transport: Transport) -> Double {
    let metre = meters.change(at: transport.bar)
    let start = metre.start + Double(transport.bar &- metre.bar) * metre.barLength
    return start + Double(transport.beat &- 1) * metre.beatLength + tick(transport) * tickLength
  }

  /// How much of the true position an observation leaves open, in quarters; 0: exact.
  @_noLocks @_noAllocation
  func width(_ transport: Transport, framesPerQuarter: Double) -> Double {
    if transport.hasTickDouble { return 0 }
    // With an offset the tick is whole and true at a frame that was itself rounded.
    return transport.hasOffset ? 2 / framesPerQuarter : tickLength
  }

  /// The declared tempo as frames a quarter note; `otherwise` when none is declared.
  @_noLocks @_noAllocation
  func declaredFramesPerQuarter(
    _ transport: Transport, _ sampleRate: Double, otherwise: Double
  ) -> Double {
    let countsQuarters = !isDeclared || isArdour || transport.beatType < 1
    let type = countsQuarters ? 4 : Double(transport.beatType)
    let quartersPerMinute = transport.beatsPerMinute * 4 / type
    guard quartersPerMinute > 0.1, quartersPerMinute < 100_000 else { return otherwise }
    return 60 * sampleRate / quartersPerMinute
  }

  /// Takes in the declared metre and tempo; true when tempo or metre are declared anew.
  @_noLocks @_noAllocation
  mutating func learn(_ transport: Transport) -> Bool {
    let isSane =
      transport.ticksPerBeat >= 1 && transport.ticksPerBeat < 1e9 && transport.beatsPerBar >= 1
      && transport.beatsPerBar <= 64 && transport.beatType >= 1 && transport.beatType <= 64
    let ticks = isSane ? transport.ticksPerBeat : 1920
    let beats = isSane ? transport.beatsPerBar : 4
    let type = isSane ? transport.beatType : 4
    let metreIsNew = beats != declaredBeats || type != declaredType || ticks != ticksPerBeat
    let tempoIsNew = transport.beatsPerMinute != declaredTempo
    guard metreIsNew || tempoIsNew || meters.isEmpty else {
      if isDeclared { adopt(transport.bar, beats, type) }
      return false
    }
    let isFirst = declaredBeats == 0
    declaredBeats = beats
    declaredType = type
    declaredTempo = transport.beatsPerMinute
    ticksPerBeat = ticks
    if metreIsNew {
      isDeclared = true
      tickLength = (isArdour ? 1 : 4 / Double(type)) / ticks
    }
    if isDeclared { adopt(transport.bar, beats, type) }
    return !isFirst
  }

  @_noLocks @_noAllocation
  private mutating func adopt(_ bar: Int32, _ beats: Float, _ type: Float) {
    let beatsPerBar = Int32(beats)
    let beatLength = 4 / Double(type)
    let known = meters.change(at: bar)
    if meters.isEmpty || known.beatsPerBar != beatsPerBar || known.beatLength != beatLength {
      meters.learn(bar: bar, beatsPerBar: beatsPerBar, beatLength: beatLength)
    }
  }

  /// Holds bar|beat|tick, which reads as `quarters` where the line says `predicted`, against the
  /// metre believed; false when that had to be mended, so that it must be read again.
  @_noLocks @_noAllocation
  mutating func holds(_ transport: Transport, _ quarters: Double, predicted: Double) -> Bool {
    let metre = meters.change(at: transport.bar)
    if transport.beat > metre.beatsPerBar {
      return mend(transport.bar, transport.beat, metre.beatLength)
    }
    if tick(transport) * tickLength > metre.beatLength + 1e-9 {
      return mend(transport.bar, metre.beatsPerBar, ticksPerBeat * tickLength)
    }
    let ahead = quarters - predicted
    guard ahead > 4 * tickLength else { return true }
    if transport.bar == lastBar &+ 1, transport.beat == 1 {
      let previous = meters.change(at: lastBar)
      let missing = ahead / previous.beatLength
      let whole = continuo_floor(missing + 0.5)
      if lastBeat < previous.beatsPerBar, whole >= 1, abs(missing - whole) < 0.05 {
        return mend(lastBar, lastBeat, previous.beatLength)
      }
    }
    if transport.bar == lastBar, transport.beat == lastBeat &+ 1 {
      let real = (metre.beatLength - ahead) / metre.beatLength
      for halving in 1...3 {
        let share = 1 / Double(1 << halving)
        if abs(real - share) < 0.02 {
          tickLength = 1 / ticksPerBeat
          return mend(transport.bar, metre.beatsPerBar, share)
        }
      }
    }
    return true
  }

  @_noLocks @_noAllocation
  private mutating func mend(_ bar: Int32, _ beatsPerBar: Int32, _ beatLength: Double) -> Bool {
    isDeclared = false
    meters.learn(bar: bar, beatsPerBar: min(max(beatsPerBar, 1), 64), beatLength: beatLength)
    return false
  }

  @_noLocks @_noAllocation
  private func tick(_ transport: Transport) -> Double {
    transport.hasTickDouble ? transport.tickDouble : Double(transport.tick)
  }
}
