// SPDX-License-Identifier: MIT

/// Makes text from outside (track names, replies of a model) safe to show in a terminal.
public enum TerminalText {
  /// `text` without control characters, on one line.
  ///
  /// Taken out: C0 and C1 controls (so no escape sequence survives), delete, line and paragraph
  /// separators, and the marks that turn the direction of writing round. Tabs and line ends
  /// become a space.
  public static func clean(_ text: String) -> String {
    guard !isClean(text) else { return text }
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isSafe(scalar) {
        scalars.append(scalar)
      } else if scalar == "\t" || scalar == "\n" || scalar == "\r" {
        scalars.append(" ")
      }
    }
    return String(scalars)
  }

  /// Whether `clean` would leave `text` as it is.
  public static func isClean(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy(isSafe)
  }

  /// `text` cleaned, and cut to `limit` characters with an ellipsis in the last place.
  public static func shortened(_ text: String, to limit: Int) -> String {
    let cleaned = clean(String(text.prefix(limit + 1)))
    guard cleaned.count > limit else { return cleaned }
    return String(cleaned.prefix(max(0, limit - 1))) + "…"
  }

  private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029: false
    case 0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: false
    default: true
    }
  }
}
