// SPDX-License-Identifier: MIT
import ContinuoRings
import Testing

/// Both ends on one thread: `#expect` cannot look into what is not copyable.
private final class Ends {
  let ring: Ring<Int>
  private var producer: RingProducer<Int>
  private var consumer: RingConsumer<Int>

  init(_ capacity: Int) {
    ring = Ring(minimumCapacity: capacity, filling: -1)
    producer = ring.makeProducer()
    consumer = ring.makeConsumer()
  }

  deinit { ring.deallocate() }

  var used: Int { producer.used }
  func hasRoom(_ count: Int) -> Bool { producer.hasRoom(for: count) }
  func stage(_ value: Int, at offset: Int) { producer.stage(value, at: offset) }
  func publish(_ count: Int) { producer.publish(count) }
  func push(_ value: Int) -> Bool { producer.push(value) }
  func available(atLeast count: Int = 1) -> Int { consumer.available(atLeast: count) }
  func peek(_ offset: Int) -> Int { consumer.peek(offset) }
  func release(_ count: Int) { consumer.release(count) }
  func pop() -> Int? { consumer.pop() }
}

@Suite struct RingTests {
  /// Every place of the positions in the ring, every fill, every batch size, against an array.
  @Test(arguments: [1, 2, 4, 8])
  func `in every layout the ring behaves as a plain array`(_ capacity: Int) {
    for head in 0..<(2 * capacity) {
      for fill in 0...capacity {
        for batch in 0...(capacity + 1) {
          check(capacity, head: head, fill: fill, batch: batch)
        }
      }
    }
  }

  private func check(_ capacity: Int, head: Int, fill: Int, batch: Int) {
    let ends = Ends(capacity)
    #expect(ends.ring.capacity == capacity)
    var model: [Int] = []
    var next = 0
    for _ in 0..<head {
      #expect(ends.push(next) && ends.pop() == next)
      next += 1
    }
    for _ in 0..<fill {
      #expect(ends.push(next))
      model.append(next)
      next += 1
    }
    #expect(ends.used == fill)
    #expect(ends.hasRoom(capacity - fill))
    #expect(!ends.hasRoom(capacity - fill + 1))
    // A batch goes in whole or not at all, and is not seen before it is published.
    let fits = ends.hasRoom(batch)
    #expect(fits == (fill + batch <= capacity))
    if fits {
      for offset in (0..<batch).reversed() { ends.stage(next + offset, at: offset) }
      #expect(ends.available(atLeast: capacity + 1) == fill)
      ends.publish(batch)
      model += (0..<batch).map { next + $0 }
      next += batch
    }
    #expect(ends.available(atLeast: capacity + 1) == model.count)
    for offset in model.indices { #expect(ends.peek(offset) == model[offset]) }
    // Releasing a part leaves the rest, and gives exactly that much room.
    let part = model.count / 2
    ends.release(part)
    model.removeFirst(part)
    #expect(ends.hasRoom(capacity - model.count))
    #expect(!ends.hasRoom(capacity - model.count + 1))
    while let first = model.first {
      #expect(ends.pop() == first)
      model.removeFirst()
    }
    #expect(ends.pop() == nil)
    #expect(ends.available() == 0)
  }

  @Test(arguments: [1, 2, 4, 8])
  func `random turns of both ends never differ from an array`(_ capacity: Int) {
    let ends = Ends(capacity)
    var model: [Int] = []
    var random = Seeded(UInt64(capacity))
    var next = 0
    for _ in 0..<20_000 {
      switch random.below(4) {
      case 0, 1:
        let isPushed = ends.push(next)
        #expect(isPushed == (model.count < capacity))
        if isPushed { model.append(next) }
        next += 1
      case 2:
        let popped = ends.pop()
        #expect(popped == model.first)
        if !model.isEmpty { model.removeFirst() }
      default:
        let count = random.below(capacity) + 1
        guard ends.available(atLeast: count) >= count else { continue }
        #expect((0..<count).map { ends.peek($0) } == Array(model.prefix(count)))
        ends.release(count)
        model.removeFirst(count)
      }
      #expect(ends.used == model.count)
    }
  }

  @Test func `a full ring refuses, keeps what it holds, and takes again after one release`() {
    let ends = Ends(4)
    for value in 1...4 { #expect(ends.push(value)) }
    for value in 5...9 { #expect(!ends.push(value)) }
    #expect(ends.pop() == 1)
    #expect(ends.push(10))
    #expect(!ends.push(11))
    #expect([ends.pop(), ends.pop(), ends.pop(), ends.pop()] == [2, 3, 4, 10])
    #expect(ends.pop() == nil)
  }

  @Test(arguments: [(0, 1), (-5, 1), (1, 1), (2, 2), (3, 4), (5, 8), (1000, 1024)])
  func `the capacity is the next power of two, at least one`(_ wanted: Int, _ given: Int) {
    let ring = Ring<UInt8>(minimumCapacity: wanted, filling: 0)
    #expect(ring.capacity == given)
    ring.deallocate()
  }

  @Test func `each end can be had once`() async {
    await #expect(processExitsWith: .failure) {
      let ring = Ring<Int>(minimumCapacity: 1, filling: 0)
      _ = ring.makeProducer()
      _ = ring.makeProducer()
    }
    await #expect(processExitsWith: .failure) {
      let ring = Ring<Int>(minimumCapacity: 1, filling: 0)
      _ = ring.makeConsumer()
      _ = ring.makeConsumer()
    }
  }
}
