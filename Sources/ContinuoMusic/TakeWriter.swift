// SPDX-License-Identifier: MIT

/// Writes a take as it is played: one line of JSON for each event, in a file that appears whole.
///
/// Lines gather in memory and go to `path.partial` when there are 64 KB of them, on `flush()` and on
/// `finish()`, which also gives the file its name. A full disk loses nothing: the partial file is cut
/// back to whole lines, the lines that did not fit stay in memory, and the next `flush()` or
/// `finish()` tries them again. Not for use from two threads at once, and never on the process
/// thread: it allocates and waits for the disk.
public final class TakeWriter {
  private static let flushSize = 1 << 16

  private let file: AtomicFile
  private var pending: [UInt8] = []
  private var flushAt = TakeWriter.flushSize
  private var isFinished = false
  /// Events appended.
  public private(set) var eventCount = 0

  /// Opens the partial file beside `path`; throws `MusicError.disk` when it cannot be made.
  public init(path: String) throws(MusicError) {
    file = try AtomicFile(path: path)
  }

  /// Where the events are until `finish()`: `path` with `.partial` at the end.
  public var partialPath: String { file.partialPath }

  /// Bytes of events in memory that are not in the file yet.
  public var pendingByteCount: Int { pending.count }

  /// Events in memory that are not in the file yet.
  public var pendingEventCount: Int { pending.count { $0 == UInt8(ascii: "\n") } }

  /// Adds one event; it is kept in memory even when this throws `MusicError.disk`.
  public func append(_ event: Take.Event) throws(MusicError) {
    guard !isFinished else {
      throw .take(reason: "its file \(file.path) is finished")
    }
    TakeLine.append(event, to: &pending)
    eventCount += 1
    if pending.count >= flushAt { try flush() }
  }

  /// Hands every event so far to the system, so that it outlives this program.
  public func flush() throws(MusicError) {
    guard !pending.isEmpty else { return }
    let before = file.count
    let result = pending.withUnsafeBytes { bytes -> Result<Void, MusicError> in
      Result { () throws(MusicError) in try file.write(bytes) }
    }
    guard case .failure(let error) = result else {
      pending.removeAll(keepingCapacity: true)
      flushAt = Self.flushSize
      return
    }
    let written = pending[..<min(file.count - before, pending.count)]
    let whole = written.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    file.truncate(to: before + whole)
    // What the file holds beyond whole lines (a device cannot be cut back) must not come twice.
    pending.removeFirst(min(file.count - before, pending.count))
    flushAt = pending.count + Self.flushSize
    throw error
  }

  /// Writes the rest, waits for the disk and gives the file its name; once done, does nothing.
  public func finish() throws(MusicError) {
    guard !isFinished else { return }
    try flush()
    try file.commit()
    isFinished = true
  }

  /// Gives up a take without events and removes its partial file.
  ///
  /// A take with events keeps its partial file.
  public func abandon() {
    guard !isFinished else { return }
    isFinished = true
    if eventCount == 0 { file.discard() }
  }
}
