// SPDX-License-Identifier: MIT

/// Makes a stranger's text fit for a prompt or a terminal.
enum TextFromOutside {
  /// One line of at most `longest` characters, without controls, directions or marks of ours.
  static func line(_ text: String, longest: Int) -> String {
    let safe = text.unicodeScalars.prefix(longest * 4).map { scalar -> Character in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
        .unassigned:
        " "
      default: Character(scalar)
      }
    }
    let line = String(safe).split(separator: " ").joined(separator: " ")
    return String(line.prefix(longest)).replacing("<<<", with: "<").replacing(">>>", with: ">")
  }
}
