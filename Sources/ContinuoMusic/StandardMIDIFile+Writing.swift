// SPDX-License-Identifier: MIT

extension StandardMIDIFile {
  /// The file's bytes, with or without running status.
  ///
  /// The same events always give the same bytes. A track without an end of track gets one at its
  /// last event. Throws `MusicError.unwritableEvent` for ticks that go backwards, lie beyond
  /// `maximumTick` or more than `maximumDelta` apart, data longer than `maximumDelta`, and events
  /// after an end of track; `MusicError.unwritableFile` for a header that cannot be.
  public func bytes(runningStatus: Bool = false) throws(MusicError) -> [UInt8] {
    guard format != .single || tracks.count == 1 else {
      throw .unwritableFile(reason: "format 0 has one track, not \(tracks.count)")
    }
    guard tracks.count <= 0xFFFF else {
      throw .unwritableFile(reason: "\(tracks.count) tracks are more than 65535")
    }
    var output: [UInt8] = [0x4D, 0x54, 0x68, 0x64, 0, 0, 0, 6]
    output.reserveCapacity(tracks.reduce(64) { $0 + 16 + $1.count * 4 })
    output.append(bigEndian: format.rawValue)
    output.append(bigEndian: UInt16(tracks.count))
    output.append(bigEndian: try divisionWord())
    for (index, track) in tracks.enumerated() {
      output.append(contentsOf: [0x4D, 0x54, 0x72, 0x6B, 0, 0, 0, 0])
      let start = output.count
      try Self.append(track, number: index + 1, runningStatus: runningStatus, to: &output)
      guard let length = UInt32(exactly: output.count - start) else {
        throw .unwritableFile(reason: "track \(index + 1) is longer than four gigabytes")
      }
      for byte in 0..<4 {
        output[start - 4 + byte] = UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32(byte)))
      }
    }
    return output
  }

  private func divisionWord() throws(MusicError) -> UInt16 {
    switch division {
    case .ticksPerQuarter(let ticks):
      guard (1...0x7FFF).contains(ticks) else {
        throw .unwritableFile(reason: "\(ticks) ticks a quarter are not 1 to 32767")
      }
      return UInt16(ticks)
    case .timeCode(let rate, let ticks):
      guard (1...0xFF).contains(ticks) else {
        throw .unwritableFile(reason: "\(ticks) ticks a frame are not 1 to 255")
      }
      return UInt16(256 - rate.rawValue) << 8 | UInt16(ticks)
    }
  }

  private static func append(
    _ track: [Event], number: Int, runningStatus: Bool, to output: inout [UInt8]
  ) throws(MusicError) {
    var last = 0
    var running: UInt8 = 0
    var isEnded = false
    for (index, event) in track.enumerated() {
      if let reason = fault(event, after: last, isEnded: isEnded) {
        throw .unwritableEvent(track: number, event: index + 1, reason: reason)
      }
      output.append(quantity: event.tick - last)
      last = event.tick
      switch event.payload {
      case .channel(let message):
        if !runningStatus || message.status != running { output.append(message.status) }
        running = message.status
        output.append(message.data1)
        if message.count == 3 { output.append(message.data2) }
        continue
      case .sysEx(let data):
        output.append(0xF0)
        output.append(quantity: data.count)
        output.append(contentsOf: data)
      case .escape(let data):
        output.append(0xF7)
        output.append(quantity: data.count)
        output.append(contentsOf: data)
      case .meta(let meta):
        output.append(0xFF)
        output.append(meta.type)
        output.append(quantity: meta.bytes.count)
        output.append(contentsOf: meta.bytes)
        isEnded = meta.isEndOfTrack
      }
      running = 0
    }
    if !isEnded { output.append(contentsOf: [0, 0xFF, 0x2F, 0]) }
  }

  private static func fault(_ event: Event, after last: Int, isEnded: Bool) -> String? {
    guard !isEnded else { return "it comes after the end of the track" }
    guard event.tick >= last else { return "tick \(event.tick) comes before tick \(last)" }
    guard event.tick <= maximumTick else { return "tick \(event.tick) is above \(maximumTick)" }
    guard event.tick - last <= maximumDelta else {
      return "it is \(event.tick - last) ticks after the one before, more than \(maximumDelta)"
    }
    switch event.payload {
    case .channel: return nil
    case .sysEx(let data), .escape(let data):
      return data.count <= maximumDelta ? nil : "\(data.count) bytes are too long"
    case .meta(let meta):
      return meta.bytes.count <= maximumDelta ? nil : "\(meta.bytes.count) bytes are too long"
    }
  }
}

extension [UInt8] {
  fileprivate mutating func append(bigEndian number: UInt16) {
    append(UInt8(number >> 8))
    append(UInt8(number & 0xFF))
  }

  /// Appends a variable-length quantity of 0...`StandardMIDIFile.maximumDelta`.
  fileprivate mutating func append(quantity: Int) {
    var shift = quantity < 1 << 7 ? 0 : quantity < 1 << 14 ? 7 : quantity < 1 << 21 ? 14 : 21
    while shift > 0 {
      append(UInt8((quantity >> shift) & 0x7F) | 0x80)
      shift -= 7
    }
    append(UInt8(quantity & 0x7F))
  }
}
