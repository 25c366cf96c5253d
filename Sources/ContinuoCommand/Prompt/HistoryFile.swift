// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// The lines typed before, one a line, in a file for this user only.
///
/// Each line is appended as it is typed, so that two instances share one file and nothing is lost
/// when the program is killed.
struct HistoryFile: Sendable {
  /// Lines remembered.
  static let capacity = 1000
  /// A larger file is not ours: it is left alone and not read.
  private static let maximumBytes = 4 << 20

  private let path: String

  /// The history in `folder`, which is made when it is missing; nil when that cannot be.
  init?(folder: URL) {
    let manager = FileManager.default
    do {
      try manager.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      return nil
    }
    path = folder.appendingPathComponent("history").path
  }

  /// The last lines, oldest first; none when the file cannot be read.
  ///
  /// A file that has grown to twice the capacity is cut down to it.
  func load() -> [String] {
    let raw = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard raw >= 0 else { return [] }
    let handle = FileHandle(fileDescriptor: raw, closeOnDealloc: true)
    guard let data = try? handle.read(upToCount: Self.maximumBytes + 1),
      data.count <= Self.maximumBytes
    else { return [] }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    let kept = Array(lines.suffix(Self.capacity))
    if lines.count > 2 * Self.capacity { rewrite(kept) }
    return kept
  }

  /// Adds a line; a disk that takes no more is no reason to stop the music.
  func append(_ line: String) {
    write(Array((line + "\n").utf8), to: path, flags: O_APPEND)
  }

  private func rewrite(_ lines: [String]) {
    let temporary = path + ".new"
    let text = lines.joined(separator: "\n") + "\n"
    if write(Array(text.utf8), to: temporary, flags: O_TRUNC) { rename(temporary, path) }
  }

  @discardableResult
  private func write(_ bytes: [UInt8], to path: String, flags: Int32) -> Bool {
    let raw = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | flags, 0o600)
    guard raw >= 0 else { return false }
    defer { close(raw) }
    fchmod(raw, 0o600)
    return Glibc.write(raw, bytes, bytes.count) == bytes.count
  }
}
