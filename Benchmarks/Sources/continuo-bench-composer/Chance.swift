// SPDX-License-Identifier: MIT
import ContinuoComposer
import ContinuoMusic

/// What chance plays: as many notes as the source, on any sixteenth, in range; in key if asked.
enum Chance {
  static func pattern(
    _ request: CompositionRequest, _ scene: Scene, _ seed: Int, inKey: Bool
  ) -> Pattern {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    func random(_ count: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state >> 33) % max(1, count)
    }
    let drums = request.settledKind == .drums
    let oneVoice = [.bass, .melody].contains(request.settledKind)
    let scale = scene.context.key.key.map { Set($0.scale) }
    let pitches = request.settledRange.filter { pitch in
      drums
        ? [36, 38, 42, 46, 45, 49].contains(pitch) : !inKey || scale?.contains(pitch % 12) ?? true
    }
    let steps = Int(request.length.quarters * 4)
    var taken: Set<Int> = []
    var drafts: [(step: Int, pitch: Int)] = []
    for _ in 0..<max(request.source.notes.count, request.bars * 3) {
      let step = random(steps)
      let pitch = pitches[random(pitches.count)]
      if taken.insert(oneVoice ? step : step * 128 + pitch).inserted {
        drafts.append((step, pitch))
      }
    }
    drafts.sort { $0 < $1 }
    let notes = drafts.enumerated().compactMap { index, draft in
      let next = drafts[(index + 1)...].first { oneVoice || $0.pitch == draft.pitch }?.step ?? steps
      let length = min(next - draft.step, 1 + random(4), steps - draft.step)
      return Note(
        pitch: draft.pitch, velocity: 50 + random(60), channel: drums ? 9 : 0,
        start: Beats(Double(draft.step) / 4), duration: Beats(Double(length) / 4 * 0.95))
    }
    return Pattern(name: "Chance", notes: notes, length: request.length, meter: request.meter)
  }
}
