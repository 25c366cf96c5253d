// SPDX-License-Identifier: MIT
private import Foundation

/// A song's tempo and metre, and every conversion between its ways of counting.
///
/// Ticks, quarter notes, seconds and bar|beat|tick turn into each other in O(log changes). Total on
/// every input: what lies before the start or after the last change goes on at the nearest tempo
/// and metre. A metre change inside a bar cuts that bar short and begins the next.
public struct SongMap: Hashable, Sendable {
  /// A tempo from one place on.
  public struct TempoChange: Hashable, Sendable {
    /// Where it begins.
    public let at: Beats
    /// Seconds a quarter note lasts at its beginning; more than zero.
    public let secondsPerQuarter: Double
    /// By which share of the first tempo it grows in every quarter, up to the next change; 0 when it
    /// is steady.
    public let growth: Double

    /// The tempo at its beginning, held within `Tempo.range`.
    public var tempo: Tempo { tempo(after: 0) }

    /// The tempo `quarters` after its beginning, held within `Tempo.range`.
    func tempo(after quarters: Double) -> Tempo {
      let perMinute = 60 / secondsPerQuarter * (1 + growth * max(quarters, 0))
      let bounded = min(max(perMinute, Tempo.range.lowerBound), Tempo.range.upperBound)
      return Tempo(bounded) ?? .standard
    }

    /// Seconds that `quarters` after its beginning last; before it the first tempo holds.
    func seconds(after quarters: Double) -> Double {
      guard growth != 0, quarters > 0 else { return quarters * secondsPerQuarter }
      return log1p(growth * quarters) / growth * secondsPerQuarter
    }

    /// Quarters that go by in `seconds` after its beginning.
    func quarters(after seconds: Double) -> Double {
      guard growth != 0, seconds > 0 else { return seconds / secondsPerQuarter }
      return expm1(growth * seconds / secondsPerQuarter) / growth
    }

    let tick: Int
    let seconds: Double
  }

  /// A metre from one place on, which is always the start of a bar.
  public struct MeterChange: Hashable, Sendable {
    /// Where it begins.
    public let at: Beats
    /// The bar it begins, from 1.
    public let bar: Int
    /// The metre.
    public let meter: Meter
  }

  /// Places closer than this, in quarters, are one place: far below any tick, above rounding.
  private static let tolerance = 1e-9

  /// What a tick is.
  public let division: StandardMIDIFile.Division
  /// Tempos in order; the first begins at zero.
  public let tempos: [TempoChange]
  /// Metres in order; the first begins at zero and bar 1.
  public let meters: [MeterChange]
  /// The file's events that were no tempo or metre and were passed over.
  public let repairs: [Repair]

  /// The map of `file`, from every track, or from `track` alone (from 0) in a sequential file.
  ///
  /// Of several changes at one tick the last counts. Without any it is 120 BPM and 4/4.
  public init(_ file: StandardMIDIFile, track: Int = 0) {
    var builder = SongMapBuilder()
    for (index, events) in file.tracks.enumerated()
    where file.format != .sequential || index == track {
      for event in events { builder.add(event) }
    }
    self.init(
      division: file.division, tempos: builder.tempos, meters: builder.meters,
      repairs: builder.repairs)
  }

  /// A map of one tempo and one metre, 1920 ticks a quarter.
  public init(tempo: Tempo = .standard, meter: Meter = .common) {
    self.init(tempos: [(.zero, tempo)], meters: [(.zero, meter)])
  }

  /// A map of changes in any order, 1920 ticks a quarter; changes before zero count from zero.
  public init(tempos: [(at: Beats, tempo: Tempo)], meters: [(at: Beats, meter: Meter)]) {
    self.init(
      division: .ticksPerQuarter(1920),
      tempos: tempos.map { (max(0, $0.at.ticks(ppq: 1920)), 60 / $0.tempo.quartersPerMinute, 0) },
      meters: meters.map { (max(0, $0.at.ticks(ppq: 1920)), $0.meter) }, repairs: [])
  }

  /// The map of a song in which a tempo may glide to another, up to the place of the next.
  ///
  /// The tempo is linear in quarters, as Ardour 7 has it: after q quarters log1p(k·q)/k times the
  /// first quarter's length has gone by, where k is the tempo's growth. The last never glides.
  public init(gliding tempos: [GlidingTempo], meters: [(at: Beats, meter: Meter)]) {
    let marks = tempos.sorted { $0.at < $1.at }
    var placed: [SongMapBuilder.Mark] = []
    for (index, mark) in marks.enumerated() {
      let tick = max(0, mark.at.ticks(ppq: 1920))
      var growth = 0.0
      if let goal = mark.glidesTo, index + 1 < marks.count {
        let length = Double(marks[index + 1].at.ticks(ppq: 1920) - tick) / 1920
        if length > 0 {
          growth = (goal.quartersPerMinute / mark.tempo.quartersPerMinute - 1) / length
        }
      }
      placed.append((tick, 60 / mark.tempo.quartersPerMinute, growth))
    }
    self.init(
      division: .ticksPerQuarter(1920), tempos: placed,
      meters: meters.map { (max(0, $0.at.ticks(ppq: 1920)), $0.meter) }, repairs: [])
  }

  /// A tempo from one place on, and the one it has reached at the next place.
  public struct GlidingTempo: Hashable, Sendable {
    /// Where it begins.
    public let at: Beats
    /// The tempo there.
    public let tempo: Tempo
    /// The tempo just before the next place; nil when it is steady.
    public let glidesTo: Tempo?

    /// A tempo at a place.
    public init(at: Beats, tempo: Tempo, glidesTo: Tempo? = nil) {
      self.at = at
      self.tempo = tempo
      self.glidesTo = glidesTo
    }
  }

  private init(
    division: StandardMIDIFile.Division, tempos: [SongMapBuilder.Mark],
    meters: [(tick: Int, meter: Meter)], repairs: [Repair]
  ) {
    self.division = division
    self.repairs = repairs
    self.tempos = SongMapBuilder.tempoChanges(tempos, division)
    let line = TempoLine(division: division, tempos: self.tempos)
    self.meters = SongMapBuilder.meterChanges(meters) { line.beats(atTick: $0).quarters }
  }

  private var line: TempoLine { TempoLine(division: division, tempos: tempos) }

  /// The quarters at `tick`.
  public func beats(atTick tick: Int) -> Beats { line.beats(atTick: tick) }

  /// The nearest tick to `beats`.
  public func tick(at beats: Beats) -> Int { line.tick(at: beats) }

  /// Seconds from the start to `beats`.
  public func seconds(at beats: Beats) -> Double { line.seconds(at: beats) }

  /// Seconds from the start to `tick`.
  public func seconds(atTick tick: Int) -> Double { line.seconds(atTick: tick) }

  /// The quarters `seconds` after the start.
  public func beats(atSeconds seconds: Double) -> Beats { line.beats(atSeconds: seconds) }

  /// The tempo in force at `beats`.
  public func tempo(at beats: Beats) -> Tempo { line.tempo(at: beats.quarters) }

  /// The metre in force at `beats`.
  public func meter(at beats: Beats) -> Meter { meterChange(at: beats).meter }

  /// The length of a first bar that is shorter than the bars after it, else nil.
  ///
  /// Such a pick-up is bar 1 here, as sequencers count it; a musician would call it bar 0.
  public var pickup: Beats? {
    guard meters.count > 1, meters[1].bar == 2, let first = meters.first else { return nil }
    let length = meters[1].at - first.at
    return length.quarters < meters[1].meter.barLength.quarters - Self.tolerance ? length : nil
  }

  /// Bar, beat and tick at `beats`; before the start bars count down through 0 and below.
  public func position(at beats: Beats) -> SongPosition {
    let change = meterChange(at: beats)
    let offset = beats.quarters - change.at.quarters
    let barLength = change.meter.barLength.quarters
    let beatLength = change.meter.beatLength.quarters
    let bars = ((offset + Self.tolerance) / barLength).rounded(.down)
    let inBar = max(0, offset - bars * barLength)
    let whole = ((inBar + Self.tolerance) / beatLength).rounded(.down)
    let beat = min(clampedInt(whole), change.meter.beatsPerBar - 1)
    let rest = max(0, inBar - Double(beat) * beatLength) / beatLength
    // A place a hair before the next beat counts as on it, so the remainder stays below a beat.
    let tick = min(rest * SongPosition.ticksPerBeat, SongPosition.ticksPerBeat.nextDown)
    return SongPosition(
      bar: clampedInt(bars) + change.bar, beat: beat + 1, tick: tick.isFinite ? tick : 0,
      quarters: beats)
  }

  /// The quarters at a bar and beat (from 1) and tick (1920 a beat); nil when the bar has no such
  /// place.
  public func beats(bar: Int, beat: Int = 1, tick: Double = 0) -> Beats? {
    let change = meterChange(ofBar: bar)
    guard (1...change.meter.beatsPerBar).contains(beat), tick >= 0,
      tick < SongPosition.ticksPerBeat
    else { return nil }
    let inBar = (Double(beat - 1) + tick / SongPosition.ticksPerBeat)
    let place = barStart(bar) + change.meter.beatLength * inBar
    return place.quarters < barStart(bar, after: 1).quarters - Self.tolerance ? place : nil
  }

  /// Where `bar` begins.
  public func barStart(_ bar: Int) -> Beats { barStart(bar, after: 0) }

  /// Where each bar begins, from the one that holds the range's start to the last that begins
  /// before its end; at most `limit` bars.
  public func barStarts(in range: Range<Beats>, limit: Int = 10_000) -> [Beats] {
    var starts: [Beats] = []
    var bar = position(at: range.lowerBound).bar
    var start = barStart(bar)
    while starts.count < limit, start.quarters < range.upperBound.quarters - Self.tolerance {
      starts.append(start)
      bar = bar.addingReportingOverflow(1).partialValue
      start = barStart(bar)
    }
    return starts
  }

  private func barStart(_ bar: Int, after more: Double) -> Beats {
    let change = more > 0 && bar < Int.max ? meterChange(ofBar: bar + 1) : meterChange(ofBar: bar)
    let bars = Double(bar) - Double(change.bar) + more
    return change.at + change.meter.barLength * bars
  }

  private func meterChange(at beats: Beats) -> MeterChange {
    let place = beats.quarters + Self.tolerance
    let index = meters.lastIndex { $0.at.quarters <= place }
    return meters[index]
  }

  private func meterChange(ofBar bar: Int) -> MeterChange {
    meters[meters.lastIndex { $0.bar <= bar }]
  }
}
