// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Testing

/// The witness computes places in floating point; whole-number fractions of the same map judge it.
@Suite struct TimebaseMapTests {
  /// 120 BPM in 4/4 for two bars, then 97.3 BPM (973/10) in 6/8: bar 3 begins at frame 192 000.
  private let map = "1 120 4 4\n3 97.3 6 8\n"
  private let ticksPerBeat = 1920

  private struct Place {
    var bar: Int
    var beat: Int
    /// The tick is `ticks / scale`.
    var ticks: Int
    var scale: Int
  }

  private func exactPlace(_ frame: Int) -> Place {
    let later = frame >= 192_000
    // Beats are frames × numerator / scale.
    let numerator: Int = later ? 973 * 8 : 120 * 4
    let scale: Int = later ? 48_000 * 240 * 10 : 48_000 * 240
    let beatsPerBar = later ? 6 : 4
    let product: Int = (later ? frame - 192_000 : frame) * numerator
    let beats = product / scale
    return Place(
      bar: beats / beatsPerBar + (later ? 3 : 1), beat: beats % beatsPerBar + 1,
      ticks: product % scale * ticksPerBeat, scale: scale)
  }

  private func frames() -> [Int] {
    var random = SeededGenerator(seed: 3)
    let anywhere = (0..<2000).map { _ in Int.random(in: 0..<1 << 31, using: &random) }
    // Around every beat of the first bars, and at the change of tempo.
    let beats = (0..<40).map { 192_000 + $0 * 48_000 * 2400 / (973 * 8) } + [0, 24_000, 192_000]
    return anywhere + beats.flatMap { beat in (-2...2).map { max(0, beat + $0) } }
  }

  private func told(_ frames: [Int], mode: TimebaseMode) async throws -> [[Double]] {
    let folder = try TemporaryFolder()
    let process = try ChildProcess.launch(
      BuiltProducts.path("witness"),
      ["place", "--map", try folder.write(map, to: "map"), "--mode", mode.rawValue])
    for frame in frames { try process.write(line: "\(frame)") }
    process.closeInput()
    #expect(try await process.waitForExit() == .exited(0))
    return process.lines.map { $0.split(separator: " ").compactMap { Double($0) } }
  }

  @Test(arguments: TimebaseMode.allCases) func `bar, beat and tick are the exact ones`(
    mode: TimebaseMode
  ) async throws {
    let frames = frames()
    let places = try await told(frames, mode: mode)
    try #require(places.count == frames.count)
    for (frame, place) in zip(frames, places) {
      try #require(place.count == 9)
      var exact = exactPlace(frame)
      switch mode {
      case .double:
        #expect(abs(place[4] - Double(exact.ticks) / Double(exact.scale)) < 1e-5, "frame \(frame)")
      case .int:
        #expect(place[4] == -1)
      case .round:
        #expect(place[4] == -1)
        // Half a tick may go either way.
        if exact.ticks % exact.scale * 2 == exact.scale { continue }
        let rounded = (exact.ticks * 2 + exact.scale) / (exact.scale * 2)
        exact.ticks = rounded * exact.scale
        if rounded == ticksPerBeat { exact = exactPlaceAfter(exact) }
      }
      #expect(
        place[0...3].map(Int.init) == [frame, exact.bar, exact.beat, exact.ticks / exact.scale],
        "frame \(frame)")
    }
  }

  /// The start of the beat that follows.
  private func exactPlaceAfter(_ place: Place) -> Place {
    let last = place.beat == (place.bar < 3 ? 4 : 6)
    return Place(
      bar: place.bar + (last ? 1 : 0), beat: last ? 1 : place.beat + 1, ticks: 0,
      scale: place.scale)
  }

  @Test func `tempo and metre are those of the bar, tempo counted in beats of the unit`()
    async throws
  {
    let places = try await told([0, 191_999, 192_000], mode: .double)
    #expect(places.map { Array($0[6...8]) } == [[4, 4, 120], [4, 4, 120], [6, 8, 97.3 * 2]])
    #expect(places.map { $0[5] } == [0, 7680, 15_360])
  }
}
