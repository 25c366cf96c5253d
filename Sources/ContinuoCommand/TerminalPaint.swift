// SPDX-License-Identifier: MIT
import Glibc

/// Colours for piano rolls in a terminal.
///
/// Replies hold no escape sequence, whoever made their text; the face that shows them paints what it
/// knows by its signs, and only for a terminal that wants it (https://no-color.org).
enum TerminalPaint {
  /// Whether standard output is a terminal that shows colours.
  static let isWanted =
    isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
    && getenv("TERM").map { String(cString: $0) != "dumb" } ?? true

  /// The terminal's width; nil when standard output is none.
  static var columns: Int? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// `line` with the signs of a piano roll in colour; as it is where none is wanted.
  static func line(_ line: String) -> String { isWanted ? painted(line) : line }

  /// `line` with the signs of a piano roll in colour.
  static func painted(_ line: String) -> String {
    var text = ""
    var style = ""
    for character in line {
      let next = Self.style(of: character)
      if next != style {
        text += next.isEmpty ? "\u{1b}[0m" : "\u{1b}[0;\(next)m"
        style = next
      }
      text.append(character)
    }
    return style.isEmpty ? text : text + "\u{1b}[0m"
  }

  private static func style(of character: Character) -> String {
    switch character {
    case "█", "━": "93"
    case "▒", "─": "36"
    case "░", "┄", "│": "90"
    case "★": "93"
    default: ""
    }
  }
}
