// SPDX-License-Identifier: MIT
import ContinuoArdour
import ContinuoOSC
import ContinuoTestSupport
import Foundation
import Testing

/// More packets than any Ardour sends, and some that none would.
struct ArdourFloodTests {
  static let rate = 20_000.0
  /// A minute in `make flood`.
  static let seconds =
    ProcessInfo.processInfo.environment["CONTINUO_FLOOD_SECONDS"].flatMap(Double.init) ?? 3

  /// A stranger on the same machine that throws bytes at whoever listens on `port`.
  private struct Stranger {
    let socket: OSCSocket
    func shout(at port: UInt16) {
      try? socket.send(OSCMessage("/strip/gain", [.int32(1), .float(99)]), to: port)
    }
  }

  private static func flood(_ ardour: FloodingArdour, _ stranger: Stranger) async -> (
    sent: Int, malformed: Int, strange: Int, seconds: Double
  ) {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        var random = SeededGenerator(seed: 20)
        var sent = 0
        var malformed = 0
        var strange = 0
        let start = ContinuousClock.now
        func elapsed() -> Double { (ContinuousClock.now - start) / .seconds(1) }
        while elapsed() < seconds {
          while Double(sent) < elapsed() * rate {
            let strip = Int.random(in: 0..<64, using: &random)
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
              malformed += 1
              ardour.send((0..<32).map { _ in UInt8.random(in: 128...255, using: &random) })
            case 1:
              strange += 1
              stranger.shout(at: ardour.clientPort)
            case 2: ardour.change(strip, isMuted: Bool.random(using: &random))
            case 3:
              ardour.say(
                OSCMessage("/strip/gain", [.int32(Int32(strip - 100)), .float(.nan)]))
            case 4...8: ardour.say(OSCMessage("/position/samples", [.string("\(sent)")]))
            default: ardour.change(strip, gain: Float.random(in: -60...6, using: &random))
            }
            sent += 1
          }
          usleep(500)
        }
        continuation.resume(returning: (sent, malformed, strange, elapsed()))
      }
    }
  }

  @Test(.timeLimit(.minutes(3)))
  func `the state is right within two seconds of a flood of 20,000 packets a second`() async throws
  {
    let ardour = try FloodingArdour(strips: 64)
    defer { ardour.close() }
    let stranger = Stranger(socket: try OSCSocket())
    let client = try await ArdourClient.connect(port: ardour.port)
    #expect(await client.state.strips.count == 64)
    let flood = await Self.flood(ardour, stranger)
    let traffic = client.traffic
    try #require(Double(flood.sent) / flood.seconds > 0.9 * Self.rate, "this was no flood")
    let expected = ardour.state
    try await eventually("the state as Ardour has it", within: .seconds(2)) {
      await client.state.strips.map {
        FloodingArdour.Strip(
          name: $0.name, gain: Float($0.details.gain ?? .nan), isMuted: $0.isMuted)
      } == expected
    }
    // What came is what was sent, but for what was counted as lost.
    let heard = client.traffic
    #expect(heard.malformed <= flood.malformed && heard.malformed + heard.lost >= flood.malformed)
    #expect(
      heard.fromStrangers <= flood.strange && heard.fromStrangers + heard.lost >= flood.strange)
    #expect(await client.state.presence == .present)
    print(
      "flood: \(flood.sent) packets in \(flood.seconds) s, \(traffic.lost) lost,",
      "\(heard.malformed) malformed and \(heard.fromStrangers) of strangers passed over")
    await client.close()
  }
}
