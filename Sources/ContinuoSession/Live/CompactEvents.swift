// SPDX-License-Identifier: MIT
internal import ContinuoMusic
internal import ContinuoRealtime

/// Captured events in 40 bytes each, in chunks, so that the oldest can go without moving the rest.
///
/// A message of up to three bytes lies in its record; a longer one lies beside the chunk and counts
/// its bytes as well.
struct CompactEvents {
  /// Most events in a chunk.
  static let chunkSize = 16_384

  private struct Record {
    var frame: UInt64
    var quarters: Double
    var tick: Double
    var bar: Int32
    var beat: Int16
    var port: UInt8
    /// Bit 0: rolling; bit 1: the place is known; bit 2: the bytes lie beside the chunk.
    var flags: UInt8
    var size: UInt32
    var bytes: (UInt8, UInt8, UInt8)
  }

  private struct Chunk {
    var records: [Record] = []
    var long: [Int: [UInt8]] = [:]
    var longBytes = 0

    /// Full in number, or in bytes of long messages: a chunk can only go as a whole.
    var isFull: Bool { records.count >= chunkSize || longBytes > 16 << 20 }
  }

  private var chunks: [Chunk] = [Chunk()]
  /// Events held.
  private(set) var count = 0
  /// Events let go from the front since the start.
  private(set) var forgotten = 0
  /// Bytes of long messages held.
  private(set) var longBytes = 0

  /// Bytes the events take, without what the memory allocator adds.
  var byteCount: Int {
    chunks.reduce(0) { $0 + $1.records.capacity * MemoryLayout<Record>.stride } + longBytes
  }

  mutating func append(_ captured: CapturedEvent) {
    if chunks[chunks.count - 1].isFull { chunks.append(Chunk()) }
    let last = chunks.count - 1
    let event = captured.event
    let bytes = captured.bytes
    let isLong = bytes.count > 3
    let record = Record(
      frame: event.frame, quarters: event.quarters, tick: event.tick, bar: event.bar,
      beat: event.beat, port: event.port,
      flags: UInt8(truncatingIfNeeded: event.flags & 3) | (isLong ? 4 : 0),
      size: UInt32(clamping: bytes.count),
      bytes: isLong
        ? (0, 0, 0)
        : (
          !bytes.isEmpty ? bytes[0] : 0, bytes.count > 1 ? bytes[1] : 0,
          bytes.count > 2 ? bytes[2] : 0
        ))
    if isLong {
      chunks[last].long[chunks[last].records.count] = bytes
      chunks[last].longBytes += bytes.count
      longBytes += bytes.count
    }
    if chunks[last].records.isEmpty { chunks[last].records.reserveCapacity(Self.chunkSize) }
    chunks[last].records.append(record)
    count += 1
  }

  /// Lets the oldest chunk go; the one that is being filled stays.
  mutating func forgetOldestChunk() {
    guard chunks.count > 1 else { return }
    let oldest = chunks.removeFirst()
    count -= oldest.records.count
    forgotten += oldest.records.count
    longBytes -= oldest.longBytes
  }

  /// The events from number `index` on, counted from 0 over all that ever came.
  func events(from index: Int) -> [Take.Event] {
    var skip = max(0, index - forgotten)
    guard skip < count else { return [] }
    var events: [Take.Event] = []
    events.reserveCapacity(count - skip)
    for chunk in chunks {
      guard skip < chunk.records.count else {
        skip -= chunk.records.count
        continue
      }
      for place in skip..<chunk.records.count { events.append(event(chunk, place)) }
      skip = 0
    }
    return events
  }

  /// The number of the first event at or after `frame`; the number after the last when none is.
  func index(atFrame frame: UInt64) -> Int {
    var passed = forgotten
    for chunk in chunks {
      guard let last = chunk.records.last, last.frame >= frame else {
        passed += chunk.records.count
        continue
      }
      return passed + (chunk.records.firstIndex { $0.frame >= frame } ?? chunk.records.count)
    }
    return passed
  }

  private func event(_ chunk: Chunk, _ place: Int) -> Take.Event {
    let record = chunk.records[place]
    let short = [record.bytes.0, record.bytes.1, record.bytes.2]
    return Take.Event(
      frame: record.frame, port: Int(record.port),
      bytes: record.flags & 4 != 0
        ? chunk.long[place] ?? [] : Array(short.prefix(Int(record.size))),
      position: record.flags & 2 == 0
        ? nil
        : SongPosition(
          bar: Int(record.bar), beat: Int(record.beat), tick: record.tick,
          quarters: Beats(record.quarters)),
      rolling: record.flags & 1 != 0)
  }
}
