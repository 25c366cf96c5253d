// SPDX-License-Identifier: MIT
import Glibc

/// An open file descriptor, closed when its owner lets go of it.
struct Descriptor: ~Copyable {
  let raw: Int32

  init(_ raw: Int32) { self.raw = raw }

  deinit { close(raw) }

  /// Makes reads and writes return at once.
  func setNonBlocking() {
    let flags = fcntl(raw, F_GETFL)
    if flags >= 0 { _ = fcntl(raw, F_SETFL, flags | O_NONBLOCK) }
    _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
  }
}

/// What a non-blocking read or write came to.
enum Transfer: Equatable {
  /// Bytes moved; more than zero.
  case moved(Int)
  /// Nothing to read, or no room to write.
  case later
  /// The other end is closed.
  case closed
}

/// The few socket calls the control socket needs, with Swift's types.
enum UnixSocket {
  /// A stream socket that never blocks and is not inherited.
  static func make(path: String) throws(InstanceError) -> Descriptor {
    let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
    let raw = socket(AF_UNIX, Int32(type), 0)
    guard raw >= 0 else { throw .system(call: "socket", path: path, code: errno) }
    return Descriptor(raw)
  }

  /// Calls `body` with the address of `path`.
  static func withAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(InstanceError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
      guard bytes.count < room.count, !bytes.contains(0) else { return false }
      room.copyBytes(from: bytes)
      return true
    }
    guard fits else { throw .pathTooLong(path: path) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  /// The user at the other end, as the kernel knows it; nil when it does not.
  static func peerUser(of descriptor: Int32) -> uid_t? {
    // The kernel's struct ucred, which Glibc's module hides: pid, uid, gid.
    var credentials: (pid: pid_t, uid: uid_t, gid: gid_t) = (0, .max, .max)
    var size = socklen_t(MemoryLayout.size(ofValue: credentials))
    guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0,
      size == MemoryLayout.size(ofValue: credentials)
    else { return nil }
    return credentials.uid
  }

  /// Reads what is there, up to `limit` bytes, onto the end of `bytes`.
  static func read(_ descriptor: Int32, into bytes: inout [UInt8], limit: Int) -> Transfer {
    let got = withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { room in
      let got = recv(descriptor, room.baseAddress, room.count, 0)
      if got > 0 { bytes.append(contentsOf: room[..<got]) }
      return got
    }
    return transfer(got)
  }

  /// Writes as much of `bytes` as fits, without a signal when nobody reads.
  static func write(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Transfer {
    guard !bytes.isEmpty else { return .later }
    let sent = bytes.withUnsafeBytes {
      send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    return transfer(sent)
  }

  private static func transfer(_ count: Int) -> Transfer {
    if count > 0 { return .moved(count) }
    if count < 0, errno == EAGAIN || errno == EINTR { return .later }
    return .closed
  }
}
