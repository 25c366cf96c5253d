// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// How a track plays each place of the bar: how often, how late, how steadily, how loud.
public struct GrooveTemplate: Hashable, Sendable, Codable {
  /// One place of the bar.
  public struct Slot: Hashable, Sendable, Codable {
    /// The step of the metre's grid, from 0.
    public let step: Int
    /// Onsets that belong to it; notes struck together count each.
    public let count: Int
    /// How late its onsets are on average, in quarters; negative when early.
    ///
    /// What the swing asks for is no lateness.
    public let lateness: Double
    /// The standard deviation of that, in quarters.
    public let spread: Double
    /// Its mean velocity over the track's mean: 1 is average.
    public let accent: Double
  }

  /// The places that are played, in order.
  public let slots: [Slot]
  /// Steps in a bar.
  public let stepsPerBar: Int

  /// Measures `notes` on the grid of `meter`, straightened by `swing` first.
  public init(of notes: [Note], meter: Meter, swing: Swing = .unknown) {
    let grid = MetricGrid(meter)
    stepsPerBar = grid.stepsPerBar
    var gathered = [Gathered](repeating: Gathered(), count: grid.stepsPerBar)
    var loudness = 0.0
    let usable = UsableNotes.of(notes)
    for note in usable {
      let straight = swing.straightened(note.start, meter: meter)
      let step = grid.nearestStep(to: straight)
      // Late by as much as it sounds late: against where the swing puts the step.
      let due = swing.swung(Beats(Double(step) * grid.step.quarters), meter: meter)
      let inside = ((step % grid.stepsPerBar) + grid.stepsPerBar) % grid.stepsPerBar
      gathered[inside].add((note.start - due).quarters, Double(note.velocity))
      loudness += Double(note.velocity)
    }
    let mean = loudness / Double(max(usable.count, 1))
    slots = gathered.enumerated().compactMap { $1.slot($0, meanVelocity: mean) }
  }

  /// The slot of a step of the bar; nil where nothing is played.
  public func slot(_ step: Int) -> Slot? { slots.first { $0.step == step } }

  private struct Gathered {
    var count = 0
    var late = 0.0
    var squares = 0.0
    var velocity = 0.0

    mutating func add(_ lateness: Double, _ loudness: Double) {
      count += 1
      late += lateness
      squares += lateness * lateness
      velocity += loudness
    }

    func slot(_ step: Int, meanVelocity: Double) -> Slot? {
      guard count > 0, meanVelocity > 0 else { return nil }
      let mean = late / Double(count)
      let variance = max(squares / Double(count) - mean * mean, 0)
      return Slot(
        step: step, count: count, lateness: mean, spread: variance.squareRoot(),
        accent: velocity / Double(count) / meanVelocity)
    }
  }
}
