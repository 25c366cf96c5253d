// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// What no candidate may be, whoever wrote it: faulty, nearly silent, or nearly something known.
struct Acceptance {
  /// A part that is silent for more than this share of its time is no part.
  static let mostSilence = 0.95

  let request: CompositionRequest
  /// What must stay, bars outside a fill included.
  let lock: NoteLock

  init(_ request: CompositionRequest, asked: Asked? = nil) {
    self.request = request
    lock = Self.lock(asked ?? Asked(request), bars: request.bars)
  }

  /// What `asked` locks, and the bars that are not to be filled.
  static func lock(_ asked: Asked, bars: Int) -> NoteLock {
    var lock = asked.lock
    if case .fill(let wanted) = asked.mode {
      if wanted.lowerBound > 1 { lock.bars.append(1...(wanted.lowerBound - 1)) }
      if wanted.upperBound < bars { lock.bars.append((wanted.upperBound + 1)...bars) }
    }
    return lock
  }

  /// Why `pattern` may not be offered beside `others`; nil when it may.
  func refusal(
    of pattern: Pattern, _ figures: CandidateFigures, oneVoice: Bool, besides others: [Pattern]
  ) -> String? {
    let held = lock.held(of: request.source, length: request.length, meter: request.meter)
    let range = held.reduce(request.settledRange) { range, note in
      min(range.lowerBound, Int(note.pitch))...max(range.upperBound, Int(note.pitch))
    }
    // What the musician locked is as it is, chords in a bass line included.
    let faults = PatternCheck.faults(
      of: pattern, length: request.length, meter: request.meter, range: range,
      oneVoice: oneVoice && Self.isOneVoice(held))
    let overlaps = !isClear(held)
    let own = faults.first { fault in
      if case .overlap = fault { return !overlaps }
      return true
    }
    if let own { return own.description }
    let broken = lock.faults(
      of: pattern, against: request.source, length: request.length, meter: request.meter)
    if let fault = broken.first { return fault }
    if 2 * pattern.notes.count < request.bars || figures.silence > Self.mostSilence {
      return "it is nearly silent"
    }
    // Where much is locked, what is left can differ only so far.
    let free = pattern.notes.isEmpty ? 0 : 1 - Double(held.count) / Double(pattern.notes.count)
    if let distance = figures.distanceFromSource,
      distance < PatternDistance.leastFromSource * free
    {
      return "it is what the track plays already"
    }
    let near = others.contains {
      PatternDistance.between($0, pattern, meter: request.meter)
        < PatternDistance.leastBetweenCandidates * free
    }
    return near ? "it is too much like another candidate" : nil
  }

  /// Whether no pitch is struck while it sounds.
  private func isClear(_ notes: [Note]) -> Bool {
    var ends: [UInt8: Beats] = [:]
    for note in notes {
      if let end = ends[note.pitch], note.start < end - Beats(1e-9) { return false }
      ends[note.pitch] = note.end
    }
    return true
  }

  private static func isOneVoice(_ notes: [Note]) -> Bool {
    zip(notes, notes.dropFirst()).allSatisfy { $0.end.quarters <= $1.start.quarters + 1e-9 }
  }
}
