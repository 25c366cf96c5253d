// SPDX-License-Identifier: MIT
internal import ContinuoMemory
internal import ContinuoMusic
internal import Foundation

/// A session told as Markdown: what was asked, what was answered, what was kept, drawn.
struct Story {
  /// Requests of a session that are told.
  static let mostRequests = 1000

  let session: RememberedSession
  /// In the order they were asked.
  let requests: [RememberedRequest]
  /// The candidates' notes, by number.
  let patterns: [Int64: Pattern]

  /// The whole text.
  var markdown: String {
    let name = session.name.map { Self.plain($0) } ?? "A session without a name"
    var lines = [
      "# \(name)", "",
      "\(RememberedWords.date(session.started)), Continuo \(Self.plain(session.program)). "
        + "\(requests.count) \(requests.count == 1 ? "request" : "requests").",
    ]
    for request in requests { lines += part(request) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func part(_ request: RememberedRequest) -> [String] {
    let key = RememberedWords.key(request.tonic, request.mode).map { ", \($0)" } ?? ""
    let tempo = request.tempo.map { ", \(decimal($0)) BPM" } ?? ""
    let last = request.firstBar + request.original.bars - 1
    var lines = [
      "", "## \(Self.plain(request.words))", "",
      "\(RememberedWords.date(request.at)). \(Self.plain(request.track)), bars "
        + "\(request.firstBar)-\(last), \(request.original.meter)\(key)\(tempo); from "
        + "\(Self.plain(request.source)).",
    ]
    if let varied = request.varies { lines += ["", "A variation of #\(varied)."] }
    lines += ["", "The original:", ""] + drawn(request.original, nil, request)
    if request.candidates.isEmpty { lines += ["", "No candidate came of it."] }
    for entry in request.candidates {
      lines += [
        "", "### \(Self.plain(RememberedWords.line(entry, request)))", "",
        "\(Self.plain(entry.summary)) (\(Self.plain(entry.composer)))", "",
      ]
      lines += patterns[entry.id].map { drawn($0, request.original, request) } ?? []
    }
    return lines
  }

  private func drawn(
    _ pattern: Pattern, _ original: Pattern?, _ request: RememberedRequest
  ) -> [String] {
    let roll = PianoRoll(pattern, original: original, firstBar: request.firstBar)
      .text(columns: 100, barsPerSystem: 4)
    // The roll begins with the pattern's name, which may hold anything: four backticks outdo three.
    return ["````text"]
      + roll.split(separator: "\n").map { String($0).replacing("````", with: "'") } + ["````"]
  }

  /// `text` on one line, with what Markdown and HTML would take for their own made harmless.
  static func plain(_ text: String) -> String {
    TerminalText.clean(text).map { "\\`*_{}[]<>#|!&".contains($0) ? "\\\($0)" : String($0) }
      .joined()
  }
}
