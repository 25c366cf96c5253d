// SPDX-License-Identifier: MIT
internal import ContinuoMemory
internal import ContinuoArdour
internal import ContinuoJack
internal import ContinuoMusic
internal import ContinuoRealtime
internal import Foundation

/// A candidate that sounds, or is about to, in place of the original.
struct Audition: Sendable {
  var number: Int
  var track: String
  var slot: Int
  var identity: UInt64
  /// Quarter notes until it repeats.
  var length: Double
  /// From our output to the track's input.
  var wire: RealtimeHost.Wire
  /// Whether the connection was there before, made by hand: then it stays.
  var wireStood: Bool
  /// Whether the track's In button was off before and is on for the candidate alone.
  var switchedIn = false
}

extension LiveSession {
  /// Slots that auditions take turns in: the new one is loaded while the old one sounds.
  private static let auditionSlots = [0, 1]

  func audition(_ number: Int, _ quantise: Quantise) async throws -> Reply {
    let begun = try await beginAudition(number, quantise)
    let mark = mark(of: number)
    let reply = try await confirmStart(begun)
    // What waits for the transport has not been heard.
    if reply.data["sounding"] == true { await memory?.note(.auditioned, of: mark) }
    return reply
  }

  /// Auditions the neighbour of what sounds, or of what is to sound next.
  func step(_ isForward: Bool) async throws -> Reply {
    let count = try needShelf().candidates.count
    guard count > 0 else {
      throw CommandFailure(.failed, "There are no candidates yet: the first is still being written")
    }
    let from = audition?.number ?? (isForward ? 0 : count + 1)
    let next = isForward ? from + 1 : from - 1
    return try await audition(next > count ? 1 : next < 1 ? count : next, .bar)
  }

  private func beginAudition(_ number: Int, _ quantise: Quantise) async throws -> Audition {
    try await takeTurn()
    defer { passTurn() }
    let shelf = try needShelf()
    let candidate = try shelf.candidate(number)
    let ardour = try await needArdour()
    let strip = try await ardour.midiTrack(named: shelf.track)
    let wire = RealtimeHost.Wire(
      from: "\(settings.name):out",
      to: try ardourPort(ArdourPort.midiInput(track: strip.name), .inputs))
    if let audition, audition.wire != wire { await endAudition(at: .now) }
    let previous = audition
    let identity = host.makeIdentity()
    let program = try PatternProgram(candidate.pattern, identity: identity)
    await endFile()
    let new = Audition(
      number: number, track: strip.name,
      slot: previous?.slot == Self.auditionSlots[0] ? Self.auditionSlots[1] : Self.auditionSlots[0],
      identity: identity, length: candidate.pattern.length.quarters, wire: wire,
      wireStood: previous?.wireStood ?? host.isMade(wire),
      switchedIn: previous?.switchedIn ?? false)
    // Known before the first change, so that a failure midway is undone like any other end.
    audition = new
    do {
      if previous == nil { pauseFollowing(track: strip.name) }
      try host.keepConnected(wire)
      guard host.load(program, into: new.slot) else { throw JackError.closed }
      if previous == nil {
        // Cancelled in between the button may be on already.
        audition?.switchedIn =
          await ardour.state.strip(named: strip.name)?.details.monitorsInput == false
        let was = try await ardour.setMonitorsInput(true, track: strip.name)
        audition?.switchedIn = was == false
        if was == nil {
          notice(
            "Ardour did not tell whether \(TerminalText.clean(strip.name))'s In button was on: it is "
              + "now, and stays on")
        }
      }
      // In place: the pattern lies at the bars it was made for, and round and round from there.
      let rounds = (shelf.start / new.length).rounded(.up)
      let anchor = shelf.start - rounds * new.length
      guard
        host.send(.start(slot: new.slot, at: quantise.quantum, anchor: anchor, loops: true))
      else { throw JackError.closed }
    } catch {
      await endAudition(at: .now)
      throw error
    }
    return new
  }

  /// Waits until the candidate sounds, as long as the transport rolls and nobody asks for another.
  private func confirmStart(_ begun: Audition) async throws -> Reply {
    let name = TerminalText.clean(begun.track)
    let song = host.snapshot().song
    let data: [String: JSONValue] = [
      "candidate": .int(begun.number), "track": .string(begun.track),
    ]
    let silent = JSONValue.object(data.merging(["sounding": false]) { $1 })
    guard song.isKnown, song.rolling else {
      return .done(
        ["Candidate \(begun.number) sounds in \(name) once the transport rolls"], data: silent)
    }
    // The farthest quantum is the end of a pattern.
    let quarters = max(song.barLength * 2, begun.length + song.barLength)
    let deadline =
      ContinuousClock.now
      + .seconds(min(quarters * 60 / max(song.quartersPerMinute, 1) + 5, 3600))
    while host.snapshot().activePattern != begun.identity {
      // In short waits, so that a command that takes its place is seen.
      _ = await host.wait(seconds: 0.1) {
        $0.activePattern == begun.identity || !$0.song.rolling
      }
      if Task.isCancelled { try await abandon(begun) }
      guard audition?.identity == begun.identity else {
        throw CommandFailure(
          .failed, "Candidate \(begun.number) did not begin: another command took its place")
      }
      let now = host.snapshot()
      if now.activePattern == begun.identity { break }
      guard host.isConnected else { throw JackError.closed }
      guard now.song.rolling else {
        return .done(
          ["The transport stopped: candidate \(begun.number) sounds in \(name) once it rolls"],
          data: silent)
      }
      guard ContinuousClock.now < deadline else {
        throw CommandFailure(
          .failed, "Candidate \(begun.number) did not begin in time: `stop`, then try again")
      }
    }
    let bar = await startBar(of: begun.identity, host.snapshot().song)
    return .done(
      ["Candidate \(begun.number) sounds in \(name)" + (bar.map { ", from bar \($0)" } ?? "")],
      data: .object(
        data.merging(["sounding": true, "bar": bar.map { .int($0) } ?? .null]) { $1 }))
  }

  /// Takes back an audition whose command was cancelled before it began.
  private func abandon(_ begun: Audition) async throws {
    try await takeTurn()
    defer { passTurn() }
    if audition?.identity == begun.identity { await endAudition(at: .now) }
    throw CancellationError()
  }

  /// The bar in which a pattern began to sound, from the process thread's own record of it; nil
  /// when that record has not come.
  private func startBar(of identity: UInt64, _ song: SongCycle) async -> Int? {
    for _ in 0..<50 {
      let record = store.marks(from: 0).last { $0.kind == .patternStarted && $0.extra == identity }
      if let quarters = record?.quarters {
        // A hair before the bar line is the bar line.
        let bars = (quarters - song.barStart) / song.barLength + 1e-3
        guard bars.isFinite, abs(bars) < 1e6 else { return nil }
        return Int(song.bar) + Int(bars.rounded(.down))
      }
      // The record is drained within 5 ms; cancelled, the loop ends by itself.
      try? await Task.sleep(for: .milliseconds(5))
    }
    return nil
  }

  func backToOriginal() async throws -> Reply {
    try await takeTurn()
    defer { passTurn() }
    guard let audition else { return .done(["The original sounds already"], data: ["was": .null]) }
    await endAudition(at: .bar)
    return .done(
      ["The original sounds in \(TerminalText.clean(audition.track)) again"],
      data: ["was": .int(audition.number), "track": .string(audition.track)])
  }

  func stopPlaying() async throws -> Reply {
    // At once, whatever else is under way: silence does not wait for its turn.
    host.send(.stop(at: .now))
    cancelTake?()
    try await takeTurn(evenDuringTake: true)
    defer { passTurn() }
    await endAudition(at: .now)
    await endFile()
    host.send(.stop(at: .now))
    let silent = await host.wait(seconds: 1) { $0.activeSlot < 0 && $0.pendingSlot < 0 }
    try Task.checkCancellation()
    guard host.isConnected, silent else {
      throw CommandFailure(
        .noJack, "JACK does not run, so nothing sounds; what played is forgotten")
    }
    return .done(["Silence"], data: ["silent": true])
  }

  /// Lets the original sound again: stops the pattern, gives the track back, parts the ports.
  ///
  /// Finished even when the command was cancelled; what could not be given back is told. The caller
  /// has its turn.
  func endAudition(at quantum: Quantum) async {
    guard let audition else { return }
    self.audition = nil
    host.send(.stop(at: quantum))
    let song = host.snapshot().song
    let bar = song.barLength * 60 / max(song.quartersPerMinute, 1)
    let limit = quantum == .now ? 1 : min(bar * 2 + 1, 120)
    _ = await host.wait(seconds: limit) {
      $0.activePattern != audition.identity || !$0.song.rolling
    }
    host.send(.stop(at: .now))
    // The last note-offs leave first; then the ports may part.
    if await !host.awaitQuiet(seconds: 1), host.isConnected {
      notice("Notes may still sound in \(TerminalText.clean(audition.track)): `stop` once more")
    }
    // A connection made by hand stays.
    if audition.wireStood { host.noLongerKeep(audition.wire) } else { host.letGo(audition.wire) }
    resumeFollowing()
    // The musician's own In button stays on.
    if audition.switchedIn { await giveBackMonitoring(of: audition.track) }
  }

  private func giveBackMonitoring(of track: String) async {
    let ardour = ardour
    let trouble = await Task { () -> String? in
      guard let ardour, await ardour.state.presence == .present else {
        return "Ardour is gone"
      }
      do {
        try await ardour.setMonitorsInput(false, track: track)
        return nil
      } catch {
        return "\(error)"
      }
    }.value
    if let trouble {
      notice(
        "\(TerminalText.clean(track)) may still let its input sound (\(trouble)): switch its In "
          + "button off in Ardour")
    }
  }
}

extension Quantise {
  /// The same for the process thread.
  var quantum: Quantum {
    switch self {
    case .now: .now
    case .beat: .beat
    case .bar: .bar
    case .pattern: .patternEnd
    }
  }
}
