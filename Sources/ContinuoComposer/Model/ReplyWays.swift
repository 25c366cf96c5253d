// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// Holds a model's notes to the way that was asked for: what it was told to keep is kept for it.
struct ReplyWays {
  let request: CompositionRequest
  let asked: Asked
  /// What must stay, bars outside a fill included.
  let lock: NoteLock

  init(_ request: CompositionRequest) {
    self.request = request
    asked = Asked(request)
    lock = Acceptance.lock(asked, bars: request.bars)
  }

  /// The feel that the answer is played with.
  var swing: Swing {
    asked.steering.swing.map { Swing(ratio: $0, evidence: 0) } ?? request.context.swing
  }

  /// Notes struck at once, at most.
  func mostVoices(_ usual: Int) -> Int { min(asked.steering.polyphony ?? usual, usual) }

  /// `notes` with the source's rhythm, pitches or locked notes in place of the model's.
  func kept(_ notes: [Note], oneVoice: Bool, _ mending: inout Mending) -> [Note] {
    var notes = notes
    let source = NoteLock.clipped(request.source.notes, length: request.length)
    switch asked.mode {
    case .keepRhythm: notes = repitched(source, from: notes)
    case .keepPitches: notes = inOrder(notes, pitches: source)
    case .part, .vary, .fill, .continuation, .answer: break
    }
    guard !lock.isEmpty else { return notes }
    let merged = lock.merged(
      notes, into: request.source, length: request.length, meter: request.meter,
      oneVoice: oneVoice)
    let held = lock.held(of: request.source, length: request.length, meter: request.meter)
    let gone = notes.count { !merged.contains($0) }
    mending.note("gave way to what is locked", gone)
    mending.note("locked notes stand as they were", held.count)
    return merged
  }

  /// The source's notes at the pitches that the model has nearest to each.
  private func repitched(_ source: [Note], from notes: [Note]) -> [Note] {
    guard !notes.isEmpty else { return source }
    var used: [UInt16: Double] = [:]
    return source.compactMap { note in
      let near = notes.min {
        (abs(($0.start - note.start).quarters), abs(Int($0.pitch) - Int(note.pitch)))
          < (abs(($1.start - note.start).quarters), abs(Int($1.pitch) - Int(note.pitch)))
      }
      var tuned = note
      tuned.pitch = near?.pitch ?? note.pitch
      // Two voices of a chord on one pitch are one.
      let voice = UInt16(tuned.channel) << 8 | UInt16(tuned.pitch)
      guard tuned.start.quarters >= used[voice] ?? -.infinity else { return nil }
      used[voice] = tuned.end.quarters
      return tuned
    }
  }

  /// The model's notes with the source's pitches in their order, round and round.
  private func inOrder(_ notes: [Note], pitches source: [Note]) -> [Note] {
    guard !source.isEmpty else { return notes }
    return notes.enumerated().map { index, note in
      var note = note
      note.pitch = source[index % source.count].pitch
      return note
    }
  }

  /// What a model is told of it, a line for each.
  var words: [String] {
    var lines: [String] = []
    switch asked.mode {
    case .part: break
    case .vary: lines.append("Way: a variation of the track now; keep most of its notes.")
    case .fill(let bars):
      lines.append("Way: write bars \(bars.lowerBound)-\(bars.upperBound) anew; the others stay.")
    case .continuation: lines.append("Way: what comes next after the track now.")
    case .answer: lines.append("Way: a reply to the track now, come to rest at its end.")
    case .keepRhythm: lines.append("Way: keep the rhythm of the track now, change its pitches.")
    case .keepPitches: lines.append("Way: keep the pitches of the track now, change the feel.")
    }
    for bars in asked.lock.bars {
      lines.append("Locked, they stay as they are: bars \(bars.lowerBound)-\(bars.upperBound).")
    }
    if !asked.lock.beats.isEmpty {
      lines.append("Locked, they stay as they are: beats \(list(asked.lock.beats)) of every bar.")
    }
    if !asked.lock.voices.isEmpty {
      lines.append("Locked, they stay as they are: keys \(list(asked.lock.voices)).")
    }
    let steering = asked.steering
    if let density = steering.density { lines.append("Density: \(density) onsets a quarter.") }
    if let factor = steering.densityFactor {
      lines.append("Density: \(factor) times the track now.")
    }
    if let register = steering.register {
      lines.append("Register: about \(PitchName.name(of: UInt8(clamping: register))).")
    }
    if let voices = steering.polyphony { lines.append("At most \(voices) notes at once.") }
    if steering.swing != nil { lines.append("Write even eighths: the swing is added for you.") }
    return lines
  }

  private func list(_ numbers: Set<Int>) -> String {
    numbers.sorted().map(String.init).joined(separator: ", ")
  }
}
