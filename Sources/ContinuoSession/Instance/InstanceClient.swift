// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// Speaks to a running instance: one command, its progress, its reply.
public struct InstanceClient: Sendable {
  /// The instance's name.
  public let name: String
  private let folder: RuntimeFolder
  private let owner: uid_t

  /// A client of the instance called `name`; nothing is opened yet.
  public init(name: String, folder: RuntimeFolder) {
    self.init(name: name, folder: folder, owner: geteuid())
  }

  /// As the public one; `owner` is the only user to speak to.
  init(name: String, folder: RuntimeFolder, owner: uid_t) {
    self.name = name
    self.folder = folder
    self.owner = owner
  }

  /// Sends a command and waits for its reply.
  ///
  /// There is a limit to the wait for the instance to greet, none to the command itself. When the
  /// surrounding task is cancelled the instance is told, and has two seconds to answer.
  /// - Throws: `InstanceError.notRunning` when there is no such instance, or what went wrong.
  public func send(
    _ command: Command, greetingWithin limit: Duration = .seconds(5),
    progress: @escaping ProgressSink
  ) async throws(InstanceError) -> Reply {
    let wake = try WakePipe()
    let conversation = Conversation(
      name: name, path: folder.socketPath(of: name), owner: owner, wake: wake, limit: limit)
    guard try folder.exists() else { throw .notRunning(name: name) }
    let result: Result<Reply, InstanceError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let thread = Thread {
          continuation.resume(returning: conversation.hold(command, progress))
        }
        thread.name = "continuo-client"
        thread.start()
      }
    } onCancel: {
      wake.wake()
    }
    return try result.get()
  }
}

/// One conversation with an instance, on a thread of its own.
private struct Conversation: Sendable {
  let name: String
  let path: String
  let owner: uid_t
  /// Woken when the request is taken back.
  let wake: WakePipe
  let limit: Duration

  private static let id = 1

  func hold(_ command: Command, _ progress: ProgressSink) -> Result<Reply, InstanceError> {
    do throws(InstanceError) {
      let socket = try connect()
      guard UnixSocket.peerUser(of: socket.raw) == owner else { throw .otherUser(name: name) }
      return .success(try converse(socket.raw, command, progress))
    } catch {
      return .failure(error)
    }
  }

  private func connect() throws(InstanceError) -> Descriptor {
    let socket = try UnixSocket.make(path: path)
    let deadline = ContinuousClock.now + limit
    while true {
      let result = try UnixSocket.withAddress(path) { Glibc.connect(socket.raw, $0, $1) }
      if result == 0 { return socket }
      switch errno {
      case ENOENT, ECONNREFUSED: throw .notRunning(name: name)
      case EINTR: continue
      case EAGAIN:
        // The instance's queue is full: it is busy, or hangs.
        guard ContinuousClock.now < deadline else { throw .notAnswering(name: name) }
        var nothing = pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0)
        if poll(&nothing, 1, 20) > 0 { throw .notAnswering(name: name) }
      case let code: throw .system(call: "connect", path: path, code: code)
      }
    }
  }

  private func converse(
    _ socket: Int32, _ command: Command, _ progress: ProgressSink
  ) throws(InstanceError) -> Reply {
    guard
      let request = InstanceProtocol.line(InstanceRequest.run(id: Self.id, command: command)),
      let cancel = InstanceProtocol.line(InstanceRequest.cancel(id: Self.id))
    else { throw .garbled(name: name) }
    var cutter = LineCutter(limit: InstanceProtocol.messageBytes)
    var deadline: ContinuousClock.Instant? = ContinuousClock.now + limit
    var isGreeted = false
    var isCancelled = false
    while true {
      let wait = try pause(socket, until: deadline, hearingCancel: !isCancelled)
      if wait.isCancelled {
        isCancelled = true
        guard isGreeted else { return .cancelled }
        deadline = ContinuousClock.now + .seconds(2)
        try send(socket, cancel)
      } else if !wait.isReadable, let deadline, ContinuousClock.now >= deadline {
        guard isCancelled else { throw .notAnswering(name: name) }
        return .cancelled
      }
      guard wait.isReadable else { continue }
      for message in try messages(socket, &cutter) {
        switch message {
        case .hello(let version, _, _):
          guard version == InstanceProtocol.version, !isGreeted else {
            throw .garbled(name: name)
          }
          isGreeted = true
          deadline = nil
          try send(socket, request)
        case .progress(Self.id, let text): progress(text)
        case .reply(Self.id, let reply): return reply
        case .refused(let reason): throw .refused(reason: reason)
        case .progress, .reply: throw .garbled(name: name)
        }
      }
    }
  }

  /// Waits for the socket, the deadline or the request's being taken back.
  private func pause(
    _ socket: Int32, until deadline: ContinuousClock.Instant?, hearingCancel: Bool
  ) throws(InstanceError) -> (isReadable: Bool, isCancelled: Bool) {
    var waits = [
      pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
      pollfd(fd: hearingCancel ? wake.readEnd : -1, events: Int16(POLLIN), revents: 0),
    ]
    var milliseconds: Int32 = -1
    if let deadline {
      let left = max(.zero, deadline - ContinuousClock.now)
      milliseconds = Int32(min(left / .milliseconds(1), 1e6)) + 1
    }
    guard poll(&waits, 2, milliseconds) >= 0 || errno == EINTR else {
      throw .system(call: "poll", path: path, code: errno)
    }
    return (waits[0].revents != 0, waits[1].revents != 0)
  }

  private func messages(
    _ socket: Int32, _ cutter: inout LineCutter
  ) throws(InstanceError) -> [InstanceMessage] {
    var bytes: [UInt8] = []
    switch UnixSocket.read(socket, into: &bytes, limit: 65_536) {
    case .later: return []
    case .closed: throw .hungUp(name: name)
    case .moved: break
    }
    guard let lines = cutter.lines(adding: bytes) else { throw .garbled(name: name) }
    var messages: [InstanceMessage] = []
    for line in lines {
      guard let message = InstanceProtocol.value(InstanceMessage.self, of: line) else {
        throw .garbled(name: name)
      }
      messages.append(message)
    }
    return messages
  }

  /// A request fits the socket's buffer, which is empty: it goes at once or not at all.
  private func send(_ socket: Int32, _ line: [UInt8]) throws(InstanceError) {
    guard UnixSocket.write(socket, line[...]) == .moved(line.count) else {
      throw .hungUp(name: name)
    }
  }
}
