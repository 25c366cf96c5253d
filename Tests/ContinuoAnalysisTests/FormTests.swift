// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import Foundation
import Testing

@Suite struct FormTests {
  private static let a = [36, 38, 40, 41, 43, 41, 40, 38]
  private static let b = [60, 55]

  /// Bars of 4/4 named by letters; a dot is silence.
  private func song(_ letters: String) -> [Note] {
    letters.enumerated().flatMap { index, letter -> [Note] in
      let start = Double(index) * 4
      switch letter {
      case "A":
        return Self.a.enumerated().flatMap {
          Sketch.note($1, at: start + Double($0) / 2, for: 0.4)
        }
      case "B":
        return Self.b.enumerated().flatMap { Sketch.note($1, at: start + Double($0) * 1.5, for: 1) }
      default: return []
      }
    }
  }

  private func form(_ letters: String) -> Form {
    Form(of: song(letters), meter: .common, length: Beats(Double(letters.count) * 4))
  }

  @Test func `bars alike are of one kind, and silence is one too`() {
    #expect(form("AABA").kinds == [0, 0, 1, 0])
    #expect(form("A..B").kinds == [0, 1, 1, 2])
    #expect(form("A").likeness(of: 1, and: 1) == 1)
    #expect(form("AB").likeness(of: 1, and: 2) < 0.3)
    #expect(form("AB").likeness(of: 1, and: 3) == 0)
    #expect(form("").kinds == [])
  }

  @Test func `runs that come again are told once, the longest first`() {
    let returns = form("AABBAABB").returns
    let longest = returns.first
    #expect(longest?.first == 1 && longest?.again == 5 && longest?.count == 4)
    #expect(form("AB").returns == [])
  }

  @Test func `the bar where something changes is found`() {
    #expect(form("AAAABBBB").changes == [5])
    #expect(form("AAAAAAAA").changes == [])
    #expect(form("AAAABBBBAAAA").changes == [5, 9])
  }

  @Test func `a form is written and read back`() throws {
    let form = form("AABA")
    let read = try JSONDecoder().decode(Form.self, from: try JSONEncoder().encode(form))
    #expect(read.kinds == form.kinds && read.changes == form.changes)
  }
}
