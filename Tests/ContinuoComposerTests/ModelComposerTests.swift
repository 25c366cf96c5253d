// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoLLM
import ContinuoMusic
import ContinuoTestSupport
import Foundation
import Synchronization
import Testing

@testable import ContinuoComposer

@Suite("A model as composer", .serialized) struct ModelComposerTests {
  private let band = Band()

  private static func reply(_ candidates: Int) -> String {
    let patterns = (0..<candidates).map { number in
      let bars = (0..<4).map { bar in
        let steps = [[1, 4, 7, 11, 15], [1, 3, 8, 12, 14], [2, 6, 9, 10, 16]][number % 3]
        let notes = steps.map { step in
          #"{"at":\#(step),"pitch":"\#(["A1", "D2", "G1", "C2"][bar])","len":2,"vel":85}"#
        }
        return #"{"notes":[\#(notes.joined(separator: ","))]}"#
      }
      return
        #"{"name":"idea \#(number + 1)","description":"say","confidence":0.9,"bars":[\#(bars.joined(separator: ","))]}"#
    }
    return #"{"patterns":[\#(patterns.joined(separator: ","))]}"#
  }

  private func composer(
    _ double: ModelDouble, _ model: String, standIn: StandIn = .whenUnusable
  ) throws -> ModelComposer {
    ModelComposer(
      client: ModelClient(
        endpoint: try ModelEndpoint(dialect: .openai, baseURL: double.url, model: model),
        keys: KeySource(variable: "X", value: nil)),
      standIn: standIn)
  }

  private func finish(
    _ composer: ModelComposer, _ request: CompositionRequest
  ) async throws -> (ModelComposition, [ModelCompositionEvent]) {
    var events: [ModelCompositionEvent] = []
    for try await event in composer.events(for: request) { events.append(event) }
    guard case .finished(let composition) = events.last else {
      throw ComposerError.nothingUsable(reason: "no end")
    }
    return (composition, events)
  }

  @Test("several candidates come of one reply, measured, ranked and signed by the model")
  func several() async throws {
    let double = try await ModelDouble(replying: Self.reply(3))
    let request = band.request(.bass, "groovier", seed: 5)
    let (made, events) = try await finish(try composer(double, "ok"), request)
    #expect(made.modelCount == 3)
    #expect(made.composition.candidates.count == 3)
    #expect(made.composition.candidates.allSatisfy { $0.lineage.composer == "ok" })
    #expect(
      made.composition.candidates.map(\.figures.score)
        == made.composition.candidates.map(\.figures.score).sorted(by: >))
    #expect(made.composition.candidates.allSatisfy { $0.figures.distanceFromOthers ?? 0 > 0.2 })
    #expect(
      made.composition.candidates[0].description.contains("the model's own confidence is 90 %"))
    let bars = events.compactMap { event -> [Int]? in
      if case .revision(let one) = event { [one.number, one.bars] } else { nil }
    }
    #expect(bars.filter { $0[0] == 1 }.map { $0[1] }.prefix(3) == [1, 2, 3])
  }

  @Test("the first bar may be played long before the reply is whole, and grows without a change")
  func streamed() async throws {
    let double = try await ModelDouble(replying: Self.reply(3))
    var first: Double?
    var before: [Note] = []
    let begun = ContinuousClock.now
    for try await event in try composer(double, "ok:300").events(for: band.request(.bass)) {
      guard case .revision(let revision) = event, revision.number == 1 else { continue }
      first = first ?? revision.seconds
      let written = revision.pattern.notes.filter { $0.start.quarters < Double(revision.bars) * 4 }
      #expect(written.starts(with: before))
      before = written
    }
    let whole = ContinuousClock.now - begun
    #expect(.seconds((first ?? 9) * 4) < whole)
  }

  @Test("what cannot be used is asked for once more with the reason")
  func again() async throws {
    let double = try await ModelDouble(replying: Self.reply(3))
    let (made, events) = try await finish(try composer(double, "second"), band.request(.bass))
    #expect(made.modelCount == 3)
    #expect(try double.requests.count == 2)
    #expect(double.log.contains("That cannot be used: there were no notes in the reply"))
    #expect(
      events.contains {
        if case .note(let text) = $0 { text.contains("asking once more") } else { false }
      })
  }

  @Test("then the built-in composer answers, and every candidate of its says so")
  func standsIn() async throws {
    let double = try await ModelDouble(replying: Self.reply(1))
    let (made, _) = try await finish(try composer(double, "prose"), band.request(.bass))
    #expect(try double.requests.count == 2)
    #expect(made.modelCount == 0)
    #expect(made.composition.candidates.count == 3)
    #expect(made.composition.candidates.allSatisfy { $0.lineage.composer == "builtin" })
    #expect(made.composition.remarks.first?.hasPrefix("prose gave nothing usable") == true)
    let (filled, _) = try await finish(try composer(double, "ok"), band.request(.bass))
    #expect(filled.composition.candidates.map(\.lineage.composer) == ["ok", "builtin", "builtin"])
    #expect(filled.composition.remarks.first?.contains("gave 1 of 3") == true)
    await #expect(throws: ComposerError.self) {
      _ = try await composer(double, "prose", standIn: .never).compose(band.request(.bass))
    }
  }

  @Test(
    "without a model there is its error, or the built-in composer where that may always stand in")
  func noModel() async throws {
    let double = try await ModelDouble(replying: Self.reply(3))
    await #expect(throws: ModelError.self) {
      _ = try await composer(double, "404").compose(band.request(.bass))
    }
    let (made, _) = try await finish(
      try composer(double, "404", standIn: .always), band.request(.bass))
    #expect(made.composition.candidates.allSatisfy { $0.lineage.composer == "builtin" })
    #expect(made.failure?.contains("refuses the request (404") == true)
  }

  @Test("a reply that breaks off gives what came, and says so")
  func brokenOff() async throws {
    let double = try await ModelDouble(replying: Self.reply(3))
    for model in ["reset", "cut", "fault"] {
      let (made, _) = try await finish(try composer(double, model), band.request(.bass))
      #expect(made.modelCount >= 1, "\(model)")
      #expect(made.composition.remarks.contains { $0.contains("broke off") }, "\(model)")
      #expect(made.composition.candidates.allSatisfy { $0.pattern.length == band.bass.length })
    }
  }

  @Test("near-duplicates, the source again and near-silence do not pass")
  func refused() async throws {
    let source = band.bass.notes.map {
      #"{"pitch":\#($0.pitch),"start":\#($0.start.quarters),"duration":\#($0.duration.quarters)}"#
    }.joined(separator: ",")
    let silence = #"{"pitch":40,"start":0,"duration":0.1},{"pitch":40,"start":15,"duration":0.1}"#
    let same =
      #"{"pitch":33,"start":0.5,"duration":1},{"pitch":38,"start":5.5,"duration":1},{"pitch":31,"start":9.5,"duration":1},{"pitch":36,"start":13.5,"duration":1}"#
    let double = try await ModelDouble(replying: "[[\(source)],[\(silence)],[\(same)],[\(same)]]")
    let (made, _) = try await finish(
      try composer(double, "ok", standIn: .never), band.request(.bass))
    #expect(made.modelCount == 1)
    for reason in ["what the track plays already", "nearly silent", "too much like"] {
      #expect(made.composition.remarks.contains { $0.contains(reason) }, "\(reason)")
    }
  }

  @Test("cancelling ends it at once")
  func cancelled() async throws {
    let double = try await ModelDouble(replying: Self.reply(3))
    let composer = try composer(double, "stall")
    let request = band.request(.bass)
    let task = Task { try await composer.compose(request) }
    try await Task.sleep(for: .milliseconds(300))
    let begun = ContinuousClock.now
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(ContinuousClock.now - begun < .milliseconds(200))
  }
}
