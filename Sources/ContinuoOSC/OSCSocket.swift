// SPDX-License-Identifier: MIT
import Glibc
import Synchronization

/// One UDP socket on the loopback interface that both sends and receives OSC.
///
/// Ardour answers to the port a message came from, so a client needs the same socket for both.
/// liblo 0.31's own server listens on every interface and cannot be told otherwise; this one binds
/// to 127.0.0.1 alone and takes only liblo's coder. A thread of its own receives; it ends, and the
/// stream with it, on `close()` or when the last reference goes.
public final class OSCSocket: Sendable {
  /// A message and where it came from.
  public struct Received: Hashable, Sendable {
    /// What came.
    public let message: OSCMessage
    /// The sender's port on this machine.
    public let port: UInt16
  }

  /// What passed through, since the socket was opened.
  public struct Counters: Hashable, Sendable {
    /// Messages handed to the stream.
    public internal(set) var received = 0
    /// Messages lost because nobody took them from the stream in time.
    public internal(set) var dropped = 0
    /// Datagrams that the kernel dropped because its buffer was full.
    public internal(set) var overflowed = 0
    /// Messages and bundles that broke the rules of OSC.
    public internal(set) var malformed = 0
    /// Datagrams of others than the one sender that is listened to; not looked into.
    public internal(set) var fromStrangers = 0
    /// Messages sent.
    public internal(set) var sent = 0
    /// Messages sent to `sender` while no program had that port open.
    public internal(set) var refused = 0

    /// Nothing has passed yet.
    public init() {}
  }

  /// The port bound, 1...65535.
  public let port: UInt16
  /// The messages as they arrive, for one reader.
  ///
  /// A full buffer drops the newest, counted.
  public let messages: AsyncStream<Received>

  private let receiver: OSCReceiver
  private let thread: Mutex<pthread_t?>

  /// Opens a socket on `port` (0: any free one) that holds up to `bufferedMessages` untaken ones.
  ///
  /// With `sender` it listens to that port of this machine alone, so that nobody else can crowd out
  /// what comes from there, and counts what was sent while nobody had that port open.
  ///
  /// Throws `OSCError.socket` when the port is taken or sockets are denied, `OSCError.thread`.
  public init(
    port: UInt16 = 0, sender: UInt16? = nil, bufferedMessages: Int = 8192
  ) throws(OSCError) {
    let descriptor = try loopbackSocket(port: port, tellsRefusals: sender != nil)
    var wake: [Int32] = [-1, -1]
    guard pipe(&wake) == 0 else {
      let code = errno
      Glibc.close(descriptor)
      throw .socket(operation: "open a wake-up for", port: port, code: code)
    }
    for end in wake { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let (stream, continuation) = AsyncStream.makeStream(
      of: Received.self, bufferingPolicy: .bufferingOldest(max(1, bufferedMessages)))
    messages = stream
    self.port = boundPort(descriptor)
    let receiver = OSCReceiver(
      descriptor: descriptor, wake: (wake[0], wake[1]), sender: sender,
      continuation: continuation)
    self.receiver = receiver
    var started = pthread_t()
    let argument = Unmanaged.passRetained(receiver)
    let code = pthread_create(
      &started, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<OSCReceiver>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, argument.toOpaque())
    thread = Mutex(code == 0 ? started : nil)
    if code != 0 {
      argument.release()
      receiver.release()
      throw .thread(code: code)
    }
  }

  deinit { close() }

  /// What passed through so far.
  ///
  /// Callable from any thread.
  public var counters: Counters { receiver.counters.withLock { $0 } }

  /// Sends `message` to `port` on this machine without waiting.
  ///
  /// Callable from any thread.
  ///
  /// Throws `OSCError.unsendable`, `OSCError.closed`, or `OSCError.socket` when the kernel's buffer
  /// is full. That nobody listens there is no error: UDP does not tell.
  public func send(_ message: OSCMessage, to port: UInt16) throws(OSCError) {
    let bytes = try OSCPacket.encode(message)
    try receiver.send(bytes, to: port)
  }

  /// Ends the stream, the thread and the socket; returns when all are gone.
  ///
  /// Repeats do nothing.
  public func close() {
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let running else { return }
    receiver.stop()
    pthread_join(running, nil)
    receiver.release()
  }
}

private func loopbackSocket(port: UInt16, tellsRefusals: Bool) throws(OSCError) -> Int32 {
  let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
  let descriptor = socket(AF_INET, type, 0)
  guard descriptor >= 0 else { throw .socket(operation: "open", port: port, code: errno) }
  // A session of a hundred strips answers one question with thousands of datagrams at once.
  var size: Int32 = 1 << 20
  var on: Int32 = 1
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
  setsockopt(descriptor, SOL_SOCKET, SO_RXQ_OVFL, &on, socklen_t(MemoryLayout<Int32>.size))
  if tellsRefusals {
    setsockopt(
      descriptor, Int32(IPPROTO_IP), IP_RECVERR, &on, socklen_t(MemoryLayout<Int32>.size))
  }
  let bound = withLoopback(port) { bind(descriptor, $0, $1) }
  guard bound == 0 else {
    let code = errno
    Glibc.close(descriptor)
    throw .socket(operation: "bind", port: port, code: code)
  }
  return descriptor
}

private func boundPort(_ descriptor: Int32) -> UInt16 {
  var address = sockaddr_in()
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let result = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      getsockname(descriptor, $0, &size)
    }
  }
  return result == 0 ? UInt16(bigEndian: address.sin_port) : 0
}

/// Calls `body` with the address 127.0.0.1:`port`.
func withLoopback(
  _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}
