// SPDX-License-Identifier: MIT
import Glibc

/// One client of the control socket.
///
/// Lives on the server's thread.
final class ServerConnection {
  let socket: Descriptor
  private var cutter = LineCutter(limit: InstanceProtocol.requestBytes)
  private var output: [UInt8] = []
  private var running: [Int: Task<Void, Never>] = [:]
  private(set) var canRead = true
  private var isClosed = false
  /// Bytes a client may leave unread before its progress lines are left out.
  private static let patience = 256 << 10

  init(_ socket: consuming Descriptor) { self.socket = socket }

  /// What to wait for.
  var events: Int16 {
    Int16(canRead ? POLLIN : 0) | Int16(output.isEmpty ? 0 : POLLOUT)
  }

  /// Nothing under way and nothing to write.
  var isIdle: Bool { isClosed || (running.isEmpty && output.isEmpty) }

  /// Nothing more will come or go.
  var isFinished: Bool { isClosed || (!canRead && isIdle) }

  /// Whether a request with this number may begin.
  func isFree(_ id: Int) -> Bool {
    running[id] == nil && running.count < InstanceProtocol.requests
  }

  func begin(_ id: Int, _ task: Task<Void, Never>) { running[id] = task }

  func cancel(_ id: Int) { running[id]?.cancel() }

  func cancelAll() {
    for task in running.values { task.cancel() }
  }

  /// Reads what is there and gives the requests it completes.
  ///
  /// A client that closed its writing half still gets its replies; one that is gone takes its
  /// requests with it.
  func read(hungUp: Bool) -> [InstanceRequest] {
    guard canRead else { return [] }
    var bytes: [UInt8] = []
    switch UnixSocket.read(socket.raw, into: &bytes, limit: 16_384) {
    case .later:
      return []
    case .closed:
      if hungUp { close() } else { canRead = false }
      return []
    case .moved:
      break
    }
    guard let lines = cutter.lines(adding: bytes) else {
      refuse("a line is longer than \(InstanceProtocol.requestBytes) bytes")
      return []
    }
    var requests: [InstanceRequest] = []
    for line in lines {
      guard let request = InstanceProtocol.value(InstanceRequest.self, of: line) else {
        refuse("a line is no request")
        break
      }
      requests.append(request)
    }
    return requests
  }

  func send(_ message: InstanceMessage) {
    guard !isClosed else { return }
    if case .progress = message, output.count > Self.patience { return }
    guard var line = InstanceProtocol.line(message) else { return }
    if case .reply(let id, _) = message {
      running[id] = nil
      if line.count > InstanceProtocol.messageBytes {
        let reply = Reply.failed(.failed, "The reply is too long for the control socket")
        line = InstanceProtocol.line(InstanceMessage.reply(id: id, reply: reply)) ?? []
      }
    }
    output += line
    if output.count > 2 * InstanceProtocol.messageBytes { close() }
  }

  /// Says why, then hears no more.
  func refuse(_ reason: String) {
    send(.refused(reason: reason))
    canRead = false
    cancelAll()
  }

  /// Writes what the client takes.
  func flush() {
    while !isClosed, !output.isEmpty {
      switch UnixSocket.write(socket.raw, output[...]) {
      case .moved(let count): output.removeFirst(count)
      case .later: return
      case .closed: close()
      }
    }
  }

  /// Ends everything the client asked for.
  func close() {
    cancelAll()
    running = [:]
    output = []
    canRead = false
    isClosed = true
  }
}
