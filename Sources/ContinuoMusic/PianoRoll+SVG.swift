// SPDX-License-Identifier: MIT

extension PianoRoll {
  /// The roll as a standalone SVG document, `barsPerSystem` bars a line (four unless said).
  ///
  /// Blue is as it was (or all, without an original), orange is new or changed, a dashed outline was
  /// taken away. Louder notes are darker; each note says its name and place when pointed at. All text
  /// from the pattern is escaped.
  public func svg(barsPerSystem: Int? = nil) -> String {
    var drawing = PianoRollDrawing(self, barsPerSystem: barsPerSystem)
    return drawing.document()
  }
}

/// A piano roll's SVG in the making; lengths are in pixels.
private struct PianoRollDrawing {
  private static let left = 24.0
  private static let top = 74.0
  private static let rulerHeight = 30.0
  private static let systemGap = 26.0

  private let roll: PianoRoll
  private let barsPerSystem: Int
  private let quarterWidth: Double
  private let rowHeight: Double
  private let gutter: Double
  private let barQuarters: Double
  private var rowTop = [Double](repeating: -1, count: 256)
  private var rollHeight = 0.0
  private var output = ""

  init(_ roll: PianoRoll, barsPerSystem: Int?) {
    self.roll = roll
    self.barsPerSystem = min(max(1, barsPerSystem ?? 4), roll.drawnBars)
    barQuarters = roll.pattern.meter.barLength.quarters
    quarterWidth = min(max(960 / (barQuarters * Double(self.barsPerSystem)), 12), 90)
    rowHeight = roll.isDrums ? 18 : 14
    gutter = roll.isDrums ? 92 : 44
    for row in roll.rows {
      guard case .key(let key) = row else {
        rollHeight += 6
        continue
      }
      rowTop[Int(key)] = rollHeight
      rollHeight += rowHeight
    }
    rollHeight = max(rollHeight, rowHeight)
  }

  private var systemCount: Int { (roll.drawnBars + barsPerSystem - 1) / barsPerSystem }
  private var rollWidth: Double { Double(barsPerSystem) * barQuarters * quarterWidth }
  private var width: Double { max(Self.left * 2 + gutter + rollWidth, 560) }
  private var systemHeight: Double { Self.rulerHeight + rollHeight + Self.systemGap }
  private var height: Double {
    Self.top + Double(systemCount) * systemHeight + (roll.hiddenBars == nil ? 4 : 24)
  }

  mutating func document() -> String {
    let size = "\(decimal(width))\" height=\"\(decimal(height))"
    output = """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" width="\(size)" viewBox="0 0 \(decimal(width)) \
      \(decimal(height))" font-family="'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', \
      'DejaVu Sans', sans-serif">
      <title>\(escaped(roll.pattern.name, limit: 200))</title>
      <rect width="100%" height="100%" fill="#ffffff"/>

      """
    heading()
    for system in 0..<systemCount { draw(system) }
    if let hiddenBars = roll.hiddenBars {
      text("… " + hiddenBars, x: Self.left, y: height - 12, size: 12, fill: "#5b6675")
    }
    output += "</svg>\n"
    return output
  }

  private mutating func heading() {
    let name = roll.pattern.name.isEmpty ? "Pattern" : roll.pattern.name
    text(name, x: Self.left, y: 34, size: 19, fill: "#1c2430", weight: 600, limit: 60)
    let bars = "\(roll.bars) \(roll.bars == 1 ? "bar" : "bars")"
    let count = roll.pattern.notes.count
    var facts = "\(bars)  ·  \(roll.pattern.meter)  ·  \(count) \(count == 1 ? "note" : "notes")"
    if let original = roll.original {
      facts += "  ·  from “\(original.name.isEmpty ? "the original" : original.name)”"
    }
    text(facts, x: Self.left, y: 54, size: 12, fill: "#5b6675", limit: 110)
    guard roll.original != nil else { return }
    var x = width - Self.left - 346
    for (mark, label, step) in [
      (PianoRoll.Mark.added, "new or changed", 142.0), (.kept, "as it was", 108),
      (.removed, "taken away", 0),
    ] {
      rectangle(x: x, y: 22, width: 20, height: 11, Self.style(mark, velocity: 110), radius: 2.5)
      text(label, x: x + 26, y: 32, size: 12, fill: "#3a4452")
      x += step
    }
  }

  private mutating func draw(_ system: Int) {
    let firstBar = system * barsPerSystem
    let bars = min(barsPerSystem, roll.drawnBars - firstBar)
    let x = Self.left + gutter
    let y = Self.top + Double(system) * systemHeight + Self.rulerHeight
    let width = Double(bars) * barQuarters * quarterWidth
    lanes(x: x, y: y, width: width)
    beatLines(x: x, y: y, bars: bars, firstBar: firstBar)
    let from = Double(firstBar) * barQuarters
    let span = from..<(from + Double(bars) * barQuarters)
    for marked in roll.notes { draw(marked, span: span, x: x, y: y) }
    // The edge is drawn last, so that no note breaks the frame.
    output += """
      <rect x="\(decimal(x))" y="\(decimal(y))" width="\(decimal(width))" \
      height="\(decimal(rollHeight))" fill="none" stroke="#6d7887"/>

      """
  }

  private mutating func lanes(x: Double, y: Double, width: Double) {
    for row in roll.rows {
      guard case .key(let key) = row else { continue }
      let top = y + rowTop[Int(key)]
      let isBlack = [1, 3, 6, 8, 10].contains(key % 12)
      let isShaded = roll.isDrums ? Int(rowTop[Int(key)] / rowHeight) % 2 == 1 : isBlack
      let fill = isShaded ? "#eef1f5" : "#fafbfc"
      rectangle(x: x, y: top, width: width, height: rowHeight, "fill=\"\(fill)\"", radius: 0)
      if !roll.isDrums, key % 12 == 0 || key % 12 == 5 {
        line(x, top + rowHeight, x + width, top + rowHeight, "#d9dee5", 1)
      }
      let isC = key % 12 == 0 && !roll.isDrums
      let fillText = isC ? "#1c2430" : isBlack && !roll.isDrums ? "#8a94a3" : "#4a5462"
      text(
        roll.label(key).replacingRuns(), x: x - 8, y: top + rowHeight - 3.5,
        size: roll.isDrums ? 12 : 10.5, fill: fillText, weight: isC ? 700 : 400, anchor: "end")
    }
  }

  private mutating func beatLines(x: Double, y: Double, bars: Int, firstBar: Int) {
    let meter = roll.pattern.meter
    let beatWidth = meter.beatLength.quarters * quarterWidth
    for bar in 0..<bars {
      let barX = x + Double(bar) * barQuarters * quarterWidth
      for beat in 0..<meter.beatsPerBar {
        let beatX = barX + Double(beat) * beatWidth
        if beat > 0 { line(beatX, y, beatX, y + rollHeight, "#d3d9e1", 1) }
        if beat > 0, beatWidth >= 14 {
          text("\(beat + 1)", x: beatX + 3, y: y - 5, size: 9.5, fill: "#8a94a3")
        }
      }
      line(barX, y - 16, barX, y + rollHeight, "#6d7887", 1.3)
      text(
        "\(roll.firstBar + firstBar + bar)", x: barX + 4, y: y - 5, size: 13, fill: "#1c2430",
        weight: 600)
    }
  }

  private mutating func draw(
    _ marked: PianoRoll.MarkedNote, span: Range<Double>, x: Double, y: Double
  ) {
    let note = marked.note
    let top = rowTop[Int(note.pitch)]
    let start = max(note.start.quarters, span.lowerBound)
    let end = min(note.end.quarters, span.upperBound)
    guard top >= 0, start < end else { return }
    let width = max((end - start) * quarterWidth - 1, 2.5)
    let place = SongMap(meter: roll.pattern.meter).position(at: note.start)
    output += "<g><title>"
    output += "\(PitchName.name(of: note.pitch)), bar \(roll.firstBar - 1 + place.bar) "
    output += "beat \(place.beat), velocity \(note.velocity)</title>"
    rectangle(
      x: x + (start - span.lowerBound) * quarterWidth + 0.5, y: y + top + 1.5, width: width,
      height: rowHeight - 3, Self.style(marked.mark, velocity: note.velocity),
      radius: min(2.5, width / 2))
    output.removeLast()
    output += "</g>\n"
  }

  private static func style(_ mark: PianoRoll.Mark, velocity: UInt8) -> String {
    let opacity = decimal(0.45 + 0.55 * Double(min(velocity, 127)) / 127)
    switch mark {
    case .plain, .kept:
      return "fill=\"#2f66b0\" fill-opacity=\"\(opacity)\" stroke=\"#24508c\""
    case .changed, .added:
      return "fill=\"#e8760c\" fill-opacity=\"\(opacity)\" stroke=\"#a84f00\""
    case .removed:
      return "fill=\"#aeb6c2\" fill-opacity=\"0.35\" stroke=\"#7c8796\" stroke-dasharray=\"3 2\""
    }
  }

  private mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, _ style: String, radius: Double
  ) {
    output += "<rect x=\"\(decimal(x))\" y=\"\(decimal(y))\" width=\"\(decimal(width))\" "
    output += "height=\"\(decimal(height))\" "
    if radius > 0 { output += "rx=\"\(decimal(radius))\" " }
    output += "\(style)/>\n"
  }

  private mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String, _ width: Double
  ) {
    output += "<line x1=\"\(decimal(x1))\" y1=\"\(decimal(y1))\" x2=\"\(decimal(x2))\" "
    output += "y2=\"\(decimal(y2))\" stroke=\"\(color)\" stroke-width=\"\(decimal(width))\"/>\n"
  }

  private mutating func text(
    _ text: String, x: Double, y: Double, size: Double, fill: String, weight: Int = 400,
    anchor: String = "start", limit: Int = 80
  ) {
    output += "<text x=\"\(decimal(x))\" y=\"\(decimal(y))\" font-size=\"\(decimal(size))\" "
    output += "fill=\"\(fill)\" font-weight=\"\(weight)\" text-anchor=\"\(anchor)\">"
    output += "\(escaped(text, limit: limit))</text>\n"
  }
}

/// `text` as XML character data: no markup, and none of the characters XML forbids.
private func escaped(_ text: String, limit: Int) -> String {
  var result = ""
  for scalar in printable(text, limit: limit).unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\u{FFFE}", "\u{FFFF}": result += " "
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

extension String {
  /// Runs of blanks as one: a proportional font needs no columns.
  fileprivate func replacingRuns() -> String { split(separator: " ").joined(separator: " ") }
}
