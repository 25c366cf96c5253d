// SPDX-License-Identifier: MIT
import CRivals
import ContinuoRealtime
import ContinuoRings
import Foundation

/// The ring beside other queues for one writer and one reader, in one run: each contestant has its
/// turn in every round, so that other programs' load meets all of them.
enum RingRivals {
  private static let rounds = 7
  private static let events = 2_000_000

  /// Figures of the rounds.
  private struct Figures {
    var values: [Double] = []
    var median: Double { values.sorted()[values.count / 2] }
    var words: String {
      guard let least = values.min(), let most = values.max() else { return "none" }
      return String(format: "%.1f (%.1f-%.1f)", median, least, most)
    }
  }

  /// Prints the tables, or what is missing for them.
  static func report() {
    let rivals = (0..<Int32(RIVAL_COUNT)).filter { rival_name($0) != nil }
    for (rival, package) in [
      (Int32(RIVAL_BOOST), "libboost-dev"),
      (Int32(RIVAL_MOODYCAMEL), "libreaderwriterqueue-dev"),
    ] where rival_name(rival) == nil {
      print("\nNot beside them, since \(package) is not installed: Scripts/setup --bench")
    }
    for (title, capacity, batch) in [
      ("one by one, 1024 slots", 1024, 1), ("256 at a time, 1024 slots", 1024, 256),
    ] {
      print(
        "\nRing beside others, \(title): million events a second, median of \(rounds) (least-most)")
      table(rivals, isLess: false) { rival in
        guard let rival else {
          return RingBench.run(capacity: capacity, batch: batch, count: events)
        }
        return rival_throughput(rival, capacity, batch, events)
      }
    }
    print(
      "\nRing beside others, there and back: nanoseconds one way, median of \(rounds) (least-most)")
    table(rivals, isLess: true) { rival in
      guard let rival else { return latency(rounds: 200_000) }
      return rival_latency(rival, 200_000)
    }
  }

  private static func table(
    _ rivals: [Int32], isLess: Bool, _ measure: (Int32?) -> Double
  ) {
    var ours = Figures()
    var theirs = [Figures](repeating: Figures(), count: rivals.count)
    for _ in 0..<rounds {
      ours.values.append(measure(nil))
      for (index, rival) in rivals.enumerated() {
        let value = measure(rival)
        guard value >= 0 else {
          print("\(name(rival)) gave an event out of order")
          exit(1)
        }
        if value > 0 { theirs[index].values.append(value) }
      }
    }
    line("Continuo's ring", ours.words, "")
    for (index, rival) in rivals.enumerated() {
      guard !theirs[index].values.isEmpty else {
        line(name(rival), "has no way to", "")
        continue
      }
      let ratio =
        isLess ? theirs[index].median / ours.median : ours.median / theirs[index].median
      line(name(rival), theirs[index].words, String(format: "ours %.2f times as good", ratio))
    }
  }

  private static func name(_ rival: Int32) -> String {
    rival_name(rival).map { String(cString: $0) } ?? "?"
  }

  private static func line(_ name: String, _ figures: String, _ ratio: String) {
    print(
      "  " + name.padding(toLength: 26, withPad: " ", startingAt: 0)
        + figures.padding(toLength: 24, withPad: " ", startingAt: 0) + ratio)
  }

  /// Nanoseconds one way, as half of the mean of `rounds` rounds there and back.
  private static func latency(rounds: Int) -> Double {
    let filling = RealtimeEvent(kind: .midi, frame: 0)
    let there = Ring<RealtimeEvent>(minimumCapacity: 64, filling: filling)
    let back = Ring<RealtimeEvent>(minimumCapacity: 64, filling: filling)
    let done = DispatchSemaphore(value: 0)
    let answering = Thread {
      var incoming = there.makeConsumer()
      var outgoing = back.makeProducer()
      for _ in 0..<rounds {
        while incoming.available() == 0 {}
        let event = incoming.peek()
        incoming.release(1)
        while !outgoing.hasRoom(for: 1) {}
        outgoing.stage(event, at: 0)
        outgoing.publish(1)
      }
      done.signal()
    }
    answering.start()
    var outgoing = there.makeProducer()
    var incoming = back.makeConsumer()
    let start = ContinuousClock.now
    for round in 0..<rounds {
      while !outgoing.hasRoom(for: 1) {}
      outgoing.stage(RealtimeEvent(kind: .midi, frame: UInt64(round)), at: 0)
      outgoing.publish(1)
      while incoming.available() == 0 {}
      precondition(incoming.peek().frame == UInt64(round))
      incoming.release(1)
    }
    let took = ContinuousClock.now - start
    done.wait()
    there.deallocate()
    back.deallocate()
    return took / .nanoseconds(1) / Double(rounds) / 2
  }
}
