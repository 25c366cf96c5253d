// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoComposer
import ContinuoMusic
import Testing

@Suite struct WaysTests {
  private func asked(_ text: String) -> Asked { Asked(Band().request(.bass, text)) }

  @Test func `words name the way to ask, and what is left is for the dials`() {
    #expect(asked("fill bars 3-4").mode == .fill(3...4))
    #expect(asked("rewrite bar 2, funkier").mode == .fill(2...2))
    #expect(asked("Fill in bars 5 to 8 please").mode == .fill(5...8))
    #expect(asked("keep the rhythm, change the pitches").mode == .keepRhythm)
    #expect(asked("keep the pitches and change the feel").mode == .keepPitches)
    #expect(asked("continue").mode == .continuation)
    #expect(asked("answer me").mode == .answer)
    #expect(asked("a variation, groovier").mode == .vary)
    #expect(asked("make it groovier").mode == .part)
    #expect(asked("rewrite bar 2, funkier").rest == "funkier")
    #expect(asked("make it groovier, Please").rest == "make it groovier, Please")
  }

  @Test func `locks are read, several at once`() {
    #expect(asked("lock bars 1-2").lock.bars == [1...2])
    #expect(asked("keep the kick and the snare").lock.voices == [35, 36, 37, 38, 39, 40])
    #expect(asked("leave beats 2 and 4, busier").lock.beats == [2, 4])
    #expect(asked("keep the downbeats").lock.beats == [1])
    let mixed = asked("lock bar 1 and the hi-hat and make it busier")
    #expect(mixed.lock == NoteLock(bars: [1...1], voices: [42, 44, 46]))
    #expect(mixed.rest.hasSuffix("make it busier"))
    #expect(asked("keep it simple").lock.isEmpty)
  }

  @Test func `bars are named as the song counts them`() async throws {
    var request = Band().request(.bass, "fill bars 11-12 and lock bar 9")
    request.firstBar = 9
    #expect(Asked(request).mode == .fill(3...4))
    #expect(Asked(request).lock.bars == [1...1])
    request.text = "fill bars 3-4"
    let error = await #expect(throws: ComposerError.self) {
      try await BuiltinComposer().compose(request)
    }
    #expect("\(try #require(error))" == "The part lies in bars 9-12: bars 3-4 are not all in it")
    request.text = "lock bar 2, busier"
    await #expect(throws: ComposerError.barsOutside(-6...(-6), of: 4, from: 9)) {
      try await BuiltinComposer().compose(request)
    }
  }

  @Test func `what is locked by words of its own is told back, moved to the part and added up`()
    throws
  {
    let lock = try #require(NoteLock(words: "bars 9-10 and the kick and C2"))
    #expect(lock == NoteLock(bars: [9...10], voices: [35, 36]))
    #expect(lock.words == "bars 9-10, B1 C2")
    #expect(try #require(NoteLock(words: "D2 and F#3")).voices == [38, 54])
    #expect(lock.inPart(from: 9, count: 4).bars == [1...2])
    #expect(lock.inPart(from: 10, count: 4).bars == [1...1])
    #expect(lock.inPart(from: 11, count: 4).bars == [])
    let both = lock.union(try #require(NoteLock(words: "beat 1")))
    #expect(both.words == "bars 9-10, beat 1, B1 C2" && both.union(lock) == both)
    for words in [
      "", "nothing", "the rhythm", "it all", "bars", "bar 0", "kick it harder", "density 2",
    ] {
      #expect(NoteLock(words: words) == nil, "\(words)")
    }
  }

  @Test func `numbers are read`() {
    #expect(asked("half as dense").steering.densityFactor == 0.5)
    #expect(asked("3 times as busy").steering.densityFactor == 3)
    #expect(asked("density 1.5").steering.density == 1.5)
    #expect(asked("swing 60%").steering.swing == 1.5)
    #expect(asked("swing 2").steering.swing == 2)
    #expect(asked("swing it").steering.swing == nil)
    #expect(asked("around C3").steering.register == 48)
    #expect(asked("two voices").steering.polyphony == 2)
  }

  @Test("any words at all are read without a trap", arguments: 0..<200)
  func anyWords(seed: Int) {
    let vocabulary = [
      "fill", "bars", "3-4", "9-2", "keep", "the", "and", "beat", "-1", "99999999999999999999",
      "swing", "%", "e9", "nan", "inf", "lock", "voices", "two", "times", "as", "half", "dense",
      "–",
      "kick", "around", "c99", "answer", "density", "to", "🎹", "0-0", "bar", "0",
    ]
    var state = UInt64(seed) &* 6_364_136_223_846_793_005 &+ 1
    let words = (0..<12).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return vocabulary[Int(state >> 33) % vocabulary.count]
    }
    let found = asked(words.joined(separator: " "))
    if case .fill(let bars) = found.mode { #expect(bars.lowerBound >= 1) }
    #expect(found.lock.bars.allSatisfy { $0.lowerBound >= 1 })
  }

  @Test("locked notes come back unchanged in every scene", arguments: 0..<80)
  func locks(index: Int) async throws {
    let scene = Scene(index)
    let voices = Set(scene.source.notes.prefix(1).map { Int($0.pitch) })
    let locks = [
      NoteLock(bars: [1...1]), NoteLock(beats: [1]), NoteLock(voices: voices),
      NoteLock(hits: [scene.source.notes[scene.source.notes.count / 2].start.quarters]),
    ]
    for (number, lock) in locks.enumerated() {
      let modes: [CompositionMode] = [.part, .vary, .keepRhythm]
      let request = scene.request(
        seed: UInt64(index), mode: modes[(index + number) % 3], lock: lock)
      let held = lock.held(of: request.source, length: request.length, meter: request.meter)
      #expect(!held.isEmpty)
      do {
        let found = try await BuiltinComposer().compose(request)
        for candidate in found.candidates {
          let all = Set(candidate.pattern.notes)
          #expect(held.allSatisfy { all.contains($0) }, "\(candidate.name) \(lock)")
          let added = candidate.pattern.notes.filter {
            lock.bars.isEmpty ? false : $0.start.quarters < scene.meter.barLength.quarters - 0.13
          }
          #expect(lock.bars.isEmpty || added.allSatisfy { held.contains($0) })
        }
      } catch ComposerError.nothingUsable {
        // A chord track whose every note is on the locked beat leaves nothing to write.
        #expect(held.count * 10 >= request.source.notes.count * 9)
      }
    }
  }

  @Test("a fill writes its bars and leaves all others as they are", arguments: 0..<40)
  func fill(index: Int) async throws {
    let scene = Scene(index)
    let bar = scene.meter.barLength.quarters
    let request = scene.request("fill bar 2", seed: UInt64(index))
    let found = try await BuiltinComposer().compose(request)
    #expect(found.understood.contains("fill bar 2"))
    for candidate in found.candidates {
      func outside(_ note: Note) -> Bool {
        note.start.quarters < bar - 0.13 || note.start.quarters >= 2 * bar
      }
      #expect(
        candidate.pattern.notes.filter(outside) == request.source.notes.filter(outside),
        "\(candidate.name)")
    }
  }

  @Test("keeping the rhythm keeps each place, length and loudness", arguments: 0..<40)
  func keepRhythm(index: Int) async throws {
    let scene = Scene(index)
    let request = scene.request("keep the rhythm", seed: UInt64(index))
    func rhythm(_ pattern: Pattern) -> [[Double]] {
      pattern.notes.map { [$0.start.quarters, $0.duration.quarters, Double($0.velocity)] }
        .sorted { $0.lexicographicallyPrecedes($1) }
    }
    for candidate in try await BuiltinComposer().compose(request).candidates {
      #expect(
        rhythm(candidate.pattern) == rhythm(request.source), "\(candidate.name) \(scene.kind)")
    }
  }

  @Test("keeping the pitches keeps each, in order", arguments: 0..<40)
  func keepPitches(index: Int) async throws {
    let scene = Scene(index)
    let request = scene.request("keep the pitches, change the feel", seed: UInt64(index))
    for candidate in try await BuiltinComposer().compose(request).candidates {
      #expect(
        candidate.pattern.notes.map(\.pitch).sorted() == request.source.notes.map(\.pitch).sorted(),
        "\(candidate.name) \(scene.kind)")
      if [.bass, .melody].contains(request.settledKind) {
        #expect(candidate.pattern.notes.map(\.pitch) == request.source.notes.map(\.pitch))
      }
    }
  }

  @Test("density, swing, register and voices asked for by number are met", arguments: 0..<30)
  func steering(index: Int) async throws {
    let scene = Scene(index)
    guard [.bass, .melody].contains(scene.request().settledKind) else { return }
    let sparse = scene.request(seed: UInt64(index), steering: Steering(density: 0.75))
    for candidate in try await BuiltinComposer().compose(sparse).candidates {
      #expect(abs(candidate.figures.density - 0.75) < 0.26, "\(candidate.name) \(scene.meter)")
    }
    let middle = scene.request().settledKind == .bass ? 45 : 74
    let high = scene.request(seed: UInt64(index), steering: Steering(register: middle))
    for candidate in try await BuiltinComposer().compose(high).candidates {
      let pitches = candidate.pattern.notes.map { Int($0.pitch) }.sorted()
      #expect(abs(pitches[pitches.count / 2] - middle) <= 12, "\(candidate.name)")
    }
  }

  @Test func `chords have as many voices as asked for`() async throws {
    for voices in 1...5 {
      let request = CompositionRequest(
        kind: .harmony, source: Band().keys, context: Band().context, bars: 4,
        steering: Steering(polyphony: voices))
      for candidate in try await BuiltinComposer().compose(request).candidates {
        let groove = Groove(of: candidate.pattern.notes, meter: .common, length: request.length)
        #expect(groove.mostVoices <= voices, "\(candidate.name)")
        if candidate.name == "held chords" { #expect(groove.mostVoices == voices) }
      }
    }
  }

  @Test func `what cannot be done is refused with the reason`() async throws {
    let band = Band()
    var request = band.request(.melody, "vary")
    await #expect(throws: ComposerError.noSource("a variation")) {
      try await BuiltinComposer().compose(request)
    }
    request = band.request(.bass, "fill bars 4-6")
    await #expect(throws: ComposerError.barsOutside(4...6, of: 4, from: 1)) {
      try await BuiltinComposer().compose(request)
    }
    request = band.request(.bass, "lock bars 1-4")
    await #expect(throws: ComposerError.allLocked) { try await BuiltinComposer().compose(request) }
    request = band.request(.bass, "swing 9")
    await #expect(throws: ComposerError.steering("The swing ratio must be 1 to 3")) {
      try await BuiltinComposer().compose(request)
    }
  }

  @Test func `a variation names what it varies, and a variation of that as well`() async throws {
    let request = Band().request(.bass, "funky")
    let first = try #require(try await BuiltinComposer().compose(request).candidates.first)
    #expect(first.lineage.parent == nil && first.lineage.generation == 0)
    var second = request
    second.source = first.pattern
    second.text = ""
    second.mode = .vary
    second.parent = first.asParent
    let varied = try #require(try await BuiltinComposer().compose(second).candidates.first)
    #expect(varied.lineage.parent?.id == first.id)
    #expect(varied.lineage.generation == 1)
    #expect(varied.asParent.generation == 1)
    let diff = PatternDiff(from: first.pattern, to: varied.pattern)
    #expect(diff.unchanged > 0 && !diff.changes.isEmpty)
  }

  @Test("styles named in words come first, in every metre", arguments: Scene.metres)
  func styles(metre: (Int, Int)) async throws {
    let meter = try #require(Meter(metre.0, metre.1))
    let band = Band(meter: meter)
    let wanted = [
      "disco": "four on the floor", "bossa nova": "clave", "jazz": "jazz ride",
      "funky": "broken sixteenths",
    ]
    for (words, name) in wanted {
      var request = band.request(.drums, words)
      request.count = 1
      let found = try await BuiltinComposer().compose(request)
      #expect(found.candidates.map(\.name) == [name], "\(words) in \(meter)")
      #expect(found.candidates.allSatisfy { $0.figures.reachable == 1 })
    }
  }

  @Test("the judge tells music from chance", arguments: 0..<40)
  func judge(index: Int) async throws {
    let scene = Scene(index)
    let request = scene.request(seed: UInt64(index))
    let judge = try CandidateJudge(request)
    // The same notes on places drawn by lot: what is left is chance.
    var state = UInt64(index) &* 0x9E37_79B9_7F4A_7C15 | 1
    var written = 0.0
    var thrownUp = 0.0
    for candidate in try await BuiltinComposer().compose(request).candidates {
      let steps = Int(request.length.quarters * 4)
      let thrown = candidate.pattern.notes.map { note in
        var note = note
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        note.start = Beats(Double(Int(state >> 33) % steps) / 4)
        note.duration = Beats(0.25)
        return note
      }
      let chance = Pattern(
        name: "", notes: thrown, length: request.length, meter: request.meter)
      written += candidate.figures.score
      thrownUp += judge.figures(of: chance).score
      #expect(judge.refusal(of: candidate.pattern) == nil)
    }
    #expect(written > thrownUp)
    #expect(judge.refusal(of: request.source) == "it is what the track plays already")
  }
}
