// SPDX-License-Identifier: MIT
import ContinuoOSC
import ContinuoTestSupport
import Foundation
import Glibc
import Synchronization

/// A double for an Ardour of many strips that changes faster than any real one can be made to.
///
/// It answers what the client asks for as Ardour 7.3 does, and between that says whatever it is
/// told to, well-formed or not, from the same port.
final class FloodingArdour: Sendable {
  struct Strip: Equatable {
    var name: String
    var gain: Float = 0
    var isMuted = false
  }

  let port: UInt16
  private let descriptor: Int32
  private let strips: Mutex<[Strip]>
  private let subscriber = Mutex<UInt16>(0)
  private let isOpen = Mutex(true)

  init(strips count: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    var limit = timeval(tv_sec: 0, tv_usec: 50_000)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
      }
    }
    guard result == 0 else {
      Glibc.close(descriptor)
      throw TestSupportError.unreadable(what: "a port", text: String(cString: strerror(errno)))
    }
    port = UInt16(bigEndian: address.sin_port)
    strips = Mutex((1...count).map { Strip(name: "Strip \($0)") })
    Thread.detachNewThread { [weak self] in
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while let self, self.listen(&buffer) {}
      Glibc.close(descriptor)
    }
  }

  func close() { isOpen.withLock { $0 = false } }

  var state: [Strip] { strips.withLock { $0 } }
  var clientPort: UInt16 { subscriber.withLock { $0 } }

  /// Changes strip `index` (from 0) and says so once.
  func change(_ index: Int, gain: Float? = nil, isMuted: Bool? = nil) {
    strips.withLock { strips in
      if let gain { strips[index].gain = gain }
      if let isMuted { strips[index].isMuted = isMuted }
    }
    let id = OSCArgument.int32(Int32(index + 1))
    if let gain { say(OSCMessage("/strip/gain", [id, .float(gain)])) }
    if let isMuted { say(OSCMessage("/strip/mute", [id, .float(isMuted ? 1 : 0)])) }
  }

  func say(_ message: OSCMessage) {
    if let bytes = try? OSCPacket.encode(message) { send(bytes) }
  }

  /// Sends bytes that may be no OSC.
  func send(_ bytes: [UInt8]) { send(bytes, to: clientPort) }

  private func send(_ bytes: [UInt8], to port: UInt16) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  /// Takes in one question and answers it; false at the end.
  private func listen(_ buffer: inout [UInt8]) -> Bool {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let count = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        recvfrom(descriptor, &buffer, buffer.count, 0, $0, &size)
      }
    }
    guard isOpen.withLock({ $0 }) else { return false }
    guard count > 0 else { return true }
    let sender = UInt16(bigEndian: address.sin_port)
    for message in OSCPacket.decode(buffer.prefix(count)).messages {
      if message.address == "/set_surface", !message.arguments.isEmpty {
        subscriber.withLock { $0 = sender }
      }
      for answer in answers(to: message) {
        if let bytes = try? OSCPacket.encode(answer) { send(bytes, to: sender) }
      }
    }
    return true
  }

  private func answers(to message: OSCMessage) -> [OSCMessage] {
    switch message.address {
    case "/set_surface" where message.arguments.isEmpty:
      [OSCMessage("/set_surface", [0, 159, 0, 0, 0, 0, 0, 1, 0].map { .int32($0) })]
    case "/set_surface": [OSCMessage("/session_name", [.string("flood")])]
    case "/transport_speed": [OSCMessage("/transport_speed", [.double(0)])]
    case "/transport_frame": [OSCMessage("/transport_frame", [.int64(0)])]
    case "/record_enabled": [OSCMessage("/record_enabled", [.int32(0)])]
    case "/strip/list": list(state)
    default: []
    }
  }

  /// The list, and before it every strip's own values, as Ardour gives both.
  private func list(_ strips: [Strip]) -> [OSCMessage] {
    let details = strips.enumerated().map { index, strip in
      OSCMessage("/strip/gain", [.int32(Int32(index + 1)), .float(strip.gain)])
    }
    let lines = strips.enumerated().map { index, strip in
      OSCMessage(
        "/reply",
        [.string("MT"), .string(strip.name)]
          + [0, 0, strip.isMuted ? 1 : 0, 0, Int32(index + 1), 0].map { .int32($0) })
    }
    let end = OSCMessage(
      "/reply", [.string("end_route_list"), .int64(48_000), .int64(0), .int32(0)])
    return details + lines + [end]
  }
}
