// SPDX-License-Identifier: MIT
internal import ContinuoComposer
internal import ContinuoMusic
internal import ContinuoRealtime
internal import Synchronization

/// What a request's answer grows from.
final class Growth: Sendable {
  /// Where it belongs, with what stays there.
  let shelf: CandidateShelf
  let seed: UInt64
  let composer: String
  /// How many candidates lie on the shelf already and stay.
  let offset: Int
  private let begun = Mutex(false)
  /// Bars told of each candidate, by its number in the answer.
  private let told = Mutex<[Int: Int]>([:])

  init(shelf: CandidateShelf, seed: UInt64, composer: String, offset: Int = 0) {
    self.offset = offset
    self.shelf = shelf
    self.seed = seed
    self.composer = composer
  }

  /// Whether a bar has come.
  var hasBegun: Bool { begun.withLock { $0 } }

  /// The bars, from 1, that have come since the last revision of the same candidate.
  func newBars(of revision: PatternRevision) -> Range<Int> {
    told.withLock { told in
      let before = told[revision.number] ?? 0
      let now = max(before, revision.bars)
      told[revision.number] = now
      return before + 1..<now + 1
    }
  }

  /// True the first time.
  func begin() -> Bool {
    begun.withLock { begun in
      defer { begun = true }
      return !begun
    }
  }
}

/// Candidates that a model is still writing: they can be auditioned, and grow while they sound.
extension LiveSession {
  /// Puts a candidate on the shelf as far as it has come, and into the player if it sounds.
  ///
  /// The playing program is replaced by a revision of the same identity: it goes on from the same
  /// place, and every note in flight still ends at its own place.
  func grow(
    _ growth: Growth, _ revision: PatternRevision, _ progress: ProgressSink
  ) async throws {
    // While a take is recorded nothing grows; what comes after it holds all that came before.
    guard cancelTake == nil else { return }
    try await takeTurn()
    defer { passTurn() }
    let isFirst = growth.begin()
    if isFirst, growth.offset == 0 {
      // The first bar that can be heard takes the place of what was on the shelf.
      await endAudition(at: .now)
      shelf = growth.shelf
    }
    let empty = growth.shelf
    guard var growing = shelf, growing.request == empty.request, growing.track == empty.track else {
      // Discarded, or another request's answer lies there now.
      return
    }
    let number = growth.offset + revision.number
    for bar in growth.newBars(of: revision) {
      progress(
        "Candidate \(number), bar \(bar) of \(empty.original.bars)  "
          + BarSketch.line(revision.pattern, bar: bar))
    }
    let candidate = ShelvedCandidate(
      name: TerminalText.clean(revision.name),
      summary: revision.isWhole
        ? "whole, not compared yet"
        : "bar \(revision.bars) of \(growing.original.bars) written so far",
      pattern: revision.pattern, composer: growth.composer, seed: growth.seed,
      score: 0, figures: .null)
    let index = number - 1
    if growing.candidates.indices.contains(index) {
      growing.candidates[index] = candidate
    } else if index == growing.candidates.count {
      growing.candidates.append(candidate)
    }
    shelf = growing
    if audition?.number == number { load(revision.pattern, growing: number) }
  }

  /// Gives the player the next state of what it plays; false when that does not sound any more.
  @discardableResult
  func load(_ pattern: Pattern, growing number: Int) -> Bool {
    guard let audition, audition.number == number,
      let program = try? PatternProgram(pattern, identity: audition.identity)
    else { return false }
    return host.load(program, into: audition.slot)
  }

  /// Leaves what grew as candidate `number` at that number, whatever the ranking says: it sounds.
  ///
  /// Returns its final pattern; nil when it did not pass in the end.
  func keep(_ number: Int, in final: inout CandidateShelf) -> Pattern? {
    guard let grown = shelf?.candidates[safe: number - 1],
      let place = final.candidates.firstIndex(where: { $0.pattern == grown.pattern })
    else { return nil }
    let candidate = final.candidates.remove(at: place)
    final.candidates.insert(candidate, at: min(number - 1, final.candidates.count))
    return final.candidates[safe: number - 1]?.pattern == candidate.pattern
      ? candidate.pattern : nil
  }
}

extension Array {
  /// The element there; nil outside.
  fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
