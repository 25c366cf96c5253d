// SPDX-License-Identifier: MIT
import ContinuoOSC
import ContinuoTestSupport
import Foundation
import Glibc
import Testing

struct OSCSocketTests {
  @Test(.timeLimit(.minutes(1)))
  func `messages arrive whole, in order, with their sender's port`() async throws {
    let sender = try OSCSocket()
    let receiver = try OSCSocket()
    for number in 0..<500 {
      try sender.send(OSCMessage("/n", [.int32(Int32(number))]), to: receiver.port)
    }
    var numbers: [Int] = []
    for await received in receiver.messages {
      #expect(received.port == sender.port)
      numbers.append(try #require(received.message.arguments.first?.integer))
      if numbers.count == 500 { break }
    }
    #expect(numbers == Array(0..<500))
    #expect(sender.counters.sent == 500)
    #expect(receiver.counters.received == 500)
  }

  @Test(.timeLimit(.minutes(1)))
  func `an answer reaches the socket that asked`() async throws {
    let asking = try OSCSocket()
    let answering = try OSCSocket()
    try asking.send(OSCMessage("/question"), to: answering.port)
    for await received in answering.messages {
      try answering.send(OSCMessage("/answer"), to: received.port)
      break
    }
    var iterator = asking.messages.makeAsyncIterator()
    #expect(await iterator.next()?.message == OSCMessage("/answer"))
  }

  @Test func `it listens on the loopback interface alone`() throws {
    let socket = try OSCSocket()
    let line = try String(contentsOfFile: "/proc/net/udp", encoding: .utf8)
      .split(separator: "\n")
      .first { $0.contains(String(format: ":%04X ", Int(socket.port))) }
    #expect(try #require(line).contains(String(format: "0100007F:%04X", Int(socket.port))))
  }

  @Test(.timeLimit(.minutes(1)))
  func `a full buffer drops and counts and keeps the first`() async throws {
    let sender = try OSCSocket()
    let receiver = try OSCSocket(bufferedMessages: 10)
    for number in 0..<50 {
      try sender.send(OSCMessage("/n", [.int32(Int32(number))]), to: receiver.port)
    }
    while receiver.counters.received + receiver.counters.dropped < 50 { await Task.yield() }
    #expect(receiver.counters.received == 10)
    #expect(receiver.counters.dropped == 40)
    var iterator = receiver.messages.makeAsyncIterator()
    #expect(await iterator.next()?.message == OSCMessage("/n", [.int32(0)]))
  }

  @Test(.timeLimit(.minutes(1)))
  func `hostile datagrams are counted and the next good one arrives`() async throws {
    let sender = try OSCSocket()
    let receiver = try OSCSocket()
    let raw = try RawSender()
    defer { raw.close() }
    var random = SeededGenerator(seed: 7)
    for _ in 0..<200 {
      let bytes = (0..<64).map { _ in UInt8(truncatingIfNeeded: random.next()) | 0x80 }
      raw.send(bytes, to: receiver.port)
    }
    raw.send([UInt8](repeating: 0x2F, count: 60_000), to: receiver.port)
    var deep = try OSCPacket.encode(OSCMessage("/deep"))
    for _ in 0..<3000 { deep = bundle([deep]) }
    raw.send(deep, to: receiver.port)
    while receiver.counters.malformed < 202 { await Task.yield() }
    try sender.send(OSCMessage("/good"), to: receiver.port)
    var iterator = receiver.messages.makeAsyncIterator()
    #expect(await iterator.next()?.message.address == "/good")
    #expect(receiver.counters.malformed == 202)
  }

  @Test(.timeLimit(.minutes(1)))
  func `closing ends the stream and frees the port, and sending then fails`() async throws {
    for _ in 0..<50 {
      let socket = try OSCSocket()
      let port = socket.port
      #expect(throws: OSCError.self) { _ = try OSCSocket(port: port) }
      async let rest: Int = socket.messages.reduce(into: 0) { count, _ in count += 1 }
      socket.close()
      socket.close()
      #expect(await rest == 0)
      #expect(throws: OSCError.closed) { try socket.send(OSCMessage("/a"), to: port) }
      try OSCSocket(port: port).close()
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `what finds the other's port closed is counted, and the socket works on`() async throws {
    let other = try OSCSocket()
    let port = other.port
    let socket = try OSCSocket(sender: port)
    try socket.send(OSCMessage("/a"), to: port)
    other.close()
    for count in 1...3 {
      try socket.send(OSCMessage("/b"), to: port)
      while socket.counters.refused < count { await Task.yield() }
    }
    #expect(socket.counters.refused == 3 && socket.counters.sent == 4)
    let again = try OSCSocket(port: port)
    try again.send(OSCMessage("/c"), to: socket.port)
    var iterator = socket.messages.makeAsyncIterator()
    #expect(await iterator.next()?.message.address == "/c")
    // A stranger is passed over, and counted.
    let stranger = try OSCSocket()
    try stranger.send(OSCMessage("/d"), to: socket.port)
    try again.send(OSCMessage("/e"), to: socket.port)
    #expect(await iterator.next()?.message.address == "/e")
    #expect(socket.counters.fromStrangers == 1)
  }

  @Test func `letting go of a socket frees its port`() throws {
    let port = try { try OSCSocket().port }()
    try OSCSocket(port: port).close()
  }
}

/// Sends bytes that no OSC coder would.
struct RawSender {
  let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    try #require(descriptor >= 0)
  }

  func send(_ bytes: [UInt8], to port: UInt16) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let sent = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    #expect(sent == bytes.count)
  }

  func close() { _ = Glibc.close(descriptor) }
}
