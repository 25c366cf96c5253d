// SPDX-License-Identifier: MIT
public import ContinuoLLM

/// A composer that asks a language model, and trusts nothing it says.
///
/// The reply is read while it streams: each candidate may be played from the moment its first bar is
/// whole. What cannot be used is asked for once more with the reason; then the built-in composer
/// answers, and every candidate of its says so.
public struct ModelComposer: Composer {
  /// Where the model is and how it is spoken to.
  public let client: ModelClient
  /// How the model is asked to write.
  public let form: ReplyForm
  /// The prompts.
  public let prompts: PromptLibrary
  /// When the built-in composer answers instead.
  public var standIn: StandIn
  /// How freely the model chooses, 0...2.
  public var temperature: Double

  /// Makes a composer; `form` nil takes what suits the model's name.
  public init(
    client: ModelClient, form: ReplyForm? = nil, prompts: PromptLibrary = PromptLibrary(),
    standIn: StandIn = .whenUnusable
  ) {
    self.client = client
    self.form = form ?? ReplyForm.suiting(model: client.endpoint.model)
    self.prompts = prompts
    temperature = self.form == .cells ? 1.2 : 0.8
    self.standIn = standIn
  }

  /// The model's name, or its server where it has none.
  public var name: String {
    TextFromOutside.line(client.endpoint.model ?? client.endpoint.server, longest: 60)
  }

  /// Exactly what would be sent, the key left out.
  /// - Throws: `ComposerError`, `PromptError`.
  public func preview(_ request: CompositionRequest) throws -> String {
    try request.check()
    return client.preview(try builder(single(request)).chat(temperature: temperature))
  }

  /// Requests that one request of a musician's takes, each with a seed of its own.
  public func requestCount(_ request: CompositionRequest) -> Int {
    form == .cells ? max(request.count, 1) : 1
  }

  /// What is asked for at a time: a small model shown its own pattern writes it again.
  private func single(_ request: CompositionRequest) -> CompositionRequest {
    var single = request
    if form == .cells { single.count = 1 }
    return single
  }

  private func builder(_ request: CompositionRequest) -> PromptBuilder {
    PromptBuilder(request: request, form: form, library: prompts)
  }

  /// Composes; see `events(for:)`, whose candidates `report` hears of.
  public func compose(
    _ request: CompositionRequest, report: @Sendable (CompositionEvent) -> Void
  ) async throws -> Composition {
    var finished: ModelComposition?
    for try await event in events(for: request) {
      switch event {
      case .candidate(let candidate): report(.candidate(candidate))
      case .finished(let composition): finished = composition
      case .note, .revision: break
      }
    }
    try Task.checkCancellation()
    guard let finished else { throw ComposerError.nothingUsable(reason: "the model gave none") }
    report(.finished(finished.composition))
    return finished.composition
  }

  /// Composes, and tells of every bar that may be played as soon as the model has written it.
  ///
  /// Throws `ModelError` when there is no model (unless the built-in composer always stands in),
  /// `ComposerError`, `PromptError`. Cancelling the task that reads ends the request at once.
  public func events(
    for request: CompositionRequest
  ) -> AsyncThrowingStream<ModelCompositionEvent, any Error> {
    let (stream, continuation) = AsyncThrowingStream<ModelCompositionEvent, any Error>.makeStream()
    let task = Task {
      do {
        let composition = try await run(request) { continuation.yield($0) }
        continuation.yield(.finished(composition))
        continuation.finish()
      } catch {
        continuation.finish(throwing: error)
      }
    }
    continuation.onTermination = { _ in task.cancel() }
    return stream
  }

  private func run(
    _ request: CompositionRequest, emit: @escaping @Sendable (ModelCompositionEvent) -> Void
  ) async throws -> ModelComposition {
    try request.check()
    let builder = builder(single(request))
    var chat = try builder.chat(temperature: temperature)
    var run = ModelRun(client: client, request: request, composer: name, emit: emit)
    var failure = try await run.ask(chat)
    for _ in 1..<requestCount(request) where failure == nil {
      chat.seed = chat.seed.map { ($0 + 1) % (1 << 31) }
      failure = try await run.ask(chat)
    }
    if failure == nil, run.gate.accepted.isEmpty {
      let reason = run.gate.refusals.last ?? "it held no notes"
      emit(.note("the model's answer cannot be used (\(reason)): asking once more"))
      failure = try await run.ask(builder.again(chat, reply: run.reply, reason: reason))
    }
    return try await settle(run, failure, request)
  }

  /// What the model made, filled up by the built-in composer where that may stand in.
  private func settle(
    _ run: ModelRun, _ failure: ModelError?, _ request: CompositionRequest
  ) async throws -> ModelComposition {
    let own = run.gate.ranked()
    if own.isEmpty, let failure, standIn != .always { throw failure }
    var remarks = run.remarks + run.gate.refusals
    let reason =
      failure.map { "\($0)" } ?? run.gate.refusals.last ?? "there were no notes in its reply"
    guard !own.isEmpty || standIn != .never else {
      throw ComposerError.nothingUsable(reason: reason)
    }
    var candidates = own
    var understood: [String] = []
    var notUnderstood: [String] = []
    if own.count < request.count, standIn != .never {
      var rest = request
      rest.count = request.count - own.count
      let made = try await BuiltinComposer().compose(rest)
      candidates += made.candidates
      remarks += made.remarks
      if own.isEmpty {
        understood = made.understood
        notUnderstood = made.notUnderstood
      }
      remarks.insert(
        own.isEmpty
          ? "\(name) gave nothing usable (\(reason)): these are the built-in composer's"
          : "\(name) gave \(own.count) of \(request.count): the others are the built-in composer's",
        at: 0)
    }
    return ModelComposition(
      composition: Composition(
        candidates: candidates, understood: understood, notUnderstood: notUnderstood,
        remarks: remarks),
      modelCount: own.count, failure: own.isEmpty ? reason : nil, results: run.results,
      firstPlayableSeconds: run.firstPlayableSeconds)
  }
}
