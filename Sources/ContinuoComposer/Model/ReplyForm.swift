// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoLLM
import ContinuoMusic

/// How a model is asked to write notes down.
public enum ReplyForm: String, Hashable, Sendable, Codable, CaseIterable {
  /// Every note with its step, pitch, length and loudness: all that a model can say.
  case notes
  /// Rows of cells on the grid, chord tones and degrees only: playable even from the smallest model.
  case cells

  /// The form that suits a model: cells for what its name says is under four billion parameters.
  public static func suiting(model: String?) -> ReplyForm {
    guard let model = model?.lowercased() else { return .notes }
    // "135m", "0.5b", "3b": the figure before the letter.
    var figure = ""
    for character in model + " " {
      if character.isNumber || character == "." {
        figure.append(character)
      } else {
        if let size = Double(figure) {
          if character == "m", size >= 10 { return .cells }
          if character == "b" { return size < 4 ? .cells : .notes }
        }
        figure = ""
      }
    }
    return .notes
  }

  /// Loudnesses that may be asked for.
  private static let loudnesses = [30, 50, 70, 85, 100, 115]

  /// The schema of a reply: every value is one of a few, so that a grammar can hold a model to it.
  func schema(_ request: CompositionRequest) -> ChatRequest.Schema {
    let bars = WireJSON.int(request.bars)
    let bar = self == .notes ? Self.noteBar(request) : Self.cellBar(request)
    var members: [WireJSON.Member] = []
    if self == .notes {
      members.append(.init("name", ["type": "string"]))
      members.append(.init("description", ["type": "string"]))
      members.append(.init("confidence", ["type": "number"]))
    }
    members.append(
      .init("bars", ["type": "array", "items": bar, "minItems": bars, "maxItems": bars]))
    let pattern = Self.object(members)
    let count = WireJSON.int(request.count)
    return ChatRequest.Schema(
      name: "patterns",
      value: Self.object([
        .init(
          "patterns",
          ["type": "array", "items": pattern, "minItems": count, "maxItems": count])
      ]))
  }

  private static func object(_ members: [WireJSON.Member]) -> WireJSON {
    [
      "type": "object", "properties": .object(members),
      "required": .array(members.map { .string($0.name) }), "additionalProperties": false,
    ]
  }

  private static func noteBar(_ request: CompositionRequest) -> WireJSON {
    let steps = MetricGrid(request.meter).stepsPerBar
    let range = request.settledRange
    let pitches: WireJSON =
      request.settledKind == .drums
      ? ["type": "integer", "enum": .array(Self.kit.map { .int($0) })]
      : [
        "type": "string",
        "enum": .array(
          range.map { .string(PitchName.name(of: UInt8(clamping: $0), flats: flats(request))) }),
      ]
    let note = object([
      .init("at", ["type": "integer", "enum": .array((1...steps).map { .int($0) })]),
      .init("pitch", pitches),
      .init("len", ["type": "integer", "enum": .array((1...min(steps, 32)).map { .int($0) })]),
      .init("vel", ["type": "integer", "enum": .array(loudnesses.map { .int($0) })]),
    ])
    return object([
      .init("notes", ["type": "array", "items": note, "maxItems": .int(steps * 3)])
    ])
  }

  private static let kit = [35, 36, 37, 38, 39, 41, 42, 44, 45, 46, 49, 50, 51, 54, 56, 70]

  private static func flats(_ request: CompositionRequest) -> Bool {
    request.context.key.key?.usesFlats ?? false
  }

  private static func cellBar(_ request: CompositionRequest) -> WireJSON {
    let count = WireJSON.int(PatternMender.cellsPerBar(request))
    let cells = Self.cells(request.settledKind)
    return [
      "type": "array",
      "items": ["type": "string", "enum": .array(cells.map { .string($0) })],
      "minItems": count, "maxItems": count,
    ]
  }

  /// The cells that a kind is offered; `CellReader` reads more.
  static func cells(_ kind: CompositionKind) -> [String] {
    switch kind {
    case .bass: ["R", ".", "-", "5", "8", "3", "7", "a"]
    case .drums: ["h", "k", "s", "kh", "sh", ".", "o", "g"]
    case .harmony: ["C", "-", ".", "c", "T", "B"]
    case .melody, .general: ["1", "-", ".", "2", "3", "4", "5", "6", "7"]
    }
  }

  /// The form in words, for every model: some servers hold none to a schema.
  func instructions(_ request: CompositionRequest) -> String {
    let steps = MetricGrid(request.meter).stepsPerBar
    let patterns = request.count == 1 ? "1 pattern" : "\(request.count) patterns"
    switch self {
    case .notes:
      let pitch = request.settledKind == .drums ? "36" : "\"C2\""
      return """
        Answer with \(patterns) of \(request.bars) bars as JSON:
        {"patterns":[{"name":"…","description":"…","confidence":0.8,"bars":[{"notes":[{"at":1,"pitch":\(pitch),"len":2,"vel":100}]}]}]}
        "at" is the step in the bar, 1 to \(steps); "len" is the length in steps; "vel" is the loudness, \
        one of \(Self.loudnesses.map(String.init).joined(separator: ", ")). Write every bar, also an \
        empty one.
        """
    case .cells:
      let count = PatternMender.cellsPerBar(request)
      return """
        Answer with \(patterns) of \(request.bars) bars as JSON: {"patterns":[{"bars":[[…],[…]]}]}
        Each bar is a list of \(count) cells. Cells: \(Self.meaning(request.settledKind)).
        """
    }
  }

  private static func meaning(_ kind: CompositionKind) -> String {
    switch kind {
    case .bass:
      "R root, 3 third, 5 fifth, 7 seventh, 8 octave, a approach to the next root, - hold, . rest"
    case .drums: "k kick, s snare, h hat, o open hat, kh and sh together, g ghost note, . rest"
    case .harmony: "C chord, c soft chord, T top voices, B lowest voice, - hold, . rest"
    case .melody, .general: "1 to 7 degrees of the scale, - hold, . rest"
    }
  }
}
