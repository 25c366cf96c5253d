// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import Testing

@Suite struct PercussionMapTests {
  /// A kit on keys and a channel of its own: kick on D4, snare on E4, a bell on C2.
  private let pads: Pattern = {
    var notes: [Note] = []
    for beat in 0..<16 {
      notes += Sketch.note(beat % 2 == 0 ? 62 : 64, at: Double(beat))
      notes += Sketch.note(36, at: Double(beat) + 0.5)
    }
    return Pattern(name: "Pads", notes: notes, length: Beats(16))
  }()
  private let keys = Pattern(
    name: "Keys", notes: Sketch.line([60, 64, 67, 72, 65, 69, 72, 77], step: 2), length: Beats(16))

  @Test func `a track with a map is drums, its kick and snare where the map says`() throws {
    let map = try DrumMap("62 = kick\n64 = snare\n36 = temple bell", file: "pads.txt")
    let facts = MusicContext(
      tracks: [pads, keys], meter: .common, resolution: .halfBeat, drumMaps: ["Pads": map])
    #expect(facts.tracks[0].role == TrackRole(role: .drums, confidence: 1))
    #expect(facts.kit?.kick == (0..<8).map { Double(2 * $0) })
    #expect(facts.kit?.snare == (0..<8).map { Double(2 * $0) + 1 })
    let alone = MusicContext(tracks: [keys], meter: .common, resolution: .halfBeat)
    #expect(facts.chords == alone.chords)
    #expect(facts.key == alone.key)
    #expect(facts.tracks[0].groove.noteCount == 32)
  }

  @Test func `what the musician says of a role goes before the map`() throws {
    let map = try DrumMap("62 = kick", file: "pads.txt")
    let facts = MusicContext(
      tracks: [pads], meter: .common, roles: ["Pads": .melody], drumMaps: ["Pads": map])
    #expect(facts.tracks[0].role.role == .melody)
    #expect(facts.kit == nil)
  }

  @Test func `a live take reads the same map`() throws {
    let map = try DrumMap("45 = kick\n52 = snare", file: "kit.txt")
    let take = LiveTake.band(bars: 8, seed: 21)
    var live = LiveAnalysis(names: take.names)
    live.drumMaps = ["Bass": map]
    for event in take.events { live.hear(event.message, track: event.track, at: event.tick) }
    live.advance(to: take.end)
    #expect(
      live.context()
        == MusicContext(
          tracks: try take.filePatterns(), meter: .common, resolution: .halfBeat,
          drumMaps: ["Bass": map]))
  }
}
