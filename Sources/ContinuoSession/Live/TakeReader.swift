// SPDX-License-Identifier: MIT
internal import ContinuoMusic

/// Turns captured events into notes in beats.
enum TakeReader {
  /// Half of Ardour's tick, in quarters: what lies that little before a bar line lies on it.
  static let hair = 1.0 / 3840

  /// The notes and controls of `events` between `start` and `start + length` (quarters from bar
  /// 1), placed from `start`.
  ///
  /// Only what begins while the song rolls counts; a key let go after it stopped ends where the
  /// song stood. A note that began before the start is left out, one that sounds on at the end ends
  /// there, or at `end` (quarters from bar 1) where the song stopped before; the same key struck
  /// twice is paired first on, first off.
  static func pattern(
    _ events: [Take.Event], name: String, start: Double, length: Double, meter: Meter,
    end: Double = .infinity
  ) -> Pattern {
    var notes: [Note] = []
    var controls: [Pattern.Control] = []
    var open: [Int: [(at: Double, velocity: Int)]] = [:]
    func close(_ key: Int, at end: Double, release: Int) {
      guard var begun = open[key], !begun.isEmpty else { return }
      let first = begun.removeFirst()
      open[key] = begun
      let note = Note(
        pitch: key & 0x7F, velocity: first.velocity, releaseVelocity: release, channel: key >> 7,
        start: Beats(first.at), duration: Beats(max(min(end, length) - first.at, 1 / 1920.0)))
      if let note { notes.append(note) }
    }
    for event in events {
      guard let position = event.position, let status = event.bytes.first,
        status >= 0x80
      else { continue }
      let at = position.quarters.quarters - start
      let bytes = event.bytes
      let key = bytes.count > 1 ? Int(status & 0x0F) << 7 | Int(bytes[1] & 0x7F) : 0
      let isOff = status & 0xF0 == 0x80 || (status & 0xF0 == 0x90 && bytes.last == 0)
      if isOff, bytes.count == 3 {
        close(key, at: at, release: status & 0xF0 == 0x80 ? Int(bytes[2] & 0x7F) : 64)
      } else if event.rolling, at >= -hair, at < length - hair {
        if status & 0xF0 == 0x90, bytes.count == 3 {
          open[key, default: []].append((max(at, 0), Int(bytes[2] & 0x7F)))
        } else if status < 0xF0 {
          controls.append(Pattern.Control(at: Beats(max(at, 0)), bytes: bytes))
        }
      }
    }
    for key in open.keys.sorted() {
      while open[key]?.isEmpty == false { close(key, at: min(end - start, length), release: 64) }
    }
    return Pattern(
      name: name, notes: notes, controls: controls, length: Beats(length), meter: meter)
  }
}
