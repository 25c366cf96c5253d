// SPDX-License-Identifier: MIT
import Glibc

/// Wakes a thread that waits in `poll`.
package final class WakePipe: Sendable {
  /// Becomes readable after `wake`.
  package let readEnd: Int32
  private let writeEnd: Int32

  /// Opens the pipe.
  package init() throws(InstanceError) {
    var ends: [Int32] = [-1, -1]
    let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
    guard socketpair(AF_UNIX, Int32(type), 0, &ends) == 0 else {
      throw .system(call: "socketpair", path: "the waking pipe", code: errno)
    }
    readEnd = ends[0]
    writeEnd = ends[1]
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  /// Wakes the waiting thread; harmless when it is awake.
  package func wake() {
    var byte: UInt8 = 1
    // A full pipe is a thread already woken.
    _ = send(writeEnd, &byte, 1, Int32(MSG_NOSIGNAL))
  }

  /// Makes the pipe unreadable again until the next `wake`.
  package func drain() {
    var bytes: [UInt8] = []
    while case .moved = UnixSocket.read(readEnd, into: &bytes, limit: 256) {
      bytes.removeAll(keepingCapacity: true)
    }
  }
}
