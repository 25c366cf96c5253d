// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoMusic

/// What an analysis found, drawn: notes by track over bars, chords and keys above, grooves below.
struct AnalysisPlot {
  /// Bars beyond these are not drawn.
  static let mostBars = 64
  private static let left = 96.0
  private static let top = 92.0
  private static let rowHeight = 7.0
  private static let grooveHeight = 58.0
  private static let colours = [
    "#2867b2", "#c2571a", "#2e8540", "#8a3ab9", "#b02a37", "#4d6b76", "#a07800", "#00798c",
  ]

  private let title: String
  private let tracks: [Pattern]
  private let context: MusicContext
  private let bars: Int
  private let barQuarters: Double
  private let quarterWidth: Double
  private let pitches: ClosedRange<Int>
  /// What is not drawn, in words; nil when everything is.
  let hiddenBars: String?

  init(title: String, tracks: [Pattern], context: MusicContext) {
    self.title = title
    self.tracks = tracks
    self.context = context
    barQuarters = context.countedMeter.barLength.quarters
    let all = max(1, Int((context.length / barQuarters - 1e-6).rounded(.up)))
    bars = min(all, Self.mostBars)
    hiddenBars = all > bars ? "bars \(bars + 1)-\(all) are left out" : nil
    quarterWidth = min(max(1100 / (barQuarters * Double(bars)), 6), 40)
    let keys = tracks.flatMap { $0.notes.map { Int($0.pitch) } }
    let lowest = keys.min() ?? 60
    pitches = lowest...max(keys.max() ?? lowest, lowest + 11)
  }

  private var width: Double { Self.left + 24 + Double(bars) * barQuarters * quarterWidth }
  private var rollHeight: Double { Double(pitches.count) * Self.rowHeight }
  private var grooveTop: Double { Self.top + rollHeight + 46 }
  private var height: Double { grooveTop + Double(tracks.count) * Self.grooveHeight + 16 }
  private var end: Double { Double(bars) * barQuarters }

  /// The drawing as a standalone SVG document; all text from outside is escaped.
  var svg: String {
    let size = "width=\"\(number(width))\" height=\"\(number(height))\""
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) font-family=\"sans-serif\" font-size=\"11\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      text(title, 16, 26, size: 17),
      text(summary, 16, 46, fill: "#5b6675"),
    ]
    parts += grid() + keyBands() + chordNames() + notes() + grooves()
    return parts.joined(separator: "\n") + "\n</svg>\n"
  }

  private var summary: String {
    let lines = context.description.split(separator: "\n")
    return lines.prefix(2).joined(separator: " · ")
  }

  private func grid() -> [String] {
    var parts: [String] = []
    for bar in 0...bars {
      let x = place(Double(bar) * barQuarters)
      parts.append(line(x, Self.top, x, Self.top + rollHeight, "#d5dae1"))
      if bar < bars, bars <= 24 || bar % 4 == 0 {
        parts.append(text("\(bar + 1)", x + 3, Self.top + rollHeight + 14, fill: "#8a94a3"))
      }
    }
    for key in pitches where key % 12 == 0 {
      let y = row(key) + Self.rowHeight
      parts.append(line(Self.left, y, place(end), y, "#e8ebef"))
      parts.append(
        text(PitchName.name(of: UInt8(clamping: key)), Self.left - 30, y, fill: "#8a94a3"))
    }
    return parts
  }

  private func keyBands() -> [String] {
    context.localKeys.filter { $0.start < end }.enumerated().flatMap { index, span in
      let x = place(span.start)
      let width = place(min(span.end, end)) - x
      let name = Key(tonic: span.tonic, mode: span.mode).description
      return [
        box(x, 56, max(width - 1, 1), 13, index % 2 == 0 ? "#e4ecf7" : "#f3ece2"),
        width > 40 ? text(name, x + 3, 66, size: 10, fill: "#3a4452") : "",
      ].filter { !$0.isEmpty }
    }
  }

  private func chordNames() -> [String] {
    var free = -Double.infinity
    var last: Chord?
    var parts: [String] = []
    for span in context.chords where span.start.quarters < end {
      guard let chord = span.chord, chord != last else {
        last = span.chord
        continue
      }
      last = chord
      let x = place(span.start.quarters)
      // Names that would lie on each other are left out; the bars below still tell the notes.
      guard x >= free else { continue }
      let name = chord.symbol(flats: false)
      parts.append(text(name, x + 2, 84, fill: span.confidence < 0.5 ? "#a3acb8" : "#1c2430"))
      free = x + Double(name.count) * 7 + 6
    }
    return parts
  }

  private func notes() -> [String] {
    tracks.enumerated().flatMap { index, track in
      track.notes.filter { $0.start.quarters < end && $0.end.quarters > 0 }.map { note in
        let x = place(max(note.start.quarters, 0))
        let width = max(place(min(note.end.quarters, end)) - x, 1.5)
        return box(
          x, row(Int(note.pitch)), width, Self.rowHeight - 1, colour(index),
          opacity: 0.35 + 0.65 * Double(note.velocity) / 127)
      }
    }
  }

  /// For each track its slots of the bar: up is loud, and a bar right of its place is late.
  private func grooves() -> [String] {
    zip(tracks, context.tracks).enumerated().flatMap { index, pair -> [String] in
      let (track, facts) = pair
      let y = grooveTop + Double(index) * Self.grooveHeight
      let base = y + 40
      let template = facts.groove.template
      let step = 520 / Double(max(template.stepsPerBar, 1))
      let left = 240.0
      var parts = [
        text(track.name, 16, y + 14, fill: colour(index)),
        text(
          "\(facts.role.role.rawValue), \(decimal(facts.groove.density)) notes a quarter", 16,
          y + 30,
          fill: "#5b6675"),
        line(left, base, left + 520, base, "#d5dae1"),
      ]
      for slot in template.slots {
        // A quarter of a step is a visible fifth of its width.
        let shift = min(max(slot.lateness / context.countedMeter.barLength.quarters * 520, -12), 12)
        let tall = min(slot.accent * 20, 38)
        parts.append(
          box(
            left + Double(slot.step) * step + shift, base - tall, max(step * 0.45, 2), tall,
            colour(index), opacity: 0.75))
      }
      return parts
    }
  }

  private func place(_ quarters: Double) -> Double { Self.left + quarters * quarterWidth }
  private func row(_ key: Int) -> Double {
    Self.top + Double(pitches.upperBound - key) * Self.rowHeight
  }
  private func colour(_ track: Int) -> String { Self.colours[track % Self.colours.count] }

  private func number(_ value: Double) -> String {
    value.isFinite ? decimal(value) : "0"
  }

  private func box(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ fill: String,
    opacity: Double = 1
  ) -> String {
    "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" "
      + "height=\"\(number(height))\" fill=\"\(fill)\" fill-opacity=\"\(number(opacity))\"/>"
  }

  private func line(_ x: Double, _ y: Double, _ x2: Double, _ y2: Double, _ stroke: String)
    -> String
  {
    "<line x1=\"\(number(x))\" y1=\"\(number(y))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" "
      + "stroke=\"\(stroke)\"/>"
  }

  private func text(
    _ words: String, _ x: Double, _ y: Double, size: Int = 11, fill: String = "#1c2430"
  ) -> String {
    let clean = TerminalText.clean(String(words.prefix(120)))
      .replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    return "<text x=\"\(number(x))\" y=\"\(number(y))\" font-size=\"\(size)\" fill=\"\(fill)\">"
      + "\(clean)</text>"
  }
}
