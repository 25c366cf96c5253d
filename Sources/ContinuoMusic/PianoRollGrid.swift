// SPDX-License-Identifier: MIT

/// How a piano roll's bars are cut into character cells and systems for a given width.
struct PianoRollGrid {
  /// A stretch of cells drawn side by side.
  struct System {
    let cells: Range<Int>
  }

  let cellsPerQuarter: Int
  let cellsPerBar: Int
  let cellsPerBeat: Int
  let systems: [System]

  /// Cuts `roll` for rows of `width` characters beside the labels, bar lines included.
  init(_ roll: PianoRoll, width: Int, barsPerSystem: Int?) {
    let meter = roll.pattern.meter
    // A beat is never less than a cell: an eighth needs two cells a quarter.
    let least = max(1, meter.beatUnit / 4)
    let multiples = Self.fitsTriplets(roll.notes) ? [3, 1] : [4, 2, 1]
    let choices = multiples.filter { least == 1 || $0 == 3 || $0 % least == 0 }
      .map { $0 == 3 ? 3 * least : $0 }
    let resolutions = choices.filter { $0 >= least } + [least]
    let fitting = resolutions.first { Self.cells(meter, $0) + 2 <= width }
    cellsPerQuarter = fitting ?? least
    cellsPerBar = Self.cells(meter, cellsPerQuarter)
    cellsPerBeat = max(1, cellsPerQuarter * 4 / meter.beatUnit)
    let total = roll.drawnBars * cellsPerBar
    let step: Int
    if fitting != nil {
      let most = max(1, (width - 1) / (cellsPerBar + 1))
      let usual = most >= 8 ? 8 : most >= 4 ? 4 : most >= 2 ? 2 : 1
      step = cellsPerBar * min(most, max(1, barsPerSystem ?? usual))
    } else {
      // Not even one bar fits: bars are broken after whole beats.
      step = max(cellsPerBeat, (width - 2) / cellsPerBeat * cellsPerBeat)
    }
    var systems: [System] = []
    var start = 0
    while start < total {
      // A broken bar ends with its row, so that every row has at most one bar line inside.
      let barEnd = fitting == nil ? (start / cellsPerBar + 1) * cellsPerBar : total
      let end = min(start + step, barEnd, total)
      systems.append(System(cells: start..<end))
      start = end
    }
    self.systems = systems
  }

  /// The cell nearest to `place`, held within what can be drawn.
  func cell(_ place: Beats) -> Int {
    clampedInt((place.quarters * Double(cellsPerQuarter)).rounded(), limit: 1 << 30)
  }

  private static func cells(_ meter: Meter, _ resolution: Int) -> Int {
    max(1, meter.beatsPerBar * 4 * resolution / meter.beatUnit)
  }

  /// Whether the notes off the beat lie nearer to thirds of it than to quarters.
  private static func fitsTriplets(_ notes: [PianoRoll.MarkedNote]) -> Bool {
    var thirds = 0.0
    var fourths = 0.0
    for marked in notes where marked.note.start.quarters.isFinite {
      let start = marked.note.start.quarters
      thirds += abs(start * 3 - (start * 3).rounded()) / 3
      fourths += abs(start * 4 - (start * 4).rounded()) / 4
    }
    return thirds < fourths * 0.5
  }
}
