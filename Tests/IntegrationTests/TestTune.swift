// SPDX-License-Identifier: MIT
import ContinuoMusic
import ContinuoTestSupport
import Foundation

/// Music to play: notes at places that fall on no grid, no key struck while it sounds.
struct TestTune {
  struct Note {
    var on: Int
    var off: Int
    var channel: UInt8
    var key: UInt8
    var velocity: UInt8
    var release: UInt8
  }

  struct Control {
    var tick: Int
    var bytes: [UInt8]
  }

  static let resolution = 480
  var notes: [Note] = []
  var controls: [Control] = []
  /// Where the file's track ends.
  var end: Int

  /// About `density` notes a quarter over `ticks`, on beats and anywhere between, and a few
  /// controls; releases at 64 throughout when `plainReleases`.
  static func random(
    ticks: Int, density: Int = 12, seed: UInt64, plainReleases: Bool = false
  ) -> TestTune {
    var random = SeededGenerator(seed: seed)
    var tune = TestTune(end: ticks)
    var freeFrom: [Int: Int] = [:]
    var places = stride(from: 0, to: ticks, by: 240).map { $0 }
    places += (0..<ticks / resolution * density).map { _ in
      Int.random(in: 0..<ticks, using: &random)
    }
    for on in places.sorted() {
      let slot = Int.random(in: 0..<16 * 128, using: &random)
      guard freeFrom[slot, default: 0] <= on else { continue }
      let long = Int.random(in: 0...9, using: &random) == 0
      let off = min(on + Int.random(in: long ? 480...1900 : 3...400, using: &random), ticks)
      guard off > on else { continue }
      freeFrom[slot] = off + 1
      tune.notes.append(
        Note(
          on: on, off: off, channel: UInt8(slot >> 7), key: UInt8(slot & 127),
          velocity: UInt8.random(in: 1...127, using: &random),
          release: plainReleases ? 64 : UInt8.random(in: 0...127, using: &random)))
    }
    for index in 0..<ticks / resolution * 2 {
      let low = UInt8(index & 0x7F)
      let channel = UInt8(index % 16)
      let kinds: [[UInt8]] = [
        [0xB0 | channel, 1, low], [0xC0 | channel, low], [0xD0 | channel, low],
        [0xA0 | channel, 60, low], [0xF0, 0x7D, low, 0xF7],
      ]
      let tick = Int.random(in: 0..<ticks, using: &random)
      tune.controls.append(Control(tick: tick, bytes: kinds[index % kinds.count]))
    }
    return tune
  }

  /// Moves all of it to a later place.
  mutating func move(by ticks: Int) {
    for index in notes.indices {
      notes[index].on += ticks
      notes[index].off += ticks
    }
    for index in controls.indices { controls[index].tick += ticks }
    end += ticks
  }

  /// Everything in it as (tick, bytes), ends of notes too.
  var events: [(tick: Int, bytes: [UInt8])] {
    notes.flatMap { [($0.on, $0.onBytes), ($0.off, $0.offBytes)] }
      + controls.map { ($0.tick, $0.bytes) }
  }

  /// Writes it as a file with the tempo and metre of `pieces`, ticks by `song`.
  func write(to path: String, song: ExactSong) throws {
    var head: [StandardMIDIFile.Event] = []
    for piece in song.pieces {
      let tick = song.tick(ofBar: piece.bar)
      let tempo = Tempo(Double(piece.hundredths) / 100)
      let meter = Meter(piece.beats, piece.unit)
      if let tempo { head.append(.init(tick: tick, .meta(.tempo(tempo)))) }
      if let meter { head.append(.init(tick: tick, .meta(.meter(meter)))) }
    }
    head.append(.init(tick: head.last?.tick ?? 0, .meta(.endOfTrack)))
    // At one tick: ends, then controls, then beginnings.
    let sorted = events.enumerated().sorted { left, right in
      let order = (left.element.tick, Self.rank(left.element.bytes), left.offset)
      return order < (right.element.tick, Self.rank(right.element.bytes), right.offset)
    }
    var music: [StandardMIDIFile.Event] = sorted.compactMap { item in
      let bytes = item.element.bytes
      if bytes[0] == 0xF0 {
        return .init(tick: item.element.tick, .sysEx(Array(bytes.dropFirst())))
      }
      return ChannelMessage(bytes[0], bytes[1], bytes.count > 2 ? bytes[2] : 0)
        .map { .init(tick: item.element.tick, .channel($0)) }
    }
    music.append(.init(tick: max(end, music.last?.tick ?? 0), .meta(.endOfTrack)))
    let file = StandardMIDIFile(
      format: .parallel, division: .ticksPerQuarter(Self.resolution), tracks: [head, music])
    try Data(file.bytes()).write(to: URL(fileURLWithPath: path))
  }

  private static func rank(_ bytes: [UInt8]) -> Int {
    switch bytes[0] & 0xF0 {
    case 0x80: 0
    case 0x90: 2
    default: 1
    }
  }
}

extension TestTune.Note {
  var onBytes: [UInt8] { [0x90 | channel, key, velocity] }
  var offBytes: [UInt8] { [0x80 | channel, key, release] }
  /// The end that a stop gives it.
  var cutBytes: [UInt8] { [0x80 | channel, key, 64] }
}
