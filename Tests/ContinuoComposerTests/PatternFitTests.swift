// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoComposer
import ContinuoMusic
import ContinuoTestSupport
import Testing

@Suite struct PatternFitTests {
  @Test(arguments: -5...6)
  func `a bass line goes with its band into every key`(up: Int) {
    let home = Band()
    let away = Band(up: up)
    let fit = PatternFit(home.bass, madeFor: home.context, into: away.request(.bass))
    #expect(
      fit.pattern.notes.map { Int($0.pitch) % 12 } == away.bass.notes.map { Int($0.pitch) % 12 })
    #expect(fit.pattern.notes.map(\.start) == home.bass.notes.map(\.start))
    #expect(fit.pattern.notes.map(\.velocity) == home.bass.notes.map(\.velocity))
    let faults = PatternCheck.faults(
      of: fit.pattern, length: away.bass.length, meter: .common,
      range: away.request(.bass).settledRange, oneVoice: true)
    #expect(faults.isEmpty)
  }

  @Test func `where nothing is otherwise nothing is changed and nothing is remarked`() {
    let band = Band()
    let fit = PatternFit(band.keys, madeFor: band.context, into: band.request(.harmony))
    #expect(fit.pattern.notes == band.keys.notes)
    #expect(fit.remarks.isEmpty)
  }

  /// One chord for `bars` bars of 4/4, in its own key.
  private func context(_ chord: Chord, _ mode: Mode, bars: Int = 1, meter: Meter = .common)
    throws -> MusicContext
  {
    // Minor with its leading tone, which no major key shares.
    let scale = Key(tonic: chord.root, mode: mode).scale.enumerated().map { step, tone in
      mode == .minor && step == 6 ? (tone + 1) % 12 : tone
    }
    // The scale with the chord's tones leaning: enough for the key to be known.
    let tones = chord.pitchClasses.map { 48 + $0 } + chord.pitchClasses.map { 60 + $0 }
    let bar = meter.barLength.quarters
    var notes: [Note?] = []
    for index in 0..<bars {
      let start = Double(index) * bar
      for tone in tones {
        notes.append(
          Note(pitch: tone, velocity: 90, start: Beats(start), duration: Beats(bar * 0.9)))
      }
      for (step, pitchClass) in scale.enumerated() {
        let at = start + Double(step) / 4
        notes.append(
          Note(pitch: 72 + pitchClass, velocity: 60, start: Beats(at), duration: Beats(0.2)))
      }
    }
    return MusicContext(
      tracks: [
        Pattern(
          name: "Keys", notes: notes.compactMap { $0 }, length: Beats(bar * Double(bars)),
          meter: meter)
      ], tempo: Tempo(100), meter: meter)
  }

  private func line(_ pitches: [Int], meter: Meter = .common, bars: Int = 1) -> Pattern {
    Pattern(
      name: "line",
      notes: pitches.enumerated().compactMap { index, pitch in
        Note(pitch: pitch, velocity: 80, start: Beats(Double(index)), duration: Beats(0.5))
      }, length: Beats(meter.barLength.quarters * Double(bars)), meter: meter)
  }

  @Test func `chord tones keep their place in the chord, and steps stay steps`() throws {
    let major = try context(Chord(root: 0, quality: .major), .major)
    let minor = try context(Chord(root: 9, quality: .minor), .minor)
    #expect(major.key.key == Key(tonic: 0, mode: .major))
    #expect(minor.key.key == Key(tonic: 9, mode: .minor))
    let request = CompositionRequest(
      kind: .melody, source: line([]), context: minor, bars: 1)
    // C D E G: root, second, third, fifth.
    let fit = PatternFit(line([72, 74, 76, 79]), madeFor: major, into: request)
    #expect(fit.pattern.notes.map { Int($0.pitch) } == [69, 71, 72, 76])
    #expect(fit.remarks == ["from C major to A minor", "4 of 4 notes follow the chords here"])
  }

  @Test func `a longer bar ends with the last beats again, a shorter one loses its end`() throws {
    let waltz = try #require(Meter(3, 4))
    let three = try context(Chord(root: 0, quality: .major), .major, bars: 2, meter: waltz)
    let four = try context(Chord(root: 0, quality: .major), .major, bars: 2)
    let longer = PatternFit(
      line([60, 64, 67, 72, 76, 79], meter: waltz, bars: 2), madeFor: three,
      into: CompositionRequest(kind: .melody, source: line([], bars: 2), context: four, bars: 2))
    #expect(longer.pattern.length == Beats(8))
    #expect(longer.pattern.notes.map { $0.start.quarters } == [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(
      longer.pattern.notes.map { Int($0.pitch) % 12 } == [0, 4, 7, 7, 0, 4, 7, 7])
    let shorter = PatternFit(
      line([60, 64, 67, 72], bars: 1), madeFor: four,
      into: CompositionRequest(
        kind: .melody, source: line([], meter: waltz, bars: 2), context: three, bars: 2))
    #expect(shorter.pattern.notes.map { $0.start.quarters } == [0, 1, 2, 3, 4, 5])
    #expect(shorter.pattern.meter == waltz)
    #expect(shorter.remarks.first == "4/4 laid into 3/4: 2 notes fell off the bars' ends")
  }

  @Test func `drums keep their keys, and what is not known moves nothing`() {
    let home = Band()
    let away = Band(up: 5)
    let drums = PatternFit(home.drums, madeFor: home.context, into: away.request(.drums))
    #expect(drums.pattern.notes == home.drums.notes)
    let unknown = PatternFit(
      home.bass, madeFor: MusicContext(tracks: []), into: away.request(.bass))
    #expect(unknown.pattern.notes.map(\.pitch) == home.bass.notes.map(\.pitch))
    #expect(
      unknown.remarks == [
        "key and chords are not known on both sides: the pitches stay as they were"
      ])
  }

  @Test func `whatever is carried anywhere may be played`() throws {
    var random = SeededGenerator(seed: 5)
    let meters = [Meter.common, Meter(3, 4), Meter(7, 8), Meter(5, 4), Meter(1, 64)].compactMap {
      $0
    }
    for _ in 0..<300 {
      let from = meters.randomElement(using: &random) ?? .common
      let into = Band(
        meter: [Meter.common, Meter(3, 4) ?? .common, Meter(7, 8) ?? .common].randomElement(
          using: &random)
          ?? .common, bars: Int.random(in: 1...6, using: &random),
        up: Int.random(in: 0..<12, using: &random))
      let length = from.barLength.quarters * Double(Int.random(in: 1...5, using: &random))
      let notes = (0..<Int.random(in: 0...80, using: &random)).compactMap { _ in
        Note(
          pitch: Int.random(in: 0...127, using: &random), velocity: 64,
          start: Beats(Double.random(in: -1...length * 1.2, using: &random)),
          duration: Beats(Double.random(in: 0.01...9, using: &random)))
      }
      let kind =
        [CompositionKind.bass, .melody, .harmony, .drums].randomElement(using: &random) ?? .bass
      let fit = PatternFit(
        Pattern(name: "any", notes: notes, length: Beats(length), meter: from),
        madeFor: Band().context, into: into.request(kind))
      let range = kind == .drums ? 0...127 : into.request(kind).settledRange
      let faults = PatternCheck.faults(
        of: fit.pattern, length: fit.pattern.length, meter: into.meter, range: range,
        oneVoice: false
      ).filter { $0 != .empty }
      guard faults.isEmpty else {
        Issue.record("\(faults) of \(kind) from \(from) to \(into.meter)")
        return
      }
      #expect(fit.pattern.length == into.request(kind).length)
    }
  }
}
