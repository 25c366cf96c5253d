// SPDX-License-Identifier: MIT

extension PianoRoll {
  /// The roll as lines of text at most `columns` wide (no fewer than 24).
  ///
  /// Each note is a head and a tail: `█━━` new or changed or without an original, `▒──` as it was,
  /// `░┄┄` taken away. Bars go into systems of `barsPerSystem`, or as many as fit. ANSI colours only
  /// when `color` is set.
  public func text(columns: Int = 80, color: Bool = false, barsPerSystem: Int? = nil) -> String {
    let columns = min(max(columns, 24), 1000)
    let labels = rows.map { row in
      if case .key(let key) = row { label(key) } else { "⋮" }
    }
    let gutter = min((labels.map(\.count).max() ?? 3) + 1, 13)
    let grid = PianoRollGrid(self, width: columns - gutter, barsPerSystem: barsPerSystem)
    var lines = [heading(columns)]
    if notes.isEmpty { lines.append("(no notes)") }
    for system in grid.systems {
      lines.append("")
      lines += rulers(system, grid, gutter: gutter, color: color)
      let cells = painted(system, grid)
      for (index, label) in labels.enumerated() {
        let name = label.padded(to: gutter)
        lines.append(name + line(cells[index], system, grid, color: color))
      }
    }
    lines.append("")
    if original != nil {
      lines.append(fitted("█━ new or changed  ▒─ as it was  ░┄ taken away", columns))
    }
    if let hiddenBars { lines.append("… " + hiddenBars) }
    while lines.last?.isEmpty ?? false { lines.removeLast() }
    return lines.joined(separator: "\n") + "\n"
  }

  private func heading(_ columns: Int) -> String {
    let facts = " · \(bars) \(bars == 1 ? "bar" : "bars") · \(pattern.meter)"
    let name = pattern.name.isEmpty ? "Pattern" : printable(pattern.name, limit: 200)
    return fitted(fitted(name, max(8, columns - facts.count)) + facts, columns)
  }

  private func rulers(
    _ system: PianoRollGrid.System, _ grid: PianoRollGrid, gutter: Int, color: Bool
  ) -> [String] {
    var bars = ""
    var beats = ""
    var cell = system.cells.lowerBound
    while cell < system.cells.upperBound {
      let inBar = cell % grid.cellsPerBar
      let end = min(cell - inBar + grid.cellsPerBar, system.cells.upperBound)
      let number = String(firstBar + cell / grid.cellsPerBar) + (inBar > 0 ? "…" : "")
      let room = end - cell
      bars += "│" + (number.count <= room ? number.padded(to: room) : "".padded(to: room))
      beats += "│"
      for place in cell..<end {
        let offset = place - (cell - inBar)
        let beat = offset / grid.cellsPerBeat + 1
        beats += offset % grid.cellsPerBeat == 0 ? String(beat % 10) : "·"
      }
      cell = end
    }
    let margin = "".padded(to: gutter)
    let paint = color ? ("\u{1B}[90m", "\u{1B}[0m") : ("", "")
    return [bars + "│", beats + "│"].map { margin + paint.0 + $0 + paint.1 }
  }

  /// What stands in one cell.
  private struct Cell {
    var mark: Mark?
    var isHead = false
  }

  /// The cells of every row in one system.
  private func painted(_ system: PianoRollGrid.System, _ grid: PianoRollGrid) -> [[Cell]] {
    let blank = [Cell](repeating: Cell(), count: system.cells.count)
    var cells = [[Cell]](repeating: blank, count: rows.count)
    var rowOfKey = [Int](repeating: -1, count: 256)
    for (index, row) in rows.enumerated() {
      if case .key(let key) = row { rowOfKey[Int(key)] = index }
    }
    // Tails first, then heads: a short note must show on top of a long one.
    for isHead in [false, true] {
      for marked in notes where rowOfKey[Int(marked.note.pitch)] >= 0 {
        let start = grid.cell(marked.note.start)
        let end = isHead ? start + 1 : max(start + 1, grid.cell(marked.note.end))
        let visible = (start..<end).clamped(to: system.cells)
        for cell in visible {
          let place = cell - system.cells.lowerBound
          cells[rowOfKey[Int(marked.note.pitch)]][place] = Cell(mark: marked.mark, isHead: isHead)
        }
      }
    }
    return cells
  }

  private func line(
    _ cells: [Cell], _ system: PianoRollGrid.System, _ grid: PianoRollGrid, color: Bool
  ) -> String {
    var text = ""
    var style = ""
    for (offset, cell) in cells.enumerated() {
      let place = system.cells.lowerBound + offset
      if offset == 0 || place % grid.cellsPerBar == 0 {
        text += switchStyle(&style, to: "90", color) + "│"
      }
      let isBeat = place % grid.cellsPerBar % grid.cellsPerBeat == 0
      text += switchStyle(&style, to: Self.style(cell.mark), color)
      text += Self.glyph(cell, isBeat: isBeat)
    }
    text += switchStyle(&style, to: "90", color) + "│"
    return color ? text + "\u{1B}[0m" : text
  }

  private func switchStyle(_ style: inout String, to next: String, _ color: Bool) -> String {
    guard color, style != next else { return "" }
    style = next
    return "\u{1B}[0;\(next)m"
  }

  private static func style(_ mark: Mark?) -> String {
    switch mark {
    case .plain, .kept: "36"
    case .changed, .added: "93"
    case .removed, nil: "90"
    }
  }

  private static func glyph(_ cell: Cell, isBeat: Bool) -> String {
    switch cell.mark {
    case .plain, .changed, .added: cell.isHead ? "█" : "━"
    case .kept: cell.isHead ? "▒" : "─"
    case .removed: cell.isHead ? "░" : "┄"
    case nil: isBeat ? "·" : " "
    }
  }
}

/// `text` cut to `columns` terminal columns, counting all but Latin letters as two.
private func fitted(_ text: String, _ columns: Int) -> String {
  var result = ""
  var width = 0
  for character in text {
    let isNarrow = character.unicodeScalars.allSatisfy {
      $0.value < 0x300 || (0x2010...0x25FF).contains($0.value)
    }
    width += isNarrow ? 1 : 2
    if width > columns { return String(result.dropLast()) + "…" }
    result.append(character)
  }
  return result
}

extension String {
  /// Followed by blanks up to `count` characters, or cut to them.
  fileprivate func padded(to count: Int) -> String {
    self.count < count
      ? self + String(repeating: " ", count: count - self.count)
      : String(prefix(count))
  }
}
