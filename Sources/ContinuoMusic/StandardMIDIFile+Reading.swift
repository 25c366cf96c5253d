// SPDX-License-Identifier: MIT

extension StandardMIDIFile {
  /// Reads a Standard MIDI File of format 0, 1 or 2.
  ///
  /// Forgiven and reported, because files in the wild need it: fewer tracks than promised, foreign
  /// chunks, bytes after a track's end or the last track, a missing end of track, running status
  /// that goes on after a meta or SysEx event. A longer header is read as the specification says.
  /// All else that is wrong throws `MusicError.midiFile` with the byte offset. Time and memory are
  /// linear in `bytes.count`.
  public static func read(_ bytes: [UInt8]) throws(MusicError) -> Reading {
    var reader = FileReader()
    let file = try reader.file(bytes.span)
    return Reading(file: file, repairs: reader.repairs)
  }
}

/// The reader's state between chunks; `bytes` is handed to each step because a span may not be kept.
private struct FileReader {
  private var offset = 0
  private(set) var repairs: [Repair] = []

  mutating func file(_ bytes: Span<UInt8>) throws(MusicError) -> StandardMIDIFile {
    guard bytes.count >= 14, word(bytes, at: 0) == 0x4D54_6864 else {
      throw .midiFile(at: 0, expected: "a MIDI file's header, MThd", found: found(bytes, at: 0))
    }
    let length = Int(word(bytes, at: 4))
    guard length >= 6, length <= bytes.count - 8 else {
      throw .midiFile(at: 4, expected: "a header length from 6 to the file's", found: "\(length)")
    }
    let formatNumber = half(bytes, at: 8)
    guard let format = StandardMIDIFile.Format(rawValue: formatNumber) else {
      throw .midiFile(at: 8, expected: "format 0, 1 or 2", found: "\(formatNumber)")
    }
    let declared = Int(half(bytes, at: 10))
    let division = try division(bytes)
    offset = 8 + length
    var tracks: [[StandardMIDIFile.Event]] = []
    tracks.reserveCapacity(min(declared, bytes.count / 8))
    while tracks.count < declared, offset < bytes.count {
      try chunk(bytes, into: &tracks)
    }
    if tracks.count < declared {
      guard !tracks.isEmpty else {
        throw .midiFile(at: offset, expected: "a track, MTrk", found: "the end of the file")
      }
      repairs.append(.missingTracks(declared: declared, found: tracks.count))
    }
    if offset < bytes.count {
      repairs.append(.bytesAfterLastTrack(count: bytes.count - offset))
    }
    return StandardMIDIFile(format: format, division: division, tracks: tracks)
  }

  private func division(_ bytes: Span<UInt8>) throws(MusicError) -> StandardMIDIFile.Division {
    let (high, low) = (bytes[12], bytes[13])
    if high < 0x80 {
      let ticks = Int(high) << 8 | Int(low)
      guard ticks > 0 else {
        throw .midiFile(at: 12, expected: "1 to 32767 ticks a quarter", found: "0")
      }
      return .ticksPerQuarter(ticks)
    }
    let frames = 256 - Int(high)
    guard let rate = StandardMIDIFile.FrameRate(rawValue: frames) else {
      throw .midiFile(at: 12, expected: "24, 25, 29 or 30 frames a second", found: "\(frames)")
    }
    guard low > 0 else { throw .midiFile(at: 13, expected: "ticks in a frame", found: "0") }
    return .timeCode(rate, ticksPerFrame: Int(low))
  }

  private mutating func chunk(
    _ bytes: Span<UInt8>, into tracks: inout [[StandardMIDIFile.Event]]
  ) throws(MusicError) {
    let start = offset
    guard bytes.count - start >= 8 else {
      throw .midiFile(
        at: start, expected: "a chunk's type and length", found: "\(bytes.count - start) bytes")
    }
    let length = Int(word(bytes, at: start + 4))
    let isTrack = word(bytes, at: start) == 0x4D54_726B
    guard length <= bytes.count - start - 8 else {
      throw .midiFile(
        at: start + 4, expected: "\(length) bytes of \(isTrack ? "track" : "data")",
        found: "\(bytes.count - start - 8) until the end of the file")
    }
    offset = start + 8
    if isTrack {
      tracks.append(try track(bytes, end: offset + length, number: tracks.count + 1))
    } else {
      repairs.append(.skippedChunk(at: start, length: length + 8))
    }
    offset = start + 8 + length
  }

  /// The events from `offset` to `end`.
  private mutating func track(
    _ bytes: Span<UInt8>, end: Int, number: Int
  ) throws(MusicError) -> [StandardMIDIFile.Event] {
    var events: [StandardMIDIFile.Event] = []
    events.reserveCapacity(min((end - offset) / 4 + 2, 1 << 16))
    var offset = offset
    var tick = 0
    var running: UInt8 = 0
    var isInterrupted = false
    var interruptions = 0
    while offset < end {
      var delta = Int(bytes[offset])
      if delta < 0x80 {
        offset += 1
      } else {
        delta = try Self.quantity(bytes, &offset, end)
      }
      tick += delta
      guard tick <= StandardMIDIFile.maximumTick else {
        throw .midiFile(
          at: offset, expected: "a tick up to \(StandardMIDIFile.maximumTick)", found: "\(tick)")
      }
      guard offset < end else { throw truncated(at: offset, "an event after its delta time") }
      var status = bytes[offset]
      if status < 0x80 {
        guard running != 0 else {
          throw .midiFile(at: offset, expected: "a status byte", found: found(bytes, at: offset))
        }
        status = running
        if isInterrupted { interruptions += 1 }
      } else {
        offset += 1
      }
      if status < 0xF0 {
        running = status
        isInterrupted = false
        let message = try Self.channel(bytes, status, &offset, end)
        events.append(StandardMIDIFile.Event(tick: tick, .channel(message)))
        continue
      }
      isInterrupted = true
      let payload = try Self.long(bytes, status, &offset, end)
      events.append(StandardMIDIFile.Event(tick: tick, payload))
      if case .meta(let meta) = payload, meta.isEndOfTrack { break }
    }
    if interruptions > 0 {
      repairs.append(.runningStatusAfterMeta(track: number, count: interruptions))
    }
    if offset < end {
      repairs.append(.bytesAfterEndOfTrack(track: number, count: end - offset))
    } else if !(events.last?.isEndOfTrack ?? false) {
      repairs.append(.missingEndOfTrack(track: number))
      events.append(StandardMIDIFile.Event(tick: tick, .meta(.endOfTrack)))
    }
    return events
  }

  @inline(__always)
  private static func channel(
    _ bytes: Span<UInt8>, _ status: UInt8, _ offset: inout Int, _ end: Int
  ) throws(MusicError) -> ChannelMessage {
    let count = status & 0xE0 == 0xC0 ? 1 : 2
    guard end - offset >= count else {
      throw truncated(at: end, "a data byte of the message with status \(hex(status))")
    }
    let first = bytes[offset]
    let second = count == 2 ? bytes[offset + 1] : 0
    guard first | second < 0x80 else {
      let wrong = first < 0x80 ? offset + 1 : offset
      throw .midiFile(
        at: wrong, expected: "a data byte of the message with status \(hex(status))",
        found: found(bytes, at: wrong))
    }
    offset += count
    return ChannelMessage(valid: status, first, second)
  }

  private static func long(
    _ bytes: Span<UInt8>, _ status: UInt8, _ offset: inout Int, _ end: Int
  ) throws(MusicError) -> StandardMIDIFile.Payload {
    guard status == 0xFF || status == 0xF0 || status == 0xF7 else {
      throw .midiFile(
        at: offset - 1, expected: "a channel, SysEx (F0, F7) or meta (FF) event",
        found: hex(status))
    }
    var type: UInt8 = 0
    if status == 0xFF {
      guard offset < end else { throw truncated(at: end, "a meta event's type") }
      type = bytes[offset]
      guard type < 0x80 else {
        throw .midiFile(at: offset, expected: "a meta event's type", found: hex(type))
      }
      offset += 1
    }
    let lengthAt = offset
    let length = try quantity(bytes, &offset, end)
    guard length <= end - offset else {
      throw .midiFile(
        at: lengthAt, expected: "\(length) bytes of data",
        found: "\(end - offset) until the end of the track")
    }
    let data = bytes.extracting(offset..<(offset + length)).withUnsafeBufferPointer { Array($0) }
    offset += length
    switch status {
    case 0xF0: return .sysEx(data)
    case 0xF7: return .escape(data)
    default: return .meta(MetaEvent(valid: type, data))
    }
  }

  /// A variable-length quantity of one to four bytes.
  private static func quantity(
    _ bytes: Span<UInt8>, _ offset: inout Int, _ end: Int
  ) throws(MusicError) -> Int {
    let start = offset
    var value = 0
    while offset < end {
      let byte = bytes[offset]
      offset += 1
      value = value << 7 | Int(byte & 0x7F)
      if byte < 0x80 { return value }
      guard offset - start < 4 else {
        throw .midiFile(at: start, expected: "a number of at most four bytes", found: "a fifth")
      }
    }
    throw truncated(at: end, "the rest of a number")
  }
}

extension StandardMIDIFile.Event {
  /// Whether this ends its track.
  public var isEndOfTrack: Bool {
    if case .meta(let meta) = payload { return meta.isEndOfTrack }
    return false
  }
}

private func word(_ bytes: Span<UInt8>, at offset: Int) -> UInt32 {
  UInt32(half(bytes, at: offset)) << 16 | UInt32(half(bytes, at: offset + 2))
}

private func half(_ bytes: Span<UInt8>, at offset: Int) -> UInt16 {
  UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
}

private func truncated(at offset: Int, _ expected: String) -> MusicError {
  .midiFile(at: offset, expected: expected, found: "the end of the track")
}

/// Up to four bytes at `offset`, in hexadecimal, for an error message.
private func found(_ bytes: Span<UInt8>, at offset: Int) -> String {
  guard offset < bytes.count else { return "the end of the file" }
  var text = ""
  for index in offset..<min(offset + 4, bytes.count) {
    text += (text.isEmpty ? "" : " ") + hex(bytes[index])
  }
  return text
}
