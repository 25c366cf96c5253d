// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoSession

@Suite struct ControlMapTests {
  private let pedal = ControlTrigger(kind: .controller, channel: 1, number: 64)

  @Test func `a pedal acts when it goes down, and once for each press`() {
    var map = ControlMap([.next: pedal])
    let values: [UInt8] = [10, 70, 127, 63, 40, 100, 31, 64, 0, 0, 127]
    let heard = values.map { map.hear([0xB0, 64, $0]) }
    let pressed = heard.map { $0 == .pressed(.next) }
    #expect(
      pressed == [
        false, true, false, false, false, false, false, true, false, false, true,
      ])
  }

  @Test func `keys act on every note-on, and nothing acts that is not bound`() {
    let pad = ControlTrigger(kind: .note, channel: 10, number: 36)
    let five = ControlTrigger(kind: .program, channel: 16, number: 4)
    var map = ControlMap([.panic: pad, .take: five])
    let messages: [[UInt8]] = [
      [0x99, 36, 100], [0x99, 36, 90], [0x99, 36, 0], [0x89, 36, 0], [0x98, 36, 100],
      [0xCF, 4], [0xCF, 5], [0xB9, 36, 127], [0xF8], [], [0x99], [0x99, 0xFF, 1], [0xE9, 0, 64],
    ]
    let heard = messages.map { map.hear($0) }
    #expect(
      heard == [
        .pressed(.panic), .pressed(.panic), nil, nil, nil, .pressed(.take), nil, nil, nil, nil, nil,
        nil, nil,
      ])
  }

  @Test func `the next press is learned, and moves from what it did before`() {
    var map = ControlMap([.next: pedal])
    map.waitsFor = .keep
    let release = map.hear([0xB0, 64, 0])
    let learned = map.hear([0xB0, 64, 127])
    #expect(release == nil && learned == .learned(.keep, pedal, from: .next))
    #expect(map.bindings == [.keep: pedal] && map.waitsFor == nil)
    // Held down still: no press.
    let again = map.hear([0xB0, 64, 127])
    #expect(again == nil)
    let cleared = map.clear(.keep)
    #expect(cleared == pedal && map.bindings.isEmpty)
    #expect("\(pedal)" == "controller 64 (sustain pedal) on channel 1")
    #expect(
      "\(ControlTrigger(kind: .note, channel: 10, number: 36))" == "key C2 on channel 10")
  }

  @Test func `the map is read as it was written, and a file that is none is left as it is`() throws
  {
    let folder = try TemporaryFolder("control")
    let file = ControlFile(folder: folder.url.appendingPathComponent("continuo"))
    #expect(try file.read() == ControlMap())
    let map = ControlMap([
      .keep: pedal, .panic: ControlTrigger(kind: .note, channel: 10, number: 0),
    ])
    try file.write(map)
    #expect(try file.read() == map)
    let path = try #require(file.path)
    for text in [
      "", "{", "{\"version\":2,\"bindings\":{}}",
      "{\"version\":1,\"bindings\":{\"dance\":{\"kind\":\"note\",\"channel\":1,\"number\":1}}}",
      "{\"version\":1,\"bindings\":{\"keep\":{\"kind\":\"note\",\"channel\":17,\"number\":1}}}",
    ] {
      try text.write(toFile: path, atomically: false, encoding: .utf8)
      #expect(throws: CommandFailure.self) { _ = try file.read() }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
    #expect(throws: CommandFailure.self) { try ControlFile(folder: nil).write(map) }
    #expect(try ControlFile(folder: nil).read() == ControlMap())
  }

  @Test func `learning is written as help says`() throws {
    let lines: [(String, LearnRequest)] = [
      ("learn", .list), ("learn keep", .learn(.keep)), ("learn clear NEXT", .clear(.next)),
      ("learn cancel", .cancel),
    ]
    for (line, request) in lines {
      #expect(try CommandParser.parse(line) == .learn(request: request))
    }
    for line in ["learn dance", "learn clear", "learn keep now", "learn cancel keep"] {
      #expect(throws: CommandError.self) { _ = try CommandParser.parse(line) }
    }
  }
}
