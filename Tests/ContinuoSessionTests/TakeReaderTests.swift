// SPDX-License-Identifier: MIT
import ContinuoMusic
import Testing

@testable import ContinuoSession

struct TakeReaderTests {
  private func event(_ quarters: Double, _ bytes: [UInt8], rolling: Bool = true) -> Take.Event {
    Take.Event(
      frame: 0, port: 1, bytes: bytes,
      position: SongPosition(bar: 1, beat: 1, tick: 0, quarters: Beats(quarters)),
      rolling: rolling)
  }

  private func read(_ events: [Take.Event], start: Double = 8, length: Double = 4) -> Pattern {
    TakeReader.pattern(events, name: "Bass", start: start, length: length, meter: .common)
  }

  private func places(_ pattern: Pattern) -> [[Double]] {
    pattern.notes.map { [Double($0.pitch), $0.start.quarters, $0.duration.quarters] }
  }

  @Test func `notes are placed from the start and keep velocities and channel`() throws {
    let pattern = read([event(9, [0x92, 36, 100]), event(9.5, [0x82, 36, 17])])
    let note = try #require(pattern.notes.first)
    #expect(pattern.notes.count == 1)
    #expect(note.start == Beats(1) && note.duration == Beats(0.5))
    #expect(note.velocity == 100 && note.releaseVelocity == 17 && note.channel == 2)
    #expect(pattern.length == Beats(4))
  }

  @Test func `what began before is left out and what sounds on ends with the bars`() {
    let pattern = read([
      event(7.5, [0x90, 30, 90]), event(8.5, [0x80, 30, 0]),
      event(11, [0x90, 40, 90]), event(13, [0x80, 40, 0]),
      event(11.5, [0x90, 41, 90]),
      event(12, [0x90, 42, 90]),
    ])
    #expect(places(pattern) == [[40, 3, 1], [41, 3.5, 0.5]])
  }

  @Test func `a key struck twice is paired first on first off and a silent on is an off`() {
    let pattern = read([
      event(8, [0x90, 36, 90]), event(8.5, [0x90, 36, 80]),
      event(9, [0x90, 36, 0]), event(10, [0x80, 36, 0]),
    ])
    #expect(places(pattern) == [[36, 0, 1], [36, 0.5, 1.5]])
    #expect(pattern.notes.map(\.velocity) == [90, 80])
  }

  @Test func `a key let go after the transport stopped ends where the song stood`() {
    let pattern = read([
      event(8, [0x90, 36, 90]), event(9, [0x80, 36, 0], rolling: false),
      event(9, [0x90, 38, 90], rolling: false),
    ])
    #expect(places(pattern) == [[36, 0, 1]])
  }

  @Test func `controls are kept and bytes that are no message do no harm`() {
    let pattern = read([
      event(8, [0xB0, 64, 127]), event(9, [0xC3, 5]), event(9, []), event(9, [0x40, 1]),
      event(9, [0x90]), event(9, [0xF0, 1, 0xF7]),
      Take.Event(frame: 0, port: 1, bytes: [0x90, 1, 1], position: nil, rolling: true),
    ])
    #expect(pattern.notes.isEmpty)
    #expect(pattern.controls.map(\.bytes).prefix(2) == [[0xB0, 64, 127], [0xC3, 5]])
    #expect(!pattern.controls.contains { $0.bytes.first == 0xF0 })
  }
}
