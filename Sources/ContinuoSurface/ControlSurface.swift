// SPDX-License-Identifier: MIT
internal import ContinuoOSC
internal import ContinuoSession
internal import Foundation

/// A session by OSC on loopback: messages become the prompt's lines, replies and news go out.
///
/// What comes is bounded everywhere: messages waiting, commands under way, subscribers.
actor ControlSurface {
  /// Messages that wait to be looked at; more are dropped and counted.
  static let waiting = 256
  /// Commands under way at once; more are refused and counted.
  static let mostUnderWay = 16
  /// How long a subscriber is told without being heard of.
  static let lifetime = Duration.seconds(60)
  private static let period = Duration.milliseconds(100)
  /// Longest text of a reply, in bytes.
  private static let textBytes = 8000

  nonisolated let port: UInt16
  private nonisolated let socket: OSCSocket
  private nonisolated let session: any OpenSession
  private nonisolated let leave: @Sendable () -> Void
  private var subscribers: Subscribers
  private var feedback = SurfaceFeedback()
  private var reading: Task<Void, Never>?
  private var telling: Task<Void, Never>?
  private var underWay: [Int: Task<Void, Never>] = [:]
  private var lastNumber = 0
  private var refused = 0
  private var foreign = 0
  private var unsent = 0
  private var isOver = false

  /// Opens `port` (0: any free one); `leave` is called, from any thread, when someone quits.
  init(
    _ session: any OpenSession, port: UInt16, lifetime: Duration = lifetime,
    leave: @escaping @Sendable () -> Void
  ) throws(OSCError) {
    socket = try OSCSocket(port: port, bufferedMessages: Self.waiting)
    self.port = socket.port
    self.session = session
    self.leave = leave
    subscribers = Subscribers(lifetime: lifetime)
  }

  /// Begins to listen.
  func start() {
    guard reading == nil, !isOver else { return }
    let messages = socket.messages
    reading = Task {
      for await received in messages { self.take(received) }
    }
  }

  /// Takes back the commands under way and closes the port.
  func stop() async {
    isOver = true
    let tasks = Array(underWay.values) + [telling, reading].compactMap { $0 }
    for task in tasks { task.cancel() }
    socket.close()
    for task in tasks { await task.value }
  }

  /// Tells every subscriber what happens unasked.
  func say(_ text: String) { tell(subscribers.ports, SurfaceAddress.news, [Self.text([text])]) }

  /// Carries a command out; `status` tells of the surface too.
  nonisolated func carryOut(
    _ command: Command, progress: @escaping ProgressSink
  ) async -> Reply {
    let reply = await Desk(session, leave: leave).handle(command, progress: progress)
    guard command == .status, reply.isDone else { return reply }
    let (line, data) = await status
    var members: [String: JSONValue] = [:]
    if case .object(let told) = reply.data { members = told }
    members["surface"] = data
    return .done(reply.lines + [line], data: .object(members))
  }

  private var status: (line: String, data: JSONValue) {
    let counters = socket.counters
    let dropped = counters.dropped + counters.overflowed
    let wrong = counters.malformed + foreign
    let line =
      "OSC surface: port \(port), \(subscribers.ports.count) subscribed, "
      + "\(counters.received) messages"
      + (dropped > 0 ? ", \(dropped) dropped" : "") + (refused > 0 ? ", \(refused) refused" : "")
      + (wrong > 0 ? ", \(wrong) passed over" : "")
    return (
      line,
      [
        "port": .int(Int(port)), "subscribers": .int(subscribers.ports.count),
        "received": .int(counters.received), "dropped": .int(dropped), "refused": .int(refused),
        "passedOver": .int(wrong), "unsent": .int(unsent),
      ]
    )
  }

  // MARK: - What comes

  private func take(_ received: OSCSocket.Received) {
    guard !isOver else { return }
    let now = ContinuousClock.now
    subscribers.heard(received.port, at: now)
    do throws(SurfaceMessage.Refusal) {
      switch try SurfaceMessage(received.message) {
      case .line(let line): begin(line, for: received.port)
      case .subscribe(let port): subscribe(port ?? received.port, from: received.port, at: now)
      case .unsubscribe(let port):
        subscribers.remove(port ?? received.port)
        tell([received.port], SurfaceAddress.subscribed, [.int32(0)])
      }
    } catch {
      switch error {
      case .foreign: foreign += 1
      case .wrong(let reason):
        answer(.failed(.usage, reason), to: received.message.address, for: received.port)
      }
    }
  }

  private func subscribe(_ wanted: UInt16, from sender: UInt16, at now: ContinuousClock.Instant) {
    // A surface that subscribed to itself would listen to its own feedback for ever.
    guard wanted != port, subscribers.add(wanted, from: sender, at: now) else {
      let reason =
        wanted == port
        ? "Port \(port) is the surface's own; subscribe the port you listen on"
        : "\(Subscribers.most) are subscribed already; unsubscribe one"
      answer(.failed(.failed, reason), to: "subscribe", for: sender)
      return
    }
    tell([wanted], SurfaceAddress.subscribed, [.int32(1)])
    if telling == nil { telling = Task { await self.runFeedback() } }
  }

  private func begin(_ line: String, for asker: UInt16) {
    let command: Command
    do throws(CommandError) {
      command = try CommandParser.parse(line)
        .locatingFiles(in: FileManager.default.currentDirectoryPath).validated()
    } catch {
      answer(.failed(CommandFailure(error)), to: line, for: asker)
      return
    }
    guard underWay.count < Self.mostUnderWay else {
      refused += 1
      return
    }
    lastNumber += 1
    let number = lastNumber
    underWay[number] = Task {
      let reply = await self.carryOut(command) { text in
        Task { await self.tellProgress(text, of: asker) }
      }
      self.finish(number, reply, of: line, for: asker)
    }
  }

  private func finish(_ number: Int, _ reply: Reply, of line: String, for asker: UInt16) {
    underWay[number] = nil
    answer(reply, to: line, for: asker)
  }

  // MARK: - What goes

  private func answer(_ reply: Reply, to line: String, for asker: UInt16) {
    let lines =
      reply.lines
      + (reply.question.map { ["\($0) To agree send: \(line) yes"] }
        ?? reply.error.map { [$0] } ?? [])
    tell(
      Set(subscribers.ports).union([asker]).sorted(), SurfaceAddress.reply,
      [.int32(reply.isDone ? 1 : 0), Self.text(lines), Self.text([line])])
  }

  private func tellProgress(_ text: String, of asker: UInt16) {
    tell(
      Set(subscribers.ports).union([asker]).sorted(), SurfaceAddress.news, [Self.text([text])])
  }

  private func runFeedback() async {
    var ticks = 0
    while !Task.isCancelled {
      subscribers.forget(at: .now)
      guard !subscribers.ports.isEmpty else { break }
      if let view = await session.view(feedback.wish(includesHealth: ticks % 10 == 0)) {
        for (port, message) in subscribers.news(in: feedback.messages(view)) {
          tell([port], message.address, message.arguments)
        }
      }
      ticks += 1
      try? await Task.sleep(for: Self.period)
    }
    telling = nil
  }

  private func tell(_ ports: [UInt16], _ address: String, _ arguments: [OSCArgument]) {
    for port in ports where port != self.port {
      do throws(OSCError) {
        try socket.send(OSCMessage(address, arguments), to: port)
      } catch {
        unsent += 1
      }
    }
  }

  private static func text(_ lines: [String]) -> OSCArgument {
    let text = lines.map(TerminalText.clean).joined(separator: "\n")
    guard text.utf8.count > textBytes else { return .string(text) }
    return .string(String(decoding: text.utf8.prefix(textBytes), as: UTF8.self) + "…")
  }
}
