// SPDX-License-Identifier: MIT
import Glibc
import Synchronization

/// The two ends of a socket: what its receive thread runs, and what the others call.
final class OSCReceiver: Sendable {
  let counters = Mutex(OSCSocket.Counters())

  private let descriptor: Int32
  /// A pipe: what is written to its second end ends the thread's wait on the first.
  private let wake: (read: Int32, write: Int32)
  /// The only port listened to; nil for any.
  private let sender: UInt16?
  private let continuation: AsyncStream<OSCSocket.Received>.Continuation
  /// Guards the descriptors' end: no call may reach a number that the system has given away again.
  private let isOpen = Mutex(true)

  init(
    descriptor: Int32, wake: (read: Int32, write: Int32), sender: UInt16?,
    continuation: AsyncStream<OSCSocket.Received>.Continuation
  ) {
    self.descriptor = descriptor
    self.wake = wake
    self.sender = sender
    self.continuation = continuation
  }

  /// Receives until `stop()`.
  ///
  /// Runs on the receive thread.
  func run() {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: OSCPacket.maximumSize + 1, alignment: 16)
    defer {
      buffer.deallocate()
      continuation.finish()
    }
    var waits = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      let ready = poll(&waits, 2, 1000)
      if waits[1].revents != 0 { return }
      guard ready > 0 else {
        if ready < 0 && errno != EINTR { return }
        continue
      }
      if waits[0].revents & Int16(POLLERR) != 0 { takeRefusals(into: buffer) }
      if waits[0].revents & ~Int16(POLLERR) != 0 { receive(into: buffer) }
    }
  }

  func stop() {
    isOpen.withLock { isOpen in
      guard isOpen else { return }
      var mark: UInt8 = 0
      _ = write(wake.write, &mark, 1)
    }
  }

  /// Closes the descriptors, after the thread has ended.
  func release() {
    isOpen.withLock { isOpen in
      guard isOpen else { return }
      isOpen = false
      close(descriptor)
      close(wake.read)
      close(wake.write)
    }
    continuation.finish()
  }

  func send(_ bytes: [UInt8], to port: UInt16) throws(OSCError) {
    let code: Int32? = isOpen.withLock { isOpen -> Int32? in
      guard isOpen else { return nil }
      // The first try may be answered with the refusal of an earlier message.
      for _ in 0..<2 {
        let sent = withLoopback(port) { address, size in
          Int32(sendto(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT), address, size))
        }
        if sent == Int32(bytes.count) { return 0 }
        guard errno == ECONNREFUSED else { break }
      }
      return errno
    }
    guard let code else { throw .closed }
    guard code == 0 else { throw .socket(operation: "send to", port: port, code: code) }
    counters.withLock { $0.sent += 1 }
  }

  /// Empties the socket's queue of messages that came back because nobody has their port open.
  private func takeRefusals(into buffer: UnsafeMutableRawBufferPointer) {
    var refused = 0
    while recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_ERRQUEUE | MSG_DONTWAIT))
      >= 0
    {
      refused += 1
    }
    guard refused > 0 else {
      // The error stands on the socket itself: reading it takes it away, or poll would spin.
      var code: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
      return
    }
    counters.withLock { $0.refused += refused }
  }

  private func receive(into buffer: UnsafeMutableRawBufferPointer) {
    var address = sockaddr_in()
    // One control message: 16 bytes of header and the kernel's 32-bit count of lost datagrams.
    var control: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    var lost: Int?
    let count = withUnsafeMutablePointer(to: &address) { address in
      withUnsafeMutableBytes(of: &control) { control in
        var part = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
        return withUnsafeMutablePointer(to: &part) { part in
          var header = msghdr()
          header.msg_name = UnsafeMutableRawPointer(address)
          header.msg_namelen = socklen_t(MemoryLayout<sockaddr_in>.size)
          header.msg_iov = part
          header.msg_iovlen = 1
          header.msg_control = control.baseAddress
          header.msg_controllen = control.count
          let count = recvmsg(descriptor, &header, Int32(MSG_DONTWAIT))
          if count >= 0, header.msg_controllen >= 20,
            control.load(fromByteOffset: 8, as: Int32.self) == SOL_SOCKET,
            control.load(fromByteOffset: 12, as: Int32.self) == SO_RXQ_OVFL
          {
            lost = Int(control.load(fromByteOffset: 16, as: UInt32.self))
          }
          return count
        }
      }
    }
    guard count >= 0 else { return }
    let port = UInt16(bigEndian: address.sin_port)
    guard sender == nil || sender == port else {
      counters.withLock { counters in
        counters.fromStrangers += 1
        if let lost { counters.overflowed = lost }
      }
      return
    }
    let contents = OSCPacket.decode(UnsafeRawBufferPointer(rebasing: buffer.prefix(count)))
    var dropped = 0
    for message in contents.messages {
      if case .dropped = continuation.yield(OSCSocket.Received(message: message, port: port)) {
        dropped += 1
      }
    }
    counters.withLock { counters in
      counters.received += contents.messages.count - dropped
      counters.dropped += dropped
      counters.malformed += contents.malformed
      if let lost { counters.overflowed = lost }
    }
  }
}
