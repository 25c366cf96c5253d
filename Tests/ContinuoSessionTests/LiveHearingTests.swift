// SPDX-License-Identifier: MIT
import ContinuoMusic
import Testing

@testable import ContinuoAnalysis
@testable import ContinuoRealtime
@testable import ContinuoSession

struct LiveHearingTests {
  /// 120 BPM at 48 kHz.
  private func record(
    _ kind: RealtimeEvent.Kind, frame: Double, at quarters: Double?, value: Double = 0
  ) -> CapturedEvent {
    var event = RealtimeEvent(kind: kind, frame: UInt64(frame * 24_000), value: value)
    event.flags = quarters == nil ? 1 : 3
    event.quarters = quarters ?? 0
    return CapturedEvent(event: event, bytes: [])
  }

  /// A key that sounds for just under a quarter, on input 3.
  private func note(_ key: UInt8, frame: Double, at quarters: Double) -> [CapturedEvent] {
    [(0x90, 0.0), (0x80, 0.9)].map { status, later in
      var event = record(.midi, frame: frame + later, at: quarters + later).event
      event.port = 3
      event.length = 3
      return CapturedEvent(event: event, bytes: [UInt8(status), key, 90])
    }
  }

  private func ground(_ name: String = "Keys", barStart: Double = 0) -> LiveHearing.Ground {
    LiveHearing.Ground(followed: [(3, name)], meter: .common, barStart: barStart)
  }

  private func starts(_ hearing: LiveHearing) -> [Double] {
    hearing.patterns[0].notes.map(\.start.quarters).sorted()
  }

  @Test func `what is heard counts from the bar in which the song began to roll`() {
    let store = TakeStore()
    store.add([record(.transportStarted, frame: 0, at: 17)] + note(60, frame: 1, at: 18))
    var hearing = LiveHearing(ground(), store)
    #expect(!hearing.hasBegun)
    let heard = hearing.hear(store, on: ground(), rollingAt: 21.5)
    #expect(heard)
    #expect(hearing.hasBegun)
    #expect(starts(hearing) == [2])
    #expect(hearing.bars.count == 2)
    #expect(hearing.bars.first == 16 * 960)
  }

  @Test func `what comes later is heard on top, each event once`() {
    let store = TakeStore()
    store.add([record(.transportStarted, frame: 0, at: 0)] + note(60, frame: 0, at: 0))
    var hearing = LiveHearing(ground(), store)
    var heard = hearing.hear(store, on: ground(), rollingAt: 1)
    #expect(heard)
    heard = hearing.hear(store, on: ground(), rollingAt: 1)
    #expect(heard)
    store.add(note(64, frame: 5, at: 5))
    heard = hearing.hear(store, on: ground(), rollingAt: 6)
    #expect(heard)
    #expect(starts(hearing) == [0, 5])
  }

  @Test func `the passes of a loop are heard one after the other, on their bar lines`() {
    let store = TakeStore()
    // Bars 2 to 3 in a loop, entered on the second beat of bar 1; the note of the end is cut off.
    store.add(
      [record(.transportStarted, frame: 0, at: 1)] + note(60, frame: 3, at: 4)
        + Array(note(62, frame: 10.5, at: 11.5).prefix(1))
        + [record(.loopWrapped, frame: 11, at: 4, value: 12)] + note(64, frame: 11, at: 4)
        + [record(.loopWrapped, frame: 19, at: 4, value: 12)] + note(65, frame: 20, at: 5))
    var hearing = LiveHearing(ground(), store)
    let heard = hearing.hear(store, on: ground(), rollingAt: 6)
    #expect(heard)
    #expect(starts(hearing) == [4, 11.5, 12, 21])
    let cut = hearing.patterns[0].notes.first { $0.pitch == 62 }
    #expect(cut?.end == Beats(12))
    #expect(hearing.bars.first == nil)
    // The third pass began at quarter 20 of what was heard, which is the song's quarter 4.
    #expect(hearing.place?.start == -16 && hearing.place?.since == 4)
  }

  @Test func `a stop and a start elsewhere keep the distance to the bar line`() {
    let store = TakeStore()
    store.add(
      [record(.transportStarted, frame: 0, at: 0)] + note(60, frame: 0, at: 0)
        + [
          record(.transportStopped, frame: 2.5, at: 2.5),
          record(.located, frame: 9, at: 401, value: 2.5),
          record(.transportStarted, frame: 10, at: 401),
        ] + note(62, frame: 12, at: 403))
    var hearing = LiveHearing(ground(), store)
    let heard = hearing.hear(store, on: ground(), rollingAt: 404)
    #expect(heard)
    // Bar 101's second beat: the next second beat after 2.5 is that of the bar that follows.
    #expect(starts(hearing) == [0, 7])
  }

  @Test func `bar lines need not lie on whole bars from the song's start`() {
    let store = TakeStore()
    store.add([record(.transportStarted, frame: 0, at: 6)] + note(60, frame: 1, at: 7))
    // A bar of 3/4 before: lines at 3, 7, 11.
    let shifted = ground(barStart: 11)
    #expect(shifted == ground(barStart: 3))
    var hearing = LiveHearing(shifted, store)
    let heard = hearing.hear(store, on: shifted, rollingAt: 7)
    #expect(heard)
    #expect(starts(hearing) == [4])
    #expect(hearing.bars.first == 3 * 960)
  }

  @Test func `another metre, and other tracks, are heard anew`() throws {
    let store = TakeStore()
    store.add([record(.transportStarted, frame: 0, at: 0)] + note(60, frame: 0, at: 0))
    var hearing = LiveHearing(ground(), store)
    var heard = hearing.hear(store, on: ground(), rollingAt: 1)
    #expect(heard)
    heard = hearing.hear(store, on: ground("Bass"), rollingAt: 1)
    #expect(!heard)
    let waltz = LiveHearing.Ground(
      followed: [(3, "Keys")], meter: try #require(Meter(3, 4)), barStart: 8)
    heard = hearing.hear(store, on: waltz, rollingAt: 1)
    #expect(!heard)
    store.add(note(62, frame: 7, at: 7))
    store.add([record(.meterChanged, frame: 8, at: 8, value: 3)] + note(64, frame: 9, at: 9))
    heard = hearing.hear(store, on: ground(), rollingAt: 10)
    #expect(!heard)
    var fresh = LiveHearing(waltz, store)
    heard = fresh.hear(store, on: waltz, rollingAt: 10)
    #expect(heard)
    // The song rolled on through the change: what was played since then is heard.
    #expect(starts(fresh) == [1])
    #expect(fresh.bars.first == 8 * 960)
  }

  @Test func `what is stopped, out of place or of another input is not heard`() {
    let store = TakeStore()
    func changed(_ events: [CapturedEvent], port: UInt8, flags: UInt32) -> [CapturedEvent] {
      events.map { captured in
        var event = captured.event
        event.port = port
        event.flags = flags
        return CapturedEvent(event: event, bytes: captured.bytes)
      }
    }
    let other = changed(note(60, frame: 1, at: 1), port: 1, flags: 3)
    let stopped = changed(note(61, frame: 2, at: 2), port: 3, flags: 2)
    let placeless = changed(note(62, frame: 3, at: 3), port: 3, flags: 1)
    store.add([record(.transportStarted, frame: 0, at: 0)] + other + stopped + placeless)
    var hearing = LiveHearing(ground(), store)
    let heard = hearing.hear(store, on: ground(), rollingAt: 4)
    #expect(heard)
    #expect(starts(hearing).isEmpty)
  }

  @Test func `one who asks late hears the newest events of a long evening, in bounded time`() {
    let store = TakeStore()
    store.add([record(.transportStarted, frame: 0, at: 0)])
    for quarter in 0..<70_000 {
      store.add(note(UInt8(48 + quarter % 12), frame: Double(quarter), at: Double(quarter)))
    }
    var hearing = LiveHearing(ground(), store)
    var heard = false
    let time = ContinuousClock().measure {
      heard = hearing.hear(store, on: ground(), rollingAt: 70_000)
    }
    #expect(heard)
    #expect(time < .seconds(20))
    #expect(hearing.bars.count <= LiveAnalysis.usualBars * 3 / 2 + 1)
    #expect(hearing.bars.first == (17_500 - hearing.bars.count) * 3_840)
  }
}
