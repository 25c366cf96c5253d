// SPDX-License-Identifier: MIT
import ContinuoMusic
import Foundation
import Glibc

/// The folder through which Continuo and its action in Ardour's editor speak.
///
/// It is this user's alone: whoever could write a job could make Ardour import any file.
struct EditorFolder: Hashable, Sendable {
  let path: String

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Makes the folder when it is missing and checks that nobody else can enter it.
  func prepare() throws(EditorFailure) {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Self.system(path) }
    try check(tightening: true)
  }

  /// Throws `unusable` unless the folder is there, no link, this user's, and closed to others.
  func check(tightening: Bool = false) throws(EditorFailure) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      guard errno == ELOOP || errno == ENOTDIR else { throw Self.system(path) }
      throw .unusable(path: path, reason: "it is a link or a file: remove it")
    }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw Self.system(path) }
    guard facts.st_uid == geteuid() else {
      throw .unusable(path: path, reason: "it belongs to another user: remove it")
    }
    guard facts.st_mode & 0o077 != 0 else { return }
    guard tightening, fchmod(descriptor, 0o700) == 0 else {
      throw .unusable(path: path, reason: "others may enter it: chmod 700 it")
    }
  }

  /// Removes the folder and what Continuo and its action put there, and nothing else.
  func remove() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let ours = ["job-", "answer-", "present-", "lock", "import-"]
    for name in names where ours.contains(where: { name.hasPrefix($0) }) {
      try? FileManager.default.removeItem(atPath: file(name))
    }
    rmdir(path)
  }

  /// Removes what processes that have ended since left behind.
  func sweep(_ processes: ArdourProcesses) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names {
      let parts = name.split(separator: "-", maxSplits: 1)
      guard parts.count == 2, ["job", "answer", "present", "lock"].contains(parts[0]),
        let process = Int(parts[1]), processes.start(of: process) == nil
      else { continue }
      unlink(file(name))
    }
  }

  /// Runs `body` while no other Continuo is at work with the Ardour `process`.
  ///
  /// Throws `busy` when another one is for longer than `timeout`.
  func alone<Result: Sendable>(
    with process: Int, timeout: Duration, _ body: () async throws(ArdourError) -> Result
  ) async throws(ArdourError) -> Result {
    let descriptor = open(file("lock-\(process)"), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .editor(Self.system(path)) }
    defer { close(descriptor) }
    let deadline = ContinuousClock.now + timeout
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard ContinuousClock.now < deadline, !Task.isCancelled else { throw .editor(.busy) }
      try? await Task.sleep(for: .milliseconds(20))
    }
    return try await body()
  }

  /// The bytes of a regular file and its permissions; throws `unusable` for any other, or a larger.
  static func read(
    _ path: String, limit: Int
  ) throws(EditorFailure) -> (bytes: [UInt8], mode: UInt32) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw system(path) }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw system(path) }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      throw .unusable(path: path, reason: "it is no file")
    }
    guard facts.st_size <= limit else {
      throw .unusable(path: path, reason: "it is larger than \(limit) bytes")
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    guard let data = try? handle.read(upToCount: limit + 1) ?? Data(), data.count <= limit else {
      throw .unusable(path: path, reason: "it cannot be read")
    }
    return ([UInt8](data), facts.st_mode & 0o777)
  }

  /// Writes a file whole or not at all; a link to it stays one.
  static func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(EditorFailure) {
    do {
      try WholeFile.write(bytes, to: path, mode: mode)
    } catch {
      throw .unusable(path: path, reason: error.systemReason)
    }
  }

  private static func system(_ path: String) -> EditorFailure {
    .unusable(path: path, reason: String(cString: strerror(errno)))
  }
}
