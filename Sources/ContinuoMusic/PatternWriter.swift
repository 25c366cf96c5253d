// SPDX-License-Identifier: MIT

/// Turns a pattern into a track's events.
struct PatternWriter {
  private let ticksPerQuarter: Int
  private(set) var repairs: [Repair] = []

  init(ticksPerQuarter: Int) {
    self.ticksPerQuarter = ticksPerQuarter
  }

  /// An event with its rank at its tick: ends before controls before starts, so that a repeated
  /// note is not cut off and a control is in force when its note sounds.
  private struct Ranked {
    let event: StandardMIDIFile.Event
    let rank: Int
    let order: Int
  }

  /// The notes' and controls' events in order, with an end of track at the pattern's length.
  mutating func events(of pattern: Pattern) throws(MusicError) -> [StandardMIDIFile.Event] {
    let length = try tick(pattern.length, "the pattern's length")
    var ranked: [Ranked] = []
    ranked.reserveCapacity(pattern.notes.count * 2 + pattern.controls.count)
    for (index, control) in pattern.controls.enumerated() {
      let what = "control \(index + 1)"
      let payload = try payload(control.bytes, what)
      let place = try tick(control.at, what)
      ranked.append(Ranked(event: .init(tick: place, payload), rank: 1, order: index))
    }
    var ends = [Int](repeating: -1, count: 2048)
    var nested = 0
    for (index, note) in pattern.notes.enumerated() {
      let (on, off, start, end) = try messages(note, "note \(index + 1)")
      ranked.append(Ranked(event: .init(tick: start, .channel(on)), rank: 2, order: index))
      ranked.append(Ranked(event: .init(tick: end, .channel(off)), rank: 0, order: index))
      let slot = Int(note.channel) << 7 | Int(note.pitch)
      if end < ends[slot] { nested += 1 }
      ends[slot] = max(ends[slot], end)
    }
    ranked.sort { ($0.event.tick, $0.rank, $0.order) < ($1.event.tick, $1.rank, $1.order) }
    let last = ranked.last?.event.tick ?? 0
    if nested > 0 { repairs.append(.nestedNotes(count: nested)) }
    if last > length {
      repairs.append(.eventsPastEnd(count: ranked.lazy.filter { $0.event.tick > length }.count))
    }
    return ranked.map(\.event) + [.init(tick: max(length, last), .meta(.endOfTrack))]
  }

  private func messages(
    _ note: Note, _ what: String
  ) throws(MusicError) -> (on: ChannelMessage, off: ChannelMessage, start: Int, end: Int) {
    guard note.channel < 16, note.velocity > 0,
      let on = ChannelMessage(0x90 | note.channel, note.pitch, note.velocity),
      let off = ChannelMessage(0x80 | note.channel, note.pitch, note.releaseVelocity)
    else { throw .pattern(reason: "\(what) has a value outside its range") }
    let start = try tick(note.start, what)
    let end = try tick(note.end, "the end of \(what)")
    return (on, off, start, max(end, start + 1))
  }

  private func payload(
    _ bytes: [UInt8], _ what: String
  ) throws(MusicError) -> StandardMIDIFile.Payload {
    do {
      _ = try MIDIMessage(bytes)
    } catch {
      throw .pattern(reason: "\(what): \(error)")
    }
    switch bytes[0] {
    case 0xF0: return .sysEx(Array(bytes.dropFirst()))
    case 0xF1...: return .escape(bytes)
    default:
      return .channel(ChannelMessage(valid: bytes[0], bytes[1], bytes.count > 2 ? bytes[2] : 0))
    }
  }

  private func tick(_ place: Beats, _ what: String) throws(MusicError) -> Int {
    guard place.quarters.isFinite else {
      throw .pattern(reason: "\(what) is nowhere: \(place.quarters)")
    }
    let tick = place.ticks(ppq: ticksPerQuarter)
    guard tick >= 0 else {
      throw .pattern(reason: "\(what) lies \(decimal(-place.quarters)) quarters before the start")
    }
    guard tick < StandardMIDIFile.maximumTick else {
      throw .pattern(reason: "\(what) lies \(decimal(place.quarters)) quarters on, too far")
    }
    return tick
  }
}
