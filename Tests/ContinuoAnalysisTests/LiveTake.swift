// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic

/// A take of several tracks, as events at 960 ticks a quarter, and both ways to analyse it.
struct LiveTake {
  typealias Event = (tick: Int, track: Int, message: ChannelMessage)

  var names: [String]
  var meter = Meter.common
  /// In the order they are played.
  var events: [Event] = []
  /// Where every track ends.
  var end: Int

  init(names: [String], meter: Meter = .common, bars: Int) {
    self.names = names
    self.meter = meter
    end = bars * Self.bar(meter)
  }

  static func bar(_ meter: Meter) -> Int { 3_840 * meter.beatsPerBar / meter.beatUnit }

  mutating func add(_ status: UInt8, _ data1: Int, _ data2: Int, track: Int, at tick: Int) {
    guard
      let message = ChannelMessage(status, UInt8(clamping: data1), UInt8(clamping: data2))
    else { return }
    events.append((tick, track, message))
  }

  mutating func note(
    _ pitch: Int, track: Int, at tick: Int, for length: Int, velocity: Int = 90, channel: UInt8 = 0
  ) {
    add(0x90 | channel, pitch, velocity, track: track, at: max(tick, 0))
    add(0x80 | channel, pitch, 64, track: track, at: min(max(tick, 0) + length, end))
  }

  /// Note-offs first among what happens at once, as in a file.
  mutating func sort() {
    events.sort {
      ($0.tick, $0.message.startsNote ? 1 : 0) < ($1.tick, $1.message.startsNote ? 1 : 0)
    }
  }

  /// Kit, bass, chords and tune, played loosely, the same for the same seed.
  static func band(bars: Int, meter: Meter = .common, seed: UInt64 = 1) -> LiveTake {
    var take = LiveTake(names: ["Kit", "Bass", "Keys", "Solo"], meter: meter, bars: bars)
    var state = seed
    func loose(_ spread: Int) -> Int { Int(Sketch.next(&state) % UInt64(2 * spread + 1)) - spread }
    let roots = [45, 38, 43, 36, 41, 47, 40, 45]
    take.add(0xC0, 33, 0, track: 1, at: 0)
    take.add(0xC1, 4, 0, track: 2, at: 0)
    let beat = 3_840 / meter.beatUnit
    for bar in 0..<bars {
      let root = roots[(bar + bar / 24) % 8] + bar / 24 % 5
      let start = bar * Self.bar(meter)
      for third in [0, bar % 3 == 0 ? 4 : 3, 7, 10] {
        take.note(
          root + 12 + third, track: 2, at: start + loose(30), for: 2 * beat + loose(400),
          velocity: 70 + loose(10), channel: 1)
      }
      for index in 0..<meter.beatsPerBar {
        let at = start + index * beat
        take.note(
          index % 2 == 0 ? 36 : 38, track: 0, at: at + loose(12), for: 100, velocity: 100,
          channel: 9)
        take.note(42, track: 0, at: at + beat * 2 / 3 + loose(12), for: 60, channel: 9)
        take.note(
          root - 12 + [0, 7, 12, 7][index % 4], track: 1, at: at + loose(20), for: beat - 40)
        take.note(
          root + 24 + [0, 2, 3, 5, 7, 9, 10][abs(loose(20)) % 7], track: 3,
          at: at + beat / 2 + loose(40), for: beat / 2 + loose(100), channel: 2)
      }
    }
    take.sort()
    return take
  }

  /// The tracks of the take's file, read as `analyze` reads them.
  func filePatterns() throws -> [Pattern] {
    var tracks: [[StandardMIDIFile.Event]] = []
    for (index, name) in names.enumerated() {
      var track = [
        StandardMIDIFile.Event(tick: 0, .meta(.trackName(name))),
        StandardMIDIFile.Event(tick: 0, .meta(.meter(meter))),
      ]
      for event in events where event.track == index {
        track.append(StandardMIDIFile.Event(tick: event.tick, .channel(event.message)))
      }
      track.append(StandardMIDIFile.Event(tick: end, .meta(.endOfTrack)))
      tracks.append(track)
    }
    let made = StandardMIDIFile(
      format: .parallel, division: .ticksPerQuarter(960), tracks: tracks)
    let file = try StandardMIDIFile.read(try made.bytes()).file
    let length = try PatternFile(reading: file).pattern.length
    return try names.indices.map { index in
      let pattern = try PatternFile(reading: file, track: index).pattern
      return Pattern(
        name: pattern.name, notes: pattern.notes, controls: pattern.controls, length: length,
        meter: meter)
    }
  }

  /// What the file's analysis tells.
  func fileContext(_ resolution: ChordEstimate.Resolution = .halfBeat) throws -> MusicContext {
    MusicContext(tracks: try filePatterns(), meter: meter, resolution: resolution)
  }

  /// What a live analysis tells, asked at the end and, while it is fed, every `asking` bars.
  func live(asking bars: Int? = 1, keptBars: Int = LiveAnalysis.usualBars) -> LiveAnalysis {
    var live = LiveAnalysis(names: names, meter: meter, keptBars: keptBars)
    var due = Self.bar(meter)
    for event in events {
      if let bars, event.tick >= due {
        _ = live.context()
        due += bars * Self.bar(meter)
      }
      live.hear(event.message, track: event.track, at: event.tick)
    }
    live.advance(to: end)
    return live
  }

  /// What of the take begins at `origin` or later, counted from there; programs stay.
  func since(_ origin: Int) -> LiveTake {
    var rest = self
    rest.end = end - origin
    rest.events = []
    var open: [Int: [Bool]] = [:]
    for event in events {
      let key = event.track << 12 | Int(event.message.channel) << 7 | Int(event.message.data1)
      let at = max(event.tick - origin, 0)
      if event.message.startsNote {
        open[key, default: []].append(event.tick >= origin)
        if event.tick >= origin { rest.events.append((at, event.track, event.message)) }
      } else if event.message.endsNote {
        guard let first = open[key]?.first else { continue }
        open[key]?.removeFirst()
        if first { rest.events.append((at, event.track, event.message)) }
      } else {
        rest.events.append((at, event.track, event.message))
      }
    }
    return rest
  }
}
