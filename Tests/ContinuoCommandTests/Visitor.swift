// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// A bare TCP connection to 127.0.0.1 that sends what it is told, right or wrong.
final class Visitor {
  struct Failure: Error {
    let call: String
    let code: Int32
  }

  private let descriptor: Int32

  init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
    var wait = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Failure(call: "connect", code: errno) }
  }

  deinit { close(descriptor) }

  /// Sends all of `text`; false when the other end takes no more.
  @discardableResult func send(_ text: String) -> Bool { send(bytes: Array(text.utf8)) }

  @discardableResult func send(bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// What comes until `isEnough`, the end, or five seconds without a byte.
  func text(until isEnough: (String) -> Bool) -> String {
    var bytes: [UInt8] = []
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if isEnough(text) { return text }
      var room = [UInt8](repeating: 0, count: 65_536)
      let count = recv(descriptor, &room, room.count, 0)
      guard count > 0 else { return text }
      bytes += room[..<count]
    }
  }

  /// The answer's status; nil when the connection ended without one.
  func status() -> Int? { answer().status }

  /// The answer's status and body.
  func answer() -> (status: Int?, body: String) {
    let text = text { text in
      guard let head = text.range(of: "\r\n\r\n") else { return false }
      let length = text[..<head.lowerBound].lowercased().split(separator: "\r\n")
        .first { $0.hasPrefix("content-length:") }
        .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }
      return text[head.upperBound...].utf8.count >= length ?? 0
    }
    let words = text.split(separator: " ", maxSplits: 2)
    let body = text.range(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""
    return (words.count > 1 ? Int(words[1]) : nil, body)
  }

  /// Whether the other end closes within `seconds`, whatever it sends before.
  func isClosed(within seconds: Int) -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
      var room = [UInt8](repeating: 0, count: 65_536)
      let count = recv(descriptor, &room, room.count, 0)
      if count == 0 || (count < 0 && errno == ECONNRESET) { return true }
    }
    return false
  }
}
