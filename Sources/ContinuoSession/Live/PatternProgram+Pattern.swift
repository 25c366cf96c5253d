// SPDX-License-Identifier: MIT
public import ContinuoMusic
public import ContinuoRealtime

extension PatternProgram {
  /// A pattern as the process thread plays it.
  ///
  /// Notes and controls outside the pattern's length are left out; `warp` moves every place (for
  /// playing by the clock on the wall).
  /// - Throws: `ProgramError`.
  public convenience init(
    _ pattern: Pattern, identity: UInt64, warp: (Beats) -> Beats = { $0 }
  ) throws(ProgramError) {
    let length = warp(pattern.length).quarters
    var events: [Event] = []
    var long: [(at: Double, bytes: [UInt8])] = []
    events.reserveCapacity(pattern.notes.count + pattern.controls.count)
    for control in pattern.controls {
      var at = warp(control.at).quarters
      // A pedal lifted on the last bar line belongs to the pattern, and to its frame.
      if at == length { at = length.nextDown }
      guard at >= 0, at < length, let status = control.bytes.first else { continue }
      if control.bytes.count > 3 || status == 0xF0 {
        long.append((at, control.bytes))
      } else {
        let data = control.bytes.dropFirst() + [0, 0]
        events.append(
          Event(
            at: at,
            message: ShortMessage(
              status, data[data.startIndex], data[data.startIndex + 1],
              size: UInt8(control.bytes.count))))
      }
    }
    for note in pattern.notes {
      let at = warp(note.start).quarters
      guard at >= 0, at < length else { continue }
      events.append(
        Event(
          at: at, end: warp(note.end).quarters,
          noteOn: ShortMessage(0x90 | note.channel, note.pitch, note.velocity),
          release: note.releaseVelocity))
    }
    try self.init(identity: identity, length: length, events: events, longMessages: long)
  }
}
