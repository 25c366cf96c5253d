// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import ContinuoTestSupport
import Foundation
import FoundationXML
import Testing

@testable import ContinuoSession

@Suite struct AnalysisPlotTests {
  private func chords(_ name: String, bars: Int) -> Pattern {
    var notes: [Note] = []
    for bar in 0..<bars {
      for step in [0, 4, 7] {
        notes += [
          Note(
            pitch: 60 + [0, 5, 7, 0][bar % 4] + step, velocity: 90, start: Beats(Double(bar) * 4),
            duration: Beats(3.9))
        ].compactMap { $0 }
      }
    }
    return Pattern(name: name, notes: notes, length: Beats(Double(bars) * 4))
  }

  private func plot(_ tracks: [Pattern], title: String = "song.mid") -> AnalysisPlot {
    AnalysisPlot(
      title: title, tracks: tracks,
      context: MusicContext(tracks: tracks, meter: .common, resolution: .halfBeat))
  }

  private func isXML(_ text: String) -> Bool { XMLParser(data: Data(text.utf8)).parse() }

  @Test func `every note, chord and track is drawn, and names are only names`() {
    let hostile = "</text><script>alert(1)</script>&\u{1}\u{1b}[31m"
    let plot = plot([chords(hostile, bars: 8)], title: hostile)
    #expect(isXML(plot.svg))
    #expect(!plot.svg.contains("<script"))
    #expect(plot.svg.contains(">C<") && plot.svg.contains(">F<") && plot.svg.contains(">G<"))
    // 24 notes, the ground, one slot of the bar's groove and the keys' bands.
    #expect(plot.svg.components(separatedBy: "fill=\"#2867b2\"").count - 1 >= 25)
    #expect(plot.hiddenBars == nil)
  }

  @Test func `long songs are cut and it is said, and nothing at all is drawn too`() {
    let long = plot([chords("Piano", bars: 100)])
    #expect(isXML(long.svg) && long.hiddenBars == "bars 65-100 are left out")
    let empty = plot([])
    #expect(isXML(empty.svg))
    let silent = plot([Pattern(name: "Silent", notes: [], length: Beats(4))])
    #expect(isXML(silent.svg) && silent.svg.contains(">Silent<"))
  }

  @Test func `analyze draws what it tells, whole or not at all`() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("song.mid")
    _ = try PatternFile.write(chords("Piano", bars: 4), tempo: .standard, to: file)
    let picture = folder.file("song.svg")
    let reply = AnalyzeRunner(file: file, plot: picture).run()
    #expect(reply.isDone && reply.lines.contains("Drawn in \(picture)"))
    #expect(isXML(try String(contentsOfFile: picture, encoding: .utf8)))
    let nowhere = AnalyzeRunner(file: file, plot: folder.file("no/where.svg")).run()
    #expect(nowhere.exit == .failed && nowhere.error?.contains("No such file") == true)
  }
}
