// SPDX-License-Identifier: MIT
import Glibc

/// The control socket's thread: accepts, reads, starts tasks, writes.
///
/// Nothing here blocks but
/// `poll`, and nothing here is shared but the mailbox.
struct ServerLoop {
  private let name: String
  private let owner: uid_t
  private let handler: any CommandHandler
  private let mailbox: ServerMailbox
  private let listener: Int32
  private var connections: [Int: ServerConnection] = [:]
  private var nextNumber = 1
  /// Set by `stop`: when whoever has not taken its replies by then is left behind.
  private var deadline: ContinuousClock.Instant?
  /// Set when the system has no more descriptors: when to accept again.
  private var acceptAgain: ContinuousClock.Instant?

  init(
    name: String, owner: uid_t, handler: any CommandHandler, mailbox: ServerMailbox,
    listener: Int32
  ) {
    self.name = name
    self.owner = owner
    self.handler = handler
    self.mailbox = mailbox
    self.listener = listener
  }

  /// Serves until stopped.
  mutating func run() {
    while !isOver { turn() }
    for connection in connections.values { connection.cancelAll() }
  }

  private var isOver: Bool {
    guard let deadline else { return false }
    return connections.values.allSatisfy(\.isIdle) || ContinuousClock.now >= deadline
  }

  private mutating func turn() {
    let isAccepting = deadline == nil && (acceptAgain.map { ContinuousClock.now >= $0 } ?? true)
    var waits = [
      pollfd(fd: mailbox.readEnd, events: Int16(POLLIN), revents: 0),
      pollfd(fd: isAccepting ? listener : -1, events: Int16(POLLIN), revents: 0),
    ]
    let order = connections.keys.sorted()
    for number in order {
      guard let connection = connections[number] else { continue }
      waits.append(pollfd(fd: connection.socket.raw, events: connection.events, revents: 0))
    }
    let isTimed = deadline != nil || !isAccepting
    guard poll(&waits, nfds_t(waits.count), isTimed ? 50 : -1) >= 0 || errno == EINTR else {
      // Only a lack of kernel memory comes here; turning without a pause would not cure it.
      usleep(50_000)
      return
    }
    for letter in mailbox.collect() { open(letter) }
    if waits[1].revents != 0 { accept() }
    for (number, wait) in zip(order, waits.dropFirst(2)) {
      guard let connection = connections[number] else { continue }
      if wait.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0, !connection.canRead {
        connection.close()
      } else if wait.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
        let hungUp = wait.revents & Int16(POLLHUP | POLLERR) != 0
        for request in connection.read(hungUp: hungUp) { take(request, from: connection, number) }
      }
      connection.flush()
    }
    connections = connections.filter { !$0.value.isFinished }
  }

  private mutating func open(_ letter: ServerMailbox.Letter) {
    switch letter {
    case .message(let number, let message):
      connections[number]?.send(message)
      connections[number]?.flush()
    case .stop:
      guard deadline == nil else { return }
      deadline = ContinuousClock.now + .seconds(2)
      for connection in connections.values { connection.cancelAll() }
    }
  }

  private mutating func accept() {
    acceptAgain = nil
    let raw = Glibc.accept(listener, nil, nil)
    guard raw >= 0 else {
      if ![EAGAIN, EINTR, ECONNABORTED].contains(errno) {
        acceptAgain = ContinuousClock.now + .milliseconds(200)
      }
      return
    }
    let socket = Descriptor(raw)
    socket.setNonBlocking()
    let user = UnixSocket.peerUser(of: raw)
    let connection = ServerConnection(socket)
    connections[nextNumber] = connection
    nextNumber += 1
    if user != owner {
      connection.refuse("the instance belongs to another user")
    } else if connections.count > InstanceProtocol.clients {
      connection.refuse("there are \(InstanceProtocol.clients) clients already")
    } else {
      connection.send(
        .hello(version: InstanceProtocol.version, pid: getpid(), name: name))
    }
    connection.flush()
  }

  private func take(_ request: InstanceRequest, from connection: ServerConnection, _ number: Int) {
    switch request {
    case .cancel(let id):
      connection.cancel(id)
    case .run(let id, let command):
      guard deadline == nil, connection.isFree(id) else {
        let reason = deadline == nil ? "Too many requests at once" : "The instance is leaving"
        connection.send(.reply(id: id, reply: .failed(.failed, reason)))
        return
      }
      let (handler, mailbox) = (handler, mailbox)
      connection.begin(
        id,
        Task {
          let reply = await Self.answer(command, handler) { text in
            let text = TerminalText.shortened(text, to: InstanceProtocol.progressCharacters)
            mailbox.post(.message(connection: number, .progress(id: id, text: text)))
          }
          mailbox.post(.message(connection: number, .reply(id: id, reply: reply)))
        })
    }
  }

  /// A command from outside is checked as if it had been typed.
  private static func answer(
    _ command: Command, _ handler: any CommandHandler, progress: @escaping ProgressSink
  ) async -> Reply {
    do {
      return await handler.handle(try command.validated(), progress: progress)
    } catch {
      return .failed(CommandFailure(error))
    }
  }
}
