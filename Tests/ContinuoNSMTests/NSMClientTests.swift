// SPDX-License-Identifier: MIT
import ContinuoNSM
import ContinuoOSC
import ContinuoTestSupport
import Foundation
import Synchronization
import Testing

/// Against the protocol's words on a real socket: Debian 12 has no package with nsmd in it.
@Suite(.serialized) struct NSMClientTests {
  @Test(arguments: [
    "", "osc.udp://localhost/", "osc.udp://localhost:0/", "osc.tcp://localhost:1/",
    "osc.udp://example.org:7000/", "osc.udp://localhost:70000/",
  ])
  func `an address that is none on this machine is refused`(url: String) {
    #expect(throws: NSMError.badURL(url)) { try NSMClient.port(of: url) }
  }

  @Test func `this machine's name is this machine`() throws {
    #expect(try NSMClient.port(of: "osc.udp://\(ProcessInfo.processInfo.hostName):9/") == 9)
  }

  @Test(.timeLimit(.minutes(1)))
  func `it announces itself, opens, saves, and tells what is unsaved`() async throws {
    let server = try OSCSocket()
    var messages = server.messages.makeAsyncIterator()
    let url = "osc.udp://localhost:\(server.port)/"
    async let joined = NSMClient.join(url, name: "Continuo", executable: "continuo")
    let announcement = try #require(await messages.next())
    #expect(announcement.message.address == "/nsm/server/announce")
    #expect(
      announcement.message.arguments == [
        .string("Continuo"), .string(":dirty:"), .string("continuo"), .int32(1), .int32(0),
        .int32(ProcessInfo.processInfo.processIdentifier),
      ])
    func say(_ address: String, _ texts: String...) throws {
      try server.send(OSCMessage(address, texts.map { .string($0) }), to: announcement.port)
    }
    func heard() async throws -> OSCMessage { try #require(await messages.next()).message }
    try say("/reply", "/nsm/server/announce", "hello", "the manager", ":broadcast:")
    try say("/nsm/client/open", "relative", "Song", "continuo.nXYZ")
    #expect(try await heard().arguments.prefix(2) == [.string("/nsm/client/open"), .int32(-9)])
    try say("/nsm/client/save")
    #expect(try await heard().arguments.prefix(2) == [.string("/nsm/client/save"), .int32(-8)])
    try say("/nsm/client/open", "/song/continuo.nXYZ", "Song", "continuo.nXYZ")
    let (client, project) = try await joined
    #expect(project.folder.path == "/song/continuo.nXYZ")
    #expect(project.displayName == "Song" && project.clientID == "continuo.nXYZ")
    #expect(await client.manager == "the manager")

    let refusal = Mutex<String?>(nil)
    await client.open { refusal.withLock { $0 } }
    #expect(
      try await heard()
        == OSCMessage("/reply", [.string("/nsm/client/open"), .string("Opened")]))
    try say("/some/broadcast", "x")
    await client.tell(isDirty: true, label: "Bass")
    await client.tell(isDirty: true, label: "Bass")
    #expect(try await heard().address == "/nsm/client/is_dirty")
    #expect(try await heard() == OSCMessage("/nsm/client/label", [.string("Bass")]))
    try say("/nsm/client/save")
    #expect(
      try await heard() == OSCMessage("/reply", [.string("/nsm/client/save"), .string("Saved")]))
    #expect(try await heard().address == "/nsm/client/is_clean")
    refusal.withLock { $0 = "the disk is full" }
    try say("/nsm/client/save")
    #expect(
      try await heard()
        == OSCMessage(
          "/error", [.string("/nsm/client/save"), .int32(-1), .string("the disk is full")]))
    try say("/nsm/client/open", "/song/other", "Other", "continuo.nXYZ")
    #expect(try await heard().arguments.prefix(2) == [.string("/nsm/client/open"), .int32(-8)])
    await client.close()
    server.close()
  }

  @Test(.timeLimit(.minutes(1)))
  func `a refusal and a silence are errors in time`() async throws {
    let server = try OSCSocket()
    let url = "osc.udp://localhost:\(server.port)/"
    await #expect(throws: NSMError.noAnswer(port: server.port)) {
      try await NSMClient.join(
        url, name: "Continuo", executable: "continuo", timeout: .milliseconds(200))
    }
    var messages = server.messages.makeAsyncIterator()
    _ = await messages.next()
    let joined = Task { try await NSMClient.join(url, name: "Continuo", executable: "continuo") }
    let port = try #require(await messages.next()).port
    try server.send(
      OSCMessage(
        "/error", [.string("/nsm/server/announce"), .int32(-2), .string("too old")]), to: port)
    await #expect(throws: NSMError.refused(reason: "too old")) { try await joined.value }
    server.close()
  }
}
