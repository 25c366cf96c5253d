// SPDX-License-Identifier: MIT
import ContinuoMusic
import ContinuoRealtime
import ContinuoTestSupport
import Foundation
import Synchronization
import Testing

@testable import ContinuoSession

/// What a model's server can do wrong while a candidate sounds: the double misbehaves as it is told.
@Suite(.serialized) struct ModelFaultIntegrationTests {
  /// A way to fail, what the musician is told, and how long it may take.
  private struct Fault {
    var model: String
    var says: String
    /// Seconds, the built-in composer's answer included.
    var limit: Double
  }

  /// The whole of a request may take 3 s here.
  private static let faults = [
    Fault(model: "reset", says: "ended the connection in mid-reply", limit: 4),
    Fault(model: "stall", says: "did not finish its reply within 3 s", limit: 5),
    Fault(model: "silent", says: "within 3 s", limit: 5),
    Fault(model: "401", says: "wants a key (401", limit: 2),
    Fault(model: "429-long", says: "has had too many requests (429", limit: 2),
    Fault(model: "500-always", says: "failed", limit: 5),
    Fault(model: "drip", says: "did not finish its reply within 3 s", limit: 5),
    Fault(model: "endless", says: "was cut off", limit: 5),
    Fault(model: "html", says: "text/html", limit: 2),
    Fault(model: "redirect", says: "redirects to", limit: 2),
    Fault(model: "broken", says: "does not speak the protocol", limit: 2),
  ]

  @Test(.timeLimit(.minutes(3)))
  func `whatever a model's server does wrong is told in time, and the audition has no gap`()
    async throws
  {
    let double = try await ModelDouble(replying: "[{\"pitch\":36,\"start\":0,\"duration\":1}]")
    let made = try await ArdourSession.make(
      [ArdourSession.Track("Bass", notes: scale(36))], tempo: 120)
    try await withArdour(made) { ardour, server in
      let settings = try Settings(
        flags: .init(server: server.name, name: "live", ardourPort: Int(ardour.port)),
        environment: ["CONTINUO_MODEL_SECONDS": "3"])
      let session = try LiveSession(settings) { _ in }
      await session.lookForArdour()
      let host = await session.host
      func say(_ line: String) async throws -> Reply {
        let reply = await session.handle(try CommandParser.parse(line)) { _ in }
        #expect(reply.isDone, "\(line): \(reply.error ?? "")")
        return reply
      }
      _ = try await say("enhance track Bass seed 3 make it groovier")
      let pattern = try #require(await session.shelf?.candidates.first?.pattern)
      let log = try await Witness(server: server).log(as: "log", from: "live:out")
      _ = try await say("transport play")
      _ = try await say("audition 1 now")
      #expect(await host.wait(seconds: 5) { $0.activeSlot >= 0 })
      let identity = host.snapshot().activePattern
      let before = host.status.counters

      // Nobody listens on this port: refused.
      var url = "http://127.0.0.1:9"
      for fault in [Fault(model: "ok", says: "127.0.0.1:9", limit: 4)] + Self.faults {
        let start = ContinuousClock.now
        let reply = try await say(
          "vary 1 busier --count 1 --seed 5 --provider openai --base-url \(url) --model \(fault.model)"
        )
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let told = reply.lines.joined(separator: "\n")
        #expect(told.contains(fault.says), "\(fault.model): \(told)")
        #expect(seconds < fault.limit, "\(fault.model): \(seconds) s")
        #expect(host.snapshot().activePattern == identity, "\(fault.model)")
        url = double.url
      }
      let count = Self.faults.count + 1
      let shelf = try #require(await session.shelf)
      #expect(shelf.candidates.count == 3 + count)
      #expect(shelf.candidates.suffix(count).allSatisfy { $0.composer == "builtin" })
      let after = host.status.counters
      for name in ["playLost", "playLate", "captureDropped"] {
        #expect(after[name] == before[name], "\(name)")
      }
      _ = try await say("stop")
      #expect(await host.awaitQuiet(seconds: 2))
      let events = try await log.stop()
      #expect(isBalanced(events))
      expectNoGap(events, pattern)
      await session.shutdown()
    }
  }

  /// Four bars of eighths as a model writes them, some 12 s long at 60 tokens a second.
  private static var slowReply: String {
    let pitches = ["C2", "C2", "G2", "C3", "Bb2", "G2", "F2", "Eb2"]
    let bars = (0..<4).map { bar in
      let notes = (0..<8).map { index in
        "{\"at\": \(1 + 2 * index), \"pitch\": \"\(pitches[(index + bar) % 8])\", \"len\": 2, "
          + "\"vel\": \(70 + index + bar)}"
      }
      return "{\"notes\": [\(notes.joined(separator: ", "))]}"
    }
    return "{\"patterns\": [{\"name\": \"Slow\", \"bars\": [\(bars.joined(separator: ", "))]}]}"
  }

  @Test(.timeLimit(.minutes(3)))
  func `a candidate is auditioned while it is written, and grows without a restart`() async throws {
    let double = try await ModelDouble(replying: Self.slowReply)
    let made = try await ArdourSession.make(
      [ArdourSession.Track("Bass", notes: scale(36))], tempo: 120)
    try await withArdour(made) { ardour, server in
      let settings = try Settings(
        flags: .init(server: server.name, name: "live", ardourPort: Int(ardour.port)),
        environment: [:])
      let session = try LiveSession(settings) { _ in }
      await session.lookForArdour()
      let host = await session.host
      let log = try await Witness(server: server).log(as: "log", from: "live:out")
      #expect(await session.handle(try CommandParser.parse("transport play")) { _ in }.isDone)
      let answered = Answered()
      async let written = Self.write(session, double.url, answered)
      try await eventually("the first bar", within: .seconds(30)) {
        await session.shelf?.candidates.first?.pattern.notes.isEmpty == false
      }
      let first = try #require(await session.shelf?.candidates.first?.pattern)
      #expect(!answered.isSet && first.notes.count < 32)
      let begun = await session.handle(try CommandParser.parse("audition 1")) { _ in }
      #expect(begun.isDone && !answered.isSet, "\(begun.error ?? "")")
      let identity = host.snapshot().activePattern
      let sizes = Mutex<Set<Int>>([])
      while !answered.isSet {
        if let count = await session.shelf?.candidates.first?.pattern.notes.count {
          _ = sizes.withLock { $0.insert(count) }
        }
        #expect(host.snapshot().activePattern == identity)
        _ = await host.wait(seconds: 0.1) { $0.activePattern != identity }
      }
      let reply = try await written
      #expect(reply.isDone, "\(reply.error ?? "")")
      #expect(sizes.withLock { $0.count } >= 3, "it grew in steps")
      let shelf = try #require(await session.shelf)
      let whole = try #require(shelf.candidates.first)
      #expect(whole.composer != "builtin" && whole.pattern.notes.count == 32)
      let grown = Int(host.snapshot().transportFrame)
      #expect(
        await host.wait(seconds: 30) { $0.transportFrame > UInt32(grown) + 24_000 * 24 })
      #expect(host.snapshot().activePattern == identity)
      #expect(await session.handle(try CommandParser.parse("stop")) { _ in }.isDone)
      #expect(await host.awaitQuiet(seconds: 2))
      #expect(host.status.counters["playLate"] == 0)
      let events = try await log.stop()
      #expect(isBalanced(events))
      // From the whole on nothing is missing and nothing else sounds; before that a bar sounds as it
      // was until it is written.
      expectNoGap(events.filter { ($0.transport ?? 0) > grown + 24_000 }, whole.pattern)
      #expect(first.notes.prefix(8).map(\.pitch) == whole.pattern.notes.prefix(8).map(\.pitch))
      let known = whole.pattern.notes + shelf.original.notes
      let places = Set(known.map { Sounded($0.pitch, $0.start.quarters) })
      for event in events where event.bytes.count == 3 && event.bytes[0] & 0xF0 == 0x90 {
        guard event.bytes[2] > 0, let frame = event.transport else { continue }
        let place = (Double(frame) / 24_000).truncatingRemainder(dividingBy: 16)
        #expect(places.contains(Sounded(event.bytes[1], place)), "frame \(frame)")
      }
      await session.shutdown()
    }
  }

  /// A pitch at a place in the pattern, to a hundredth of a quarter.
  private struct Sounded: Hashable {
    let pitch: UInt8
    let place: Int

    init(_ pitch: UInt8, _ quarters: Double) {
      self.pitch = pitch
      place = Int((quarters * 100).rounded()) % 1600
    }
  }

  /// Whether the request has had its reply.
  private final class Answered: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
  }

  private static func write(
    _ session: LiveSession, _ url: String, _ answered: Answered
  ) async throws -> Reply {
    defer { answered.set() }
    let line =
      "enhance track Bass write four bars --count 1 --seed 5 --provider openai --base-url \(url) "
      + "--model ok:60"
    return await session.handle(try CommandParser.parse(line)) { _ in }
  }

  /// Every note-on of `pattern`, round and round from the song's start at 120 BPM and 48 kHz, is there
  /// at its frame, from half a second after the first event to half a second before the last.
  private func expectNoGap(_ events: [WitnessedEvent], _ pattern: Pattern) {
    let played = events.filter {
      $0.bytes.count == 3 && $0.bytes[0] & 0xF0 == 0x90 && $0.bytes[2] > 0
    }
    let frames = played.compactMap(\.transport)
    guard let first = frames.min(), let last = frames.max(), last - first > 48_000 * 8 else {
      Issue.record("too little was played: \(played.count) notes")
      return
    }
    let perQuarter = 24_000.0
    let length = pattern.length.quarters * perQuarter
    var due: [(frame: Int, pitch: UInt8)] = []
    for round in 0...Int(Double(last) / length) {
      for note in pattern.notes {
        let frame = (Double(round) * length + note.start.quarters * perQuarter).rounded()
        due.append((Int(frame), note.pitch))
      }
    }
    let inside = (first + 24_000)...(last - 24_000)
    let wanted = due.filter { inside.contains($0.frame) }
    let missing = wanted.filter { note in
      !played.contains { event in
        event.bytes[1] == note.pitch && abs((event.transport ?? .min / 2) - note.frame) <= 1
      }
    }
    let extra = played.filter { event in
      guard let frame = event.transport, inside.contains(frame) else { return false }
      return !due.contains { $0.pitch == event.bytes[1] && abs($0.frame - frame) <= 1 }
    }
    #expect(wanted.count > 30)
    #expect(missing.isEmpty, "\(missing.prefix(5)) of \(wanted.count)")
    #expect(extra.isEmpty, "\(extra.prefix(5))")
  }
}
