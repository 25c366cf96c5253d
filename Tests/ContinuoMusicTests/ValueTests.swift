// SPDX-License-Identifier: MIT

import Foundation
import Testing

@testable import ContinuoMusic

@Suite struct ValueTests {
  private func decode<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(json.utf8))
  }

  private static let good = """
    {"pitch":60,"velocity":96,"releaseVelocity":64,"channel":0,"start":{"quarters":1},\
    "duration":{"quarters":1}}
    """

  @Test func `values come back from JSON as they went`() throws {
    let pattern = Pattern(
      name: "Bass", notes: [try note(40, 1, 0.5), try note(41, 0, 2)],
      controls: [.init(at: Beats(1), bytes: [0xB0, 64, 127])], length: Beats(7),
      meter: try #require(Meter(7, 8)))
    let data = try JSONEncoder().encode(pattern)
    #expect(try JSONDecoder().decode(Pattern.self, from: data) == pattern)
    let tempo = try #require(Tempo(104.5))
    #expect(try JSONDecoder().decode(Tempo.self, from: JSONEncoder().encode(tempo)) == tempo)
    #expect(try decode(Note.self, Self.good) == note(60, 1, 1))
  }

  @Test(arguments: [
    ("\"pitch\":60", "\"pitch\":128"), ("\"pitch\":60", "\"pitch\":-1"),
    ("\"velocity\":96", "\"velocity\":0"), ("\"channel\":0", "\"channel\":16"),
    ("\"duration\":{\"quarters\":1}", "\"duration\":{\"quarters\":0}"),
    ("\"pitch\":60", "\"pitch\":6e99"),
  ]) func `a note out of range is not decoded`(from: String, to: String) {
    let json = Self.good.replacing(from, with: to)
    #expect(json != Self.good)
    #expect(throws: DecodingError.self) { try decode(Note.self, json) }
  }

  @Test(arguments: [
    "{\"beatsPerBar\":0,\"beatUnit\":4}", "{\"beatsPerBar\":4,\"beatUnit\":3}",
    "{\"beatsPerBar\":4,\"beatUnit\":0}", "{\"beatsPerBar\":65,\"beatUnit\":4}",
  ]) func `a metre out of range is not decoded`(json: String) {
    #expect(throws: DecodingError.self) { try decode(Meter.self, json) }
  }

  @Test(arguments: [0.0, -1, 1000.5]) func `a tempo out of range is not decoded`(value: Double) {
    #expect(throws: DecodingError.self) {
      try decode(Tempo.self, "{\"quartersPerMinute\":\(value)}")
    }
  }

  @Test func `a decoded pattern is sorted and has a length`() throws {
    let json = """
      {"name":"x","notes":[\(Self.good),\(Self.good.replacing(":1}", with: ":0.5}"))],
      "controls":[{"at":{"quarters":2},"bytes":[1]},{"at":{"quarters":1},"bytes":[2]}],
      "length":{"quarters":0},"meter":{"beatsPerBar":3,"beatUnit":4}}
      """
    let pattern = try decode(Pattern.self, json)
    #expect(pattern.notes.map(\.start) == [Beats(0.5), Beats(1)])
    #expect(pattern.controls.map(\.bytes) == [[2], [1]])
    #expect(pattern.length == Beats(3))
  }

  @Test func `sorting keeps the source's order among equals`() throws {
    let controls = (0..<200).map {
      Pattern.Control(at: Beats(Double((200 - $0) / 50)), bytes: [UInt8($0)])
    }
    let sorted = Pattern(name: "", notes: [], controls: controls, length: Beats(4)).controls
    for (left, right) in zip(sorted, sorted.dropFirst()) {
      #expect(left.at < right.at || (left.at == right.at && left.bytes[0] < right.bytes[0]))
    }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300])
  func `no place traps when it becomes ticks or bars`(value: Double) {
    _ = Beats(value).ticks(ppq: 32767)
    #expect(Pattern(name: "", notes: [], length: Beats(value)).bars >= 1)
  }
}
