// SPDX-License-Identifier: MIT
internal import ContinuoRealtime
internal import ContinuoArdour
internal import ContinuoAnalysis
internal import ContinuoComposer
internal import ContinuoMemory
internal import ContinuoMusic
internal import Foundation

extension ShelvedCandidate {
  /// What the memory knows it by; nil while it is still being written.
  var mark: CandidateMark? { origin.map { CandidateMark(mark: $0.id, seed: seed) } }

  /// As it goes into the memory; nil while it is still being written.
  func toRemember(number: Int) -> CandidateToRemember? {
    mark.map {
      CandidateToRemember(
        mark: $0, number: number, name: name, summary: summary, composer: composer,
        generation: origin?.generation ?? 0, score: score, figures: figures.line, pattern: pattern)
    }
  }
}

/// What is remembered, and what comes back from there.
extension LiveSession {
  func mark(of number: Int) -> CandidateMark? { (try? shelf?.candidate(number))?.mark }

  /// Notes a request before it is answered; nil when nothing is remembered.
  func beginRemembering(
    _ task: ComposingTask, _ shelf: CandidateShelf, varying parent: ShelvedCandidate?,
    sent: String?
  ) async -> Int64? {
    guard let memory else { return nil }
    let name = await ardour?.state.sessionName
    let key = shelf.context.key.key
    let kind = task.request.settledKind.rawValue
    return await memory.begin(
      RequestToRemember(
        words: task.text, kind: kind, track: shelf.track, firstBar: shelf.firstBar,
        tempo: shelf.tempo?.quartersPerMinute, tonic: key?.tonic, mode: key?.mode.rawValue,
        source: shelf.source, sent: sent,
        // Finite numbers and plain texts: encoding them cannot fail.
        context: (try? JSONValue(encoding: shelf.context))?.line ?? "{}",
        original: shelf.original, varies: parent?.mark), session: name)
  }

  /// Puts finished candidates away, `first` being the first one's number on the shelf.
  func remember(_ candidates: [ShelvedCandidate], from first: Int, in request: Int64?) async {
    await memory?.add(
      candidates.enumerated().compactMap { $1.toRemember(number: first + $0) }, to: request)
  }

  /// Asks the memory.
  func ask(_ request: MemoryCommand) async -> Reply {
    do {
      return await MemoryDesk(store: try await needMemory().store()).answer(request)
    } catch {
      return .failed(error)
    }
  }

  private func needMemory() throws(CommandFailure) -> MemoryKeeper {
    if let memory { return memory }
    guard settings.remembers else {
      throw CommandFailure(
        .failed, "Nothing is remembered: `continuo config set memory true` changes that")
    }
    _ = try settings.needDataFolder()
    throw CommandFailure(.failed, "A log that is heard again has no memory")
  }

  /// Brings a candidate back from the library, fitted to what sounds now unless told otherwise.
  ///
  /// It lies beside the candidates there are; for another track or other bars it begins a new shelf.
  func recall(_ request: RecallRequest) async throws -> Reply {
    let found = try await needMemory().store().candidate(Int64(request.id))
    let isElsewhere = request.track != nil || request.fromBar != nil || request.bars != nil
    let beside = isElsewhere ? nil : shelf
    let wish = EnhanceRequest(
      kind: PartKind(rawValue: found.entry.kind), request: found.entry.words,
      track: request.track, bars: request.bars, fromBar: request.fromBar)
    let place: CandidateShelf
    if let beside { place = beside } else { place = try await self.place(for: wish) }
    let task = ComposingTask(
      kind: PartKind(rawValue: found.entry.kind) ?? place.kind,
      text: "recall #\(request.id): \(found.entry.words)", source: place.original,
      context: place.context, neighbours: place.neighbours, bars: place.original.bars,
      seed: UInt64.random(in: 0...UInt64(UInt32.max)), count: 1)
    let made = try recalled(found, request, task)
    let entry = await beginRemembering(task, place, varying: nil, sent: nil)
    try await takeTurn()
    defer { passTurn() }
    var shelf = place
    if let beside {
      guard let now = self.shelf, now.track == beside.track, now.request == beside.request,
        now.start == beside.start
      else {
        throw CommandFailure(.failed, "The candidates are others by now: recall once more")
      }
      guard now.candidates.allSatisfy({ $0.origin != nil }) else {
        throw CommandFailure(.failed, "Candidates are still being written: wait for their end")
      }
      shelf = now
    } else {
      await endAudition(at: .now)
    }
    guard shelf.candidates.count < CommandLimits.candidate.upperBound else {
      throw CommandFailure(
        .failed, "There are \(shelf.candidates.count) candidates already: `discard` first")
    }
    shelf.candidates.append(made)
    self.shelf = shelf
    let number = shelf.candidates.count
    await remember([made], from: number, in: entry)
    var data = shelf.data
    if case .object(var members) = data {
      members["candidate"] = .int(number)
      members["recalled"] = .int(request.id)
      data = .object(members)
    }
    return .done(
      [
        "#\(request.id) is candidate \(number) for \(TerminalText.clean(shelf.track)): \(made.summary)"
      ]
        + shelf.lines, data: data)
  }

  private func recalled(
    _ found: RememberedCandidate, _ request: RecallRequest, _ task: ComposingTask
  ) throws -> ShelvedCandidate {
    // The old words asked something of another piece: here they would steer and lock.
    var plain = task
    plain.text = ""
    let wish = plain.request
    var pattern = found.pattern
    var summary = "as it was"
    if !request.asItWas {
      // A context that cannot be read any more counts as unknown, and is remarked as that.
      let made =
        (try? JSONDecoder().decode(MusicContext.self, from: Data(found.context.utf8)))
        ?? MusicContext(tracks: [])
      let fit = PatternFit(pattern, madeFor: made, into: wish)
      pattern = fit.pattern
      summary = fit.remarks.isEmpty ? "as it was: it fits" : fit.remarks.joined(separator: "; ")
    }
    guard !pattern.notes.isEmpty else {
      throw CommandFailure(.failed, "Nothing is left of #\(request.id) in \(wish.meter)")
    }
    let figures = try CandidateJudge(wish).figures(of: pattern)
    return ShelvedCandidate(
      name: "\(TerminalText.clean(found.entry.name)) (#\(request.id))",
      summary: TerminalText.clean(summary), pattern: pattern,
      composer: TerminalText.clean(found.entry.composer), seed: task.seed, score: figures.score,
      figures: (try? JSONValue(encoding: figures)) ?? .null,
      origin: Candidate.Parent(id: "recalled-\(request.id)", generation: 0))
  }
}
