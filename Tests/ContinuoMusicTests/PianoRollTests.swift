// SPDX-License-Identifier: MIT

import Testing

@testable import ContinuoMusic

@Suite struct PianoRollTests {
  @Test func `a bar is drawn as a musician reads it`() throws {
    let pattern = Pattern(
      name: "Bass", notes: [try note(45, 0, 1), try note(43, 1.5, 0.25), try note(45, 3, 1)],
      length: Beats(4))
    #expect(
      PianoRoll(pattern).text(columns: 40) == """
        Bass · 1 bar · 4/4

            │1               │
            │1···2···3···4···│
        A2  │█━━━·   ·   █━━━│
        G#2 │·   ·   ·   ·   │
        G2  │·   · █ ·   ·   │

        """)
  }

  @Test func `against an original every note is told apart`() throws {
    let original = Pattern(
      name: "Bass",
      notes: [try note(45, 0, 1), try note(45, 1, 1), try note(45, 2, 1), try note(45, 3, 1)],
      length: Beats(4))
    let pattern = Pattern(
      name: "Bass 1",
      notes: [
        try note(45, 0, 1), try note(45, 1.01, 1, velocity: 50), try note(45, 2, 0.5),
        try note(44, 3, 1),
      ], length: Beats(4))
    let roll = PianoRoll(pattern, original: original)
    #expect(roll.notes.filter { $0.mark == .kept }.map(\.note) == [pattern.notes[0]])
    #expect(roll.notes.filter { $0.mark == .changed }.map(\.note.velocity) == [50, 96])
    #expect(roll.notes.filter { $0.mark == .added }.map(\.note.pitch) == [44])
    #expect(roll.notes.filter { $0.mark == .removed }.map(\.note.start) == [Beats(2), Beats(3)])
    #expect(
      roll.text(columns: 60) == """
        Bass 1 · 1 bar · 4/4

            │1               │
            │1···2···3···4···│
        A2  │▒───█━━━█━┄┄░┄┄┄│
        G#2 │·   ·   ·   █━━━│

        █━ new or changed  ▒─ as it was  ░┄ taken away

        """)
    #expect(PianoRoll(pattern, original: pattern).notes.allSatisfy { $0.mark == .kept })
  }

  @Test func `drums have their names and colour comes only when asked for`() throws {
    let pattern = Pattern(
      name: "Beat", notes: [try note(36, 0, 0.1, channel: 9), try note(42, 0.5, 0.1, channel: 9)],
      length: Beats(4))
    let plain = PianoRoll(pattern).text()
    #expect(plain.contains("C2  Kick │█"))
    #expect(plain.contains("F#2 Hat  │· █ ·"))
    #expect(!plain.contains("\u{1B}"))
    #expect(PianoRoll(pattern).text(color: true).contains("\u{1B}[0;36m█"))
    #expect(PianoRoll(pattern).text(color: true).withoutColor == plain)
  }

  @Test func `triplets get a grid of their own`() throws {
    let pattern = Pattern(
      name: "Swing", notes: try (0..<12).map { try note(60, Double($0) / 3, 0.3) },
      length: Beats(4))
    #expect(PianoRoll(pattern).text().contains("C4 │████████████│"))
    #expect(PianoRoll(pattern).text().contains("│1··2··3··4··│"))
  }

  @Test(arguments: [24, 30, 40, 57, 80, 132, 200])
  func `no line is wider than asked, in any metre`(columns: Int) throws {
    for beats in [1, 3, 4, 5, 7, 12, 13, 64] {
      for unit in [1, 2, 4, 8, 16, 32, 64] {
        let meter = try #require(Meter(beats, unit))
        let bar = meter.barLength.quarters
        let pattern = Pattern(
          name: "A very long name for a pattern with 日本語 in it, wider than any terminal",
          notes: [
            try note(40, 0, bar / 2), try note(44, bar, bar), try note(36, bar * 2.5, 99),
            try note(50, -3, 4),
          ], length: Beats(bar * 3), meter: meter)
        for roll in [PianoRoll(pattern), PianoRoll(pattern, original: pattern)] {
          for line in roll.text(columns: columns).split(separator: "\n") {
            let width = line.unicodeScalars.reduce(0) {
              $0 + ((0x3000...0x9FFF).contains($1.value) ? 2 : 1)
            }
            try #require(width <= columns, "\(meter): \(line)")
          }
        }
      }
    }
  }

  @Test func `long patterns are broken into systems of bars`() throws {
    let pattern = Pattern(
      name: "", notes: try (0..<32).map { try note(60, Double($0), 1) }, length: Beats(32))
    #expect(PianoRoll(pattern).text(columns: 80).components("│5  ") == 1)
    #expect(PianoRoll(pattern).text(columns: 80).split(separator: "\n").count == 1 + 3 * 2)
    #expect(PianoRoll(pattern).text(columns: 200).split(separator: "\n").count == 1 + 3)
    #expect(
      PianoRoll(pattern).text(columns: 200, barsPerSystem: 1).split(separator: "\n").count
        == 1 + 3 * 8)
    #expect(PianoRoll(pattern, firstBar: 17).text(columns: 80).contains("│24  "))
    let endless = Pattern(name: "", notes: [], length: Beats(1e12))
    #expect(PianoRoll(endless).text().contains("… and 249999999872 more bars"))
  }

  @Test func `no number in a pattern traps`() throws {
    var strange = try note(60, 0, 1)
    var all: [Note] = []
    for value in [Double.nan, .infinity, -.infinity, 1e300, -1e300] {
      strange.start = Beats(value)
      all.append(strange)
      strange.start = .zero
      strange.duration = Beats(value)
      all.append(strange)
      strange.duration = Beats(1)
    }
    strange.pitch = 255
    strange.velocity = 255
    all.append(strange)
    let pattern = Pattern(name: "", notes: all, length: Beats(.infinity))
    let roll = PianoRoll(pattern, original: pattern, firstBar: .max)
    #expect(!roll.text(columns: .min).isEmpty)
    #expect(!roll.text(columns: .max, barsPerSystem: .max).isEmpty)
    #expect(!roll.svg(barsPerSystem: .max).isEmpty)
    #expect(!roll.svg(barsPerSystem: .min).contains("nan"))
    #expect(PianoRoll(Pattern(name: "", notes: [], length: .zero)).text().contains("(no notes)"))
  }

  @Test func `the SVG is escaped and holds every note and bar`() throws {
    let original = Pattern(name: "O'\"&<\u{1}>", notes: [try note(60, 5, 1)], length: Beats(8))
    let pattern = Pattern(
      name: "<script>\u{1B}&amp;", notes: [try note(60, 0, 1), try note(64, 4.5, 0.5)],
      length: Beats(8))
    let svg = PianoRoll(pattern, original: original, firstBar: 9).svg()
    #expect(svg.hasPrefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg "))
    #expect(svg.hasSuffix("</svg>\n"))
    #expect(svg.contains("&lt;script&gt; &amp;amp;"))
    #expect(svg.contains("O&#39;&quot;&amp;&lt; &gt;"))
    #expect(!svg.contains("<script"))
    #expect(!svg.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    #expect(svg.contains("<title>C4, bar 9 beat 1, velocity 96</title>"))
    #expect(svg.contains("<title>E4, bar 10 beat 1, velocity 96</title>"))
    #expect(svg.contains("<title>C4, bar 10 beat 2, velocity 96</title>"))
    #expect(svg.components(" · ") == 0 || svg.contains("2 bars"))
    #expect(svg.components("<g>") == 3)
    #expect(svg.components("</g>") == 3)
    #expect(svg.components("stroke-dasharray") == 2, "one removed note and the legend")
    #expect(svg.components("<text ") == svg.components("</text>"))
  }

  @Test func `a note over a line's end is drawn on both lines`() throws {
    let pattern = Pattern(name: "", notes: [try note(60, 3, 2)], length: Beats(8))
    #expect(PianoRoll(pattern).svg(barsPerSystem: 1).components("<title>C4, bar 1 beat 4") == 2)
    #expect(PianoRoll(pattern).text(columns: 24).components("━━━│") == 1)
    #expect(PianoRoll(pattern).text(columns: 24).components("│━━━━") == 1)
  }
}

extension String {
  /// How often `part` occurs.
  fileprivate func components(_ part: String) -> Int {
    split(separator: part, omittingEmptySubsequences: false).count - 1
  }

  fileprivate var withoutColor: String { replacing(#/\u{1B}\[[0-9;]*m/#, with: "") }
}
