// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoMemory
internal import Foundation

/// A take that this session put on a track.
struct SessionTake: Sendable {
  /// How it got there.
  enum Way: String, Sendable {
    case recorded, imported
  }

  let take: PlacedTake
  let bars: ClosedRange<Int>
  let way: Way
  /// The request whose candidate it is; nil for a file's notes.
  let request: String?
  /// What the memory knows the candidate by; nil for a file's notes.
  let mark: CandidateMark?
  /// Whether `discard` has tried to take it back, in vain.
  var isStuck = false

  /// Where it lies, in words.
  var place: String {
    let regions = take.regions.map { "\"\(TerminalText.clean($0.name))\"" }
    return "\(TerminalText.clean(take.track)), bars \(bars.lowerBound)-\(bars.upperBound), "
      + (regions.count == 1 ? "region " : "regions ") + regions.joined(separator: ", ")
  }

  /// As many takes can be taken back, the last one first.
  static let remembered = 64
}

extension LiveSession {
  /// Remembers a take, so that `undo` can take it back.
  func remember(
    _ take: PlacedTake, bars: ClosedRange<Int>, as way: SessionTake.Way, _ mark: CandidateMark?
  ) {
    takes.append(
      SessionTake(take: take, bars: bars, way: way, request: shelf?.request, mark: mark))
    if takes.count > SessionTake.remembered { takes.removeFirst() }
  }

  /// Remembers what a recording left on its track; false for a take that cannot be taken back, since
  /// it cannot be read or lies otherwise than it should.
  func remember(_ report: TakeReport, _ mark: CandidateMark?) -> Bool {
    guard let take = Self.placed(report) else { return false }
    remember(take, bars: report.bars, as: .recorded, mark)
    return true
  }

  /// What a recording left on its track; nil for what cannot be taken back.
  static func placed(_ report: TakeReport) -> PlacedTake? {
    guard !report.regions.isEmpty, report.disturbed.isEmpty,
      let session = try? SessionFile(report.session)
    else { return nil }
    return try? PlacedTake(track: report.track, regions: report.regions, in: session)
  }

  /// Takes the last take back, recorded or imported, and returns it.
  ///
  /// Other edits stay, older and newer. Throws `ArdourError.editor` when Ardour has no window or the
  /// take has been edited since; then nothing has changed, and the take is still the last one. The
  /// caller has its turn, and decides what becomes of an edited take.
  func takeBackLastTake() async throws -> SessionTake {
    guard let last = takes.last else {
      throw CommandFailure(.failed, "There is no take to take back: nothing was kept or imported")
    }
    try await EditorPlacement(ardour: try await needArdour()).takeBack(last.take)
    takes.removeLast()
    await memory?.note(.takenBack, of: last.mark)
    return last
  }

  func undo() async throws -> Reply {
    try await takeTurn()
    defer { passTurn() }
    return try await undoReply()
  }

  /// What `discard` does about the last keep: nil when there is none to take back.
  ///
  /// One that cannot be taken back does not keep the candidates from being forgotten next time.
  func discardLastTake() async throws -> Reply? {
    guard let last = takes.last, !last.isStuck, last.request != nil, last.request == shelf?.request
    else { return nil }
    do {
      return try await undoReply()
    } catch {
      if !takes.isEmpty { takes[takes.count - 1].isStuck = true }
      throw error
    }
  }

  private func undoReply() async throws -> Reply {
    let back: SessionTake
    do {
      back = try await takeBackLastTake()
    } catch {
      guard let last = takes.last, case .editor(let failure)? = error as? ArdourError else {
        throw error
      }
      if case .changedSince = failure {
        // What the musician has made of it is the musician's; older takes can still go.
        takes.removeLast()
        throw CommandFailure(
          .failed,
          "\(failure). It is left to you"
            + (takes.last.map { ": `undo` again takes back \($0.place)" } ?? ""))
      }
      throw CommandFailure(.failed, sentence(failure, last))
    }
    return .done(
      ["Taken back: \(back.place). Edit > Undo in Ardour brings it back"],
      data: [
        "track": .string(back.take.track), "firstBar": .int(back.bars.lowerBound),
        "lastBar": .int(back.bars.upperBound), "way": .string(back.way.rawValue),
        "regions": .array(back.take.regions.map { .string($0.name) }),
      ])
  }

  private func sentence(_ failure: EditorFailure, _ last: SessionTake) -> String {
    switch failure {
    case .noWindow:
      "This Ardour runs without its window and cannot take back; the take lies in \(last.place): "
        + "remove it there"
    case .notHere, .notInstalled, .notLoaded:
      "\(failure.description.replacingOccurrences(of: ": `keep` records instead", with: "")). The "
        + "take lies in \(last.place)"
    default: "\(failure)"
    }
  }
}
