// SPDX-License-Identifier: MIT

/// Cuts a stream of bytes into lines of bounded length.
package struct LineCutter {
  /// The longest line taken, in bytes, without its end.
  package let limit: Int
  private var pending: [UInt8] = []

  /// Cuts lines of up to `limit` bytes.
  package init(limit: Int) { self.limit = limit }

  /// Takes bytes in and gives the lines they complete, without their ends.
  ///
  /// Nil as soon as a line is longer than the limit: the stream is of no use after that. At most
  /// `limit` bytes are held between calls.
  package mutating func lines(adding bytes: [UInt8]) -> [[UInt8]]? {
    var lines: [[UInt8]] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(of: 0x0a) {
      pending += rest[..<end]
      guard pending.count <= limit else { return nil }
      lines.append(pending)
      pending = []
      rest = rest[(end + 1)...]
    }
    guard pending.count + rest.count <= limit else { return nil }
    pending += rest
    return lines
  }

  /// What is left without an end when the stream is over; nil when nothing is.
  package mutating func remainder() -> [UInt8]? {
    defer { pending = [] }
    return pending.isEmpty ? nil : pending
  }
}
