// SPDX-License-Identifier: MIT
internal import ContinuoMemory
internal import ContinuoAnalysis
internal import ContinuoComposer
internal import ContinuoMusic
internal import ContinuoRealtime
internal import Foundation

/// A candidate as the session keeps it, whoever composed it.
struct ShelvedCandidate: Codable, Hashable, Sendable {
  /// In a few words: "Octaves and ghost notes".
  var name: String
  /// What was done, in a musician's words.
  var summary: String
  var pattern: Pattern
  /// Who made it: "builtin", or a model's name.
  var composer: String
  var seed: UInt64
  /// As measured, 0...1.
  var score: Double
  /// The parts of the score and what else was measured.
  var figures: JSONValue
  /// What a variation of it names as its origin; nil while it is still being written.
  var origin: Candidate.Parent?
  /// The number of the candidate it is a variation of.
  var variedFrom: Int?
}

/// What the last request made, and where in the song it belongs.
struct CandidateShelf: Codable, Hashable, Sendable {
  var track: String
  var kind: PartKind
  var request: String
  /// First bar of the place it was made for, from 1.
  var firstBar: Int
  /// The same in quarter notes from bar 1.
  var start: Double
  var tempo: Tempo?
  var original: Pattern
  /// Where the original was read from: what was heard, or the saved session and its age.
  var source: String
  /// What was heard round it when it was asked for.
  var context: MusicContext
  /// The tracks that sound with it, from the same origin.
  var neighbours: [Pattern]
  /// Best first; variations after what they vary.
  var candidates: [ShelvedCandidate]

  /// Candidate `number`, from 1.
  func candidate(_ number: Int) throws(CommandFailure) -> ShelvedCandidate {
    guard candidates.indices.contains(number - 1) else {
      throw CommandFailure(
        .usage, "There is no candidate \(number): there are 1 to \(candidates.count)")
    }
    return candidates[number - 1]
  }

  /// The shelf as `candidates` shows it.
  var lines: [String] {
    candidates.enumerated().flatMap { index, candidate in
      [
        "\(index + 1)  \(candidate.name)  (\(from(candidate))\(score(candidate)), \(candidate.composer))",
        "   \(candidate.summary)",
      ]
    }
  }

  private func from(_ candidate: ShelvedCandidate) -> String {
    candidate.variedFrom.map { "from \($0), " } ?? ""
  }

  private func score(_ candidate: ShelvedCandidate) -> String {
    "score \(decimal(candidate.score))"
  }

  /// The shelf for `--json`.
  var data: JSONValue {
    [
      "track": .string(track), "kind": .string(kind.rawValue), "request": .string(request),
      "firstBar": .int(firstBar), "bars": .int(original.bars), "source": .string(source),
      "candidates": .array(
        candidates.enumerated().map { index, candidate in
          [
            "candidate": .int(index + 1), "name": .string(candidate.name),
            "summary": .string(candidate.summary), "composer": .string(candidate.composer),
            "seed": .string(String(candidate.seed)), "score": .number(candidate.score),
            "notes": .int(candidate.pattern.notes.count), "figures": candidate.figures,
            "variedFrom": candidate.variedFrom.map { .int($0) } ?? .null,
            "generation": candidate.origin.map { .int($0.generation) } ?? .null,
          ]
        }),
    ]
  }
}

extension LiveSession {
  func needShelf() throws(CommandFailure) -> CandidateShelf {
    guard let shelf else {
      throw CommandFailure(
        .failed, "There are no candidates yet: ask for some, as in enhance make the bass groovier")
    }
    return shelf
  }

  func candidatesReply() throws -> Reply {
    let shelf = try needShelf()
    let bars = "bars \(shelf.firstBar)-\(shelf.firstBar + shelf.original.bars - 1)"
    return .done(
      ["For \(TerminalText.clean(shelf.track)), \(bars): “\(TerminalText.clean(shelf.request))”"]
        + shelf.lines,
      data: shelf.data)
  }

  func discard() async throws -> Reply {
    try await takeTurn()
    defer { passTurn() }
    if let reply = try await discardLastTake() { return reply }
    let count = shelf?.candidates.count ?? 0
    await endAudition(at: .now)
    let discarded = shelf
    shelf = nil
    for candidate in discarded?.candidates ?? [] {
      await memory?.note(.discarded, of: candidate.mark)
    }
    return .done(
      [count == 1 ? "Forgot 1 candidate" : "Forgot \(count) candidates"],
      data: ["discarded": .int(count)])
  }

  /// Draws a candidate over the original; what sounds when nil.
  func show(_ number: Int?, columns: Int?) throws -> Reply {
    let shelf = try needShelf()
    let wanted = number ?? audition?.number
    let candidate = try wanted.map { number throws(CommandFailure) in
      try shelf.candidate(number)
    }
    let roll = PianoRoll(
      candidate?.pattern ?? shelf.original, original: candidate.map { _ in shelf.original },
      firstBar: shelf.firstBar)
    let lines = roll.text(columns: columns ?? 80)
      .split(separator: "\n", omittingEmptySubsequences: false).map {
        TerminalText.clean(String($0))
      }
    return .done(
      lines,
      data: [
        "candidate": wanted.map { .int($0) } ?? .null, "track": .string(shelf.track),
        "firstBar": .int(shelf.firstBar),
        "pattern": (try? JSONValue(encoding: candidate?.pattern ?? shelf.original)) ?? .null,
      ])
  }

  /// Writes a candidate as a Standard MIDI File, or draws it over the original as an SVG picture.
  func export(_ number: Int, to file: String) throws -> Reply {
    let shelf = try needShelf()
    let candidate = try shelf.candidate(number)
    let repairs: [Repair]
    if file.lowercased().hasSuffix(".svg") {
      let roll = PianoRoll(
        candidate.pattern, original: shelf.original, firstBar: shelf.firstBar)
      try Data(roll.svg(barsPerSystem: 4).utf8).write(
        to: URL(fileURLWithPath: file), options: .atomic)
      repairs = []
    } else {
      repairs = try PatternFile.write(
        candidate.pattern, tempo: shelf.tempo ?? .standard, to: file)
    }
    return .done(
      ["Candidate \(number) is in \(file)"] + repairs.map { "put right: \($0)" },
      data: [
        "candidate": .int(number), "file": .string(file),
        "notes": .int(candidate.pattern.notes.count),
      ])
  }
}
