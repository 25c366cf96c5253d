// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Testing

/// A time in which the transport rolled without a jump.
///
/// A change of the buffer size skips frames while the transport goes on where it was: such a
/// stretch has several pieces.
struct RollingStretch: Equatable {
  struct Piece: Equatable {
    /// Absolute.
    var frame: UInt64
    /// Of the transport, at `frame`.
    var transport: Int
  }

  var pieces: [Piece]
  /// The absolute frame at which it ended; nil when it never did.
  var end: UInt64?

  /// The absolute frame of a transport frame; nil when it lies outside.
  func frame(of transport: Int) -> UInt64? {
    guard let piece = pieces.last(where: { $0.transport <= transport }) else { return nil }
    let frame = piece.frame + UInt64(transport - piece.transport)
    return frame < end ?? .max ? frame : nil
  }

  /// The stretches of what a time base saw of the transport.
  static func all(_ changes: [TransportChange]) -> [RollingStretch] {
    var stretches: [RollingStretch] = []
    var isRolling = false
    for change in changes {
      if change.state == "rolling" {
        if !isRolling { stretches.append(RollingStretch(pieces: [])) }
        // A jump of the song passes through "starting"; without that only frames were skipped.
        stretches[stretches.count - 1].pieces.append(
          Piece(frame: change.frame, transport: change.transport))
      } else if isRolling {
        stretches[stretches.count - 1].end = change.frame
      }
      isRolling = change.state == "rolling"
    }
    return stretches
  }
}

/// What should leave the output port: each message and its absolute frame.
struct ExpectedPerformance {
  struct Event: Equatable {
    var frame: UInt64
    var bytes: [UInt8]
  }

  private(set) var events: [Event] = []

  /// What `tune` gives over `stretches`: what is due in each, at its frame; what still sounds at
  /// the end of one is ended there. `start` is where the tune begins in the song, in ticks; it is
  /// played `rounds` times, each `length` ticks after the other.
  init(
    _ tune: TestTune, _ song: ExactSong, _ stretches: [RollingStretch], start: Int = 0,
    rounds: Int = 1, length: Int = 0
  ) {
    for stretch in stretches {
      for round in 0..<rounds {
        add(tune, song, stretch, from: start + round * length)
      }
    }
  }

  private mutating func add(
    _ tune: TestTune, _ song: ExactSong, _ stretch: RollingStretch, from start: Int
  ) {
    func frame(_ tick: Int) -> UInt64? { stretch.frame(of: song.frame(ofTick: start + tick)) }
    for note in tune.notes {
      guard let on = frame(note.on) else { continue }
      events.append(Event(frame: on, bytes: note.onBytes))
      if let off = frame(note.off) {
        events.append(Event(frame: off, bytes: note.offBytes))
      } else {
        events.append(Event(frame: stretch.end ?? .max, bytes: note.cutBytes))
      }
    }
    for control in tune.controls {
      if let at = frame(control.tick) { events.append(Event(frame: at, bytes: control.bytes)) }
    }
  }

  /// Where `found` may leave the exact frame, and by how much.
  struct Leeway {
    /// Absolute.
    var frames: Range<UInt64>
    /// In frames.
    var by: Int
  }

  /// Expects every event once, at its frame, and no other; returns the most frames one was off.
  @discardableResult
  func expect(
    _ found: [WitnessedEvent], leeways: [Leeway] = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> Int {
    let wanted = Dictionary(grouping: events, by: \.bytes).mapValues { $0.map(\.frame).sorted() }
    let heard = Dictionary(grouping: found, by: \.bytes).mapValues { $0.map(\.frame).sorted() }
    var faults: [String] = []
    var worst = 0
    for bytes in Set(wanted.keys).union(heard.keys) {
      let due = wanted[bytes] ?? []
      let left = heard[bytes] ?? []
      guard due.count == left.count else {
        faults.append("\(hex(bytes)) left \(left.count) times at \(left), not at \(due)")
        continue
      }
      for (due, left) in zip(due, left) {
        let off = Int(Int64(bitPattern: left &- due))
        let most = leeways.filter { $0.frames.contains(due) }.map(\.by).max() ?? 0
        worst = max(worst, abs(off))
        if abs(off) > most { faults.append("\(hex(bytes)) left at \(left), \(off) from \(due)") }
      }
    }
    if !faults.isEmpty {
      Issue.record(
        """
        \(faults.count) of \(events.count) events are wrong: \
        \(faults.sorted().prefix(8).joined(separator: "; "))
        """, sourceLocation: sourceLocation)
    }
    return worst
  }
}

/// Expects what every receiver needs: no note struck twice, none ended that does not sound, none
/// left at the end.
func expectWholeNotes(
  _ events: [WitnessedEvent], sourceLocation: SourceLocation = #_sourceLocation
) {
  var sounding = Set<[UInt8]>()
  var faults: [String] = []
  for event in events where event.bytes.count == 3 {
    let status = event.bytes[0]
    let key = [status & 0x0F, event.bytes[1]]
    if status & 0xF0 == 0x90, event.bytes[2] > 0 {
      if !sounding.insert(key).inserted { faults.append("\(hex(event.bytes)) struck twice") }
    } else if status & 0xE0 == 0x80, sounding.remove(key) == nil {
      faults.append("\(hex(event.bytes)) ended without sounding, at \(event.frame)")
    }
  }
  faults += sounding.map { "\(hex($0)) still sounds" }
  if !faults.isEmpty {
    Issue.record(
      "\(faults.count) faults: \(faults.prefix(8).joined(separator: "; "))",
      sourceLocation: sourceLocation)
  }
}
