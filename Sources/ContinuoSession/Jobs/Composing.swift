// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoComposer
internal import ContinuoLLM
internal import ContinuoMusic

/// What was asked of a composer, in the session's own terms.
struct ComposingTask {
  var kind: PartKind
  var text: String
  var source: Pattern
  var context: MusicContext
  /// Tracks beside the source, which a model is shown note by note.
  var neighbours: [Pattern]
  var bars: Int
  var seed: UInt64
  var count: Int
  /// What the song calls the source's first bar.
  var firstBar = 1
  /// What is asked for by number.
  var numbers: RequestNumbers?
  /// What must stay, bars counted from the source's first.
  var lock = NoteLock()
  /// The candidate that the source is; nil when it is the track itself.
  var varies: Candidate.Parent?

  /// The same for the composer.
  var request: CompositionRequest {
    var request = CompositionRequest(
      kind: CompositionKind(kind), text: text, source: source, context: context, bars: bars,
      seed: seed, count: count, lock: lock, steering: numbers?.steering ?? Steering(),
      others: neighbours, parent: varies, firstBar: firstBar)
    // A candidate that is varied stays what it is, unless the words name another way to ask.
    if varies != nil, Asked(request).mode == .part { request.mode = .vary }
    return request
  }
}

/// What was composed, and what the musician should know of how it came about.
struct Composed {
  var candidates: [ShelvedCandidate]
  var remarks: [String]
  /// Who answered and what it took, for `--json`.
  var data: [String: JSONValue]
}

/// Asks a composer and brings its answer into the session's own terms.
enum Composing {
  /// Candidates, best first.
  ///
  /// `progress` hears of waits; `whole` of each candidate that a model has finished, numbered from 1;
  /// `grown` of each bar that it has written. `standIn` says when the built-in composer answers for it.
  /// - Throws: `CommandFailure`, with exit 5 when there is no model; `CancellationError`.
  static func compose(
    _ task: ComposingTask, _ settings: ModelSettings, standIn: StandIn, progress: ProgressSink,
    whole: @Sendable (Int, ShelvedCandidate) async -> Void = { _, _ in },
    grown: @Sendable (PatternRevision) async throws -> Void = { _ in }
  ) async throws -> Composed {
    do {
      let found = Result { () throws(CommandFailure) in try settings.composer() }
      if case .failure(let failure) = found, standIn == .always {
        return try await builtin(task, insteadOf: failure.message)
      }
      guard var composer = try found.get() else { return try await builtin(task, insteadOf: nil) }
      composer.standIn = standIn
      progress("Asking \(TerminalText.clean(composer.name))")
      var count = 0
      for try await event in composer.events(for: task.request) {
        switch event {
        case .note(let text): progress(TerminalText.clean(text))
        case .revision(let revision): try await grown(revision)
        case .candidate(let candidate):
          progress("“\(TerminalText.clean(candidate.name))” is whole")
          count += 1
          await whole(count, ShelvedCandidate(candidate))
        case .finished(let made): return composed(made, by: composer)
        }
      }
      throw CancellationError()
    } catch let error as CancellationError {
      throw error
    } catch let error as CommandFailure {
      throw error
    } catch let error as ModelError {
      throw CommandFailure(.noModel, TerminalText.clean("\(error)"))
    } catch {
      throw CommandFailure(.failed, "\(error)")
    }
  }

  private static func builtin(
    _ task: ComposingTask, insteadOf failure: String?
  ) async throws -> Composed {
    let made = try await BuiltinComposer().compose(task.request)
    var result = composed(
      made,
      data: [
        "composer": "builtin", "fallback": .bool(failure != nil),
        "failure": failure.map { .string($0) } ?? .null,
      ])
    if let failure {
      result.remarks.insert("\(failure): these are the built-in composer's", at: 0)
    }
    return result
  }

  /// What a model is sent for `task`; nil where none is asked.
  static func sent(_ task: ComposingTask, _ settings: ModelSettings) -> String? {
    guard let composer = try? settings.composer() else { return nil }
    return try? composer.preview(task.request)
  }

  /// Exactly what a model would be sent.
  /// - Throws: `CommandFailure`.
  static func preview(_ task: ComposingTask, _ settings: ModelSettings) throws -> Reply {
    guard let composer = try settings.composer() else {
      return .done(
        ["The built-in composer sends nothing"], data: ["provider": "builtin", "sent": .null])
    }
    let text = try composer.preview(task.request)
    let count = composer.requestCount(task.request)
    let more = count > 1 ? ["", "and \(count - 1) more of the same, each with the next seed"] : []
    return .done(
      text.split(separator: "\n", omittingEmptySubsequences: false).map {
        TerminalText.clean(String($0))
      } + more,
      data: [
        "provider": .string(settings.provider.rawValue), "sent": .string(text),
        "requests": .int(count),
      ])
  }

  private static func composed(_ made: ModelComposition, by composer: ModelComposer) -> Composed {
    var data: [String: JSONValue] = [
      "composer": .string(made.modelCount > 0 ? composer.name : "builtin"),
      "fallback": .bool(made.modelCount == 0), "modelCandidates": .int(made.modelCount),
      "failure": made.failure.map { .string($0) } ?? .null,
      "firstPlayableSeconds": made.firstPlayableSeconds.map { .number($0) } ?? .null,
      // Numbers and texts: encoding them cannot fail.
      "requests": (try? JSONValue(encoding: made.results)) ?? .null,
    ]
    data["model"] = .string(composer.name)
    var composed = composed(made.composition, data: data)
    if let last = made.results.last { composed.remarks.append(Self.bill(made.results, last)) }
    return composed
  }

  /// What it took, in one line.
  private static func bill(_ results: [ChatResult], _ last: ChatResult) -> String {
    let read = results.compactMap(\.tokensIn).reduce(0, +)
    let written = results.compactMap(\.tokensOut).reduce(0, +)
    let seconds = results.map(\.seconds).reduce(0, +)
    let cost = results.compactMap(\.cost)
    let name = TerminalText.clean(last.model ?? "the model")
    return "\(name): \(read) tokens read, \(written) written in \(decimal(seconds)) s"
      + (cost.isEmpty ? "" : ", $\(decimal(cost.reduce(0, +)))")
  }

  private static func composed(_ made: Composition, data: [String: JSONValue]) -> Composed {
    var remarks = made.remarks
    if !made.notUnderstood.isEmpty {
      remarks.append("Not understood: \(made.notUnderstood.joined(separator: ", "))")
    }
    return Composed(
      candidates: made.candidates.map(ShelvedCandidate.init),
      remarks: remarks.map { TerminalText.clean($0) }, data: data)
  }
}

extension ShelvedCandidate {
  /// A composer's candidate, its words made fit for a terminal.
  init(_ candidate: Candidate) {
    self.init(
      name: TerminalText.clean(candidate.name), summary: TerminalText.clean(candidate.description),
      pattern: candidate.pattern, composer: TerminalText.clean(candidate.lineage.composer),
      seed: candidate.lineage.seed, score: candidate.figures.score,
      // Figures are finite numbers and plain texts: encoding them cannot fail.
      figures: (try? JSONValue(encoding: candidate.figures)) ?? .null,
      origin: candidate.asParent)
  }
}

extension CompositionKind {
  /// The composer's word for a part.
  init(_ kind: PartKind) {
    switch kind {
    case .bass: self = .bass
    case .drums: self = .drums
    case .melody: self = .melody
    case .harmony: self = .harmony
    case .general: self = .general
    }
  }
}
