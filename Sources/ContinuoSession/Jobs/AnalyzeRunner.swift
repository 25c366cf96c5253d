// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoMusic
internal import Foundation

/// `continuo analyze`: what the music in a file is doing.
struct AnalyzeRunner {
  let file: String
  /// Where to draw what was found; nil for nowhere.
  var plot: String?
  /// Whether the file's own tempo and metre count for nothing.
  var free = false
  /// Percussion maps, each "TRACK=FILE".
  var drums: [String] = []

  func run() -> Reply {
    let read: FileVoices
    let maps: [String: DrumMap]
    do {
      read = try FileVoices(path: file, findsBeats: free)
      maps = try read.drumMaps(drums)
    } catch {
      return .failed(error)
    }
    let context = read.context(.halfBeat, drumMaps: maps)
    var lines = context.description.split(separator: "\n").map(String.init)
    if let found = read.free { lines.insert("Beats found from the notes: \(found.words)", at: 0) }
    lines += read.repairs.map { "put right: \($0)" }
    if let plot {
      do {
        let drawing = AnalysisPlot(
          title: URL(fileURLWithPath: file).lastPathComponent, tracks: read.voices,
          context: context)
        try WholeFile.write([UInt8](drawing.svg.utf8), to: plot, mode: 0o644)
        lines.append("Drawn in \(plot)" + (drawing.hiddenBars.map { "; \($0)" } ?? ""))
      } catch {
        return .failed(.failed, "\(error)")
      }
    }
    return .done(
      lines.map { TerminalText.clean($0) },
      data: AnalysisData.value(context, read.voices, read.repairs, read.free?.beats))
  }
}
