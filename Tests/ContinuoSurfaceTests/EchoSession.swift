// SPDX-License-Identifier: MIT
import Glibc
import Synchronization

@testable import ContinuoSession

/// A session that answers each command with the command itself, and stands at a known place.
final class EchoSession: OpenSession {
  let bar = Atomic(1)
  let cancelled = Atomic(0)

  func handle(_ command: Command, progress: @escaping ProgressSink) async -> Reply {
    switch command {
    case .keep(_, _, nil):
      return .asks("Record it?", how: "say keep yes", lines: ["Bars 9-12 of Bass"], data: [:])
    case .analyze:
      // Stays under way until it is taken back.
      try? await Task.sleep(for: .seconds(3600))
      cancelled.add(1, ordering: .relaxed)
      return .cancelled
    default: return .done(["\(command)"])
    }
  }

  func view(_ wish: ViewWish) async -> SessionView? {
    SessionView(
      song: [
        "known": true, "rolling": true, "bar": .int(bar.load(ordering: .relaxed)), "beat": 2,
        "tempo": 118.5,
      ],
      notes: [], firstNote: 0, nextNote: 0,
      state: [
        "playing": ["candidate": 2, "track": "Bass", "sounds": true], "isRecording": false,
      ],
      shelf: wish.shelfAfter < 1 ? .some(["candidates": [1, 2, 3]]) : JSONValue?.none,
      shelfRevision: 1,
      health: wish.includesHealth ? .some(["xruns": 4]) : JSONValue?.none)
  }

  func completions() async -> Completions { Completions() }
  func shutdown() async {}
}

/// Sends bytes that are no OSC.
final class RawSender {
  private let descriptor: Int32

  init(to port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    _ = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  func send(_ bytes: [UInt8]) { _ = write(descriptor, bytes, bytes.count) }

  deinit { close(descriptor) }
}
