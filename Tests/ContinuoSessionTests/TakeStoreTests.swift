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
    let store = TakeStore(limit: 1000)
    for frame in 0..<1001 { store.add([midi(UInt64(frame))]) }
    #expect(store.count == 1001)
    #expect(store.forgotten == 251)
    #expect(store.events(from: 0).first?.frame == 251)
    #expect(store.events(from: 1000).map(\.frame) == [1000])
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
