// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoComposer
import ContinuoMusic
import Foundation
import Testing

@Suite struct BuiltinComposerTests {
  static let metres = [(4, 4), (3, 4), (7, 8), (5, 4), (6, 8), (12, 8), (2, 2), (5, 8), (9, 8)]
  static let kinds: [CompositionKind] = [.bass, .drums, .melody, .harmony]
  static let wishes = [
    "", "groovier", "busier", "simpler", "walking", "funky with octaves", "laid back, higher",
    "more syncopated and lower", "swing", "straight, less busy, louder",
  ]

  private func checked(_ composition: Composition, _ request: CompositionRequest) {
    #expect(composition.candidates.count == request.count, "\(composition.remarks)")
    for candidate in composition.candidates {
      let faults = PatternCheck.faults(
        of: candidate.pattern, length: request.length, meter: request.meter,
        range: request.settledRange, oneVoice: [.bass, .melody].contains(request.settledKind))
      #expect(faults.isEmpty, "\(request.meter) \(request.text) \(request.seed)")
      #expect(candidate.pattern.length == request.length)
      #expect((0...1).contains(candidate.figures.score))
      #expect(candidate.figures.parts.allSatisfy { (0...1).contains($0.value) })
      let others = candidate.figures.distanceFromOthers ?? 0
      #expect(others >= PatternDistance.leastBetweenCandidates)
      let source = candidate.figures.distanceFromSource ?? 1
      #expect(source >= PatternDistance.leastFromSource)
    }
    let scores = composition.candidates.map(\.figures.score)
    #expect(scores == scores.sorted(by: >))
  }

  @Test(arguments: 0..<108) func `every rule holds for many seeds, metres, keys and wishes`(
    index: Int
  ) async throws {
    let (beats, unit) = Self.metres[index % Self.metres.count]
    let meter = try #require(Meter(beats, unit))
    let band = Band(meter: meter, up: index % 12, swung: index % 5 == 0)
    let context = band.context
    let kind = Self.kinds[index / Self.metres.count % Self.kinds.count]
    for round in 0..<20 {
      let wish = Self.wishes[(index + round) % Self.wishes.count]
      let seed = UInt64(index) &* 1_000_003 &+ UInt64(round)
      let request = band.request(kind, wish, seed: seed, context: context)
      checked(try await BuiltinComposer().compose(request), request)
    }
  }

  @Test(arguments: kinds) func `the same seed writes the same notes, another seed others`(
    kind: CompositionKind
  ) async throws {
    let band = Band()
    let request = band.request(kind, "groovier", seed: 42)
    let first = try await BuiltinComposer().compose(request)
    #expect(try await BuiltinComposer().compose(request) == first)
    let other = try await BuiltinComposer().compose(band.request(kind, "groovier", seed: 43))
    #expect(other.candidates.map(\.pattern) != first.candidates.map(\.pattern))
  }

  /// The exact first bar of one seed: a change here changes every musician's saved seeds.
  @Test func `a seed's notes are these, on every machine`() async throws {
    let found = try await BuiltinComposer().compose(Band().request(.bass, "funky", seed: 3))
    let riff = try #require(found.candidates.first { $0.name == "octave riff" })
    let bar = riff.pattern.notes.filter { $0.start < Beats(3.9) }
    #expect(
      bar.map { PitchName.name(of: $0.pitch) } == [
        "A1", "A1", "A1", "A1", "A1", "A2", "A2",
      ])
    #expect(bar.map { $0.start.ticks(ppq: 960) } == [0, 478, 718, 1684, 2156, 2636, 3357])
  }

  @Test(arguments: 0..<40) func `groovier leans more against the beat than the source`(
    seed: Int
  ) async throws {
    for meter in [Meter(4, 4), Meter(7, 8), Meter(5, 4)].compactMap({ $0 }) {
      let request = Band(meter: meter).request(.bass, "make it groovier", seed: UInt64(seed))
      let found = try await BuiltinComposer().compose(request)
      for candidate in found.candidates {
        let before = try #require(candidate.figures.sourceSyncopation)
        #expect(candidate.figures.syncopation >= before + 0.4, "\(candidate.name) in \(meter)")
      }
      #expect((found.candidates.map(\.figures.syncopation).max() ?? 0) >= 1.5)
    }
  }

  @Test(arguments: 0..<20) func `groovier drums lean more than the kit did, each of them`(
    seed: Int
  ) async throws {
    let found = try await BuiltinComposer().compose(
      Band().request(.drums, "groovier", seed: UInt64(seed)))
    for candidate in found.candidates {
      let before = try #require(candidate.figures.sourceSyncopation)
      #expect(candidate.figures.syncopation > before, "\(candidate.name)")
    }
  }

  @Test(arguments: 0..<40) func `simpler plays fewer notes and busier more`(
    seed: Int
  ) async throws {
    let band = Band()
    let simpler = try await BuiltinComposer().compose(
      band.request(.bass, "simpler please", seed: UInt64(seed)))
    #expect(simpler.candidates.allSatisfy { $0.figures.density <= 0.67 })
    let busier = try await BuiltinComposer().compose(
      band.request(.bass, "busier", seed: UInt64(seed)))
    #expect(busier.candidates.allSatisfy { $0.figures.density >= 1.33 })
  }

  @Test(arguments: 0..<30) func `bass lines stand on chord tones and stay in key`(
    seed: Int
  ) async throws {
    let found = try await BuiltinComposer().compose(Band().request(.bass, seed: UInt64(seed)))
    for candidate in found.candidates {
      #expect(try #require(candidate.figures.chordTonesOnStrong) >= 0.8, "\(candidate.name)")
      #expect(try #require(candidate.figures.inKey) >= 0.7, "\(candidate.name)")
    }
  }

  @Test func `a walk has a note on every beat and steps into each new chord`() async throws {
    for seed in 0..<20 {
      let found = try await BuiltinComposer().compose(
        Band().request(.bass, "walking", seed: UInt64(seed)))
      let walk = try #require(found.candidates.first { $0.name == "walking line" })
      let grid = MetricGrid(.common)
      let steps = walk.pattern.notes.map { grid.nearestStep(to: $0.start) }
      #expect(Set(steps).isSuperset(of: stride(from: 0, to: 64, by: 4)))
      for bar in 1..<4 {
        let notes = walk.pattern.notes
        let one = try #require(notes.first { grid.nearestStep(to: $0.start) == bar * 16 })
        let before = try #require(notes.last { grid.nearestStep(to: $0.start) < bar * 16 })
        #expect(abs(Int(one.pitch) - Int(before.pitch)) <= 2)
      }
    }
  }

  @Test func `the drums' swing is taken over, and straight is obeyed`() async throws {
    let band = Band(swung: true)
    let request = band.request(.bass, "busier", seed: 5)
    let swung = try await BuiltinComposer().compose(request)
    let offBeats = swung.candidates.flatMap(\.pattern.notes)
      .map { $0.start.quarters - $0.start.quarters.rounded(.down) }
      .filter { $0 > 0.42 && $0 < 0.58 }
    #expect(offBeats.isEmpty)
    let straight = try await BuiltinComposer().compose(
      band.request(.bass, "busier, straight", seed: 5))
    let even = straight.candidates.flatMap(\.pattern.notes)
      .map { $0.start.quarters - $0.start.quarters.rounded(.down) }
      .filter { $0 > 0.47 && $0 < 0.53 }
    #expect(!even.isEmpty)
  }

  @Test func `words that mean nothing are reported, and the rest obeyed`() async throws {
    let found = try await BuiltinComposer().compose(
      Band().request(.bass, "Make the bassline funkier, like a purple zebra; no octaves!"))
    #expect(found.understood == ["funkier", "octaves"])
    #expect(found.notUnderstood == ["purple", "zebra"])
    #expect(found.remarks.contains { $0.contains("purple, zebra") })
  }

  @Test func `less turns a word round and laid back is one word`() async throws {
    let found = try await BuiltinComposer().compose(
      Band().request(.bass, "less busy, laid back", seed: 9))
    #expect(found.understood == ["busy", "laidback"])
    #expect(found.notUnderstood.isEmpty)
    #expect(found.candidates.allSatisfy { $0.figures.density <= 0.67 })
  }

  @Test func `nothing known is said, and still played`() async throws {
    let empty = Pattern(name: "New", notes: [], length: Beats(16))
    let request = CompositionRequest(
      kind: .bass, source: empty, context: MusicContext(tracks: []), bars: 4)
    let found = try await BuiltinComposer().compose(request)
    checked(found, request)
    #expect(found.remarks.contains { $0.contains("no chords were heard") })
    #expect(found.remarks.contains { $0.contains("metre is not known") })
    #expect(found.candidates.allSatisfy { $0.figures.inKey == nil })
  }

  @Test(arguments: [(1, 64), (64, 1), (1, 1), (3, 32), (64, 64), (1, 8), (11, 16)])
  func `a strange metre is a refusal or a pattern, never a trap`(beats: Int, unit: Int) async throws
  {
    let meter = try #require(Meter(beats, unit))
    for kind in Self.kinds {
      for bars in [1, 4, 64] {
        let request = Band(meter: meter, bars: 1).request(kind, "groovier", bars: bars)
        do {
          let found = try await BuiltinComposer().compose(request)
          for candidate in found.candidates {
            let faults = PatternCheck.faults(
              of: candidate.pattern, length: request.length, meter: meter,
              range: request.settledRange, oneVoice: [.bass, .melody].contains(kind))
            #expect(faults.isEmpty)
          }
        } catch let error as ComposerError {
          #expect(!error.description.isEmpty)
        }
      }
    }
  }

  @Test func `impossible requests are refused with a reason`() async throws {
    var request = Band().request(.bass)
    request.bars = 0
    await #expect(throws: ComposerError.bars(0)) { try await BuiltinComposer().compose(request) }
    request.bars = 4
    request.count = 9
    await #expect(throws: ComposerError.count(9)) { try await BuiltinComposer().compose(request) }
    request.count = 3
    request.range = 40...45
    await #expect(throws: ComposerError.rangeNarrow(40...45)) {
      try await BuiltinComposer().compose(request)
    }
    request.range = -5...200
    await #expect(throws: ComposerError.rangeOutside(-5...200)) {
      try await BuiltinComposer().compose(request)
    }
  }

  @Test func `candidates are reported as they come and survive JSON`() async throws {
    let (events, report) = AsyncStream<CompositionEvent>.makeStream()
    let found = try await BuiltinComposer().compose(Band().request(.bass, "funky")) {
      report.yield($0)
    }
    report.finish()
    var order: [String] = []
    for await event in events {
      switch event {
      case .candidate(let candidate): order.append(candidate.name)
      case .finished(let whole): #expect(whole == found)
      }
    }
    #expect(order == ["octave riff", "pushed line", "walking line"])
    let data = try JSONEncoder().encode(found)
    #expect(try JSONDecoder().decode(Composition.self, from: data) == found)
  }

  @Test func `a source full of nonsense is composed over`() async throws {
    var notes = Band().bass.notes
    for index in notes.indices {
      switch index % 5 {
      case 0: notes[index].start = Beats(.nan)
      case 1: notes[index].start = Beats(1e300)
      case 2: notes[index].duration = Beats(-1)
      case 3: notes[index].pitch = 200
      default: notes[index].velocity = 0
      }
    }
    var request = Band().request(.bass, "groovier")
    request.source = Pattern(name: "Bass", notes: notes, length: Beats(16))
    checked(try await BuiltinComposer().compose(request), request)
  }
}
