// SPDX-License-Identifier: MIT

import Glibc
import Testing

@testable import ContinuoMusic

/// Whether a small file system of our own can be mounted, which wants root.
private let canMount: Bool = {
  guard geteuid() == 0, let folder = try? TemporaryFolder() else { return false }
  guard mount("none", folder.path, "tmpfs", 0, "size=64k") == 0 else { return false }
  umount(folder.path)
  return true
}()

/// The system's code and what was saved, when `body` fails on the disk.
private func diskFault(_ body: () throws(MusicError) -> Void) -> (code: Int32, saved: String?)? {
  do {
    try body()
    return nil
  } catch {
    guard case .disk(_, _, let code, let saved) = error else { return (-1, nil) }
    return (code, saved)
  }
}

@Suite struct TakeWriterTests {
  @Test func `the file has its name only when it is finished`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/take.jsonl"
    let writer = try TakeWriter(path: path)
    try writer.append(event(1, 1, "903C64"))
    #expect(text(writer.partialPath).isEmpty)
    try writer.flush()
    #expect(text(writer.partialPath).hasSuffix("\"rolling\"}\n"))
    #expect(folder.names == ["take.jsonl.partial"])
    try writer.append(event(2, 1, "803C00"))
    #expect(writer.pendingByteCount > 0)
    try writer.finish()
    try writer.finish()
    #expect(folder.names == ["take.jsonl"])
    #expect(text(path).split(separator: "\n").count == 2)
    #expect(writer.eventCount == 2)
    #expect(throws: MusicError.self) { try writer.append(event(3, 1, "803C00")) }
  }

  @Test func `events reach the file as they gather`() throws {
    let folder = try TemporaryFolder()
    let writer = try TakeWriter(path: folder.path + "/take.jsonl")
    for frame in 0..<5000 { try writer.append(event(UInt64(frame), 1, "903C64")) }
    #expect(contents(writer.partialPath).count > 200_000)
    #expect(writer.pendingByteCount < 1 << 16)
    try writer.finish()
    let lines = text(folder.path + "/take.jsonl").split(separator: "\n")
    #expect(lines.count == 5000)
    for (frame, line) in lines.enumerated() {
      try #require(line.hasPrefix("{\"frame\":\(frame),"))
    }
  }

  @Test func `an older file stays whole until the new one is`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/take.jsonl"
    try AtomicFile.write(Array("old".utf8), to: path)
    let writer = try TakeWriter(path: path)
    try writer.append(event(1, 1, "903C64"))
    try writer.flush()
    #expect(text(path) == "old")
    try writer.finish()
    #expect(text(path).hasPrefix("{\"frame\":1,"))
  }

  @Test func `a partial file left behind is never written over`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/take.jsonl"
    do {
      let lost = try TakeWriter(path: path)
      try lost.append(event(1, 1, "903C64"))
      try lost.flush()
    }
    let next = try TakeWriter(path: path)
    #expect(next.partialPath == path + ".partial-2")
    try next.finish()
    #expect(folder.names == ["take.jsonl", "take.jsonl.partial"])
    #expect(text(path + ".partial").hasPrefix("{\"frame\":1,"))
  }

  @Test func `an abandoned take without events leaves nothing`() throws {
    let folder = try TemporaryFolder()
    let writer = try TakeWriter(path: folder.path + "/take.jsonl")
    writer.abandon()
    #expect(folder.names.isEmpty)
  }

  @Test func `a symbolic link is followed, not replaced`() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write([], to: folder.path + "/real.jsonl")
    #expect(symlink("real.jsonl", folder.path + "/link.jsonl") == 0)
    try AtomicFile.write(Array("new".utf8), to: folder.path + "/link.jsonl")
    #expect(text(folder.path + "/real.jsonl") == "new")
    var status = stat()
    #expect(lstat(folder.path + "/link.jsonl", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
  }

  @Test func `a device is written to and stays a device`() throws {
    let error = #expect(throws: MusicError.self) {
      try AtomicFile.write(Array("music".utf8), to: "/dev/full")
    }
    guard case .disk(_, "/dev/full", ENOSPC, nil) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.description == "Cannot write /dev/full: No space left on device")
    try AtomicFile.write(Array("music".utf8), to: "/dev/null")
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test(arguments: [
    ("/tmp/continuo-no-such-folder/take.jsonl", ENOENT), ("/dev/null/take.jsonl", ENOTDIR),
    ("/tmp", EISDIR), ("", EINVAL), ("/tmp/a\0b.jsonl", EINVAL),
  ]) func `a path that cannot be is refused with the system's reason`(path: String, code: Int32) {
    let error = #expect(throws: MusicError.self) { try TakeWriter(path: path) }
    guard case .disk(_, _, let found, nil) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(found == code)
    #expect(error?.description.contains(String(cString: strerror(code))) == true)
  }

  @Test func `a folder one may not write in is refused`() async throws {
    let folder = try TemporaryFolder()
    #expect(chmod(folder.path, 0o555) == 0)
    let path = folder.path + "/take.jsonl"
    // Root may write anywhere, so the child becomes nobody first.
    await #expect(processExitsWith: .exitCode(EACCES)) { [path = path as String] in
      if geteuid() == 0, setgid(65534) != 0 || setuid(65534) != 0 { exit(99) }
      exit(diskFault { () throws(MusicError) in _ = try TakeWriter(path: path) }?.code ?? 98)
    }
    #expect(folder.names.isEmpty)
  }

  @Test func `a killed program leaves whole lines beside the name`() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/take.jsonl"
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let writer = try TakeWriter(path: path)
      for frame in 0..<100 { try writer.append(event(UInt64(frame), 1, "903C64")) }
      try writer.flush()
      try writer.append(event(100, 1, "803C64"))
      kill(getpid(), SIGKILL)
    }
    #expect(folder.names == ["take.jsonl.partial"])
    let lines = text(path + ".partial").split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 101 && lines.last == "")
    #expect(lines.dropLast().allSatisfy { $0.hasSuffix("}") })
  }

  @Test func `a file cut off by the system keeps whole lines, and nothing is lost or doubled`()
    async throws
  {
    let folder = try TemporaryFolder()
    let path = folder.path + "/take.jsonl"
    await #expect(processExitsWith: .exitCode(42)) { [path = path as String] in
      // A limit on file size stops a write in the middle, as a full disk does, without root.
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 10_000, rlim_max: rlim_t(bitPattern: -1))
      guard setrlimit(__rlimit_resource_t(UInt32(RLIMIT_FSIZE.rawValue)), &limit) == 0 else {
        exit(1)
      }
      let writer = try TakeWriter(path: path)
      for frame in 0..<1000 { try writer.append(event(UInt64(frame), 1, "903C64")) }
      let fault = diskFault { () throws(MusicError) in try writer.finish() }
      guard fault?.code == EFBIG, fault?.saved == writer.partialPath else { exit(2) }
      let kept = contents(writer.partialPath)
      guard kept.last == UInt8(ascii: "\n"), (9_800...10_000).contains(kept.count), !exists(path)
      else { exit(3) }
      // Still no room: the next try fails as well and changes nothing.
      guard (try? writer.flush()) == nil, contents(writer.partialPath) == kept else { exit(4) }
      limit.rlim_cur = limit.rlim_max
      setrlimit(__rlimit_resource_t(UInt32(RLIMIT_FSIZE.rawValue)), &limit)
      try writer.finish()
      exit(42)
    }
    let lines = text(path).split(separator: "\n")
    #expect(lines.count == 1000)
    for (frame, line) in lines.enumerated() {
      try #require(line.hasPrefix("{\"frame\":\(frame),") && line.hasSuffix("}"))
    }
    #expect(folder.names == ["take.jsonl"])
  }

  @Test(.enabled(if: canMount, "mounting a small disk needs root"))
  func `a really full disk loses nothing`() throws {
    let folder = try TemporaryFolder()
    try #require(mount("none", folder.path, "tmpfs", 0, "size=64k") == 0)
    defer { umount2(folder.path, Int32(MNT_DETACH)) }
    let path = folder.path + "/take.jsonl"
    try AtomicFile.write([UInt8](repeating: 0, count: 20_000), to: folder.path + "/other")
    let writer = try TakeWriter(path: path)
    var failures = 0
    for frame in 0..<3000 {
      let next = event(UInt64(frame), 1, "903C64")
      guard let fault = diskFault({ () throws(MusicError) in try writer.append(next) }) else {
        continue
      }
      #expect(fault.code == ENOSPC && fault.saved == writer.partialPath)
      failures += 1
    }
    #expect((1...5).contains(failures), "tried again for every 64 KB, not for every event")
    let kept = text(writer.partialPath)
    #expect(kept.hasSuffix("}\n") && !exists(path))
    let error = #expect(throws: MusicError.self) { try writer.finish() }
    #expect(
      error?.description
        == "Cannot write \(path): No space left on device; "
        + "what was written until then is in \(path).partial")
    // Room again: the same writer brings everything to the disk.
    try #require(mount("none", folder.path, "tmpfs", UInt(MS_REMOUNT), "size=1m") == 0)
    try writer.finish()
    let lines = text(path).split(separator: "\n")
    #expect(lines.count == 3000)
    for (frame, line) in lines.enumerated() {
      try #require(line.hasPrefix("{\"frame\":\(frame),") && line.hasSuffix("}"))
    }
    // A whole file that does not fit never gets its name, and what fitted is kept.
    let big = #expect(throws: MusicError.self) {
      try AtomicFile.write([UInt8](repeating: 1, count: 2 << 20), to: folder.path + "/song.mid")
    }
    guard case .disk(_, _, ENOSPC, let saved?) = big else {
      Issue.record("\(String(describing: big))")
      return
    }
    #expect(saved == folder.path + "/song.mid.partial")
    #expect(contents(saved).count > 100_000)
    #expect(!exists(folder.path + "/song.mid"))
  }
}
