// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoMusic
internal import ContinuoOSC
internal import Foundation
internal import Synchronization

/// Lets a session without JACK and Ardour hear a log, line by line, as fast as it goes.
///
/// The session, its Ardour client and its memory of the music are the ones the program runs. A line
/// is given to them only once whoever it woke before waits again, so the order is the log's and
/// two replays are the same to the byte.
final class Replayer {
  /// A command that is being carried out again.
  private struct Running {
    let number: Int
    let task: Task<Reply, Never>
  }

  private let recording: SessionRecording
  private let tape: ReplayTape
  private let host: ReplayHost
  private let session: LiveSession
  private let clock = ReplayClock()
  private let ardours = ReplayedArdours()
  private var running: Running?
  private var commands: [Int: Command] = [:]
  /// Whether a candidate sounds, which a replay does not do.
  private var sounds = false
  private var hasHeard = false
  private(set) var transcript: ReplayTranscript

  init(_ recording: SessionRecording, _ settings: Settings) {
    self.recording = recording
    tape = ReplayTape(recording.lines)
    host = ReplayHost(recording, tape)
    transcript = ReplayTranscript(recording.header)
    var settings = settings
    settings.name = recording.header.name
    let (tape, ardours) = (tape, ardours)
    session = LiveSession(settings, replaying: host) { _, _ in
      switch await tape.await(.ardour) {
      case .ardourTaken(let number, _)?:
        if let client = ardours[number] { return client }
      case .ardourMissing(_, let failure)?: throw failure.failure
      default: break
      }
      throw CommandFailure(.noArdour, "The log tells of no Ardour here")
    }
  }

  /// Hears the whole log; false when cancelled first.
  func run() async -> Bool {
    for (index, line) in recording.lines.enumerated() {
      if Task.isCancelled { return false }
      clock.set(line.at)
      transcript.at = line.at
      await hear(line.event, index)
    }
    if let running { _ = await end(running, cancelled: true) }
    transcript.missing = tape.missing
    transcript.end(recording.fault)
    return true
  }

  private func hear(_ event: LogEvent, _ index: Int) async {
    await tape.settle(tape.pass(index, event))
    switch event {
    case .ardourMet(let number, let port):
      let (clock, tape) = (clock, tape)
      ardours[number] = ArdourClient.replaying(port: port) {
        clock.now
      } waits: {
        tape.arrive()
      }
    case .oscReceived(let number, _, let bytes):
      transcript.messages += 1
      for message in OSCPacket.decode(bytes).messages { await tell(.received(message), to: number) }
    case .ardourLost(let number): await tell(.lost, to: number)
    case .ardourTaken(let number, let command):
      guard command == nil || command != running?.number else { break }
      if let client = ardours[number] { await session.adopt(client) }
    case .captured(let events):
      transcript.captured += events.count
      host.hear(upTo: index)
    case .renamed(let old, let new): await session.portRenamed(old, new)
    case .followed(let state): await session.takeOver(state)
    case .command(let number, let command): await begin(command, number)
    case .reply(let number, let reply, let after): await answer(number, reply, after)
    case .notice(let text): transcript.notice(text)
    case .dropped(let lines): transcript.dropped += lines
    case .ended(let state):
      host.hear(upTo: index)
      transcript.compare(state, await session.finalState())
    default: break
    }
  }

  private func tell(_ happening: ArdourHappening, to number: Int) async {
    guard let client = ardours[number] else { return }
    await tape.settle(await client.replay(happening))
  }

  private func begin(_ command: Command, _ number: Int) async {
    commands[number] = command
    // Two at once would run in an order that nobody noted.
    guard running == nil, await canReplay(command) else { return }
    tape.rest()
    let (session, tape) = (session, tape)
    let task = Task {
      let reply = await LogScope.$command.withValue(number) {
        await session.handle(command) { _ in }
      }
      tape.arrive()
      return reply
    }
    running = Running(number: number, task: task)
    await tape.settle(1)
  }

  /// Whether `command` depends on nothing but what the log holds, and acts on nothing outside.
  private func canReplay(_ command: Command) async -> Bool {
    switch command {
    // While another command is under way these tell of it, or wait for it.
    case .status, .analyze, .follow: !sounds && commands.count == 1
    case .tracks, .capture, .take, .lock, .unlock: true
    case .suggest(nil):
      await session.heard?.tracks.contains { !$0.pattern.notes.isEmpty } ?? false
    default: false
    }
  }

  private func answer(_ number: Int, _ reply: Reply, _ after: LoggedState) async {
    sounds = after.sounds
    let command = commands.removeValue(forKey: number)
    guard let running, running.number == number else {
      await session.takeOver(after)
      transcript.tell(command, recorded: reply)
      return
    }
    self.running = nil
    let replayed = await end(running, cancelled: reply == .cancelled)
    transcript.tell(command, recorded: reply, replayed: replayed)
  }

  /// The reply of a command whose time is over: what it still waits for did not come.
  private func end(_ running: Running, cancelled: Bool) async -> Reply {
    if cancelled { running.task.cancel() }
    var woken = tape.giveUp()
    for client in ardours.all { woken += await client.replayTimeout() }
    if !cancelled { await tape.settle(woken) }
    // Whatever it asks for once more is not answered either.
    running.task.cancel()
    return await running.task.value
  }
}

/// The log's time.
final class ReplayClock: Sendable {
  private let begin = ContinuousClock.now
  private let passed = Mutex<UInt64>(0)

  /// Comes to `nanoseconds` after the log's beginning.
  func set(_ nanoseconds: UInt64) { passed.withLock { $0 = nanoseconds } }

  /// The time there.
  var now: ContinuousClock.Instant {
    begin + .nanoseconds(Int64(clamping: passed.withLock { $0 }))
  }
}

/// The Ardours a log tells of, by number.
private final class ReplayedArdours: Sendable {
  private let clients = Mutex<[Int: ArdourClient]>([:])

  subscript(number: Int) -> ArdourClient? {
    get { clients.withLock { $0[number] } }
    set { clients.withLock { $0[number] = newValue } }
  }

  /// In the order of their numbers.
  var all: [ArdourClient] {
    clients.withLock { clients in clients.sorted { $0.key < $1.key }.map(\.value) }
  }
}
