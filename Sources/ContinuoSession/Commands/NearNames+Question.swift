// SPDX-License-Identifier: MIT
public import ContinuoMusic

extension NearNames {
  /// The end of a sentence about an unknown name: “; did you mean a or b?”, or nothing.
  public static func question(_ near: [String]) -> String {
    guard let last = near.last else { return "" }
    let shown = near.map { TerminalText.shortened($0, to: 60) }
    let others = shown.dropLast().joined(separator: ", ")
    let end = TerminalText.shortened(last, to: 60)
    return others.isEmpty ? "; did you mean \(end)?" : "; did you mean \(others) or \(end)?"
  }
}
