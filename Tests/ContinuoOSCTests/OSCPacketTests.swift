// SPDX-License-Identifier: MIT
import ContinuoOSC
import ContinuoTestSupport
import Testing

struct OSCPacketTests {
  @Test func `every type of argument comes back as it was`() throws {
    let message = OSCMessage(
      "/all",
      [
        .int32(.min), .int64(.max), .float(-0.5), .double(1e300), .string("Bäss"), .symbol("s"),
        .character(0x7A), .bool(true), .bool(false), .null, .impulse, .blob([1, 2, 3, 4, 5]),
        .timetag(0x0123_4567_89AB_CDEF), .midi(0x0090_3C64), .string(""),
      ])
    let contents = OSCPacket.decode(try OSCPacket.encode(message))
    #expect(contents.messages == [message])
    #expect(contents.malformed == 0)
  }

  @Test func `the bytes are those of the OSC specification`() throws {
    let message = OSCMessage("/oscillator/4/frequency", [.float(440)])
    let expected = Array("/oscillator/4/frequency\0,f\0\0".utf8) + [0x43, 0xDC, 0, 0]
    #expect(try OSCPacket.encode(message) == expected)
  }

  @Test func `nested bundles come out flat and in order`() throws {
    let parts = try (0..<4).map { try OSCPacket.encode(OSCMessage("/\($0)", [.int32($0)])) }
    let inner = bundle([parts[1], parts[2]])
    let contents = OSCPacket.decode(bundle([parts[0], inner, parts[3]]))
    #expect(contents.messages.map(\.address) == ["/0", "/1", "/2", "/3"])
    #expect(contents.malformed == 0)
  }

  @Test func `a bundle nested too deep is counted and the rest is read`() throws {
    let good = try OSCPacket.encode(OSCMessage("/good"))
    var deep = good
    for _ in 0..<3000 { deep = bundle([deep]) }
    #expect(deep.count < OSCPacket.maximumSize)
    let contents = OSCPacket.decode(bundle([deep, good]))
    #expect(contents.messages == [OSCMessage("/good")])
    #expect(contents.malformed == 1)
  }

  @Test(arguments: [
    [], [0], Array("/a\0\0".utf8), Array("a\0\0\0,\0\0\0".utf8),
    Array("/a\0\0,i\0\0".utf8), Array("/a\0\0,q\0\0\0\0\0\0".utf8),
    Array("/a\0\0,b\0\0".utf8) + [0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0],
    Array("/a\0\0,b\0\0".utf8) + [0xFF, 0xFF, 0xFF, 0xFC, 0, 0, 0, 0],
    Array("/a\0\0,s\0\0abcd".utf8), Array("/\u{80}".utf8.dropLast()) + [0, 0, 0x2C, 0, 0, 0],
    Array("#bundle\0".utf8), Array("#bundle\0\0\0\0\0\0\0\0\u{1}".utf8) + [0xFF, 0, 0, 0],
  ])
  func `what breaks the rules is counted and nothing comes out`(bytes: [UInt8]) {
    let contents = OSCPacket.decode(bytes)
    #expect(contents.messages.isEmpty)
    #expect(contents.malformed == 1)
  }

  @Test func `an address of 60 kilobytes is counted`() throws {
    let long = "/" + String(repeating: "a", count: 60_000)
    let contents = OSCPacket.decode(try OSCPacket.encode(OSCMessage(long)))
    #expect(contents.messages.isEmpty)
    #expect(contents.malformed == 1)
  }

  @Test func `a number that is none is delivered but has no value`() throws {
    let message = OSCMessage("/n", [.float(.nan), .double(.infinity), .double(1e19)])
    let read = try #require(OSCPacket.decode(try OSCPacket.encode(message)).messages.first)
    #expect(read.arguments.count == 3)
    #expect(read.arguments[0].number == nil)
    #expect(read.arguments[1].integer == nil)
    #expect(read.arguments[2].number == 1e19)
    #expect(read.arguments[2].integer == nil)
  }

  @Test func `random and damaged datagrams never stop the reader`() throws {
    var random = SeededGenerator(seed: 20_251_123)
    let good = try OSCPacket.encode(
      OSCMessage("/strip/list", [.string("Bass"), .int32(1), .blob([1, 2, 3]), .double(0)]))
    var seen = 0
    for round in 0..<20_000 {
      var bytes: [UInt8]
      if round % 2 == 0 {
        bytes = (0..<Int(random.next() % 200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      } else {
        bytes = round % 4 == 1 ? good : bundle([good, good])
        for _ in 0...(random.next() % 4) {
          bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
        }
      }
      let contents = OSCPacket.decode(bytes)
      #expect(contents.messages.count + contents.malformed <= 3)
      seen += contents.messages.count + contents.malformed
    }
    #expect(seen >= 20_000)
  }

  @Test(arguments: [
    OSCMessage("no-slash"), OSCMessage("/a", [.blob([])]), OSCMessage("/a\0b"),
    OSCMessage("/a", [.string("x\0y")]),
    OSCMessage("/a", [.blob([UInt8](repeating: 0, count: 65_500))]),
    OSCMessage("/a", [.blob([UInt8](repeating: 0, count: 100_000))]),
  ])
  func `what OSC cannot carry is refused`(message: OSCMessage) {
    #expect(throws: OSCError.self) { try OSCPacket.encode(message) }
  }
}

/// A bundle of encoded elements, to be sent at once.
func bundle(_ elements: [[UInt8]]) -> [UInt8] {
  Array("#bundle\0\0\0\0\0\0\0\0\u{1}".utf8)
    + elements.flatMap { element in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: element.count >> $0) } + element
    }
}
