// SPDX-License-Identifier: MIT
import ContinuoLLM
import ContinuoMusic

/// One request's life: asks, reads the reply as it comes, mends, measures, asks once more.
struct ModelRun {
  let client: ModelClient
  let request: CompositionRequest
  let composer: String
  let emit: @Sendable (ModelCompositionEvent) -> Void
  private let mender: PatternMender
  private let start = ContinuousClock.now
  private(set) var gate: CandidateGate
  private(set) var results: [ChatResult] = []
  private(set) var remarks: [String] = []
  private(set) var firstPlayableSeconds: Double?
  /// The start of the last reply.
  private(set) var reply = ""

  init(
    client: ModelClient, request: CompositionRequest, composer: String,
    emit: @escaping @Sendable (ModelCompositionEvent) -> Void
  ) {
    self.client = client
    self.request = request
    self.composer = composer
    self.emit = emit
    mender = PatternMender(request)
    gate = CandidateGate(request, composer: composer)
  }

  private var elapsed: Double {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return Double(seconds) + Double(attoseconds) / 1e18
  }

  /// Asks once; the model's error, if it failed, with what came before it already taken in.
  mutating func ask(_ chat: ChatRequest) async throws -> ModelError? {
    var reader = ReplyReader()
    var progress = 0
    var done = 0
    reply = ""
    var failure: ModelError?
    do {
      for try await event in client.stream(chat) {
        switch event {
        case .text(let text):
          if reply.utf8.count < 2_000 { reply += text }
          reader.feed(text)
          follow(reader, &progress, &done)
        case .waiting(let reason, let seconds):
          emit(.note("\(reason): trying again in \(Self.figure(seconds)) s"))
        case .withoutFeature(let feature):
          emit(.note("the server does not take “\(feature)”: asking without it"))
        case .finished(let result):
          results.append(result)
          if result.ending == .length {
            remarks.append("the model's reply was cut at its longest allowed")
          } else if result.ending == .declined {
            remarks.append("the model or its server would not go on")
          }
        }
      }
    } catch let error as ModelError {
      failure = error
    }
    try Task.checkCancellation()
    let isCut = reader.finish()
    follow(reader, &progress, &done)
    if isCut || failure != nil, !reader.patterns.isEmpty {
      remarks.append(
        "the model's reply broke off" + (failure.map { ": \($0)" } ?? " in the middle"))
    }
    if reader.surplusPatterns > 0 { remarks.append("patterns beyond the eighth were passed over") }
    if reader.patterns.isEmpty, failure == nil {
      gate.refuse(
        reply.allSatisfy(\.isWhitespace)
          ? "the reply was empty" : "there were no notes in the reply")
    }
    return failure
  }

  /// Takes in what the reader has found since the last time.
  private mutating func follow(_ reader: ReplyReader, _ progress: inout Int, _ done: inout Int) {
    while done < reader.patterns.count {
      let draft = reader.patterns[done]
      let name = name(draft)
      guard draft.isClosed else {
        revise(draft, name, &progress)
        return
      }
      done += 1
      progress = 0
      guard gate.accepted.count < request.count else { continue }
      switch mender.mend(draft, name: name) {
      case .failure(let unusable):
        gate.refuse("“\(name)” was left out: \(unusable.reason)")
      case .success(let mended):
        guard let candidate = gate.admit(mended, of: draft, name: name) else { continue }
        announce(mended, name, number: gate.accepted.count, isWhole: true)
        emit(.candidate(candidate))
      }
    }
  }

  /// Hands over a candidate that has grown by a bar.
  private mutating func revise(_ draft: DraftPattern, _ name: String, _ progress: inout Int) {
    let known = progress
    // Cheap first: only a bar's end can make a difference.
    guard mender.writtenBars(draft, beyond: known) else { return }
    guard gate.accepted.count < request.count,
      case .success(let mended) = mender.mend(draft, name: name, bars: request.bars),
      mended.bars > known
    else { return }
    progress = mended.bars
    announce(mended, name, number: gate.accepted.count + 1, isWhole: false)
  }

  private mutating func announce(
    _ mended: MendedPattern, _ name: String, number: Int, isWhole: Bool
  ) {
    let seconds = elapsed
    if firstPlayableSeconds == nil { firstPlayableSeconds = seconds }
    emit(
      .revision(
        PatternRevision(
          number: number, name: name, pattern: mended.pattern, bars: mended.bars, isWhole: isWhole,
          seconds: seconds)))
  }

  private func name(_ draft: DraftPattern) -> String {
    let given = draft.name.map { TextFromOutside.line($0, longest: 40) } ?? ""
    let number = gate.accepted.count + gate.refusals.count + 1
    return given.isEmpty ? "\(request.settledKind.rawValue) \(number)" : given
  }

  private static func figure(_ seconds: Double) -> String {
    String((min(max(seconds, 0), 1e6) * 10).rounded() / 10)
  }
}
