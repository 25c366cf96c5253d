// SPDX-License-Identifier: MIT

/// Turns a file's tracks into notes and controls.
struct PatternReader {
  /// A note struck, and the next one of the same key and channel still sounding.
  private struct Struck {
    let tick: Int
    var end: Int
    let message: ChannelMessage
    var release: UInt8
    var next: Int32
  }

  /// The sounding notes of one channel and key, linked through `struck`; -1 for none.
  private struct Queue {
    var first: Int32 = -1
    var last: Int32 = -1
  }

  private let map: SongMap
  private let ticksPerQuarter: Int
  private let channel: UInt8?
  private(set) var notes: [Note] = []
  private(set) var controls: [Pattern.Control] = []
  private var struck: [Struck] = []
  private var sounding = [Queue](repeating: Queue(), count: 2048)
  private var sysEx: (tick: Int, bytes: [UInt8])?
  private var closed = 0
  private var stray = 0
  private var overlapping = 0
  private var empty = 0
  private var dropped = 0

  init(map: SongMap, channel: UInt8?) {
    self.map = map
    self.channel = channel
    if case .ticksPerQuarter(let ppq) = map.division {
      ticksPerQuarter = ppq
    } else {
      ticksPerQuarter = 0
    }
  }

  var repairs: [Repair] {
    var repairs: [Repair] = []
    if closed > 0 { repairs.append(.closedNotes(count: closed)) }
    if stray > 0 { repairs.append(.strayNoteOffs(count: stray)) }
    if overlapping > 0 { repairs.append(.overlappingNotes(count: overlapping)) }
    if empty > 0 { repairs.append(.emptyNotes(count: empty)) }
    if dropped > 0 { repairs.append(.droppedMessages(count: dropped)) }
    return repairs
  }

  /// Adds a track; notes are paired within it.
  mutating func read(_ events: [StandardMIDIFile.Event]) {
    struck.removeAll(keepingCapacity: true)
    struck.reserveCapacity(events.count / 2)
    for event in events {
      switch event.payload {
      case .channel(let message):
        if channel == nil || message.channel == channel { add(message, at: event.tick) }
      case .sysEx(let data): beginSysEx(data, at: event.tick)
      case .escape(let data): escape(data, at: event.tick)
      case .meta: break
      }
    }
    finish(at: events.last?.tick ?? 0)
  }

  /// The place of `tick`: a division for the usual file, the song map's business under time code.
  private mutating func place(_ tick: Int) -> Beats {
    ticksPerQuarter > 0 ? Beats(ticks: tick, ppq: ticksPerQuarter) : map.beats(atTick: tick)
  }

  private mutating func add(_ message: ChannelMessage, at tick: Int) {
    let slot = Int(message.channel) << 7 | Int(message.data1)
    if message.startsNote {
      let index = Int32(truncatingIfNeeded: struck.count)
      struck.append(Struck(tick: tick, end: -1, message: message, release: 64, next: -1))
      var queue = sounding[slot]
      if queue.last >= 0 {
        struck[Int(queue.last)].next = index
        overlapping += 1
      } else {
        queue.first = index
      }
      queue.last = index
      sounding[slot] = queue
    } else if message.endsNote {
      let queue = sounding[slot]
      guard queue.first >= 0 else {
        stray += 1
        return
      }
      let index = Int(queue.first)
      struck[index].end = tick
      if message.status < 0x90 { struck[index].release = message.data2 }
      let next = struck[index].next
      sounding[slot] = Queue(first: next, last: next < 0 ? -1 : queue.last)
    } else {
      controls.append(Pattern.Control(at: place(tick), bytes: message.bytes))
    }
  }

  private mutating func beginSysEx(_ data: [UInt8], at tick: Int) {
    dropUnfinished()
    if data.last == 0xF7 {
      add([0xF0] + data, at: tick)
    } else {
      sysEx = (tick, [0xF0] + data)
    }
  }

  private mutating func escape(_ data: [UInt8], at tick: Int) {
    let isRealtime = data.count == 1 && data[0] >= 0xF8
    // Taken out while it grows, so that a message of many packets is not copied for each.
    guard !isRealtime, let begun = sysEx?.tick, var bytes = sysEx?.bytes else {
      add(data, at: tick)
      return
    }
    sysEx = nil
    bytes.append(contentsOf: data)
    if data.last == 0xF7 {
      add(bytes, at: begun)
    } else {
      sysEx = (begun, bytes)
    }
  }

  private mutating func add(_ bytes: [UInt8], at tick: Int) {
    guard let message = try? MIDIMessage(bytes) else {
      dropped += 1
      return
    }
    guard let own = message.channel else {
      controls.append(Pattern.Control(at: place(tick), bytes: bytes))
      return
    }
    // A channel message that was escaped is still a channel message.
    guard channel == nil || own == channel else { return }
    add(ChannelMessage(valid: bytes[0], bytes[1], bytes.count > 2 ? bytes[2] : 0), at: tick)
  }

  private mutating func dropUnfinished() {
    if sysEx != nil { dropped += 1 }
    sysEx = nil
  }

  private mutating func finish(at end: Int) {
    dropUnfinished()
    notes.reserveCapacity(notes.count + struck.count)
    for index in struck.indices {
      if struck[index].end < 0 {
        struck[index].end = end
        closed += 1
        let message = struck[index].message
        let slot = Int(message.channel) << 7 | Int(message.data1)
        sounding[slot] = Queue()
      }
      if struck[index].end <= struck[index].tick {
        struck[index].end = struck[index].tick + 1
        empty += 1
      }
      if let note = note(struck[index]) { notes.append(note) }
    }
  }

  // Mutating, like `place`, only to spare each note a copy of this whole value.
  private mutating func note(_ struck: Struck) -> Note? {
    let start = place(struck.tick)
    // The difference of whole ticks is exact where that of two places may be rounded.
    let duration =
      ticksPerQuarter > 0 ? place(struck.end - struck.tick) : place(struck.end) - start
    return Note(
      pitch: Int(struck.message.data1), velocity: Int(struck.message.data2),
      releaseVelocity: Int(struck.release), channel: Int(struck.message.channel), start: start,
      duration: duration)
  }
}
