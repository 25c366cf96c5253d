// SPDX-License-Identifier: MIT
import ContinuoOSC
import ContinuoTestSupport
import Foundation
import Glibc
import Testing

@testable import ContinuoSession

@Suite struct DoctorTests {
  /// A TCP port of this machine that takes connections while this lives.
  private final class Door {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let port: Int

    init() throws {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let descriptor = descriptor
      let isOpen = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, size) == 0 && listen(descriptor, 1) == 0
            && getsockname(descriptor, $0, &size) == 0
        }
      }
      try #require(isOpen)
      port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
  }

  private func findings(_ environment: [String: String]) async throws -> [Finding] {
    let settings = try Settings(flags: .init(), environment: environment)
    return await Doctor(settings: settings).modelServer()
  }

  @Test func `a model's server is knocked at, and its absence told with what to do`() async throws {
    #expect(try await findings([:]).isEmpty)
    let port: Int
    do {
      let door = try Door()
      port = door.port
      let open = try await findings([
        "CONTINUO_PROVIDER": "openai", "CONTINUO_BASE_URL": "http://127.0.0.1:\(port)/v1",
      ])
      #expect(open.map(\.verdict) == [.good])
      #expect(open.first?.found == "127.0.0.1, port \(port) takes connections")
      withExtendedLifetime(door) {}
    }
    let closed = try await findings([
      "CONTINUO_PROVIDER": "openai", "CONTINUO_BASE_URL": "http://127.0.0.1:\(port)/v1",
    ])
    #expect(closed.map(\.verdict) == [.doubtful])
    #expect(
      closed.first?.found == "nobody answers at 127.0.0.1, port \(port): Connection refused")
    #expect(closed.first?.mend?.contains("--base-url") == true)
  }

  @Test func `whose JACK it is is told with its file`() {
    let finding = Doctor.jackLibrary()
    #expect(finding.verdict == .good)
    #expect(finding.found.contains("/libjack.so"))
  }
}
