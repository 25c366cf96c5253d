// SPDX-License-Identifier: MIT
import ContinuoMusic
public import ContinuoJack
public import ContinuoRealtime
internal import Dispatch
internal import Foundation

/// Keeps the real-time engine in a JACK server: joins it, drains the capture ring, rejoins when the
/// server comes back, and puts the wanted connections back whenever their ports are there.
///
/// What was captured survives the server. All state lives on one serial queue; a timer on it drains
/// the ring every 5 ms, whatever the rest of the program computes.
/// - Thread: any.
public final class RealtimeHost: @unchecked Sendable {
  // SAFETY (@unchecked): every stored variable is only touched on `queue`, also by the extensions.

  let queue = DispatchQueue(label: "continuo.realtime-host", qos: .userInitiated)
  private let configuration: JackClient.Configuration
  let engine: RealtimeEngine
  let notice: @Sendable (String) -> Void
  var client: JackClient?
  private var timer: (any DispatchSourceTimer)?
  var wires: [Wire] = []
  /// Wires that stand at present, as far as JACK told.
  var standing: Set<Wire> = []
  var wiresChanged = false
  var loops = LoopWatch()
  private var lastRejoin = DispatchTime(uptimeNanoseconds: 0)
  /// What was true at the end; not nil once the engine is freed.
  private var closing: (snapshot: RealtimeSnapshot, status: HostStatus)?
  var hasClosed: Bool { closing != nil }
  private var isEnding = false
  /// The tempo we give JACK while nobody else does; nil when that is left to others.
  private var ownTempo: SteadyTempo?
  /// Told of a port's old and new name, on `queue`.
  var renamed: (@Sendable (String, String) -> Void)?
  /// Titles of the inputs in patchbays, by number.
  private var titles: [Int: String] = [:]
  /// Wires just parted, by hand or by a port that left: not known yet.
  var parting: Set<Wire> = []
  /// When ports came back that a wire was waiting for.
  var returned: [String: DispatchTime] = [:]
  /// How long after that its program may part a port, once, without being taken for a hand, in
  /// seconds: Ardour parts its ports while it loads a session.
  let settling: Double
  /// How long ports must outlive their connection before a hand is taken to have parted them, in
  /// seconds.
  let patience: Double
  /// Wires that were parted so since their ports came back.
  var forgiven: Set<Wire> = []
  /// Why the last attempt to rejoin failed, where it was not the missing server.
  private var refusal: JackError?
  private var restarts = 0
  private var serverXruns = 0
  private var lastWords: String?
  private var bufferSizeChanges = 0
  private var sampleRateChanges = 0
  private var lastFreewheel = false
  private var nextIdentity: UInt64 = 1
  private var sink: (([CapturedEvent]) -> Void)?
  private var tail: [CapturedEvent] = []

  /// Joins the server.
  ///
  /// `settling` is for how many seconds a port that came back may be parted once by its own program
  /// without being taken for a hand, `patience` for how many seconds ports must outlive their
  /// connection before a hand is taken to have parted them; `notice` is told, in a sentence, what
  /// happens unasked.
  /// - Throws: `JackError`.
  public init(
    _ configuration: JackClient.Configuration, settling: Double = 20, patience: Double = 10,
    notice: @escaping @Sendable (String) -> Void
  ) throws(JackError) {
    self.configuration = configuration
    self.settling = max(settling, 0)
    self.patience = max(patience, 0)
    self.notice = notice
    engine = RealtimeEngine(
      api: JackPorts.api, inputCount: configuration.inputs + (configuration.hasControl ? 1 : 0))
    do {
      try join()
    } catch {
      engine.deallocate()
      throw error
    }
    startTimer()
  }

  private func join() throws(JackError) {
    client = try JackClient.open(configuration, engine: engine) { [weak self] notice in
      guard let host = self else { return }
      host.queue.async { host.take(notice) }
    }
    wiresChanged = true
    for (number, title) in titles { client?.setInputTitle(number, title) }
    guard let ownTempo else { return }
    do throws(JackError) {
      try client?.becomeTimebaseMaster(ownTempo)
    } catch {
      notice("\(error)")
    }
  }

  private func startTimer() {
    let timer = DispatchSource.makeTimerSource(queue: queue)
    timer.schedule(deadline: .now(), repeating: .milliseconds(5), leeway: .milliseconds(1))
    timer.setEventHandler { [weak self] in self?.tick() }
    timer.resume()
    self.timer = timer
  }

  /// Gives every captured event and record to `sink` from now on, in order, on the host's queue;
  /// what came before and found no sink comes first.
  public func deliver(to sink: (@Sendable ([CapturedEvent]) -> Void)?) {
    queue.sync {
      self.sink = sink
      if let sink, !tail.isEmpty {
        sink(tail)
        tail = []
      }
    }
  }

  private func tick() {
    drain()
    engine.collectRetired()
    if client?.isServerGone == true { leave() }
    if client == nil { rejoin() }
    if wiresChanged { mend() }
    faceLoops()
  }

  /// Hands all that was captured until now to the sink before it returns.
  public func catchUp() {
    queue.sync { if !hasClosed { drain() } }
  }

  /// Hands on what was captured, and `last` after it.
  private func drain(endingWith last: CapturedEvent? = nil) {
    var batch: [CapturedEvent] = []
    while batch.count < 1 << 17, let event = engine.nextCaptured() { batch.append(event) }
    if let last { batch.append(last) }
    guard !batch.isEmpty else { return }
    if let sink {
      sink(batch)
    } else {
      tail += batch
      if tail.count > 1 << 16 { tail.removeFirst(tail.count - (1 << 15)) }
    }
  }

  private func leave() {
    client?.close()
    client = nil
    standing = []
    loops.serverLeft()
    // Nobody tells any more where the song stopped, and a pass without an end holds no whole bar.
    drain(endingWith: CapturedEvent(stopAfter: engine.snapshot()))
    notice(
      "The JACK server is gone\(lastWords.map { " (\($0))" } ?? ""); what was captured is kept")
  }

  private func rejoin() {
    let now = DispatchTime.now()
    guard now.uptimeNanoseconds - lastRejoin.uptimeNanoseconds > 500_000_000 else { return }
    lastRejoin = now
    engine.serverRestarted()
    do throws(JackError) {
      try join()
      restarts += 1
      refusal = nil
      notice("The JACK server is back; connections are being remade")
    } catch .noServer {
      // It is not back yet; `status` says so, and the next try is half a second away.
      refusal = nil
    } catch {
      if refusal != error { notice("The JACK server is back, but: \(error)") }
      refusal = error
    }
  }

  private func take(_ jack: JackNotice) {
    // Told before the end, heard after it: the engine is freed by then.
    guard !hasClosed else { return }
    switch jack {
    case .xrun: serverXruns += 1
    case .bufferSize: bufferSizeChanges += 1
    case .sampleRate: sampleRateChanges += 1
    case .freewheel(let on): lastFreewheel = on
    case .port(let name, let exists):
      let isWanted = exists && wires.contains { $0.from == name || $0.to == name }
      returned[name] = isWanted ? .now() : nil
      forgiven = forgiven.filter { $0.from != name && $0.to != name }
      guard exists else { break }
      wiresChanged = true
      // It came back before it was missed: nobody parted its wires by hand.
      parting = parting.filter { $0.from != name && $0.to != name }
    case .renamed(let old, let new):
      rename(old, new)
    case .connection(let from, let to, let exists):
      let wire = Wire(from: from, to: to)
      if !exists, loops.expects(wire) { break }
      loops.remember(wire, exists)
      changed(wire, exists)
    case .shutdown(let words): lastWords = words
    }
  }
}

extension RealtimeHost {
  /// Tells `observer` of every renamed port, old name and new, on the host's queue.
  public func observeRenames(_ observer: (@Sendable (String, String) -> Void)?) {
    queue.sync { renamed = observer }
  }

  /// Shows `title` for input `number` in patchbays, now and after a restart of the server.
  public func setInputTitle(_ number: Int, _ title: String) {
    queue.sync {
      titles[number] = title
      client?.setInputTitle(number, title)
    }
  }

  /// Gives JACK bars and beats at a steady tempo, now and after a restart of the server; nil leaves
  /// that to others.
  /// - Throws: `JackError.timebaseTaken` while another client gives them, `closed`.
  public func setOwnTempo(_ tempo: SteadyTempo?) throws(JackError) {
    let result: Result<Void, JackError> = queue.sync {
      guard let client else { return .failure(.closed) }
      do throws(JackError) {
        if let tempo { try client.becomeTimebaseMaster(tempo) } else { client.releaseTimebase() }
      } catch {
        return .failure(error)
      }
      ownTempo = tempo
      return .success(())
    }
    try result.get()
  }

  /// The tempo we give JACK; nil when that is left to others.
  public var currentOwnTempo: SteadyTempo? { queue.sync { ownTempo } }

  /// Runs `body` with the client, if there is one now.
  public func withClient<Value: Sendable>(_ body: (JackClient) -> Value) -> Value? {
    queue.sync { client.map(body) }
  }

  /// Sends a command to the process thread; false when it does not run.
  @discardableResult
  public func send(_ command: RealtimeCommand) -> Bool {
    queue.sync { !hasClosed && engine.send(command) }
  }

  /// Whether the server is there.
  public var isConnected: Bool { queue.sync { client?.isServerGone == false } }

  /// Puts a program into a slot; false when the process thread does not run: what is asked for now
  /// must not begin when a server comes back.
  public func load(_ program: PatternProgram, into slot: Int) -> Bool {
    queue.sync {
      !hasClosed && client?.isServerGone == false && engine.load(program, into: slot)
    }
  }

  /// A new identity for a program, from 1.
  public func makeIdentity() -> UInt64 {
    queue.sync {
      defer { nextIdentity += 1 }
      return nextIdentity
    }
  }

  /// The process thread's state at the end of its last cycle.
  ///
  /// While the server is gone nothing rolls and the song's place is unknown.
  public func snapshot() -> RealtimeSnapshot {
    queue.sync {
      var snapshot = closing?.snapshot ?? engine.snapshot()
      if client?.isServerGone != false {
        snapshot.song.isKnown = false
        snapshot.song.rolling = false
        snapshot.transportRolling = false
      }
      return snapshot
    }
  }

  /// Waits until `condition` holds for a snapshot; false when `seconds` passed first.
  public func wait(
    seconds: Double, until condition: @Sendable (RealtimeSnapshot) -> Bool
  ) async -> Bool {
    // Seconds are reckoned from a tempo that another program states: a day at most.
    let deadline = ContinuousClock.now + .seconds(seconds.isNaN ? 0 : min(max(seconds, 0), 86_400))
    while !condition(snapshot()) {
      if ContinuousClock.now >= deadline || Task.isCancelled { return false }
      // Cancelled or not, the condition is looked at once more.
      try? await Task.sleep(for: .milliseconds(3))
    }
    return true
  }

  /// What `status` says of JACK and the core; after `close()` how it was at the end.
  public var status: HostStatus { queue.sync { closing?.status ?? currentStatus() } }

  private func currentStatus() -> HostStatus {
    let counters = Dictionary(
      uniqueKeysWithValues: Counters.Name.allCases.map { ("\($0)", engine.counters[$0]) })
    return HostStatus(
      clientName: configuration.name, isConnected: client?.isServerGone == false,
      server: client?.server,
      inputs: (1...configuration.inputs).map { number in
        let name = "\(configuration.name):in_\(number)"
        return HostStatus.Port(
          name: name, connections: client?.connections(of: name) ?? [],
          latency: client?.inputLatency(number))
      },
      output: HostStatus.Port(
        name: "\(configuration.name):out",
        connections: client?.connections(of: "\(configuration.name):out") ?? [],
        latency: client?.outputLatency),
      counters: counters, captureCapacity: engine.captureCapacity,
      callbackMedian: engine.histogram.quantile(0.5),
      callback99: engine.histogram.quantile(0.99), callbackMaximum: engine.histogram.maximum,
      serverXruns: serverXruns, serverRestarts: restarts,
      ahead: loops.ahead, bufferSizeChanges: bufferSizeChanges,
      sampleRateChanges: sampleRateChanges,
      isFreewheeling: lastFreewheel, wantedWires: wires,
      lastWords: refusal.map { "\($0)" } ?? lastWords)
  }

  /// Waits until nothing of ours sounds and the note-offs have had two cycles to leave; false when
  /// `seconds` passed first or the server went.
  ///
  /// Not cut short by a cancellation: notes must end.
  public func awaitQuiet(seconds: Double) async -> Bool {
    await Task {
      let isQuiet = await wait(seconds: seconds) { [self] _ in
        !isConnected || counter(.sounding) + counter(.pending) == 0
      }
      guard isQuiet, isConnected else { return false }
      let since = snapshot().frame
      return await wait(seconds: 1) { $0.frame > since + 2 * UInt64($0.frames) }
    }.value
  }

  private func counter(_ name: Counters.Name) -> UInt64 {
    queue.sync { hasClosed ? 0 : engine.counters[name] }
  }

  /// Ends every note, leaves the server, frees the engine.
  ///
  /// What was captured until then goes to the sink. Further calls do nothing.
  public func close() {
    let isRunning = queue.sync {
      defer { isEnding = true }
      return isEnding ? nil : client?.isServerGone == false && engine.send(.silence)
    }
    guard let isRunning else { return }
    if isRunning { awaitSilence() }
    queue.sync {
      timer?.cancel()
      timer = nil
      let isConnected = client?.isServerGone == false
      client?.close()
      client = nil
      drain()
      var status = currentStatus()
      status.isConnected = isConnected
      closing = (engine.snapshot(), status)
      sink = nil
      engine.deallocate()
    }
  }

  /// Waits, a second at most, until the note-offs have left and a cycle has carried them away.
  private func awaitSilence() {
    let before = queue.sync { engine.snapshot().silences }
    let deadline = DispatchTime.now() + .seconds(1)
    var quietSince: UInt64?
    while DispatchTime.now() < deadline {
      let (snapshot, busy, gone) = queue.sync {
        (
          engine.snapshot(), engine.counters[.sounding] + engine.counters[.pending],
          client?.isServerGone != false
        )
      }
      if gone { return }
      if busy == 0, snapshot.silences > before || quietSince != nil {
        let since = quietSince ?? snapshot.frame
        quietSince = since
        if snapshot.frame >= since + 2 * UInt64(max(snapshot.frames, 1)) { return }
      }
      Thread.sleep(forTimeInterval: 0.001)
    }
  }
}
