// SPDX-License-Identifier: MIT
import ContinuoMusic
import Testing

@testable import ContinuoRealtime
@testable import ContinuoSession

struct SongPassTests {
  private func mark(
    _ kind: RealtimeEvent.Kind, _ frame: UInt64, at quarters: Double?, left: Double = 0
  ) -> TakeStore.Mark {
    TakeStore.Mark(
      kind: kind, frame: frame, value: left, extra: 0, quarters: quarters, index: 0)
  }

  /// A loop over bars 3 and 4 (quarters 8...16), entered from bar 1: at 24,000 frames a quarter.
  private var looped: [TakeStore.Mark] {
    [
      mark(.transportStarted, 0, at: 0),
      mark(.loopWrapped, 384_000, at: 8, left: 16),
      mark(.tempoChanged, 400_000, at: 9),
      mark(.loopWrapped, 576_000, at: 8, left: 16),
    ]
  }

  @Test func `each start, jump and loop begins a pass, and each stop ends one`() {
    let passes = SongPass.all(
      looped + [
        mark(.located, 624_000, at: 40, left: 10), mark(.transportStopped, 720_000, at: 44),
        mark(.located, 730_000, at: 0, left: 44), mark(.transportStarted, 800_000, at: 0),
      ], rollingTo: (900_000, 4))
    #expect(passes.map(\.number) == [1, 2, 3, 4, 5])
    #expect(passes.map(\.start) == [0, 8, 8, 40, 0])
    #expect(passes.map(\.end) == [16, 16, 10, 44, 4])
    #expect(passes.map(\.frames.lowerBound) == [0, 384_000, 576_000, 624_000, 800_000])
    #expect(passes.map(\.frames.upperBound) == [384_000, 576_000, 624_000, 720_000, 900_000])
  }

  @Test func `a pass whose place nobody knew, and one that a dead server cut, tell nothing`() {
    #expect(SongPass.all([mark(.transportStarted, 0, at: nil)], rollingTo: (9, 9)) == [])
    let cut = [mark(.transportStarted, 0, at: 0), mark(.serverRestarted, 50, at: nil)]
    #expect(SongPass.all(cut, rollingTo: nil) == [])
  }

  @Test func `a song that rolls off before its place is known is a pass from where it is`() {
    let passes = SongPass.all(
      [
        mark(.transportStarted, 0, at: nil), mark(.located, 1000, at: 0.05, left: 0),
        mark(.transportStopped, 96_000, at: 4), mark(.located, 100_000, at: 8, left: 4),
      ], rollingTo: nil)
    #expect(passes.map(\.start) == [0.05] && passes.map(\.end) == [4])
  }

  @Test func `a pass in which a take was recorded holds nothing that was heard`() {
    let passes = SongPass.all(
      [
        mark(.transportStarted, 0, at: 0), mark(.transportStopped, 96_000, at: 4),
        mark(.transportStarted, 100_000, at: 8),
        mark(.patternStarted, 100_000, at: 8, left: Double(HostPerformer.slot)),
        mark(.transportStopped, 196_000, at: 12), mark(.transportStarted, 200_000, at: 0),
      ], rollingTo: (296_000, 4))
    #expect(passes.map(\.number) == [1, 3])
  }

  private func last(
    _ count: Int, _ passes: [SongPass], isStopped: Bool = false
  ) -> [String]? {
    LastBars(
      count, of: passes, barStart: 0, barLength: 4, isStopped: isStopped)?
      .pieces.map { "\($0.pass.number):\($0.bars.lowerBound)-\($0.bars.upperBound - 1)" }
  }

  @Test func `the last bars of one way are its last whole bars`() {
    let pass = SongPass(number: 1, frames: 0..<9, start: 0, end: 38)
    #expect(last(4, [pass]) == ["1:5-8"])
    #expect(last(4, [pass], isStopped: true) == ["1:6-9"])
    #expect(last(100, [pass]) == ["1:0-8"])
    let before = mark(.meterChanged, 20, at: 50)
    let within = mark(.meterChanged, 5, at: 16)
    #expect(pass.part(from: before) == nil)
    #expect(pass.part(from: mark(.meterChanged, 5, at: nil)) == pass)
    #expect(last(100, [pass].compactMap { $0.part(from: within) }) == ["1:4-8"])
    #expect(last(4, [SongPass(number: 1, frames: 0..<9, start: 1, end: 6)]) == nil)
    // A hair before the line is the line: frames are whole, bars are not.
    #expect(last(1, [SongPass(number: 1, frames: 0..<9, start: 4.0005, end: 7.9995)]) == ["1:1-1"])
  }

  @Test func `of a loop each bar comes from its newest whole pass`() {
    let passes = SongPass.all(looped, rollingTo: (700_000, 8 + 4.5))
    // Bar 3 (index 2) was just whole in pass 3; bar 4 is older; bars 1 and 2 are from the way in.
    #expect(last(2, passes) == ["1:1-1", "3:2-2"])
    #expect(last(4, passes) == ["1:0-1", "3:2-2", "2:3-3"])
  }

  @Test func `what lies beyond a jump is not joined to it`() {
    let passes = [
      SongPass(number: 1, frames: 0..<9, start: 0, end: 16),
      SongPass(number: 2, frames: 9..<20, start: 40, end: 48),
    ]
    #expect(last(8, passes) == ["2:10-11"])
  }
}
