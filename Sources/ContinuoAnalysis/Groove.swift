// SPDX-License-Identifier: MIT
public import ContinuoMusic
import Foundation

/// How a track moves: how busy, how syncopated, how swung, how accented.
public struct Groove: Hashable, Sendable, Codable {
  /// Notes measured.
  public let noteCount: Int
  /// Onsets per quarter; notes struck together (within a 64th) are one onset.
  public let density: Double
  /// Nil without notes.
  public let syncopation: Syncopation?
  /// Division of the eighths.
  public let swing: Swing
  /// Mean velocity at each pulse of the bar over the track's mean; 1 is average, nil where no note.
  public let accents: [Double?]
  /// Notes sounding at once on average, over the time that any sounds; 0 without notes.
  public let polyphony: Double
  /// Most notes sounding at once.
  public let mostVoices: Int
  /// Entropy, in bits, of the times between onsets in steps of the grid: 0 for a steady pulse.
  public let variety: Double
  /// Onsets that fall on a pulse of the metre.
  public let onPulse: Int
  /// Onsets counted.
  public let onsetCount: Int
  /// Share of the length in which nothing sounds, 0...1.
  public let silence: Double
  /// How each place of the bar is played.
  public let template: GrooveTemplate
  /// How long notes sound of the time to the next onset, on average: 1 legato, 0.5 half; nil with
  /// fewer than two onsets.
  ///
  /// What sounds longer than a bar, or overlaps, counts as 1.
  public let articulation: Double?

  /// Measures `notes` over `length` from the origin.
  ///
  /// `length` not above zero is taken as the bars that the notes fill. `swing`, when known from
  /// other tracks, straightens the rhythm before it is measured; else the notes' own is used.
  ///
  /// - Complexity: O(n log n).
  public init(of notes: [Note], meter: Meter, length: Beats, swing known: Swing? = nil) {
    let usable = UsableNotes.of(notes)
    let span = Self.span(usable, length: length, meter: meter)
    let grid = MetricGrid(meter)
    let own = Swing(of: usable, meter: meter)
    let swing = known ?? own
    let onsets = Self.onsets(usable)
    let steps = onsets.map { grid.nearestStep(to: swing.straightened($0, meter: meter)) }
    let voices = Voices(usable, span: span)
    noteCount = usable.count
    onsetCount = onsets.count
    density = Double(onsets.count) / span
    let bars = max(1, Int((span / meter.barLength.quarters - 1e-6).rounded(.up)))
    syncopation = Syncopation(onsets: steps, grid: grid, bars: bars)
    self.swing = own
    accents = Self.accents(usable, swing: swing, grid: grid)
    polyphony = voices.mean
    mostVoices = voices.most
    variety = Self.entropy(zip(steps.dropFirst(), steps).map { $0 - $1 })
    onPulse = steps.count { grid.isPulse(step: $0) }
    silence = voices.silence
    template = GrooveTemplate(of: usable, meter: meter, swing: swing)
    articulation = Self.articulation(usable, within: meter.barLength.quarters)
  }

  private static func articulation(_ notes: [Note], within bar: Double) -> Double? {
    var sum = 0.0
    var count = 0.0
    var next = notes.endIndex
    for index in notes.indices.reversed() {
      // Notes struck together have the same next onset.
      if index + 1 < notes.count,
        (notes[index + 1].start - notes[index].start).quarters >= 1.0 / 16
      {
        next = index + 1
      }
      guard next < notes.count else { continue }
      let gap = (notes[next].start - notes[index].start).quarters
      guard gap > 0, gap <= bar else { continue }
      sum += min(notes[index].duration.quarters / gap, 1)
      count += 1
    }
    return count > 0 ? sum / count : nil
  }

  private static func span(_ notes: [Note], length: Beats, meter: Meter) -> Double {
    let limit = 4 * UsableNotes.horizon
    if length.quarters.isFinite, length > .zero { return min(length.quarters, limit) }
    let end = notes.reduce(0) { max($0, $1.end.quarters) }
    let bar = meter.barLength.quarters
    return min(max(1, (end / bar - 1e-6).rounded(.up)) * bar, limit)
  }

  private static func onsets(_ notes: [Note]) -> [Beats] {
    var onsets: [Beats] = []
    for note in notes {
      if let last = onsets.last, (note.start - last).quarters < 1.0 / 16 { continue }
      onsets.append(note.start)
    }
    return onsets
  }

  private static func accents(_ notes: [Note], swing: Swing, grid: MetricGrid) -> [Double?] {
    var sums = [Double](repeating: 0, count: grid.pulses.count)
    var counts = [Double](repeating: 0, count: grid.pulses.count)
    var total = 0.0
    for note in notes {
      total += Double(note.velocity)
      let step = grid.nearestStep(to: swing.straightened(note.start, meter: grid.meter))
      let rest = ((step % grid.stepsPerBar) + grid.stepsPerBar) % grid.stepsPerBar
      guard let pulse = grid.pulses.firstIndex(where: { $0.lowerBound == rest }) else { continue }
      sums[pulse] += Double(note.velocity)
      counts[pulse] += 1
    }
    guard total > 0 else { return [Double?](repeating: nil, count: grid.pulses.count) }
    let mean = total / Double(notes.count)
    return zip(sums, counts).map { sum, count in count > 0 ? sum / count / mean : nil }
  }

  private static func entropy(_ values: [Int]) -> Double {
    guard !values.isEmpty else { return 0 }
    var counts: [Int: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    // Sorted, so that the sum has one order and one result.
    return counts.values.sorted().reduce(0.0) { sum, count in
      let share = Double(count) / Double(values.count)
      return sum - share * log2(share)
    }
  }
}

/// How many notes sound at once, from a sweep over starts and ends.
private struct Voices {
  var mean = 0.0
  var most = 0
  var silence = 1.0

  init(_ notes: [Note], span: Double) {
    var edges: [(at: Double, change: Int)] = []
    for note in notes {
      edges.append((note.start.quarters, 1))
      edges.append((note.end.quarters, -1))
    }
    // Ends come before starts at the same place: notes that touch do not overlap.
    edges.sort { ($0.at, $0.change) < ($1.at, $1.change) }
    var sounding = 0
    var last = 0.0
    var covered = 0.0
    var within = 0.0
    var weighted = 0.0
    for edge in edges {
      if sounding > 0 {
        covered += edge.at - last
        weighted += Double(sounding) * (edge.at - last)
        within += max(0, min(edge.at, span) - max(last, 0))
      }
      sounding += edge.change
      most = max(most, sounding)
      last = edge.at
    }
    if covered > 0 { mean = weighted / covered }
    silence = span > 0 ? min(max(1 - within / span, 0), 1) : 1
  }
}
