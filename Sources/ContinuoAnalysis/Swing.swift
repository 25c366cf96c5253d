// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// How eighths are divided: even, swung by a measured ratio, or not to be told.
public struct Swing: Hashable, Sendable, Codable {
  /// What was found.
  public enum Feel: String, Hashable, Sendable, Codable {
    /// Even eighths.
    case straight
    /// A longer first eighth.
    case swung
    /// Too few off-beat eighths, or a metre without quarter beats.
    case unknown
  }

  /// Straight, swung or unknown.
  public let feel: Feel
  /// The first eighth's length over the second's: 1 is even, 2 a triplet; nil when unknown.
  public let ratio: Double?
  /// Off-beat eighths the answer rests on.
  public let evidence: Int

  /// No evidence.
  public static let unknown = Swing(ratio: nil, evidence: 0)
  /// Ratios from here up are called swung.
  public static let threshold = 1.12
  /// Fewer off-beats than this are no evidence.
  public static let fewestUpbeats = 4

  /// States a ratio, kept within 0.5...4; nil is unknown.
  public init(ratio: Double?, evidence: Int) {
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

  /// Measures the median beat-upbeat ratio of `notes` at the eighth, in metres of quarters or halves.
  ///
  /// A beat with exactly one onset strictly inside it is evidence of where its off-beat lies. Where
  /// some lie half way, or sixteenths follow the beat, notes three quarters through the beat are
  /// sixteenths, not hard swing.
  public init(of notes: [Note], meter: Meter) {
    guard meter.beatUnit <= 4 else {
      self = .unknown
      return
    }
    let phases = Self.upbeatPhases(UsableNotes.of(notes))
    let halves = phases.count { abs($0 - 0.5) < 0.06 }
    let quarters = phases.count { abs($0 - 0.25) < 0.07 }
    var upbeats = phases.filter { $0 >= 0.42 && $0 <= 0.8 }
    if 3 * halves >= upbeats.count || 5 * quarters >= upbeats.count {
      upbeats.removeAll { $0 > 0.71 }
    }
    guard upbeats.count >= Self.fewestUpbeats else {
      self.init(ratio: nil, evidence: upbeats.count)
      return
    }
    upbeats.sort()
    let median = (upbeats[(upbeats.count - 1) / 2] + upbeats[upbeats.count / 2]) / 2
    self.init(ratio: median / (1 - median), evidence: upbeats.count)
  }

  /// The mean phase of the inner onset of every quarter that has just one.
  private static func upbeatPhases(_ notes: [Note]) -> [Double] {
    var phases: [Double] = []
    var quarter = -Double.infinity
    // Several players' notes on one place spread: chained within a tenth, they are one onset.
    var clusters: [(sum: Double, count: Double, last: Double)] = []
    func close() {
      if clusters.count == 1 { phases.append(clusters[0].sum / clusters[0].count) }
      clusters.removeAll()
    }
    for note in notes {
      // An onset a hair early belongs to the beat it anticipates.
      let shifted = note.start.quarters + 0.1
      if shifted.rounded(.down) != quarter {
        close()
        quarter = shifted.rounded(.down)
      }
      let phase = note.start.quarters - quarter
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

  /// Where `place` would be if its eighths were even; unchanged when not swung.
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
    let quarter = place.quarters.rounded(.down)
    let phase = place.quarters - quarter
    let moved = phase < from ? phase * to / from : to + (phase - from) * (1 - to) / (1 - from)
    return Beats(quarter + moved)
  }
}
