// SPDX-License-Identifier: MIT

import Glibc

/// A file that appears under its name whole or not at all.
///
/// It is written beside its name, as `name.partial`, and moved there by `commit()`. When writing
/// fails, or the program is killed, what was written stays in the partial file. A path that is a
/// device or a pipe is written to directly, for there is nothing to replace.
final class AtomicFile {
  /// The file asked for, symbolic links followed.
  let path: String
  /// Where bytes go until `commit()`; the path itself for a device or pipe.
  let partialPath: String
  /// Bytes written.
  private(set) var count = 0
  private let isDirect: Bool
  private var descriptor: Int32 = -1

  /// Opens the partial file; throws `MusicError.disk` when the folder does not allow it.
  ///
  /// `mode` is the file's in the end, whatever the process' mask; nil leaves that to the mask.
  init(path requested: String, mode: mode_t? = nil) throws(MusicError) {
    guard !requested.isEmpty, !requested.utf8.contains(0) else {
      throw .disk(operation: "open", path: requested, code: EINVAL, saved: nil)
    }
    path = Self.resolved(requested)
    var status = stat()
    let exists = stat(path, &status) == 0
    let kind = status.st_mode & S_IFMT
    if exists, kind == S_IFDIR {
      throw .disk(operation: "write", path: path, code: EISDIR, saved: nil)
    }
    isDirect = exists && kind != S_IFREG
    guard !isDirect else {
      partialPath = path
      descriptor = Glibc.open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
      guard descriptor >= 0 else {
        throw .disk(operation: "open", path: path, code: errno, saved: nil)
      }
      return
    }
    // Another run's partial file may hold music that was saved nowhere else.
    var candidate = path + ".partial"
    var attempt = 1
    while true {
      descriptor = Glibc.open(
        candidate, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode ?? 0o666)
      if descriptor >= 0 { break }
      guard errno == EEXIST, attempt < 100 else {
        throw .disk(operation: "create", path: candidate, code: errno, saved: nil)
      }
      attempt += 1
      candidate = "\(path).partial-\(attempt)"
    }
    partialPath = candidate
    if let mode, fchmod(descriptor, mode) != 0 {
      let code = errno
      discard()
      throw .disk(operation: "protect", path: candidate, code: code, saved: nil)
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Writes all of `bytes` or throws `MusicError.disk`; `count` tells how many reached the file.
  func write(_ bytes: UnsafeRawBufferPointer) throws(MusicError) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if written > 0 {
        done += written
        count += written
      } else if written < 0, errno == EINTR {
        continue
      } else {
        throw fault("write", written < 0 ? errno : ENOSPC)
      }
    }
  }

  /// Takes back bytes beyond `length`, so that the file ends with something whole.
  func truncate(to length: Int) {
    guard !isDirect, length < count else { return }
    // Should this fail the file ends in half a line, which is still no loss.
    guard ftruncate(descriptor, length) == 0, lseek(descriptor, length, SEEK_SET) >= 0 else {
      return
    }
    count = length
  }

  /// Brings the bytes to the disk and the file to its name.
  func commit() throws(MusicError) {
    guard descriptor >= 0 else { return }
    if fsync(descriptor) != 0, errno != EINVAL, errno != EROFS {
      throw fault("write", errno)
    }
    let result = close(descriptor)
    descriptor = -1
    guard result == 0 else { throw fault("write", errno) }
    guard !isDirect else { return }
    guard rename(partialPath, path) == 0 else { throw fault("name", errno) }
    syncFolder()
  }

  /// Closes and removes the partial file: nothing was worth keeping.
  func discard() {
    guard descriptor >= 0 else { return }
    close(descriptor)
    descriptor = -1
    if !isDirect { unlink(partialPath) }
  }

  /// Writes `bytes` to `path`, whole or not at all.
  static func write(_ bytes: [UInt8], to path: String) throws(MusicError) {
    let file = try AtomicFile(path: path)
    do {
      let result = bytes.withUnsafeBytes { buffer -> Result<Void, MusicError> in
        Result { () throws(MusicError) in try file.write(buffer) }
      }
      try result.get()
    } catch {
      if file.count == 0 { file.discard() }
      throw error
    }
    try file.commit()
  }

  private func fault(_ operation: String, _ code: Int32) -> MusicError {
    .disk(
      operation: operation, path: path, code: code,
      saved: isDirect || count == 0 ? nil : partialPath)
  }

  /// The new name itself must survive a power cut; not every file system can promise it.
  private func syncFolder() {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// The file a symbolic link leads to, so that the link is not replaced by the file.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }
}
