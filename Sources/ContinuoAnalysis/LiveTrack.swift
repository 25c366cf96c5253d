// SPDX-License-Identifier: MIT
import ContinuoMusic

/// One track of a `LiveAnalysis`: its notes within the window, in song ticks.
struct LiveTrack {
  /// A note; `end` is `Int.max` while it sounds.
  struct Held {
    let start: Int
    var end: Int
    let pitch: UInt8
    let velocity: UInt8
    let channel: UInt8
    var release: UInt8 = 64
  }

  let name: String
  /// The first program asked for, as its message.
  private(set) var program: [UInt8] = []
  /// Ended notes, in the order of their ends.
  private(set) var ended: [Held] = []
  /// Sounding notes, in the order they began; at most `LiveAnalysis.mostSounding`.
  private(set) var sounding: [Held] = []

  init(name: String) {
    self.name = name
  }

  /// Notes kept.
  var count: Int { ended.count + sounding.count }

  mutating func choose(_ program: ChannelMessage) {
    if self.program.isEmpty { self.program = program.bytes }
  }

  mutating func begin(_ message: ChannelMessage, at tick: Int) {
    sounding.append(
      Held(
        start: tick, end: .max, pitch: message.data1, velocity: message.data2,
        channel: message.channel))
  }

  /// Ends the note of the message's key that began first; nil when none sounds.
  mutating func end(_ message: ChannelMessage, at tick: Int) -> Held? {
    let found = sounding.firstIndex {
      $0.pitch == message.data1 && $0.channel == message.channel
    }
    guard let found else { return nil }
    var note = sounding.remove(at: found)
    if message.status < 0x90 { note.release = message.data2 }
    note.end = max(tick, note.start + 1)
    return note
  }

  /// Ends the note that has sounded longest.
  mutating func endOldest(at tick: Int) -> Held? {
    guard !sounding.isEmpty else { return nil }
    var note = sounding.removeFirst()
    note.end = max(tick, note.start + 1)
    return note
  }

  /// Keeps an ended note in its place, which is nearly always the last.
  mutating func keep(_ note: Held) {
    var place = ended.count
    if let last = ended.last, last.end > note.end {
      var low = 0
      while low < place {
        let middle = (low + place) / 2
        if ended[middle].end <= note.end { low = middle + 1 } else { place = middle }
      }
    }
    ended.insert(note, at: place)
  }

  /// Forgets what began before `tick`; returns how many notes that were.
  ///
  /// What still sounds is kept for its note-off to find, and left out of every fact.
  mutating func forget(before tick: Int) -> Int {
    let before = ended.count
    ended.removeAll { $0.start < tick }
    return before - ended.count
  }

  /// The notes since `origin`, what sounds ended at `end`, in quarters from `origin`.
  func notes(from origin: Int, endingAt end: Int, ppq: Int) -> [Note] {
    var notes: [Note] = []
    notes.reserveCapacity(count)
    for held in ended { Self.append(held, origin, ppq, &notes) }
    for held in sounding where held.start >= origin {
      var closed = held
      closed.end = max(end, held.start + 1)
      Self.append(closed, origin, ppq, &notes)
    }
    return notes
  }

  /// The notes since `origin` that may sound after `tick`, what sounds held on to `end`.
  func notes(from origin: Int, soundingAfter tick: Int, heldTo end: Int, ppq: Int) -> [Note] {
    var notes: [Note] = []
    // A note is heard for a 64th at least, however soon it ended.
    let least = tick - ppq / 64 - 1
    for held in ended.reversed() {
      guard held.end > least else { break }
      Self.append(held, origin, ppq, &notes)
    }
    for held in sounding where held.start >= origin {
      var open = held
      open.end = max(end, held.start + 1)
      Self.append(open, origin, ppq, &notes)
    }
    return notes
  }

  private static func append(_ held: Held, _ origin: Int, _ ppq: Int, _ notes: inout [Note]) {
    let note = Note(
      pitch: Int(held.pitch), velocity: Int(held.velocity), releaseVelocity: Int(held.release),
      channel: Int(held.channel), start: Beats(ticks: held.start - origin, ppq: ppq),
      duration: Beats(ticks: held.end - held.start, ppq: ppq))
    if let note { notes.append(note) }
  }
}
