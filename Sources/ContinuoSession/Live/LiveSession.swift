// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoComposer
internal import ContinuoJack
internal import ContinuoMusic
internal import ContinuoRealtime
internal import Foundation

/// The one orchestrator: owns what is live and carries out commands, one step at a time.
///
/// JACK comes first: without it there is no session. Ardour may come and go; a command that needs
/// it says so.
actor LiveSession: OpenSession {
  /// Input ports a session opens: as many tracks can be followed at once.
  static let inputCount = 8

  let settings: Settings
  let notice: ProgressSink
  let host: any SessionHost
  /// What everything is written into; nil for nothing.
  let log: SessionLog?
  /// Whether a log is heard again: nothing outside is looked for, nothing is written.
  let isReplay: Bool
  let findArdour: ArdourSearch
  let store = TakeStore()
  /// What is remembered of requests and candidates; nil for a replay, and without a home.
  let memory: MemoryKeeper?
  var ardour: ArdourClient?
  /// Followed tracks by input number (from 1).
  var followed: [Int: FollowedTrack] = [:]
  /// Inputs whose tracks are not listened to while a candidate sounds in the same client.
  var paused: Set<Int> = []
  /// Whether what is followed goes with Ardour's selection.
  var followsSelection = false
  /// Hears what Ardour tells of itself, as long as that Ardour is ours.
  var watching: Task<Void, Never>?
  /// Looks for an Ardour as long as there is none.
  var searching: Task<Void, Never>?
  /// Whether it was said that several Ardours run and none was chosen.
  var hasToldOfSeveral = false
  /// Where a capture in progress began.
  var captureStart: CaptureStart?
  /// What the followed tracks are doing, as far as it was asked for.
  var hearing: LiveHearing?
  /// Bars that were heard when the tracks' roles were last found.
  var contextBars = 0
  /// The last whole bars captured, or what `capture stop` left.
  var heard: HeardBars?
  /// What the last request made.
  var shelf: CandidateShelf? {
    didSet { shelfRevision += 1 }
  }
  /// Rises with every change of the shelf.
  private(set) var shelfRevision = 1
  /// The chords of the last bars, for faces that draw.
  var heardChords = HeardChords()
  /// Offsets that takes measured where the one reckoned with was wrong, by place and settings.
  var recordedOffsets: [String: Int] = [:]
  /// Whether Ardour is known to give JACK bars and beats.
  var timebaseIsArdour = false
  /// The connection that Ardour's MIDI Clock comes by, once it was asked for.
  var clockWire: RealtimeHost.Wire?
  /// The suggestions shown last: their numbers mean these, whatever is heard meanwhile.
  var suggested: Suggested?
  /// What must stay as it is in requests, bars as the song counts them.
  var lock = NoteLock()
  /// What Continuo plays into a track at present.
  var audition: Audition?
  /// A file that plays; ends by itself with the file.
  var filePlaying: Task<Void, Never>?
  /// What was kept and imported, oldest first; `undo` takes the last back.
  var takes: [SessionTake] = []
  /// What comes in at the control port; nil without one.
  var control: ControlDesk?
  /// Hears the control port.
  private let controls = AsyncStream.makeStream(
    of: [UInt8].self, bufferingPolicy: .bufferingNewest(LiveSession.mostControls))
  /// Takes back the take that is being recorded; nil when none is.
  var cancelTake: (@Sendable () -> Void)?
  /// The project's state as it lies on disk.
  var putAway: ProjectState?
  /// Whether the project's state is put away at the end.
  var keepsProject = true
  private var hasTurn = false
  private var waitingForTurn: [CheckedContinuation<Void, Never>] = []
  private(set) var isClosed = false

  /// A track that one of our inputs listens to.
  struct FollowedTrack: Sendable {
    var name: String
    /// The port listened to, "client:port".
    var port: String
  }

  /// Where a capture in progress began.
  struct CaptureStart: Sendable {
    var eventIndex: Int
    var track: String?
  }

  init(
    _ settings: Settings, log: SessionLog? = nil, notice: @escaping ProgressSink
  ) throws(CommandFailure) {
    self.settings = settings
    self.log = log
    let notice = log.map { $0.noting(notice) } ?? notice
    self.notice = notice
    control = Self.controlDesk(settings, notice)
    memory = (settings.remembers ? settings.dataFolder : nil).map {
      MemoryKeeper(folder: $0, notice: notice)
    }
    isReplay = false
    findArdour = Self.search(noting: log)
    do {
      let host = try RealtimeHost(
        JackClient.Configuration(
          server: settings.server, name: settings.name, inputs: Self.inputCount, hasClock: true,
          hasControl: settings.hasControl),
        notice: notice)
      log?.open(LogHeader(settings, host.status))
      self.host = log.map { LoggedHost(host, $0) } ?? host
    } catch {
      throw CommandFailure(error)
    }
    listen()
  }

  /// A session that hears a log.
  init(_ settings: Settings, replaying host: ReplayHost, ardour: @escaping ArdourSearch) {
    self.settings = settings
    self.host = host
    notice = { _ in }
    memory = nil
    log = nil
    isReplay = true
    findArdour = ardour
    listen()
  }

  private nonisolated func listen() {
    let (store, controls) = (store, controls.continuation)
    host.deliver { batch in
      guard batch.contains(where: Self.isControl) else { return store.add(batch) }
      // What is pressed there is no music.
      store.add(batch.filter { !Self.isControl($0) })
      for captured in batch where Self.isControl(captured) { controls.yield(captured.bytes) }
    }
    let messages = self.controls.stream
    if !isReplay, settings.hasControl {
      Task { [weak self] in await self?.hearControls(messages) }
    }
    host.observeRenames { [weak self] old, new in
      Task { await self?.portRenamed(old, new) }
    }
  }

  /// Whether an event came in at the control port.
  private static func isControl(_ captured: CapturedEvent) -> Bool {
    captured.event.kind == .midi && Int(captured.event.port) == controlPort
  }

  func handle(_ command: Command, progress: @escaping ProgressSink) async -> Reply {
    guard let log else { return await carryOut(command, progress) }
    let number = log.nextCommand()
    log.note(.command(number: number, command: command))
    let reply = await LogScope.$command.withValue(number) {
      await carryOut(command, progress)
    }
    log.note(.reply(command: number, reply: reply, after: loggedState))
    return reply
  }

  private func carryOut(_ command: Command, _ progress: @escaping ProgressSink) async -> Reply {
    do {
      switch command {
      case .status: return await statusReply()
      case .tracks: return try await tracksReply()
      case .regions(let request): return try await regions(request)
      case .refresh(let isAllowed): return try await refresh(isAllowed: isAllowed)
      case .follow(let tracks): return try await follow(tracks)
      case .connect: return await reconnect()
      case .enhance(let request): return try await enhance(request, progress)
      case .analyze: return try analyzeHeard()
      case .suggest(let number): return try await suggest(number, progress)
      case .vary(let candidate, let request): return try await vary(candidate, request, progress)
      case .diff(let candidate, let other): return try diff(candidate, against: other)
      case .lock(let words): return try lock(words)
      case .unlock: return unlock()
      case .candidates: return try candidatesReply()
      case .show(let candidate, let columns): return try show(candidate, columns: columns)
      case .audition(let candidate, let quantise): return try await audition(candidate, quantise)
      case .step(let isForward): return try await step(isForward)
      case .original: return try await backToOriginal()
      case .stop: return try await stopPlaying()
      case .keep(let candidate, let track, let agreed):
        guard agreed == true else { return try await askToKeep(candidate, to: track) }
        if let track { return try await keep(candidate, to: track, progress) }
        return try await keep(candidate, progress)
      case .importPattern(let request): return try await importPattern(request, progress)
      case .undo: return try await undo()
      case .discard: return try await discard()
      case .export(let candidate, let file): return try export(candidate, to: file)
      case .capture(let command): return try await capture(command, progress)
      case .take(let request): return try takeBars(request)
      case .tempo(let setting): return try tempo(setting)
      case .play(let request): return try await play(request)
      case .saveState(let file): return try saveState(to: file)
      case .loadState(let file): return try await loadState(from: file)
      case .transport(let command): return try await transport(command)
      case .memory(let request): return await ask(request)
      case .learn(let request): return try await learn(request)
      case .recall(let request): return try await recall(request)
      case .doctor: return await Doctor(settings: settings).run()
      case .help, .quit: return .failed(.usage, "This command is answered elsewhere")
      }
    } catch let failure as CommandFailure {
      return .failed(failure)
    } catch let error as JackError {
      return .failed(CommandFailure(error))
    } catch let error as ArdourError {
      return .failed(CommandFailure(error))
    } catch is CancellationError {
      return .cancelled
    } catch {
      return .failed(.failed, "\(error)")
    }
  }

  func completions() async -> Completions {
    let strips = await ardour?.state.strips ?? []
    return Completions(
      tracks: strips.filter { $0.kind == .midiTrack }.map(\.name),
      candidates: shelf.map { Array($0.candidates.indices.map { $0 + 1 }) } ?? [])
  }

  func shutdown() async {
    guard !isClosed else { return }
    isClosed = true
    // What is being recorded puts everything back first: it talks through the host.
    cancelTake?()
    watching?.cancel()
    searching?.cancel()
    controls.continuation.finish()
    host.observeRenames(nil)
    await awaitTurn()
    saveProject()
    // Whoever waits for a turn still is told that Continuo leaves.
    defer { passTurn() }
    await endAudition(at: .now)
    await endFile()
    let host = host
    // Waiting for the last note-off blocks: not on the threads that tasks share.
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        host.close()
        continuation.resume()
      }
    }
    await ardour?.close()
    await memory?.close()
    await endLog()
  }

  static let takeUnderWay = CommandFailure(
    .failed, "A take is being recorded: wait until it is over, or `stop` it")

  /// Waits for the commands before that change what sounds; `passTurn()` must follow.
  ///
  /// They await Ardour and JACK, and another may come in meanwhile: one at a time leaves one state.
  /// - Throws: while a take is recorded, which lasts as long as its music, unless told otherwise.
  func takeTurn(evenDuringTake: Bool = false) async throws(CommandFailure) {
    if cancelTake != nil, !evenDuringTake { throw Self.takeUnderWay }
    await awaitTurn()
    if isClosed {
      passTurn()
      throw Self.leaving
    }
  }

  static let leaving = CommandFailure(.failed, "Continuo is leaving")

  private func awaitTurn() async {
    guard hasTurn else {
      hasTurn = true
      return
    }
    await withCheckedContinuation { waitingForTurn.append($0) }
  }

  /// Gives the turn to the command that has waited longest.
  func passTurn() {
    if waitingForTurn.isEmpty { hasTurn = false } else { waitingForTurn.removeFirst().resume() }
  }

  private func reconnect() async -> Reply {
    var lines: [String] = []
    let connected = host.status.isConnected
    lines.append(
      connected ? "JACK: connected" : "JACK: the server is gone; joining it when it is back")
    do {
      let state = try await needArdour().state
      lines.append("Ardour: \(TerminalText.clean(state.sessionName ?? "a session without a name"))")
      return .done(lines, data: ["jack": .bool(connected), "ardour": true])
    } catch {
      return .failed(
        CommandFailure(.noArdour, "\(error)"), lines: lines,
        data: ["jack": .bool(connected), "ardour": false])
    }
  }
}

extension CommandFailure {
  /// An Ardour failure with the exit status it calls for.
  init(_ error: ArdourError) {
    switch error {
    case .notAnswering, .gone, .severalRunning: self.init(.noArdour, "\(error)")
    default: self.init(.failed, "\(error)")
    }
  }
}
