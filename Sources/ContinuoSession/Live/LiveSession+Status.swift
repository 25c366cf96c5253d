// SPDX-License-Identifier: MIT
internal import ContinuoAnalysis
internal import ContinuoArdour
internal import ContinuoJack
internal import ContinuoMusic
internal import ContinuoRealtime

extension LiveSession {
  func statusReply() async -> Reply {
    // The store lags behind the process thread.
    host.catchUp()
    let status = host.status
    let snapshot = host.snapshot()
    let state = await ardour?.state
    var lines = [Self.songLine(snapshot), Self.jackLine(status)]
    lines.append(
      state.map { state in
        let name = TerminalText.clean(state.sessionName ?? "?")
        return state.presence == .present
          ? "Ardour: \(name), \(state.strips.filter { $0.kind == .midiTrack }.count) MIDI tracks"
          : "Ardour: gone (it was \(name)); looked for again every second"
      } ?? "Ardour: not found; looked for again every second, and `connect` says why")
    let traffic = host.told(ardour?.traffic)
    lines += Self.oscLine(traffic).map { [$0] } ?? []
    lines += followed.sorted { $0.key < $1.key }.map {
      let wired = status.inputs[$0.key - 1].connections.contains($0.value.port)
      return
        "in_\($0.key): \(TerminalText.clean($0.value.name))\(wired ? "" : paused.contains($0.key) ? " (paused while a candidate sounds)" : " (port not there)")"
    }
    let heard = heardNow(snapshot.song)
    lines += heard.flatMap(Self.hearingLine).map { [$0] } ?? []
    lines += Self.latencyLine(status).map { [$0] } ?? []
    lines.append(soundingLine(snapshot))
    lines.append(Self.healthLine(status, store))
    let log = host.logFigures
    if let log { lines.append(Self.logLine(log)) }
    if let control {
      lines.append(
        "Control: \(settings.name):control, \(control.map.bindings.count) learned")
    }
    let lost = await (memory?.lost ?? 0, memory?.fault)
    if let fault = lost.1 { lines.append("Memory: \(lost.0) entries not remembered: \(fault)") }
    var data = statusData(status, snapshot, state, traffic, log, heard)
    if case .object(var members) = data {
      members["memory"] = [
        "there": .bool(memory != nil), "lost": .int(lost.0),
        "fault": lost.1.map { .string($0) } ?? .null,
      ]
      data = .object(members)
    }
    return .done(lines, data: data)
  }

  private static func songLine(_ snapshot: RealtimeSnapshot) -> String {
    let song = snapshot.song
    guard song.isKnown else {
      return snapshot.transportRolling
        ? "Song: rolling, but no program gives JACK bars and beats"
        : song.rolling
          ? "Song: rolling by MIDI Clock; its place is unknown until the sender stops or locates"
          : "Song: stopped; its place is unknown until a timebase master tells it"
    }
    let place = "\(song.bar)|\(snapshot.beat)|\(whole(snapshot.tick.rounded(.down)))"
    let source = Self.words(snapshot.source)
    guard song.rolling else { return "Song: stopped at \(place) (\(source))" }
    let doubt =
      song.uncertaintyFrames > 0.5
      ? ", to within \(whole(song.uncertaintyFrames.rounded(.up))) frames" : ""
    return
      "Song: \(place), \(decimal(song.quartersPerMinute)) BPM, \(meter(song)) (\(source)\(doubt))"
  }

  private static func words(_ source: SongSource) -> String {
    switch source {
    case .jack: "JACK transport"
    case .midiClock: "MIDI Clock, which tells no metre"
    case .own: "own tempo"
    }
  }

  private static func name(_ source: SongSource) -> String {
    switch source {
    case .jack: "jack"
    case .midiClock: "midi-clock"
    case .own: "own"
    }
  }

  static func meter(_ song: SongCycle) -> String {
    "\(whole(song.barLength / song.beatLength))/\(whole(4 / song.beatLength))"
  }

  private static func jackLine(_ status: HostStatus) -> String {
    guard let server = status.server else {
      return "JACK: the server is gone; joined again when it is back"
    }
    return "JACK: \(server.sampleRate) Hz, \(server.bufferSize) frames"
      + (server.isRealtime ? "" : ", without real-time scheduling")
      + (status.isFreewheeling ? ", freewheeling" : "")
      + ", xruns \(status.serverXruns)" + slipped(status)
      + (status.serverRestarts > 0 ? ", came back \(status.serverRestarts) times" : "")
  }

  /// How often the song slipped against JACK's frames; empty when it never did.
  private static func slipped(_ status: HostStatus) -> String {
    switch status.counters["slips"] ?? 0 {
    case 0: ""
    case 1: " (the song slipped behind once, and was followed)"
    case let count: " (the song slipped behind \(count) times, and was followed)"
    }
  }

  /// What is made up for so that a candidate is heard in its place; nil when nothing need be.
  private static func latencyLine(_ status: HostStatus) -> String? {
    let ahead = status.ahead
    let period = ahead.period ? status.server?.bufferSize ?? 0 : 0
    guard ahead.frames + period > 0, let rate = status.server?.sampleRate else { return nil }
    let milliseconds = Double(ahead.frames + period) * 1000 / Double(max(rate, 1))
    return "Latency: on JACK's transport candidates leave \(decimal(milliseconds)) ms early, to be "
      + "heard in their place"
  }

  /// What of Ardour's messages was lost or passed over; nil when nothing was.
  private static func oscLine(_ traffic: ArdourTraffic?) -> String? {
    guard let traffic else { return nil }
    let told = [
      (traffic.lost, "lost, the state was asked for again"), (traffic.malformed, "malformed"),
      (traffic.fromStrangers, "from other programs"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    return told.isEmpty ? nil : "OSC: of Ardour's messages " + told.joined(separator: "; ")
  }

  private static func logLine(_ log: LogFigures) -> String {
    "Log: " + (log.fault.map { "ended, \($0)" } ?? "\(log.lines) lines, dropped \(log.dropped)")
  }

  /// The chord and key as they are heard at present, with how sure that is; nil without a note.
  private static func hearingLine(_ heard: LiveAnalysis.Reading) -> String? {
    guard let key = heard.key else { return nil }
    let chord = heard.chord.map {
      "\($0.symbol(flats: key.usesFlats)) (\(decimal(heard.chordConfidence))) in "
    }
    return "Hears: \(chord ?? "no chord, in ")\(key) (\(decimal(heard.keyConfidence)))"
  }

  private func soundingLine(_ snapshot: RealtimeSnapshot) -> String {
    guard let audition else {
      return cancelTake != nil
        ? "Recording a take"
        : snapshot.activeSlot >= 0 ? "Playing: a file" : "Playing: the original"
    }
    return "Playing: candidate \(audition.number) in \(TerminalText.clean(audition.track))"
      + (snapshot.activeSlot < 0 ? " (from the next bar)" : "")
  }

  private static func healthLine(_ status: HostStatus, _ store: TakeStore) -> String {
    let micros = { (nanoseconds: UInt64) in decimal(Double(nanoseconds) / 1000) }
    let dropped = status.counters["captureDropped"] ?? 0
    let lost = status.counters["playLost"] ?? 0
    return "Core: callback \(micros(status.callbackMedian)) µs, 99 % within "
      + "\(micros(status.callback99)) µs, at most \(micros(status.callbackMaximum)) µs; "
      + "captured \(store.count), dropped \(dropped); played "
      + "\(status.counters["played"] ?? 0), lost \(lost)"
  }

  private func statusData(
    _ status: HostStatus, _ snapshot: RealtimeSnapshot, _ state: ArdourState?,
    _ traffic: ArdourTraffic?, _ log: LogFigures?, _ heard: LiveAnalysis.Reading?
  ) -> JSONValue {
    let song = snapshot.song
    var position: [String: JSONValue] = [
      "known": .bool(song.isKnown), "rolling": .bool(song.rolling),
      "source": .string(Self.name(snapshot.source)),
      "transportFrame": .int(Int(snapshot.transportFrame)), "frame": .int(Int(snapshot.frame)),
    ]
    if song.isKnown {
      position["bar"] = .int(Int(song.bar))
      position["beat"] = .int(Int(snapshot.beat))
      position["tick"] = .number(snapshot.tick)
      position["meter"] = .string(Self.meter(song))
      position["uncertaintyFrames"] = .number(song.uncertaintyFrames)
      if song.quartersPerMinute > 0 { position["tempo"] = .number(song.quartersPerMinute) }
    }
    // Every field of HostStatus is a plain number, text or list: encoding it cannot fail.
    let jack = (try? JSONValue(encoding: status)) ?? .null
    return [
      "song": .object(position), "jack": jack,
      "ardour": .object([
        "present": .bool(state?.presence == .present),
        "session": state?.sessionName.map { .string($0) } ?? .null,
        "midiTracks": .int(state?.strips.filter { $0.kind == .midiTrack }.count ?? 0),
        "osc": traffic.flatMap { try? JSONValue(encoding: $0) } ?? .null,
      ]),
      "followed": .array(
        followed.sorted { $0.key < $1.key }.map {
          ["input": .int($0.key), "track": .string($0.value.name), "port": .string($0.value.port)]
        }),
      "playing": audition.map {
        ["candidate": .int($0.number), "track": .string($0.track)]
      } ?? .null,
      "hears": heard.flatMap { $0.key == nil ? nil : Self.hears($0) } ?? .null,
      "log": log.flatMap { try? JSONValue(encoding: $0) } ?? .null,
      "activeSlot": .int(Int(snapshot.activeSlot)),
      "captured": .int(store.count), "forgotten": .int(store.forgotten),
    ]
  }
}

extension LiveSession {
  private static func hears(_ heard: LiveAnalysis.Reading) -> JSONValue {
    [
      "chord": heard.chord.map {
        .string($0.symbol(flats: heard.key?.usesFlats ?? false))
      } ?? .null,
      "chordConfidence": .number(heard.chordConfidence),
      "key": heard.key.map { .string("\($0)") } ?? .null,
      "keyConfidence": .number(heard.keyConfidence),
    ]
  }
}

/// A number with at most two decimals and no idle zeros: 120, 97.3, 174.61.
func decimal(_ value: Double) -> String {
  let rounded = (value * 100).rounded() / 100
  return Int(exactly: rounded).map { String($0) } ?? String(rounded)
}

/// A figure of the time base's as a whole number, rounded; what no integer holds becomes 0.
func whole(_ value: Double) -> Int { Int(exactly: value.rounded()) ?? 0 }
