// SPDX-License-Identifier: MIT

/// One port's events on their way into a Standard MIDI File.
struct TakeTrack {
  private var events: [StandardMIDIFile.Event]

  init(port: Int) {
    events = [StandardMIDIFile.Event(tick: 0, .meta(.trackName("in_\(port)")))]
  }

  /// Adds what holds for the whole file; goes into the first track, before any other event.
  mutating func head(_ tempo: Tempo, _ remark: String) {
    events.append(StandardMIDIFile.Event(tick: 0, .meta(.tempo(tempo))))
    events.append(StandardMIDIFile.Event(tick: 0, .meta(.text(remark))))
  }

  /// Adds a message or a fragment of a SysEx, as it arrived; no byte is left out.
  mutating func add(_ bytes: [UInt8], at tick: Int) {
    bridgeGap(to: tick)
    events.append(StandardMIDIFile.Event(tick: tick, payload(bytes)))
  }

  /// The events with an end of track.
  func finished() -> [StandardMIDIFile.Event] {
    events + [StandardMIDIFile.Event(tick: events.last?.tick ?? 0, .meta(.endOfTrack))]
  }

  /// A silence longer than a file's longest delta time is crossed on empty remarks.
  private mutating func bridgeGap(to tick: Int) {
    while let last = events.last?.tick, tick - last > StandardMIDIFile.maximumDelta {
      events.append(
        StandardMIDIFile.Event(tick: last + StandardMIDIFile.maximumDelta, .meta(.text(""))))
    }
  }

  private func payload(_ bytes: [UInt8]) -> StandardMIDIFile.Payload {
    guard let status = bytes.first else { return .escape([]) }
    if status == 0xF0 { return .sysEx(Array(bytes.dropFirst())) }
    if status < 0xF0, status >= 0x80, (2...3).contains(bytes.count),
      let message = ChannelMessage(status, bytes[1], bytes.count > 2 ? bytes[2] : 0),
      message.count == bytes.count
    {
      return .channel(message)
    }
    // The rest of a SysEx and whatever else a port may bring: timing, broken messages.
    return .escape(bytes)
  }
}
