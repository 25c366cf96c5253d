// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoComposer
import ContinuoMusic
import Testing

/// What must hold in five hundred contexts: every key, 2/4 to 12/8, 60 to 200 BPM, all kinds.
@Suite struct SceneTests {
  static let wishes = ["", "groovier", "busier", "simpler", "swing", "laid back", "funky", "lower"]

  private func check(
    _ found: Composition, _ request: CompositionRequest, _ index: Int, lock: NoteLock = NoteLock(),
    free: Double = 1
  ) {
    let oneVoice = [.bass, .melody].contains(request.settledKind)
    let place =
      "scene \(index), \(request.settledKind) in \(request.meter), “\(request.text)” \(request.mode?.words ?? "")"
    #expect(found.candidates.count == request.count, "\(place): \(found.remarks)")
    for candidate in found.candidates {
      let faults = PatternCheck.faults(
        of: candidate.pattern, length: request.length, meter: request.meter,
        range: request.settledRange, oneVoice: oneVoice)
      #expect(faults.isEmpty, "\(place), \(candidate.name): \(faults)")
      let broken = lock.faults(
        of: candidate.pattern, against: request.source, length: request.length,
        meter: request.meter)
      #expect(broken.isEmpty, "\(place), \(candidate.name): \(broken)")
      #expect((0...1).contains(candidate.figures.score), "\(place)")
      let others = candidate.figures.distanceFromOthers ?? 1
      #expect(others >= PatternDistance.leastBetweenCandidates * free, "\(place) \(candidate.name)")
    }
  }

  @Test("five hundred contexts: valid, in range, on the chords, distinct", arguments: 0..<500)
  func everyContext(index: Int) async throws {
    let scene = Scene(index)
    let request = scene.request(
      Self.wishes[index / 5 % Self.wishes.count], seed: UInt64(index))
    let found = try await BuiltinComposer().compose(request)
    check(found, request, index)
    for candidate in found.candidates {
      if let share = candidate.figures.chordTonesOnStrong {
        #expect(
          share >= 0.95,
          "scene \(index), \(scene.kind) \(scene.meter) \(candidate.name) \(request.text)")
      }
    }
    #expect(try await BuiltinComposer().compose(request) == found)
  }

  @Test("every way to ask keeps the rules in every kind and metre", arguments: 0..<60)
  func everyWay(index: Int) async throws {
    let scene = Scene(index)
    let modes: [CompositionMode] = [
      .vary, .continuation, .answer, .keepRhythm, .keepPitches, .fill(2...2),
    ]
    for mode in modes {
      let request = scene.request(seed: UInt64(index), mode: mode)
      let found = try await BuiltinComposer().compose(request)
      let share: Double = if case .fill = mode { 0.3 / Double(scene.bars) } else { 1 }
      check(found, request, index, free: share)
    }
  }
}
