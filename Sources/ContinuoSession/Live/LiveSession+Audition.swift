// SPDX-License-Identifier: MIT
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
  /// From our output to the track's input.
  var wire: RealtimeHost.Wire
  /// Whether the track was switched to its input and is to be given back.
  var monitors: Bool
}

extension LiveSession {
  /// Slots that auditions take turns in: the new one is loaded while the old one sounds.
  private static let auditionSlots = [0, 1]
  private static let fileSlot = 6

  func audition(_ number: Int, _ quantise: Quantise) async throws -> Reply {
    let shelf = try needShelf()
    let candidate = try shelf.candidate(number)
    let ardour = try await needArdour()
    let strip = try await ardour.midiTrack(named: shelf.track)
    let wire = RealtimeHost.Wire(
      from: "\(settings.name):out",
      to: try ardourPort(ArdourPort.midiInput(track: strip.name), .inputs))
    let slot =
      audition.map {
        $0.slot == Self.auditionSlots[0] ? Self.auditionSlots[1] : Self.auditionSlots[0]
      }
      ?? Self.auditionSlots[0]
    let identity = host.makeIdentity()
    let program = try PatternProgram(candidate.pattern, identity: identity)
    let isFirst = audition == nil
    if isFirst { pauseFollowing(portsOf: wire.to) }
    do {
      try host.keepConnected(wire)
    } catch {
      if isFirst { try resumeFollowing() }
      throw error
    }
    guard host.load(program, into: slot) else { throw JackError.closed }
    if isFirst { try await ardour.setMonitorsInput(true, track: strip.name) }
    audition = Audition(
      number: number, track: strip.name, slot: slot, identity: identity, wire: wire,
      monitors: true)
    // In place: the pattern lies at the bars it was made for, and round and round from there.
    let rounds = (shelf.start / candidate.pattern.length.quarters).rounded(.up)
    let anchor = shelf.start - rounds * candidate.pattern.length.quarters
    host.send(.start(slot: slot, at: quantise.quantum, anchor: anchor, loops: true))
    return try await confirmStart(number, strip.name, identity)
  }

  private func confirmStart(
    _ number: Int, _ track: String, _ identity: UInt64
  ) async throws -> Reply {
    let name = TerminalText.clean(track)
    let song = host.snapshot().song
    let data: [String: JSONValue] = ["candidate": .int(number), "track": .string(track)]
    guard song.isKnown, song.rolling else {
      return .done(
        ["Candidate \(number) sounds in \(name) once the transport rolls"],
        data: .object(data.merging(["sounding": false]) { $1 }))
    }
    let seconds = song.barLength * 60 / max(song.quartersPerMinute, 1)
    let began = await host.wait(seconds: max(seconds * 3, 2) + 30) {
      $0.activePattern == identity || !$0.song.rolling
    }
    try Task.checkCancellation()
    let now = host.snapshot()
    guard began, now.activePattern == identity else {
      return .done(
        ["The transport stopped: candidate \(number) sounds in \(name) once it rolls"],
        data: .object(data.merging(["sounding": false]) { $1 }))
    }
    let bar = await startBar(of: identity, now.song)
    return .done(
      ["Candidate \(number) sounds in \(name)" + (bar.map { ", from bar \($0)" } ?? "")],
      data: .object(
        data.merging(["sounding": true, "bar": bar.map { .int($0) } ?? .null]) { $1 }))
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
    guard let audition else { return .done(["The original sounds already"], data: ["was": .null]) }
    try await endAudition(at: .bar)
    return .done(
      ["The original sounds in \(TerminalText.clean(audition.track)) again"],
      data: ["was": .int(audition.number), "track": .string(audition.track)])
  }

  func stopPlaying() async throws -> Reply {
    try await endAudition(at: .now)
    host.send(.stop(at: .now))
    let silent = await host.wait(seconds: 1) { $0.activeSlot < 0 }
    guard silent else {
      throw CommandFailure(
        .noJack, "JACK does not run, so nothing sounds; what played is forgotten")
    }
    return .done(["Silence"], data: ["silent": true])
  }

  /// Lets the original sound again: stops the pattern, gives the track back, parts the ports.
  func endAudition(at quantum: Quantum) async throws {
    guard let audition else { return }
    self.audition = nil
    host.send(.stop(at: quantum))
    let song = host.snapshot().song
    let bar = song.barLength * 60 / max(song.quartersPerMinute, 1)
    let limit = quantum == .now ? 1 : min(bar * 2 + 1, 120)
    let stopped = await host.wait(seconds: limit) {
      $0.activePattern != audition.identity || !$0.song.rolling
    }
    if !stopped || quantum != .now { host.send(.stop(at: .now)) }
    // The last note-offs leave with the cycle after; then the ports may part.
    let frame = host.snapshot().frame
    _ = await host.wait(seconds: 1) { $0.frame > frame + 2 * UInt64($0.frames) }
    host.letGo(audition.wire)
    try resumeFollowing()
    if audition.monitors, let ardour, await ardour.state.presence == .present {
      try await ardour.setMonitorsInput(false, track: audition.track)
    }
  }

  func keep(_ number: Int?, _ progress: @escaping ProgressSink) async throws -> Reply {
    let shelf = try needShelf()
    guard let wanted = number ?? audition?.number else {
      throw CommandFailure(.usage, "Nothing sounds at present: say which to keep, as in keep 2")
    }
    let candidate = try shelf.candidate(wanted)
    let ardour = try await needArdour()
    let strip = try await ardour.midiTrack(named: shelf.track)
    try await endAudition(at: .now)
    progress("Recording candidate \(wanted) into \(TerminalText.clean(strip.name))")
    try await ardour.save()
    let saved = try await savedSession(ardour)
    var recording = RecordBack.Settings()
    recording.session = saved.url.path
    recording.ardourClient = String(
      try ardourPort(ArdourPort.midiInput(track: strip.name), .inputs).prefix { $0 != ":" })
    recording.latency = latency(of: strip.name)
    let performer = HostPerformer(
      host: host, map: saved.songMap, sampleRate: saved.sampleRate,
      output: "\(settings.name):out")
    pauseFollowing(portsOf: "\(recording.ardourClient):")
    let report: TakeReport
    do {
      report = try await RecordBack(
        ardour: ardour, performer: performer, settings: recording
      ).record(candidate.pattern, track: strip.name, bar: shelf.firstBar)
    } catch {
      try resumeFollowing()
      throw error
    }
    try resumeFollowing()
    return try keepReply(report, wanted, shelf)
  }

  private func keepReply(
    _ report: TakeReport, _ number: Int, _ shelf: CandidateShelf
  ) throws -> Reply {
    let check = report.verification
    let bars = "bars \(report.bars.lowerBound)-\(report.bars.upperBound)"
    let name = TerminalText.clean(report.track)
    let data: JSONValue = [
      "candidate": .int(number), "track": .string(report.track),
      "firstBar": .int(report.bars.lowerBound), "lastBar": .int(report.bars.upperBound),
      "played": .int(check.played), "recorded": .int(check.recorded),
      "missing": .int(check.missing.count), "extra": .int(check.extra.count),
      "shifted": .int(check.shifted.count), "verified": .bool(report.isGood),
      "offsetFrames": report.measuredOffset.map { .number($0) } ?? .null,
      "session": .string(report.session.path),
      "regions": .array(report.regions.map { .string($0.name) }),
      "leftChanged": .array(report.leftChanged.map { .string($0) }),
    ]
    guard report.isGood else {
      return .failed(
        CommandFailure(
          .failed,
          "\(name), \(bars): the recording differs from candidate \(number): "
            + "\(check.missing.count) of \(check.played) notes missing, \(check.extra.count) too "
            + "many, \(check.shifted.count) out of place"
            + (report.measuredOffset.map { " by \(Int($0.rounded())) frames" } ?? "")
            + (report.leftChanged.isEmpty
              ? "" : "; not put back: \(report.leftChanged.joined(separator: "; "))")),
        data: data)
    }
    return .done(
      [
        "Kept candidate \(number) in \(name), \(bars): \(check.recorded) of \(check.played) notes "
          + "verified in \(report.session.lastPathComponent)"
      ] + (try rolls(report, shelf)), data: data)
  }

  /// The original and what Ardour recorded, drawn.
  private func rolls(_ report: TakeReport, _ shelf: CandidateShelf) throws -> [String] {
    let saved = try SessionFile(report.session)
    let notes = try report.regions.flatMap { try saved.notes(of: $0) }.map { recorded in
      var note = recorded.note
      note.start -= Beats(shelf.start)
      return note
    }
    let kept = Pattern(
      name: "Kept", notes: notes, length: shelf.original.length, meter: shelf.original.meter)
    let draw = { (pattern: Pattern) in
      PianoRoll(pattern, firstBar: shelf.firstBar).text(columns: 100, barsPerSystem: 4)
        .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
    return ["", "The original:"] + draw(shelf.original) + ["The take, as Ardour wrote it:"]
      + draw(kept)
  }

  /// How Ardour's ports lie: its outputs connected to a sound card, or free.
  private func latency(of track: String) -> RecordedOffset.Latency {
    host.withClient { client in
      let mine = client.midiPorts(.outputs).first { $0.hasSuffix(":\(track)/midi_out 1") }
      let own = mine.map { String($0.prefix { $0 != ":" }) } ?? ArdourPort.standardClient
      return client.soundCardLatency(of: own).map {
        .connected(capture: $0.capture, playback: $0.playback)
      } ?? .none
    } ?? .none
  }

  func play(_ request: PlayRequest) async throws -> Reply {
    let file = try PlayableFile(path: request.file)
    let player = FilePlayer(file: file, request: request)
    try player.start(on: host, slot: Self.fileSlot)
    return .done(
      [player.announcement],
      data: ["file": .string(request.file), "notes": .int(file.pattern.notes.count)])
  }

  func transport(_ command: TransportCommand) async throws -> Reply {
    let client = try? await needArdour()
    switch command {
    case .play:
      if let client { try await client.play() } else { host.withClient { $0.startTransport() } }
      guard await host.wait(seconds: 5, until: { $0.transportRolling }) else {
        return .done(["Ardour rolls on its own clock; JACK's transport does not"])
      }
      return .done(["Rolling"], data: ["rolling": true])
    case .stop:
      if let client { try await client.stop() } else { host.withClient { $0.stopTransport() } }
      guard await host.wait(seconds: 5, until: { !$0.transportRolling }) else {
        throw CommandFailure(.failed, "JACK's transport still rolls")
      }
      return .done(["Stopped"], data: ["rolling": false])
    case .locate(let bar):
      return try await locate(bar, client)
    }
  }

  private func locate(_ bar: Int, _ client: ArdourClient?) async throws -> Reply {
    let song = host.snapshot().song
    let rate = host.snapshot().sampleRate
    let frame: Int
    if let client, let saved = try? await savedSession(client) {
      frame = saved.frame(at: saved.songMap.barStart(bar))
    } else if song.isKnown, song.quartersPerMinute > 0 {
      let quarters = song.barStart + Double(bar - Int(song.bar)) * song.barLength
      frame = Int((quarters * 60 * rate / song.quartersPerMinute).rounded())
    } else {
      throw CommandFailure(.failed, "The song's tempo is not known, so bar \(bar) cannot be found")
    }
    guard let target = UInt32(exactly: frame) else {
      throw CommandFailure(.failed, "Bar \(bar) lies beyond what the transport can reach")
    }
    if let client {
      _ = try await client.locate(to: frame)
    } else {
      _ = host.withClient { $0.locateTransport(target) }
    }
    return .done(["At bar \(bar)"], data: ["bar": .int(bar), "frame": .int(frame)])
  }

  /// The session as Ardour saved it last.
  func savedSession(_ client: ArdourClient) async throws -> SessionFile {
    let name = await client.state.sessionName ?? ""
    let found = try SessionLocator().locate(
      name: name, port: client.port)
    return try SessionFile(found.url)
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
