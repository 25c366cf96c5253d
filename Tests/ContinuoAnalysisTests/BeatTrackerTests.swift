// SPDX-License-Identifier: MIT
@testable import ContinuoAnalysis
import ContinuoTestSupport
import Testing

@Suite struct BeatTrackerTests {
  /// Kick on the bar (and its middle in four), snare between, closed hats and a bass on eighths, each
  /// up to `jitter` seconds early or late; the tempo drifts by `drift` from first to last.
  private func song(
    _ bpm: Double, perBar: Int = 4, bars: Int = 16, jitter: Double = 0, drift: Double = 0,
    drums: Bool = true, from start: Double = 0.37
  ) -> (onsets: [HeardOnset], beats: [Double]) {
    var random = SeededGenerator(seed: 7)
    func late() -> Double { jitter > 0 ? Double.random(in: -jitter...jitter, using: &random) : 0 }
    var onsets: [HeardOnset] = []
    var beats: [Double] = []
    var now = start
    let count = bars * perBar
    for beat in 0..<count {
      let length = 60 / (bpm * (1 + drift * Double(beat) / Double(count)))
      beats.append(now)
      let place = beat % perBar
      func add(_ pitch: UInt8, _ velocity: UInt8, _ at: Double, _ isDrum: Bool) {
        onsets.append(
          HeardOnset(
            seconds: max(0, at + late()), pitch: pitch, velocity: velocity, isDrum: isDrum))
      }
      if drums {
        let kicks = place == 0 || perBar == 4 && place == 2
        add(kicks ? 36 : 38, 100, now, true)
        add(42, 70, now, true)
        add(42, 60, now + length / 2, true)
      }
      add(place == 0 ? 36 : 43, place == 0 ? 105 : 85, now, false)
      if place % 2 == 1 { add(43, 70, now + length / 2, false) }
      now += length
    }
    return (onsets.shuffled(using: &random), beats)
  }

  /// The F-measure of `found` against `true` beats within 70 ms.
  private func accuracy(_ found: [Double], _ beats: [Double]) -> Double {
    let hits = beats.filter { beat in found.contains { abs($0 - beat) < 0.07 } }.count
    return 2 * Double(hits) / Double(beats.count + found.count)
  }

  @Test(arguments: [96.0, 120, 141.7, 168])
  func `the beats of a plain song are found, late or early by 15 ms`(_ bpm: Double)
    throws
  {
    let song = song(bpm, jitter: 0.015)
    let track = try #require(BeatTracker.track(song.onsets))
    #expect(accuracy(track.beats, song.beats) > 0.95)
    #expect(abs(track.beatsPerMinute - bpm) < bpm * 0.03)
    #expect(track.beatsPerBar == 4)
    #expect(abs(track.beats[track.firstDownbeat] - song.beats[0]) < 0.07)
  }

  @Test func `a slow song with eighths is heard at its tempo or at twice it`() throws {
    let song = song(72)
    let track = try #require(BeatTracker.track(song.onsets))
    let ratio = track.beatsPerMinute / 72
    #expect(abs(ratio - 1) < 0.03 || abs(ratio - 2) < 0.06)
    // Every true beat is a beat either way.
    for beat in song.beats { #expect(track.beats.contains { abs($0 - beat) < 0.07 }) }
  }

  @Test func `a waltz has three beats, and a tempo that drifts is followed`() throws {
    let waltz = song(150, perBar: 3, bars: 20, jitter: 0.01)
    let track = try #require(BeatTracker.track(waltz.onsets))
    #expect(track.beatsPerBar == 3 && accuracy(track.beats, waltz.beats) > 0.95)
    let rushing = song(110, bars: 24, jitter: 0.01, drift: 0.12)
    let followed = try #require(BeatTracker.track(rushing.onsets))
    #expect(accuracy(followed.beats, rushing.beats) > 0.95)
  }

  @Test func `beats go on through a pause`() throws {
    let song = song(120)
    let later = song.onsets.map {
      HeardOnset(
        seconds: $0.seconds > 16 ? $0.seconds + 4 : $0.seconds, pitch: $0.pitch,
        velocity: $0.velocity, isDrum: $0.isDrum)
    }
    let track = try #require(BeatTracker.track(later))
    #expect(accuracy(track.beats, song.beats.map { $0 > 16 ? $0 + 4 : $0 }) > 0.85)
    #expect(track.beats.filter { (16.6...20).contains($0) }.count >= 5)
  }

  @Test func `a place lies between its beats, counted from a bar line`() {
    let track = BeatTrack(beats: [1, 1.5, 2, 2.6, 3.2], beatsPerBar: 4, firstDownbeat: 1)
    #expect(track.place(at: 1.5) == 4)
    #expect(abs(track.place(at: 2.3) - 5.5) < 1e-12)
    #expect(track.place(at: 1) == 3 && track.place(at: 0.5) == 2)
    #expect(abs(track.place(at: 3.8) - 8) < 1e-12)
  }

  @Test func `too little is no beat, and nothing that comes in breaks it`() {
    #expect(BeatTracker.track([]) == nil)
    let chord = (0..<90).map {
      HeardOnset(seconds: 3, pitch: UInt8($0), velocity: 100, isDrum: false)
    }
    #expect(BeatTracker.track(chord) == nil)
    let few = (0..<6).map {
      HeardOnset(seconds: Double($0) / 2, pitch: 60, velocity: 100, isDrum: false)
    }
    #expect(BeatTracker.track(few) == nil)
    var random = SeededGenerator(seed: 3)
    let noise = (0..<300_000).map { _ in
      HeardOnset(
        seconds: Double.random(in: -10...40, using: &random),
        pitch: UInt8.random(in: 0...127, using: &random),
        velocity: UInt8.random(in: 0...127, using: &random), isDrum: false)
    }
    let track = BeatTracker.track(noise)
    #expect(track.map { $0.beats.allSatisfy { (0...41).contains($0) } } == true)
    let far = few + [HeardOnset(seconds: 1e9, pitch: 60, velocity: 100, isDrum: false)]
    #expect(BeatTracker.track(far) == nil)
  }
}
