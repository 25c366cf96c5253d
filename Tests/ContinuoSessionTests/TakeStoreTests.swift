// SPDX-License-Identifier: MIT
import ContinuoMusic
import Testing

@testable import ContinuoRealtime
@testable import ContinuoSession

struct TakeStoreTests {
  private func midi(_ frame: UInt64) -> CapturedEvent {
    CapturedEvent(event: RealtimeEvent(kind: .midi, frame: frame), bytes: [0x90, 60, 1])
  }

  @Test func `events come back in order from any number on`() {
    let store = TakeStore()
    store.add((0..<10).map { midi($0) })
    #expect(store.count == 10)
    #expect(store.events(from: 7).map(\.frame) == [7, 8, 9])
    #expect(store.events(from: -5).count == 10)
    #expect(store.events(from: 11).isEmpty)
  }

  @Test func `a full store forgets the oldest, counts them, and keeps the numbering`() {
    let store = TakeStore(limit: 40_000)
    for frame in 0..<40_001 { store.add([midi(UInt64(frame))]) }
    #expect(store.count == 40_001)
    #expect(store.forgotten == 16_384)
    #expect(store.events(from: 0).first?.frame == 16_384)
    #expect(store.events(from: 40_000).map(\.frame) == [40_000])
    #expect(store.index(atFrame: 20_000) == 20_000)
    #expect(store.index(atFrame: 7) == 16_384)
    #expect(store.index(atFrame: 99_999) == 40_001)
  }

  @Test func `an hour of eight busy tracks stays within its memory`() {
    let store = TakeStore()
    for second in 0..<3600 {
      store.add((0..<400).map { midi(UInt64(second * 48_000 + $0 * 100)) })
    }
    #expect(store.count == 1_440_000 && store.forgotten == 0)
    #expect(store.byteCount < 70_000_000)
    store.add((0..<700_000).map { midi(UInt64(180_000_000 + $0)) })
    #expect(store.forgotten > 0 && store.byteCount < 85_000_000)
  }

  @Test func `long messages come back whole and are bounded`() {
    let store = TakeStore()
    let long = [0xF0] + [UInt8](repeating: 7, count: 65_534) + [0xF7]
    store.add([
      midi(1), CapturedEvent(event: RealtimeEvent(kind: .midi, frame: 2), bytes: long), midi(3),
    ])
    #expect(store.events(from: 0).map(\.bytes.count) == [3, 65_536, 3])
    #expect(store.events(from: 1).first?.bytes == long)
  }

  @Test func `records are kept beside the music with their place in it`() {
    let store = TakeStore()
    store.add([
      midi(1), CapturedEvent(event: RealtimeEvent(kind: .xrun, frame: 2, value: 256), bytes: []),
      midi(3),
    ])
    #expect(store.count == 2)
    let marks = store.marks(from: 0)
    #expect(marks.map(\.kind) == [.xrun])
    #expect(marks.first?.index == 1 && marks.first?.value == 256 && marks.first?.quarters == nil)
    #expect(store.marks(from: 2).isEmpty)
  }

  @Test func `a place is kept only where it was known`() {
    var event = RealtimeEvent(kind: .midi, frame: 5)
    event.flags = 3
    event.bar = 4
    event.beat = 2
    event.tick = 960
    event.quarters = 13.5
    event.port = 3
    let known = Take.Event(CapturedEvent(event: event, bytes: [0xF8]))
    #expect(known.rolling && known.port == 3)
    #expect(known.position == SongPosition(bar: 4, beat: 2, tick: 960, quarters: Beats(13.5)))
    event.flags = 1
    #expect(Take.Event(CapturedEvent(event: event, bytes: [0xF8])).position == nil)
  }
}
