// SPDX-License-Identifier: MIT
import ContinuoOSC
import ContinuoTestSupport
import Foundation
import Glibc
import Testing

@testable import ContinuoSession

/// The whole program as a session manager runs it, on a real JACK server.
///
/// Debian 12 has no package with nsmd, so the manager's side is spoken here as its protocol says.
@Suite(.serialized) struct ManagedIntegrationTests {
  /// The program under a manager that gives it `folder` and `name`.
  private struct Managed {
    let socket: OSCSocket
    let process: ChildProcess
    let port: UInt16
    private let incoming: Task<Void, Never>
    private let heard: Heard

    actor Heard {
      var messages: [OSCMessage] = []
      var port: UInt16?
      func add(_ received: OSCSocket.Received) {
        port = received.port
        messages.append(received.message)
      }
    }

    init(_ server: JackServer, folder: String, name: String, home: String) async throws {
      let socket = try OSCSocket()
      let heard = Heard()
      incoming = Task { for await received in socket.messages { await heard.add(received) } }
      self.socket = socket
      self.heard = heard
      process = try ChildProcess.launch(
        BuiltProducts.path("continuo"), ["prompt", "--server", server.name, "--ardour-port", "9"],
        environment: [
          "NSM_URL": "osc.udp://localhost:\(socket.port)/", "HOME": home, "XDG_RUNTIME_DIR": home,
          "XDG_STATE_HOME": home, "JACK_DEFAULT_SERVER": server.name,
        ])
      process.closeInput()
      port = try await eventualValue("the announcement", within: .seconds(10)) {
        await heard.port
      }
      try say("/reply", "/nsm/server/announce", "hello", "manager", "")
      try say("/nsm/client/open", folder, "Song", name)
      try await sees("/reply", "/nsm/client/open")
    }

    func say(_ address: String, _ texts: String...) throws {
      try socket.send(OSCMessage(address, texts.map { .string($0) }), to: port)
    }

    func sees(_ address: String, _ first: String? = nil) async throws {
      try await eventually(
        "\(address) \(first ?? "")", within: .seconds(10), detail: { process.errors }
      ) {
        await heard.messages.contains {
          $0.address == address && (first == nil || $0.arguments.first?.text == first)
        }
      }
    }

    func end() async throws {
      process.signal(SIGTERM)
      _ = try await process.waitForExit(within: .seconds(15))
      incoming.cancel()
      socket.close()
    }
  }

  @Test(.timeLimit(.minutes(2)))
  func `a manager names it, saves it, ends it and has it again, two at a time`() async throws {
    try await withJackServer { server in
      let folder = try TemporaryFolder("managed")
      let home = folder.file("home")
      try FileManager.default.createDirectory(
        atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      let place = folder.file("song/continuo.nAAA")
      let first = try await Managed(server, folder: place, name: "continuo.nAAA", home: home)
      let second = try await Managed(
        server, folder: folder.file("song/continuo.nBBB"), name: "continuo.nBBB", home: home)
      let ports = try await HeadlessArdour.jackPorts(server)
      #expect(ports.isSuperset(of: ["continuo.nAAA:out", "continuo.nBBB:out"]))

      let asked = try ChildProcess.launch(
        BuiltProducts.path("continuo"),
        ["follow", "continuo.nBBB:out", "--name", "continuo.nAAA"],
        environment: ["HOME": home, "XDG_RUNTIME_DIR": home, "NSM_URL": ""])
      #expect(try await asked.waitForExit(within: .seconds(10)) == .exited(0), "\(asked.errors)")
      try await first.sees("/nsm/client/is_dirty")
      try await first.sees("/nsm/client/label", "continuo.nBBB:out")
      let file = URL(fileURLWithPath: place).appendingPathComponent(ProjectState.fileName)
      #expect(!FileManager.default.fileExists(atPath: file.path))
      try first.say("/nsm/client/save")
      try await first.sees("/reply", "/nsm/client/save")
      let state = try ProjectState(reading: file)
      #expect(state.followed.map(\.port) == ["continuo.nBBB:out"])
      try await first.end()

      let again = try await Managed(server, folder: place, name: "continuo.nAAA", home: home)
      try await eventually("the connection made again", within: .seconds(10)) {
        try await HeadlessArdour.connections(of: "continuo.nAAA:in_1", on: server)
          == ["continuo.nBBB:out"]
      }
      try await again.end()
      try await second.end()
      #expect(try ProjectState(reading: file) == state)
    }
  }
}
