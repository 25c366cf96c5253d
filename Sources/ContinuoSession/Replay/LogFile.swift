// SPDX-License-Identifier: MIT
internal import Foundation
internal import Glibc

/// A log's file: whole lines, for its owner alone, without secrets.
///
/// - Thread: the log's queue.
final class LogFile: @unchecked Sendable {
  // SAFETY (@unchecked): after `init` every variable is touched on the log's serial queue alone.
  private var descriptor: Int32
  private let path: String
  private let secrets: [String]
  private let limit: Int
  private var size = 0
  private let encoder = JSONEncoder()
  /// Words that look like keys: what providers begin them with, and what follows "Bearer".
  private let shapes = try? NSRegularExpression(
    pattern: #"\bsk-[A-Za-z0-9_\-]{8,}|\bBearer +[^\s"\\]+|(?<=://)[^/@\s"\\]+@"#)

  init(_ path: String, secrets: [String], limit: Int) throws(CommandFailure) {
    let shown = TerminalText.clean(path)
    descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let code = errno
      throw CommandFailure(
        .failed,
        code == EEXIST
          ? "\(shown) is there already, and a log is not written over it: name another file"
          : "Cannot make the log \(shown): \(String(cString: strerror(code)))")
    }
    self.path = path
    self.limit = limit
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // As they would stand within a JSON text; shorter words are no keys and would tear others.
    self.secrets = secrets.filter { $0.utf8.count >= 8 }.map {
      String(JSONValue.string($0).line.dropFirst().dropLast())
    }
  }

  deinit { close() }

  /// Adds a line for each of `values`; what is wrong, in words, when not all of them could be.
  func write(_ values: [some Encodable]) -> String? {
    guard descriptor >= 0 else { return nil }
    var bytes: [UInt8] = []
    var fault: String?
    for value in values {
      // An infinite number is the one thing that cannot be encoded: its line says nothing.
      guard let line = try? encoder.encode(value) else { continue }
      let clean = cleaned(String(decoding: line, as: UTF8.self)).utf8
      guard size + bytes.count + clean.count < limit else {
        fault = "it has reached its \(limit) bytes"
        break
      }
      bytes += clean
      bytes.append(UInt8(ascii: "\n"))
    }
    fault = put(bytes) ?? fault
    if fault != nil { close() }
    return fault
  }

  private func put(_ bytes: [UInt8]) -> String? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
        size += count
      } else if errno != EINTR {
        let reason = String(cString: strerror(errno))
        // What stays ends with a whole line.
        let written = bytes.prefix(bytes.count - rest.count)
        let whole = (written.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        _ = ftruncate(descriptor, off_t(size - written.count + whole))
        return "\(TerminalText.clean(path)) cannot be written (\(reason))"
      }
    }
    return nil
  }

  private func cleaned(_ line: String) -> String {
    var line = line
    for secret in secrets where line.contains(secret) {
      line = line.replacingOccurrences(of: secret, with: "(key)")
    }
    guard line.contains("sk-") || line.contains("Bearer") || line.contains("@") else { return line }
    let whole = NSRange(line.startIndex..., in: line)
    return shapes?.stringByReplacingMatches(in: line, range: whole, withTemplate: "(key)") ?? line
  }

  func close() {
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
    descriptor = -1
  }

  func remove() {
    close()
    unlink(path)
  }
}
