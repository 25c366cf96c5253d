// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import Foundation
import Testing

@Suite struct KeyEstimateTests {
  static let tune = [0, 2, 4, 5, 7, 9, 7, 5, 4, 2, -1, 0, 4, 7, 4, 0]
  static let lament = [0, 2, 3, 5, 7, 8, 7, 5, 3, 2, -1, 0, 3, 7, 3, 0]

  @Test(arguments: 0..<12) func `a tune is heard in each major key`(tonic: Int) {
    let found = KeyEstimate(of: Sketch.line(Self.tune.map { $0 + 60 + tonic }))
    #expect(found.key == Key(tonic: tonic, mode: .major))
    #expect(found.confidence > 0.8 && found.confidence < 1)
  }

  @Test(arguments: 0..<12) func `a tune is heard in each minor key`(tonic: Int) {
    let found = KeyEstimate(of: Sketch.line(Self.lament.map { $0 + 60 + tonic }))
    #expect(found.key == Key(tonic: tonic, mode: .minor))
    #expect(found.runnerUp != nil && found.runnerUp != found.key)
  }

  @Test func `too few notes, and too few different ones, are no key`() {
    #expect(KeyEstimate(of: []).key == nil)
    #expect(KeyEstimate(of: Sketch.line([60, 62, 64, 65, 67, 69, 71])).key == nil)
    #expect(KeyEstimate(of: Sketch.line([45, 52, 45, 52, 45, 52, 45, 52, 45])).key == nil)
    #expect(KeyEstimate(of: Sketch.line([60, 62, 64, 65, 67, 69, 71, 72])).key != nil)
  }

  @Test func `the drum channel has no say in the key`() {
    let tune = Sketch.line(Self.tune.map { $0 + 60 })
    let drums = (0..<64).flatMap { Sketch.note(37 + $0 % 3, at: Double($0), channel: 9) }
    #expect(KeyEstimate(of: tune + drums) == KeyEstimate(of: tune))
  }

  @Test func `more notes in one key make the answer surer and a chromatic row does not`() {
    let short = KeyEstimate(of: Sketch.line(Self.tune.prefix(8).map { $0 + 60 }))
    let long = KeyEstimate(of: Sketch.line((Self.tune + Self.tune).map { $0 + 60 }))
    let chromatic = KeyEstimate(of: Sketch.line(Array(60..<84)))
    #expect(long.confidence > short.confidence)
    #expect(chromatic.confidence < 0.6)
  }

  @Test func `the JSON says tonic, mode and confidence, and reads back`() throws {
    let found = KeyEstimate(of: Sketch.line(Self.lament.map { $0 + 57 }))
    let data = try JSONEncoder().encode(found)
    let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(json["tonic"] as? Int == 9)
    #expect(json["mode"] as? String == "minor")
    #expect(try JSONDecoder().decode(KeyEstimate.self, from: data) == found)
    let unknown = try JSONEncoder().encode(KeyEstimate.unknown)
    let empty = try #require(try JSONSerialization.jsonObject(with: unknown) as? [String: Any])
    #expect(empty["mode"] as? String == "unknown")
    #expect(try JSONDecoder().decode(KeyEstimate.self, from: unknown) == .unknown)
  }

  @Test func `a tonic outside the octave is refused`() {
    let text = #"{"tonic":99,"mode":"major","confidence":0.5,"noteCount":9}"#
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(KeyEstimate.self, from: Data(text.utf8))
    }
  }

  @Test func `keys are spelt as musicians spell them`() {
    #expect(Key(tonic: 10, mode: .major).description == "Bb major")
    #expect(Key(tonic: 6, mode: .minor).description == "F# minor")
    #expect(Key(tonic: 0, mode: .minor).usesFlats)
  }
}
