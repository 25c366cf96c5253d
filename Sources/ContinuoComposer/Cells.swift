// SPDX-License-Identifier: MIT

/// Short rhythms with a role for each note, one pulse long: what riffs are put together from.
///
/// R root, O octave, 5 fifth, 7 colour note, g ghost, a approach into the next pulse, . nothing new.
enum Cells {
  /// Cells that strike the pulse.
  static func onBeat(_ steps: Int) -> [String] {
    switch steps {
    case 1: ["R"]
    case 2: ["R.", "Rg"]
    case 3: ["R..", "R.O"]
    case 4: ["R...", "R..R", "R.gR", "R..O", "R.O.", "R.gO", "RgO."]
    case 6: ["R.....", "R...O.", "R..g.O", "R.R.O.", "R...g."]
    default: [padded("R...", steps)]
    }
  }

  /// Cells that leave the pulse silent and answer it.
  static func offBeat(_ steps: Int) -> [String] {
    switch steps {
    case 1: ["."]
    case 2: [".O", ".R"]
    case 3: ["..O", ".R."]
    case 4: ["..O.", "..OR", ".g.O", "..gO", "...R", "..7O", ".R.5", "..75", ".gO.", "...O"]
    case 6: ["..O...", "..O.g.", "....O.", "..7.O.", "..R..O"]
    default: [padded("..O.", steps)]
    }
  }

  /// Cells that lead into the next bar.
  static func turn(_ steps: Int) -> [String] {
    switch steps {
    case 1: ["a"]
    case 2: [".a", "a."]
    case 3: ["..a", "R.a"]
    case 4: ["..7a", "..5a", "R.7a", "..Oa", "g.5a", "..a."]
    case 6: ["..5.a.", "O.7.a.", "..7..a"]
    default: [padded("..5a", steps)]
    }
  }

  private static func padded(_ cell: String, _ steps: Int) -> String {
    String((cell + String(repeating: ".", count: max(0, steps - 4))).prefix(steps))
  }
}
