// SPDX-License-Identifier: MIT
import ContinuoRealtime
import ContinuoRings
import Foundation

/// How many capture events two threads pass through a ring in a second.
struct RingBench {
  /// Million events (64 bytes each) a second.
  static func run(capacity: Int, batch: Int, count: Int) -> Double {
    let ring = Ring<RealtimeEvent>(
      minimumCapacity: capacity, filling: RealtimeEvent(kind: .midi, frame: 0))
    defer { ring.deallocate() }
    let done = DispatchSemaphore(value: 0)
    let started = ContinuousClock.now
    let writer = Thread {
      var producer = ring.makeProducer()
      var serial = 0
      while serial < count {
        let size = min(batch, count - serial)
        while !producer.hasRoom(for: size) { sched_yield() }
        for offset in 0..<size {
          producer.stage(
            RealtimeEvent(kind: .midi, frame: UInt64(serial + offset)), at: offset)
        }
        producer.publish(size)
        serial += size
      }
    }
    let reader = Thread {
      var consumer = ring.makeConsumer()
      var serial = 0
      while serial < count {
        let ready = consumer.available()
        if ready == 0 {
          sched_yield()
          continue
        }
        for offset in 0..<ready {
          guard consumer.peek(offset).frame == UInt64(serial + offset) else {
            print("The ring gave an event out of order")
            exit(1)
          }
        }
        consumer.release(ready)
        serial += ready
      }
      done.signal()
    }
    reader.start()
    writer.start()
    done.wait()
    return Double(count) / ((ContinuousClock.now - started) / .seconds(1)) / 1e6
  }
}
