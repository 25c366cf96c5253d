// SPDX-License-Identifier: MIT

/// Cuts a `text/event-stream` into the data of its events (WHATWG HTML, section 9.2).
///
/// Event names, ids and comments are passed over: the data of these servers tells everything.
struct ServerSentEvents {
  /// A line or an event longer than this is refused, in bytes.
  static let longest = 1 << 20

  private var line: [UInt8] = []
  private var data: [UInt8] = []
  private var hasData = false
  private var skipsNewline = false
  /// Whether a line or event was too long; nothing more comes then.
  private(set) var isTooLong = false

  /// Takes `bytes` and hands over the data of every event that they complete.
  mutating func feed(_ bytes: UnsafeRawBufferPointer, event: ([UInt8]) -> Void) {
    for byte in bytes {
      guard !isTooLong else { return }
      if skipsNewline {
        skipsNewline = false
        if byte == 0x0A { continue }
      }
      if byte == 0x0A || byte == 0x0D {
        skipsNewline = byte == 0x0D
        endLine(event)
      } else {
        line.append(byte)
        if line.count > Self.longest { isTooLong = true }
      }
    }
  }

  /// Hands over an event that the stream's end completes.
  mutating func finish(event: ([UInt8]) -> Void) {
    guard !isTooLong else { return }
    if !line.isEmpty { endLine(event) }
    endLine(event)
  }

  private mutating func endLine(_ event: ([UInt8]) -> Void) {
    guard !line.isEmpty else {
      if hasData { event(data) }
      data.removeAll(keepingCapacity: true)
      hasData = false
      return
    }
    let prefix = Array("data:".utf8)
    if line.starts(with: prefix) {
      var value = line.dropFirst(prefix.count)
      if value.first == 0x20 { value = value.dropFirst() }
      if hasData { data.append(0x0A) }
      data += value
      hasData = true
      if data.count > Self.longest { isTooLong = true }
    }
    line.removeAll(keepingCapacity: true)
  }
}
