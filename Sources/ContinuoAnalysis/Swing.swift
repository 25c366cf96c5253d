// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// How eighths, or sixteenths, are divided: even, swung by a measured ratio, or not to be told.
public struct Swing: Hashable, Sendable, Codable {
  /// What was found.
  public enum Feel: String, Hashable, Sendable, Codable {
    /// Even notes.
    case straight
    /// A longer first note of each pair.
    case swung
    /// Too few off-beats, or a metre without quarter beats.
    case unknown
  }

  /// Which notes go in pairs, by the part of a whole note they are.
  public enum Unit: Int, Hashable, Sendable, Codable, CaseIterable {
    /// Two to a quarter.
    case eighth = 8
    /// Four to a quarter.
    case sixteenth = 16

    /// A pair's length, in quarters.
    var pair: Double { 8 / Double(rawValue) }
  }

  /// Straight, swung or unknown.
  public let feel: Feel
  /// The first note's length over the second's: 1 is even, 2 a triplet; nil when unknown.
  public let ratio: Double?
  /// Off-beats the answer rests on.
  public let evidence: Int
  /// The notes that go in pairs.
  public let unit: Unit

  /// No evidence.
  public static let unknown = Swing(ratio: nil, evidence: 0)
  /// Ratios from here up are called swung.
  public static let threshold = 1.12
  /// Fewer off-beats than this are no evidence.
  public static let fewestUpbeats = 4

  /// States a ratio, kept within 0.5...4; nil is unknown.
  public init(ratio: Double?, evidence: Int, unit: Unit = .eighth) {
    self.unit = unit
    guard let ratio, ratio.isFinite else {
      feel = .unknown
      self.ratio = nil
      self.evidence = evidence
      return
    }
    let bounded = min(max(ratio, 0.5), 4)
    feel = bounded >= Self.threshold ? .swung : .straight
    self.ratio = bounded
    self.evidence = evidence
  }

  /// Measures the beat-upbeat ratio (Benadon 2006) of `notes` in metres of quarters or halves: at the
  /// sixteenth where those are swung and the eighths are even, else at the eighth.
  public init(of notes: [Note], meter: Meter) {
    let eighths = Self.measure(notes, meter, .eighth).swing
    let (sixteenths, errors) = Self.measure(notes, meter, .sixteenth)
    // Unsteady playing is far off at a sixteenth: the lean must stand out from it.
    let leans = sixteenths.feel == .swung && errors > 2.5
    self = eighths.feel != .swung && leans ? sixteenths : eighths
  }

  /// Measures the ratio of `notes` at one unit.
  ///
  /// A pair with exactly one onset strictly inside it is evidence of where its off-beat lies. Where
  /// some lie half way, or quarters of the pair follow its start, notes three quarters through it are
  /// of half the unit, not hard swing. The mean is taken symmetrically about the median, so that
  /// neither late nor early players weigh more.
  public init(of notes: [Note], meter: Meter, unit: Unit) {
    self = Self.measure(notes, meter, unit).swing
  }

  /// The swing at one unit, and by how many standard errors its off-beat is late.
  private static func measure(
    _ notes: [Note], _ meter: Meter, _ unit: Unit
  ) -> (swing: Swing, errors: Double) {
    guard meter.beatUnit <= 4 else { return (Swing(ratio: nil, evidence: 0, unit: unit), 0) }
    let phases = Self.upbeatPhases(UsableNotes.of(notes), pair: unit.pair)
    let halves = phases.count { abs($0 - 0.5) < 0.06 }
    let quarters = phases.count { abs($0 - 0.25) < 0.07 }
    var upbeats = phases.filter { $0 >= 0.42 && $0 <= 0.8 }
    let isHalved = 3 * halves >= upbeats.count || 5 * quarters >= upbeats.count
    if isHalved { upbeats.removeAll { $0 > 0.71 } }
    guard upbeats.count >= fewestUpbeats else {
      return (Swing(ratio: nil, evidence: upbeats.count, unit: unit), 0)
    }
    upbeats.sort()
    let median = (upbeats[(upbeats.count - 1) / 2] + upbeats[upbeats.count / 2]) / 2
    let place = Self.mean(phases, about: median, below: isHalved ? 0.71 : 1)
    let spread = upbeats.reduce(0) { $0 + ($1 - place) * ($1 - place) } / Double(upbeats.count)
    let error = max((spread / Double(upbeats.count)).squareRoot(), 1e-6)
    let swing = Swing(ratio: place / (1 - place), evidence: upbeats.count, unit: unit)
    return (swing, (place - 0.5) / error)
  }

  /// The mean of the phases near `start`, the window moved to it until it stands still.
  private static func mean(_ phases: [Double], about start: Double, below limit: Double) -> Double {
    var center = start
    for _ in 0..<4 {
      let reach = min(0.14, limit - center)
      let near = phases.filter { abs($0 - center) <= reach }
      guard !near.isEmpty else { return center }
      center = near.reduce(0, +) / Double(near.count)
    }
    return center
  }

  /// The mean phase of the inner onset of every pair of `pair` quarters that has just one.
  private static func upbeatPhases(_ notes: [Note], pair: Double) -> [Double] {
    var phases: [Double] = []
    var start = -Double.infinity
    // Several players' notes on one place spread: chained within a tenth, they are one onset.
    var clusters: [(sum: Double, count: Double, last: Double)] = []
    func close() {
      if clusters.count == 1 { phases.append(clusters[0].sum / clusters[0].count) }
      clusters.removeAll()
    }
    for note in notes {
      let place = note.start.quarters / pair
      // An onset a hair early belongs to the beat it anticipates.
      let shifted = (place + 0.1).rounded(.down)
      if shifted != start {
        close()
        start = shifted
      }
      let phase = place - start
      guard phase > 0.13 else { continue }
      if let held = clusters.last, phase - held.last < 0.1 {
        clusters[clusters.count - 1] = (held.sum + phase, held.count + 1, phase)
      } else {
        clusters.append((phase, 1, phase))
      }
    }
    close()
    return phases
  }

  /// Where `place` would be if its notes were even; unchanged when not swung.
  public func straightened(_ place: Beats, meter: Meter) -> Beats {
    warp(place, meter: meter) { upbeat in (from: upbeat, to: 0.5) }
  }

  /// Where an evenly written `place` sounds in this feel; unchanged when not swung.
  public func swung(_ place: Beats, meter: Meter) -> Beats {
    warp(place, meter: meter) { upbeat in (from: 0.5, to: upbeat) }
  }

  private func warp(
    _ place: Beats, meter: Meter, by map: (Double) -> (from: Double, to: Double)
  ) -> Beats {
    guard feel == .swung, let ratio, meter.beatUnit <= 4, place.quarters.isFinite else {
      return place
    }
    let (from, to) = map(ratio / (1 + ratio))
    let pairs = place.quarters / unit.pair
    let pair = pairs.rounded(.down)
    let phase = pairs - pair
    let moved = phase < from ? phase * to / from : to + (phase - from) * (1 - to) / (1 - from)
    return Beats((pair + moved) * unit.pair)
  }
}
