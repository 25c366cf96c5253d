// SPDX-License-Identifier: MIT
@testable import ContinuoArdour
import ContinuoOSC
import ContinuoTestSupport
import Foundation
import Testing

/// Datagrams as bytes, from the wire to the state: what a stranger or a broken network can do.
struct ArdourPacketTests {
  /// A million in `make asan`.
  static let packets =
    ProcessInfo.processInfo.environment["CONTINUO_OSC_PACKETS"].flatMap { Int($0) } ?? 20_000

  /// What Ardour 7.3 says in a session's life, one of each.
  private static let sayings: [OSCMessage] = [
    OSCMessage("/session_name", [.string("Song")]), OSCMessage("/heartbeat", [.float(1)]),
    OSCMessage("/transport_speed", [.double(1)]), OSCMessage("/transport_frame", [.int64(96_000)]),
    OSCMessage("/position/samples", [.string("1307136")]),
    OSCMessage("/position/bbt", [.string("014|03|1669")]),
    OSCMessage("/record_enabled", [.int32(1)]), OSCMessage("/rec_enable_toggle", [.float(1)]),
    OSCMessage("/record_tally", [.float(1)]), OSCMessage("/marker", [.string("verse <-> chorus")]),
    OSCMessage("/loop_toggle", [.float(0)]), OSCMessage("/toggle_punch_in", [.float(1)]),
    OSCMessage("/strip/list"), OSCMessage("/transport_play", [.float(1)]),
    OSCMessage("/strip/name", [.int32(1), .string("Bass")]),
    OSCMessage("/strip/gain", [.int32(1), .float(-6)]),
    OSCMessage("/strip/mute", [.int32(1), .float(1)]),
    OSCMessage("/strip/recenable", [.int32(1), .float(1)]),
    OSCMessage("/strip/group", [.int32(1), .string("Rhythm")]),
    OSCMessage("/strip/select", [.int32(1), .float(1)]),
    OSCMessage(
      "/strip",
      [.int32(1), .string("MT"), .string("Bass")] + [0, 2, 0, 0, 1].map { .int32($0) }),
    OSCMessage(
      "/reply", [.string("MT"), .string("Bass")] + [0, 2, 0, 0, 1, 1].map { .int32($0) }),
    OSCMessage(
      "/reply", [.string("AT"), .string("Gesang")] + [1, 2, 0, 0, 2, 0].map { .int32($0) }),
    OSCMessage("/reply", [.string("MA"), .string("Master")] + [2, 2, 0, 0, 3].map { .int32($0) }),
    OSCMessage("/reply", [.string("end_route_list"), .int64(48_000), .int64(960_000), .int32(0)]),
  ]

  /// Damages `bytes` in one of the ways that packets are damaged in.
  private static func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    switch Int.random(in: 0..<6, using: &random) {
    case 0:
      bytes[Int.random(in: 0..<bytes.count, using: &random)] ^=
        1 << UInt8.random(in: 0...7, using: &random)
    case 1:
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
        in: 0...255, using: &random)
    case 2: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
    case 3:
      bytes.insert(
        contentsOf: (0..<4).map { _ in UInt8.random(in: 0...255, using: &random) },
        at: Int.random(in: 0...bytes.count, using: &random))
    case 4:
      // Numbers at their ends: sizes, counts and identifiers.
      let at = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, at + 4)
      let value: UInt8 = Bool.random(using: &random) ? 0xFF : 0x7F
      for index in at..<end { bytes[index] = value }
    default:
      let from = Int.random(in: 0..<bytes.count, using: &random)
      bytes += bytes[from...]
    }
    if bytes.isEmpty { bytes = [0] }
  }

  @Test func `random and mutated packets leave a state that is whole`() throws {
    var random = SeededGenerator(seed: 1_000_003)
    let good = try Self.sayings.map { try OSCPacket.encode($0) }
    var feedback = ArdourFeedback()
    let now = ContinuousClock.now
    var understood = 0
    var malformed = 0
    for round in 0..<Self.packets {
      var bytes: [UInt8]
      switch round % 8 {
      case 0:
        bytes = (0..<Int.random(in: 0..<256, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
      case 1: bytes = try #require(good.randomElement(using: &random))
      default:
        bytes = try #require(good.randomElement(using: &random))
        for _ in 0..<Int.random(in: 1...4, using: &random) { Self.mutate(&bytes, &random) }
      }
      let contents = OSCPacket.decode(bytes)
      malformed += contents.malformed
      understood += contents.messages.count
      for message in contents.messages { _ = feedback.apply(message, at: now) }
      guard round % 1000 == 999 else { continue }
      let state = feedback.state
      try #require(state.strips.count <= ArdourFeedback.maximumStrips)
      try #require(Set(state.strips.map(\.id)).count == state.strips.count)
      try #require(state.strips.allSatisfy { $0.name.count <= ArdourFeedback.maximumName })
      try #require(state.sampleRate.map { (1000...1_000_000).contains($0) } ?? true)
      try #require(state.speed?.isFinite ?? true)
    }
    // Neither the good nor the damaged half is an empty exercise.
    #expect(understood > Self.packets / 8 && malformed > Self.packets / 8)
    print("packets: \(Self.packets), \(understood) understood, \(malformed) malformed")
  }
}
