// SPDX-License-Identifier: MIT
import ContinuoRings
import Foundation
import Synchronization
import Testing

@Suite(.serialized) struct TripleBufferTests {
  @Test func `before anything is published the first value is read`() {
    let buffer = TripleBuffer(7)
    defer { buffer.deallocate() }
    #expect(buffer.read() == 7)
    #expect(buffer.read() == 7)
  }

  /// Every run of up to six publications and reads, against the newest value.
  @Test func `in every order of writing and reading the newest value is read`() {
    for script in 0..<(1 << 8) {
      let buffer = TripleBuffer(0)
      var writer = buffer.makeWriter()
      var newest = 0
      for step in 0..<8 {
        if script >> step & 1 == 0 {
          newest += 1
          writer.publish(newest)
        } else {
          #expect(buffer.read() == newest)
        }
      }
      #expect(buffer.read() == newest)
      buffer.deallocate()
    }
  }

  @Test func `a reader on another thread sees whole values that never get older, and the last`()
    async
  {
    let environment = ProcessInfo.processInfo.environment["CONTINUO_RING_EVENTS"]
    let total = min(environment.flatMap { UInt64($0) } ?? 300_000, 10_000_000)
    let buffer = TripleBuffer(Payload(0, seed: 3))
    defer { buffer.deallocate() }
    let writer = Thread.running {
      var end = buffer.makeWriter()
      for serial in 1...total { end.publish(Payload(serial, seed: 3)) }
    }
    let wrong = Atomic<UInt64>(0)
    let distinct = Atomic<UInt64>(0)
    let reader = Thread.running {
      var last: UInt64 = 0
      var bad: UInt64 = 0
      var seen: UInt64 = 0
      while last < total {
        let value = buffer.read()
        if value != Payload(value.words.0, seed: 3) || value.words.0 < last { bad += 1 }
        if value.words.0 != last { seen += 1 }
        last = value.words.0
      }
      wrong.store(bad, ordering: .releasing)
      distinct.store(seen, ordering: .releasing)
    }
    await writer.finished()
    await reader.finished()
    #expect(wrong.load(ordering: .acquiring) == 0)
    #expect(distinct.load(ordering: .acquiring) > 0)
  }
}
