// SPDX-License-Identifier: MIT
import ContinuoMusic
import Foundation

extension MusicContext: CustomStringConvertible {
  /// A few lines in a musician's words: key, tempo, chords by bars, and each track.
  public var description: String { text(firstBar: 1) }

  /// The same, with the bars counted from `firstBar`.
  public func text(firstBar: Int) -> String {
    ([headline] + chordLines(firstBar) + tracks.map(line)).joined(separator: "\n")
  }

  /// Key, tempo, metre and feel in one line: "A minor (0.86), 104 BPM 4/4, straight eighths".
  public var headline: String {
    var parts: [String] = []
    if let tonality = key.key {
      parts.append("\(tonality) (\(Self.figure(key.confidence)))")
    } else {
      parts.append("key unknown")
    }
    let speed = tempo.map { "\(Self.figure($0.quartersPerMinute, digits: 1)) BPM" }
    parts.append("\(speed ?? "tempo unknown") \(meter?.description ?? "metre unknown")")
    if let ratio = swing.ratio {
      parts.append(
        swing.feel == .swung
          ? "swung \(swing.unit)s (\(Self.figure(ratio)) : 1)" : "straight eighths")
    }
    return parts.joined(separator: ", ")
  }

  private var flats: Bool { key.key?.usesFlats ?? false }

  /// Four bars a line, as on a chart; more than one chord in a bar are set side by side.
  private func chordLines(_ firstBar: Int) -> [String] {
    let bar = countedMeter.barLength.quarters
    var cells: [String] = []
    for span in chords {
      let index = Int((span.start.quarters / bar + 1e-6).rounded(.down))
      let name = span.chord?.symbol(flats: flats) ?? "-"
      guard index < 64 else { break }
      // A chord held over bar lines is said again in each bar, as charts do.
      while cells.count < index { cells.append(cells.last.map(Self.lastWord) ?? "-") }
      if cells.count == index { cells.append(name) } else { cells[index] += " " + name }
    }
    return stride(from: 0, to: cells.count, by: 4).map { first in
      let line = cells[first..<min(first + 4, cells.count)]
      let (low, high) = (firstBar + first, firstBar + first + line.count - 1)
      let bars = low == high ? "bar \(low)" : "bars \(low)-\(high)"
      return "\(bars): " + line.joined(separator: " | ")
    }
  }

  private static func lastWord(_ cell: String) -> String {
    cell.split(separator: " ").last.map(String.init) ?? cell
  }

  private func line(_ track: Track) -> String {
    let groove = track.groove
    guard groove.noteCount > 0 else { return "\(track.name): silent" }
    var parts = ["\(groove.onPulse) of \(groove.onsetCount) notes on the beat"]
    parts.append("\(Self.figure(groove.density)) a beat")
    if let syncopation = groove.syncopation {
      parts.append("syncopation \(Self.figure(syncopation.perBar)) a bar")
    }
    if groove.swing.feel == .swung, let ratio = groove.swing.ratio {
      parts.append("swung \(Self.figure(ratio))")
    }
    if let lowest = track.lowest, let highest = track.highest, track.role.role != .drums {
      parts.append(
        PitchName.name(of: UInt8(clamping: lowest), flats: flats) + " to "
          + PitchName.name(of: UInt8(clamping: highest), flats: flats))
    }
    let role =
      track.role.role == .unknown
      ? "role unknown" : "\(track.role.role.rawValue) \(Self.figure(track.role.confidence))"
    return "\(track.name) (\(role)): " + parts.joined(separator: ", ")
  }

  private static func figure(_ value: Double, digits: Int = 2) -> String {
    let text = String(format: "%.\(digits)f", value)
    return digits == 1 && text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
