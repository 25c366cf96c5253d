// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import Foundation
import Testing

@testable import ContinuoComposer

@Suite("A model's reply") struct ModelReplyTests {
  private let band = Band()

  private func read(_ text: String, by size: Int = 0, _ request: CompositionRequest? = nil)
    -> ModelReply
  {
    let request = request ?? band.request(.bass, "groovier")
    guard size > 0 else { return ModelReply([text], for: request) }
    let bytes = Array(text.utf8)
    let pieces = stride(from: 0, to: bytes.count, by: size).map {
      String(decoding: bytes[$0..<min($0 + size, bytes.count)], as: UTF8.self)
    }
    return ModelReply(pieces, for: request)
  }

  private func check(_ reply: ModelReply, _ request: CompositionRequest, _ name: String) {
    for mended in reply.patterns {
      let own = Set(request.source.notes)
      let written = mended.pattern.notes.filter { !own.contains($0) }
      #expect(mended.pattern.length == request.length, "\(name)")
      #expect(mended.pattern.meter == request.meter, "\(name)")
      #expect(
        PatternCheck.faults(
          of: mended.pattern, length: request.length, meter: request.meter, range: 0...127,
          oneVoice: false) == [], "\(name)")
      #expect(written.allSatisfy { request.settledRange.contains(Int($0.pitch)) }, "\(name)")
    }
  }

  @Test("each of more than 200 replies gives valid patterns or a clear refusal")
  func corpus() {
    let all = ModelReplyCorpus.all
    #expect(all.count >= 200)
    let request = band.request(.bass, "groovier")
    for reply in all {
      let begun = ContinuousClock.now
      let read = read(reply.text)
      #expect(ContinuousClock.now - begun < .seconds(8), "\(reply)")
      #expect(!read.patterns.isEmpty || !read.refusals.isEmpty, "\(reply)")
      #expect(read.refusals.allSatisfy { $0.count < 200 }, "\(reply)")
      if let playable = reply.isPlayable {
        #expect(read.patterns.isEmpty != playable, "\(reply): \(read.refusals)")
      }
      check(read, request, reply.name)
    }
  }

  @Test("the same comes of a reply in whatever pieces it arrives")
  func pieces() {
    for reply in ModelReplyCorpus.wellFormed + ModelReplyCorpus.broken {
      let whole = read(reply.text, by: 4096)
      for size in [1, 3, 17] { #expect(read(reply.text, by: size) == whole, "\(reply)") }
    }
  }

  @Test("a good reply is read as it was meant, to the step")
  func meaning() throws {
    let reply = read(ModelReplyCorpus.good)
    let pattern = try #require(reply.patterns.first)
    #expect(reply.patterns.count == 1)
    #expect(pattern.mending.repairs.isEmpty || pattern.mending.line?.contains("names") == true)
    let first = pattern.pattern.notes.prefix(5)
    #expect(first.map(\.start.quarters) == [0, 0.75, 1.5, 2.5, 3.5])
    #expect(first.map { Int($0.pitch) } == [33, 33, 40, 33, 43])
    #expect(first.map { Int($0.velocity) } == [100, 70, 85, 85, 50])
    #expect(first.map(\.duration.quarters) == [0.75, 0.5, 0.5, 0.5, 0.5])
    #expect(pattern.pattern.notes.count == 20)
  }

  @Test("cells are tones of the chord that sounds, in every metre")
  func cells() throws {
    for (numerator, unit) in [(4, 4), (3, 4), (7, 8), (6, 8), (5, 4)] {
      let band = Band(meter: try #require(Meter(numerator, unit)))
      for kind in [CompositionKind.bass, .drums, .melody, .harmony] {
        let request = band.request(kind)
        let count = PatternMender.cellsPerBar(request)
        let offered = ReplyForm.cells(kind)
        let bars = (0..<4).map { bar in
          "["
            + (0..<count).map { "\"\(offered[($0 * 3 + bar) % offered.count])\"" }
            .joined(separator: ",") + "]"
        }
        let text = "{\"patterns\":[{\"bars\":[\(bars.joined(separator: ","))]}]}"
        let reply = read(text, by: 0, request)
        let mended = try #require(
          reply.patterns.first, "\(kind) \(numerator)/\(unit): \(reply.refusals)")
        check(reply, request, "\(kind) in \(numerator)/\(unit)")
        #expect(mended.bars == 4)
        #expect(mended.mending.repairs.filter { $0.what.contains("cells") }.isEmpty)
        if kind == .bass {
          let roots = request.context.chords.compactMap(\.chord)
          let classes = Set(roots.flatMap(\.pitchClasses) + roots.map { ($0.root + 11) % 12 })
          let sevenths = Set(roots.flatMap { chord in [9, 10, 11].map { (chord.root + $0) % 12 } })
          #expect(
            mended.pattern.notes.allSatisfy { classes.union(sevenths).contains(Int($0.pitch) % 12) }
          )
        }
      }
    }
  }

  @Test("repairs are made and said: range, grid, overlap, voices, counting from 1")
  func repairs() throws {
    func mended(_ notes: String) throws -> MendedPattern {
      try #require(read("[\(notes)]").patterns.first)
    }
    let high = try mended(
      #"{"pitch":93,"start":0,"duration":1},{"pitch":33,"start":12,"duration":9}"#)
    #expect(high.pattern.notes.map { Int($0.pitch) } == [45, 33])
    #expect(high.mending.line == "moved by octaves into the range, cut at the last bar line")
    let chord = try mended(
      #"{"pitch":40,"start":0.06,"duration":3},{"pitch":45,"start":0,"duration":1},{"pitch":40,"start":2,"duration":1},{"pitch":41,"start":12,"duration":1}"#
    )
    #expect(chord.pattern.notes.map(\.start.quarters) == [0, 2, 12])
    #expect(chord.pattern.notes.map(\.duration.quarters) == [2, 1, 1])
    let line = try #require(chord.mending.line)
    #expect(
      line.contains("moved to the grid") && line.contains("left out")
        && line.contains("overlaps shortened"))
    let one = try mended(
      (1...16).map { #"{"pitch":33,"start":\#($0),"duration":0.5}"# }.joined(separator: ","))
    #expect(one.pattern.notes.first?.start == .zero)
    #expect(one.mending.line == "places counted from 1 moved a beat ahead")
  }

  @Test("a broken tail leaves the track's own bars in place, or is refused when too little came")
  func tails() throws {
    let bars = (0..<4).map(ModelReplyCorpus.bar)
    let three = String(ModelReplyCorpus.patterns(bars).dropLast(100))
    let reply = read(three)
    let mended = try #require(reply.patterns.first)
    #expect(mended.bars == 3)
    #expect(!mended.isWhole)
    #expect(
      mended.mending.line?.contains("bars 4-4 did not come: the track's own stand there") == true)
    let last = mended.pattern.notes.filter { $0.start.quarters >= 12 }
    #expect(last == band.bass.notes.filter { $0.start.quarters >= 12 })
    #expect(reply.remarks.contains("the reply broke off in the middle"))
    let one = String(ModelReplyCorpus.patterns(bars).prefix(450))
    #expect(read(one).refusals == ["pattern 1: it broke off after bar 1 of 4"])
    let half = read(ModelReplyCorpus.patterns(Array(bars.prefix(2))))
    #expect(
      half.patterns.first?.mending.line?.contains("2 bars came for 4 and are repeated") == true)
  }

  @Test("a form suits the model: cells for the small, notes for the rest")
  func forms() {
    #expect(ReplyForm.suiting(model: "SmolLM2-135M-Instruct.Q4_1") == .cells)
    #expect(ReplyForm.suiting(model: "llama3.2:3b") == .cells)
    #expect(ReplyForm.suiting(model: "qwen2.5-0.5b-instruct") == .cells)
    #expect(ReplyForm.suiting(model: "llama3.1:70b") == .notes)
    #expect(ReplyForm.suiting(model: "gpt-4o-mini") == .notes)
    #expect(ReplyForm.suiting(model: nil) == .notes)
  }
}
