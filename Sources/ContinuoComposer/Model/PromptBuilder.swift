// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoLLM
import ContinuoMusic

/// Puts together what a model is sent: the task, the music as data, and the request.
struct PromptBuilder {
  /// Bars of the target track that are shown, from the start of the place to write for.
  static let mostBars = 16
  /// Other tracks that are shown note by note, a few bars each.
  static let mostNeighbours = 4
  static let neighbourBars = 4
  /// The longest description of the music, in characters.
  static let longestMusic = 12_000

  let request: CompositionRequest
  let form: ReplyForm
  let library: PromptLibrary

  /// - Throws: `PromptError`.
  func chat(temperature: Double) throws(PromptError) -> ChatRequest {
    let system = try library.text(for: request.settledKind) + "\n" + form.instructions(request)
    return ChatRequest(
      system: system, messages: [.init(.user, user)], schema: form.schema(request),
      maximumTokens: tokens, temperature: temperature, seed: Int(request.seed % (1 << 31)))
  }

  /// The same, after a reply that could not be used.
  func again(_ chat: ChatRequest, reply: String, reason: String) -> ChatRequest {
    var chat = chat
    // The start of the bad reply is enough to learn from, and cheap.
    chat.messages.append(.init(.assistant, String(reply.prefix(600))))
    chat.messages.append(
      .init(
        .user,
        "That cannot be used: \(reason). Answer once more, with the JSON object only, in the form"
          + " described."))
    chat.seed = chat.seed.map { ($0 + 1) % (1 << 31) }
    return chat
  }

  /// Room for the longest sensible reply, and not for an endless one.
  private var tokens: Int {
    let steps = MetricGrid(request.meter).stepsPerBar
    let perBar = form == .cells ? PatternMender.cellsPerBar(request) * 5 + 8 : steps * 26 + 24
    return min(request.count * (request.bars * perBar + 80) + 100, 32_000)
  }

  private var user: String {
    var lines = ["<<<music"]
    var length = 0
    for line in music {
      length += line.count + 3
      guard length < Self.longestMusic else {
        lines.append("- (more was left out)")
        break
      }
      // No line of the music can be taken for one of the task's.
      lines.append("- " + line)
    }
    lines.append("music>>>")
    lines += task
    return lines.joined(separator: "\n")
  }

  private var flats: Bool { request.context.key.key?.usesFlats ?? false }

  private var music: [String] {
    let context = request.context
    var lines = context.description.split(separator: "\n").map { Self.data(String($0)) }
    if let kit = context.kit, request.settledKind == .bass {
      lines.append("kick on the quarters: " + places(kit.kick))
    }
    let grid = MetricGrid(request.meter)
    lines.append("a bar has \(grid.stepsPerBar) steps, numbered from 1")
    let drums = request.settledKind == .drums
    lines.append("the track now, \(Self.quoted(request.source.name)):")
    if request.source.notes.isEmpty {
      lines.append("silent")
    } else {
      lines += notation(request.source, bars: min(request.bars, Self.mostBars), drums: drums)
    }
    for pattern in request.others.prefix(Self.mostNeighbours) where !pattern.notes.isEmpty {
      lines.append("beside it, \(Self.quoted(pattern.name)):")
      let isKit = pattern.notes.allSatisfy { $0.channel == UsableNotes.drumChannel }
      lines += notation(pattern, bars: min(request.bars, Self.neighbourBars), drums: isKit)
    }
    return lines
  }

  private func notation(_ pattern: Pattern, bars: Int, drums: Bool) -> [String] {
    NoteNotation.lines(
      pattern, bars: 0..<bars, meter: request.meter, swing: request.context.swing, flats: flats,
      drums: drums)
  }

  private func places(_ quarters: [Double]) -> String {
    let most = 32
    let shown = quarters.prefix(most).map { String(Double(Int($0 * 100)) / 100) }
    return shown.joined(separator: " ") + (quarters.count > most ? " …" : "")
  }

  private var task: [String] {
    let kind = request.settledKind
    let range = request.settledRange
    var lines = ["Write: \(kind.rawValue), \(request.bars) bars of \(request.meter)."]
    if kind != .drums {
      let low = PitchName.name(of: UInt8(clamping: range.lowerBound), flats: flats)
      let high = PitchName.name(of: UInt8(clamping: range.upperBound), flats: flats)
      lines.append("Range: \(low) to \(high).")
    }
    lines += ReplyWays(request).words
    let wish = TextFromOutside.line(request.text, longest: 2000)
    lines.append("The musician's request: " + (wish.isEmpty ? "something that fits" : wish))
    return lines
  }

  /// A text from outside as data: one line, quoted, and no line of ours can be forged with it.
  static func quoted(_ text: String) -> String {
    "\"" + TextFromOutside.line(text, longest: 64).replacing("\"", with: "'") + "\""
  }

  private static func data(_ line: String) -> String { TextFromOutside.line(line, longest: 300) }
}
