// SPDX-License-Identifier: MIT
import ContinuoOSC
import ContinuoSession
import ContinuoTestSupport
import Foundation
import Synchronization
import Testing

@testable import ContinuoSurface

struct ControlSurfaceTests {
  /// A surface with a session that answers each command with the command itself, and a client.
  private final class Rig: Sendable {
    let session = EchoSession()
    let surface: ControlSurface
    let client: OSCSocket

    init(lifetime: Duration = ControlSurface.lifetime) async throws {
      let session = session
      surface = try ControlSurface(session, port: 0, lifetime: lifetime) {}
      client = try OSCSocket()
      await surface.start()
    }

    func send(_ address: String, _ arguments: OSCArgument...) throws {
      try client.send(OSCMessage(address, arguments), to: surface.port)
    }

    /// The next message to `address`; others are passed over.
    func next(_ address: String) async throws -> [OSCArgument] {
      for await received in client.messages where received.message.address == address {
        return received.message.arguments
      }
      throw CancellationError()
    }
  }

  private func text(of reply: Reply) -> String {
    (reply.lines + (reply.error.map { [$0] } ?? [])).joined(separator: "\n")
  }

  @Test(.timeLimit(.minutes(1)), arguments: CommandManual.pages.map(\.name))
  func `every command's examples answer as they do at the handler`(_ name: CommandName)
    async throws
  {
    let page = try #require(CommandManual.page(for: name.rawValue))
    let rig = try await Rig()
    for line in page.examples.isEmpty ? [name.rawValue] : page.examples
    where ![.keep, .analyze].contains(name) {
      let command = try CommandParser.parse(line)
        .locatingFiles(in: FileManager.default.currentDirectoryPath).validated()
      let expected = text(of: await Desk(rig.session, leave: {}).handle(command) { _ in })
      let first = String(line.prefix { $0 != " " })
      let rest = String(line.dropFirst(first.count + 1))
      try rig.send("/continuo/\(first)", .string(rest))
      let byWord = try await rig.next("/continuo/reply")
      try rig.send("/continuo/command", .string(line))
      let byLine = try await rig.next("/continuo/reply")
      for reply in [byWord, byLine] {
        #expect(reply.prefix(1) == [.int32(1)])
        // `status` tells of the surface too.
        let told = try #require(reply[1].text)
        #expect(name == .status ? told.hasPrefix(expected) : told == expected)
      }
    }
    await rig.surface.stop()
  }

  @Test(.timeLimit(.minutes(1)))
  func `feedback comes when something changes and to a port that is given`() async throws {
    let rig = try await Rig()
    let listener = try OSCSocket()
    try rig.send("/continuo/subscribe", .int32(Int32(listener.port)))
    var messages = listener.messages.makeAsyncIterator()
    #expect(await messages.next()?.message == OSCMessage("/continuo/subscribed", [.int32(1)]))
    var first: [OSCMessage] = []
    while first.count < 7, let received = await messages.next() { first.append(received.message) }
    #expect(first.contains(OSCMessage("/continuo/position", [.int32(1), .int32(2)])))
    #expect(first.contains(OSCMessage("/continuo/bpm", [.float(118.5)])))
    #expect(first.contains(OSCMessage("/continuo/rolling", [.int32(1)])))
    #expect(
      first.contains(
        OSCMessage("/continuo/sounding", [.int32(2), .string("Bass"), .int32(1)])))
    #expect(first.contains(OSCMessage("/continuo/shelf", [.int32(3)])))
    #expect(first.contains(OSCMessage("/continuo/xruns", [.int32(4)])))
    rig.session.bar.store(5, ordering: .relaxed)
    #expect(
      await messages.next()?.message == OSCMessage("/continuo/position", [.int32(5), .int32(2)]))
    await rig.surface.stop()
  }

  @Test(.timeLimit(.minutes(1)))
  func `what asks is told how to agree, and a subscriber hears others' replies`() async throws {
    let rig = try await Rig()
    let listener = try OSCSocket()
    try rig.send("/continuo/subscribe", .int32(Int32(listener.port)))
    try rig.send("/continuo/keep", .int32(3))
    let reply = try await rig.next("/continuo/reply")
    #expect(reply.first == .int32(0))
    #expect(reply[1].text?.contains("Record it?") == true)
    #expect(reply[1].text?.hasSuffix("To agree send: keep 3 yes") == true)
    for await received in listener.messages where received.message.address == "/continuo/reply" {
      #expect(received.message.arguments == reply)
      break
    }
    await rig.surface.stop()
  }

  @Test(.timeLimit(.minutes(1)))
  func `who is silent for the lifetime is told nothing more`() async throws {
    let rig = try await Rig(lifetime: .milliseconds(150))
    try rig.send("/continuo/subscribe")
    #expect(try await rig.next("/continuo/subscribed") == [.int32(1)])
    try await eventually("nobody is subscribed") {
      let reply = await rig.surface.carryOut(.status) { _ in }
      return reply.data["surface"]?["subscribers"] == .int(0)
    }
    await rig.surface.stop()
  }

  @Test(.timeLimit(.minutes(1)))
  func `hostile packets are counted and the surface goes on`() async throws {
    let rig = try await Rig()
    var generator = SeededGenerator(seed: 41)
    let raw = try RawSender(to: rig.surface.port)
    for length in [0, 1, 3, 4, 60_000] + (0..<200).map({ $0 }) {
      raw.send((0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
    try rig.send("/continuo/audition", .float(.nan))
    #expect(try await rig.next("/continuo/reply").first == .int32(0))
    for message in [
      OSCMessage("/continuo/audition", [.blob([1, 2])]),
      OSCMessage("/continuo/xyzzy"), OSCMessage("/continuo/"), OSCMessage("/continuo//keep"),
      OSCMessage("/continuo/command", [.string(String(repeating: "a ", count: 20_000))]),
      OSCMessage("/continuo/subscribe", [.int32(70_000)]),
      OSCMessage("/continuo/subscribe", [.int32(Int32(rig.surface.port))]),
    ] {
      try rig.client.send(message, to: rig.surface.port)
      #expect(try await rig.next("/continuo/reply").first == .int32(0))
    }
    // What the surface itself sends is never answered: two surfaces would talk for ever.
    try rig.send("/continuo/reply", .int32(1), .string("x"), .string("y"))
    try rig.send("/strip/gain", .float(1))
    try rig.send("/continuo/original")
    #expect(try await rig.next("/continuo/reply")[2] == .string("original"))
    let status = await rig.surface.carryOut(.status) { _ in }
    guard case .int(let passed)? = status.data["surface"]?["passedOver"] else {
      Issue.record("status does not tell")
      return
    }
    #expect(passed > 2)
    await rig.surface.stop()
  }

  @Test(.timeLimit(.minutes(1)))
  func `no more than sixteen commands are under way and the rest are counted`() async throws {
    let rig = try await Rig()
    for _ in 0..<50 { try rig.send("/continuo/analyze") }
    try await eventually("the rest is refused") {
      let status = await rig.surface.carryOut(.status) { _ in }
      return status.data["surface"]?["refused"] == .int(50 - ControlSurface.mostUnderWay)
    }
    // Those under way are taken back.
    await rig.surface.stop()
    #expect(rig.session.cancelled.load(ordering: .relaxed) == ControlSurface.mostUnderWay)
  }

  @Test func `no more than sixteen are subscribed and any packet renews`() {
    var subscribers = Subscribers(lifetime: .seconds(60))
    let start = ContinuousClock.now
    let added = (1...17).map { subscribers.add(UInt16($0), from: 100, at: start) }
    #expect(added == Array(repeating: true, count: 16) + [false])
    let isRenewed = subscribers.add(16, from: 200, at: start)
    #expect(isRenewed)
    subscribers.heard(200, at: start + .seconds(50))
    subscribers.forget(at: start + .seconds(70))
    #expect(subscribers.ports == [16])
  }

  @Test func `addresses and arguments become the prompt's line`() throws {
    let cases: [(OSCMessage, String)] = [
      (OSCMessage("/continuo/audition", [.int32(2)]), "audition 2"),
      (OSCMessage("/continuo/audition", [.float(2)]), "audition 2"),
      (OSCMessage("/continuo/audition", [.int64(2), .symbol("now")]), "audition 2 now"),
      (OSCMessage("/continuo/tempo", [.float(118.5)]), "tempo 118.5"),
      (OSCMessage("/continuo/transport/play"), "transport play"),
      (OSCMessage("/continuo/transport/locate", [.double(17)]), "transport locate 17"),
      (OSCMessage("/continuo/keep", [.impulse]), "keep"),
      (OSCMessage("/continuo/keep", [.string("yes")]), "keep yes"),
    ]
    for (message, line) in cases { #expect(try SurfaceMessage(message) == .line(line)) }
  }

  @Test func `no command's word is an address of the surface's own`() {
    for word in CommandManual.allWords {
      #expect(!SurfaceAddress.isOwn("/continuo/\(word)"))
      #expect(!["subscribe", "unsubscribe", "command"].contains(word))
    }
  }
}
