// SPDX-License-Identifier: MIT
import ContinuoRings
import Foundation
import Synchronization
import Testing

/// Two threads, one ring: exact order, nothing torn, nothing lost, nothing doubled.
///
/// Bounded by the count of elements, never by attempts. `CONTINUO_RING_EVENTS` sets how many.
@Suite(.serialized) struct RingStressTests {
  /// 10⁶, or what the environment says: 10⁸ takes seconds in a release build.
  private static let events: UInt64 = {
    let words = ProcessInfo.processInfo.environment["CONTINUO_RING_EVENTS"]
    return words.flatMap { UInt64($0) } ?? 1_000_000
  }()

  @Test(arguments: [1, 2, 4, 64, 1024])
  func `every element arrives once, whole and in order, one by one`(_ capacity: Int) async {
    await pass(capacity, batch: 1)
  }

  @Test(arguments: [4, 64, 1024])
  func `every element arrives once, whole and in order, in batches`(_ capacity: Int) async {
    await pass(capacity, batch: capacity / 4 + 1)
  }

  private func pass(_ capacity: Int, batch: Int) async {
    let total = Self.events
    let seed = UInt64(capacity) &* 77 &+ UInt64(batch)
    let ring = Ring<Payload>(minimumCapacity: capacity, filling: Payload(0, seed: 0))
    defer { ring.deallocate() }
    let started = ContinuousClock.now
    let writer = Thread.running {
      var producer = ring.makeProducer()
      var serial: UInt64 = 0
      var patience = Patience()
      while serial < total {
        let count = min(UInt64(batch), total - serial)
        while !producer.hasRoom(for: Int(count)) { patience.wait() }
        // Backwards: the order comes from the offsets, not from when they were written.
        for offset in (0..<count).reversed() {
          producer.stage(Payload(serial + offset, seed: seed), at: Int(offset))
        }
        producer.publish(Int(count))
        serial += count
      }
    }
    let wrong = Atomic<UInt64>(0)
    let reader = Thread.running {
      var consumer = ring.makeConsumer()
      var serial: UInt64 = 0
      var bad: UInt64 = 0
      var patience = Patience()
      while serial < total {
        let ready = consumer.available()
        if ready == 0 {
          patience.wait()
          continue
        }
        for offset in 0..<ready
        where consumer.peek(offset) != Payload(serial + UInt64(offset), seed: seed) {
          bad += 1
        }
        consumer.release(ready)
        serial += UInt64(ready)
      }
      if serial != total || consumer.available() != 0 { bad += 1 }
      wrong.store(bad, ordering: .releasing)
    }
    await writer.finished()
    await reader.finished()
    #expect(wrong.load(ordering: .acquiring) == 0)
    let seconds = (ContinuousClock.now - started) / .seconds(1)
    let rate = Double(total) / seconds / 1e6
    print(
      "ring of \(capacity), batches of \(batch): \(total) elements, "
        + String(format: "%.1f million a second", rate))
  }
}

/// Waits a moment for the other thread; gives it the processor when it may have none.
private struct Patience {
  private var turns = 0

  mutating func wait() {
    turns += 1
    if turns % 256 == 0 { sched_yield() }
  }
}

/// A thread whose end can be awaited.
final class Running: Sendable {
  private let stream: AsyncStream<Void>
  init(_ stream: AsyncStream<Void>) { self.stream = stream }
  func finished() async { for await _ in stream {} }
}

extension Thread {
  /// A thread of its own that runs `body`: tasks could share one.
  static func running(_ body: @escaping @Sendable () -> Void) -> Running {
    let (stream, end) = AsyncStream<Void>.makeStream()
    let thread = Thread {
      body()
      end.finish()
    }
    thread.stackSize = 1 << 20
    thread.start()
    return Running(stream)
  }
}
