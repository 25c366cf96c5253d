// SPDX-License-Identifier: MIT
public import ContinuoOSC

/// A control surface of a running Ardour: knows its state and carries out commands.
///
/// It subscribes to Ardour's feedback, asks for the transport's speed twice a second, lists the
/// strips anew when Ardour says they changed, and counts Ardour as gone when its port is closed or
/// after a silence of more than 2.5 s; then asks for it every second and subscribes again when it is
/// back. No command counts as
/// obeyed until Ardour shows that it did; see the commands in `ArdourClient+Commands`.
public actor ArdourClient {
  /// How long Ardour may be silent before it counts as gone; its heart beats every 1.05 s.
  public static let silenceLimit = Duration.milliseconds(2500)

  /// Feedback asked for: strip buttons 1, strip values 2, heartbeat 8, transport and session 16,
  /// bar and beat 32, samples 1024, and answers as `/reply` 16384.
  static let feedback: Int32 = 1 + 2 + 8 + 16 + 32 + 1024 + 16384
  /// Strips asked for: audio and MIDI tracks and buses 15, VCAs 16, master 32, foldback 128.
  static let stripTypes: Int32 = 15 + 16 + 32 + 128

  /// The port that Ardour's OSC listens on.
  public nonisolated let port: UInt16
  /// What is known about Ardour now.
  public var state: ArdourState { feedback.state }
  /// Messages received, lost and malformed on this client's socket.
  public nonisolated var counters: OSCSocket.Counters { link.counters }

  private let link: any OSCLink
  /// Told of every message and of Ardour's coming and going, in the order they were taken in.
  private let tap: ArdourTap?
  /// Not nil for a client that hears a log instead of a socket.
  let script: ArdourScript?
  private var feedback = ArdourFeedback()
  private var waiters: [Int: Waiter] = [:]
  private var nextWaiter = 0
  private var observers: [Int: AsyncStream<ArdourState>.Continuation] = [:]
  private var nextObserver = 0
  private var tasks: [Task<Void, Never>] = []
  private var isListingDue = false
  private var lastProbe = ContinuousClock.now
  /// Messages known to be lost when the state was asked for last.
  private var repairedLosses = 0
  /// Messages known to have found Ardour's port closed.
  private var knownRefusals = 0

  private struct Waiter {
    let accepts: @Sendable (OSCMessage) -> Bool
    let continuation: CheckedContinuation<OSCMessage?, Never>
    var timer: Task<Void, Never>?
  }

  /// Connects to the Ardour on `port`, or to the only one that answers on `ArdourFinder.ports`.
  ///
  /// Subscribes and waits for the strip list and the session's name, so the state is whole when it
  /// returns. Throws `notAnswering`, `severalRunning`, `unconfirmed` or `osc`.
  public static func connect(
    port: UInt16? = nil, timeout: Duration = .seconds(3), tap: ArdourTap? = nil
  ) async throws(ArdourError) -> ArdourClient {
    let ports = port.map { $0...$0 } ?? ArdourFinder.ports
    let found = try await ArdourFinder.find(on: ports, timeout: timeout)
    guard let first = found.first else { throw .notAnswering(ports: ports) }
    guard found.count == 1 else { throw .severalRunning(ports: found) }
    let client: ArdourClient
    do {
      client = ArdourClient(link: try OSCSocket(sender: first), port: first, tap: tap)
    } catch {
      throw .osc(error)
    }
    tap?(.met(port: first))
    do {
      try await client.begin(timeout: timeout)
    } catch {
      await client.close()
      throw error
    }
    return client
  }

  init(link: any OSCLink, port: UInt16, tap: ArdourTap? = nil, script: ArdourScript? = nil) {
    self.link = link
    self.port = port
    self.tap = tap
    self.script = script
  }

  isolated deinit {
    for task in tasks { task.cancel() }
    link.close()
  }

  /// Ends the subscription and the connection; whoever waits is told that Ardour is gone.
  public func close() {
    post(subscription(feedback: 0))
    for task in tasks { task.cancel() }
    tasks = []
    link.close()
    for id in waiters.keys { finish(id, nil) }
    for observer in observers.values { observer.finish() }
    observers = [:]
    feedback.setPresence(.gone)
  }

  /// The state now and after every change; a slow reader gets the newest alone.
  public func states() -> AsyncStream<ArdourState> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: ArdourState.self, bufferingPolicy: .bufferingNewest(1))
    let id = nextObserver
    nextObserver += 1
    observers[id] = continuation
    continuation.onTermination = { [weak self] _ in
      Task { await self?.forget(observer: id) }
    }
    continuation.yield(state)
    return stream
  }

  /// Lists the strips, complete to Ardour's end mark.
  ///
  /// Throws `unconfirmed` when the list does not end within `timeout`, `gone` or `osc`.
  @discardableResult
  public func listStrips(
    timeout: Duration = .seconds(2)
  ) async throws(ArdourError) -> [ArdourStrip] {
    _ = try await ask(
      OSCMessage("/strip/list"), step: "list its strips", timeout: timeout, repeating: .seconds(1)
    ) { $0.arguments.first?.text == "end_route_list" }
    return state.strips
  }

  // MARK: Asking

  /// Sends `message` and returns the first message that `accepts`; sends it again every
  /// `repeating` until `timeout`, which only a question or an idempotent command allows.
  func ask(
    _ message: OSCMessage, step: String, timeout: Duration,
    repeating: Duration = .milliseconds(250), accepts: @escaping @Sendable (OSCMessage) -> Bool
  ) async throws(ArdourError) -> OSCMessage {
    let deadline = now + timeout
    repeat {
      try send(message)
      let until = min(deadline, now + repeating)
      if let answer = await answer(until: until, accepts: accepts) { return answer }
      if Task.isCancelled { throw .cancelled(step: step) }
      if state.presence == .gone { throw .gone(port: port) }
    } while now < deadline
    throw .unconfirmed(step: step, milliseconds: timeout.milliseconds, seen: "")
  }

  /// Sends `message` once.
  func send(_ message: OSCMessage) throws(ArdourError) {
    tap?(.sent(message))
    do { try link.send(message, to: port) } catch { throw .osc(error) }
  }

  /// Sends `message` once; what does not leave is found out by the silence that follows.
  private func post(_ message: OSCMessage) {
    try? send(message)
  }

  private func answer(
    until deadline: ContinuousClock.Instant, accepts: @escaping @Sendable (OSCMessage) -> Bool
  ) async -> OSCMessage? {
    let id = nextWaiter
    nextWaiter += 1
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        guard !Task.isCancelled else { return continuation.resume(returning: nil) }
        waiters[id] = Waiter(accepts: accepts, continuation: continuation, timer: nil)
        if let script { return script.waits() }
        waiters[id]?.timer = Task { [weak self] in
          try? await Task.sleep(until: deadline, clock: .continuous)
          await self?.finish(id, nil)
        }
      }
    } onCancel: {
      Task { await self.finish(id, nil) }
    }
  }

  /// Tells everybody who waits that no answer comes; how many waited.
  func expire() -> Int {
    defer { for id in waiters.keys { finish(id, nil) } }
    return waiters.count
  }

  /// How many wait for an answer.
  var waiting: Int { waiters.count }

  /// The time now, or the log's.
  var now: ContinuousClock.Instant { script?.now() ?? .now }

  private func finish(_ id: Int, _ answer: OSCMessage?) {
    guard let waiter = waiters.removeValue(forKey: id) else { return }
    waiter.timer?.cancel()
    waiter.continuation.resume(returning: answer)
  }

  // MARK: Listening

  private func begin(timeout: Duration) async throws(ArdourError) {
    tasks = [
      Task { [weak self, link] in
        for await received in link.messages { await self?.receive(received.message) }
      },
      Task { [weak self] in
        while !Task.isCancelled {
          try? await Task.sleep(for: .milliseconds(500))
          await self?.watch()
        }
      },
    ]
    _ = try await ask(
      subscription(feedback: Self.feedback), step: "tell the session's name", timeout: timeout,
      repeating: .seconds(1)
    ) { $0.address == "/session_name" }
    try await listStrips(timeout: timeout)
    try await refreshTransport(timeout: timeout)
  }

  /// Asks for everything that Ardour tells only when it changes.
  func refreshTransport(timeout: Duration = .seconds(1)) async throws(ArdourError) {
    for question in ["/transport_speed", "/transport_frame", "/record_enabled"] {
      _ = try await ask(OSCMessage(question), step: "answer \(question)", timeout: timeout) {
        $0.address == question && $0.arguments.first?.number != nil
      }
    }
  }

  func receive(_ message: OSCMessage) {
    tap?(.received(message))
    let before = state
    let wish = feedback.apply(message, at: now)
    if state.presence == .gone, ArdourFinder.isAnswer(message) { resubscribe() }
    switch wish {
    case .askSpeed: post(OSCMessage("/transport_speed"))
    case .listStrips: listSoon()
    case nil: break
    }
    for (id, waiter) in waiters where waiter.accepts(message) { finish(id, message) }
    var changed = state
    changed.lastHeard = before.lastHeard
    if changed != before { tellObservers() }
  }

  /// Lists the strips again in 0.1 s, once for all the changes until then.
  private func listSoon() {
    guard !isListingDue, script == nil else { return }
    isListingDue = true
    Task { [weak self] in
      try? await Task.sleep(for: .milliseconds(100))
      await self?.listNow()
    }
  }

  private func listNow() {
    isListingDue = false
    post(OSCMessage("/strip/list"))
  }

  private func watch() {
    let now = ContinuousClock.now
    if state.presence == .present {
      post(OSCMessage("/transport_speed"))
      repairLosses()
      let refusals = counters.refused
      defer { knownRefusals = refusals }
      guard
        refusals != knownRefusals
          || (state.heartbeatAge(now: now) ?? .zero) > Self.silenceLimit
      else { return }
      lose()
    }
    guard now - lastProbe >= .seconds(1) else { return }
    lastProbe = now
    post(ArdourFinder.question)
  }

  /// Counts Ardour as gone; whoever waits is told so.
  func lose() {
    tap?(.lost)
    feedback.setPresence(.gone)
    for id in waiters.keys { finish(id, nil) }
    tellObservers()
  }

  private func resubscribe() {
    feedback.setPresence(.present)
    knownRefusals = counters.refused
    post(subscription(feedback: Self.feedback))
    askForEverything()
  }

  /// Asks for the whole state again after messages were lost, for any of them may have told of a
  /// change that Ardour tells only once.
  private func repairLosses() {
    let losses = counters.dropped + counters.overflowed
    guard losses != repairedLosses else { return }
    repairedLosses = losses
    askForEverything()
  }

  private func askForEverything() {
    for question in ["/strip/list", "/transport_speed", "/transport_frame", "/record_enabled"] {
      post(OSCMessage(question))
    }
  }

  private func subscription(feedback: Int32) -> OSCMessage {
    // Bank size 0 is all strips; gain mode, pages 0; port 0 answers to the port we send from.
    OSCMessage(
      "/set_surface", [0, Self.stripTypes, feedback, 0, 0, 0, 0].map { OSCArgument.int32($0) })
  }

  private func tellObservers() {
    for observer in observers.values { observer.yield(state) }
  }

  private func forget(observer: Int) { observers[observer] = nil }
}

extension Duration {
  /// Whole milliseconds, for messages.
  var milliseconds: Int {
    Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
  }
}
