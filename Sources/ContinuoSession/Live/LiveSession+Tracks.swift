// SPDX-License-Identifier: MIT
import ContinuoMusic
internal import ContinuoArdour
internal import ContinuoJack
internal import ContinuoRealtime

extension LiveSession {
  func tracksReply() async throws -> Reply {
    let client = try await needArdour()
    let strips = try await client.listStrips()
    let width = strips.map(\.name.count).max() ?? 0
    let lines = strips.map { strip in
      let name = TerminalText.clean(strip.name).padding(to: width)
      let marks = [
        strip.isArmed ? "armed" : nil, strip.isMuted ? "muted" : nil,
        strip.isSoloed ? "soloed" : nil, isFollowed(strip.name) ? "followed" : nil,
      ].compactMap { $0 }
      return "\(strip.id)  \(name)  \(strip.kind.label)"
        + (marks.isEmpty ? "" : " (\(marks.joined(separator: ", ")))")
    }
    let data = strips.map { strip -> JSONValue in
      [
        "id": .int(strip.id), "name": .string(strip.name), "kind": .string(strip.kind.label),
        "armed": .bool(strip.isArmed), "muted": .bool(strip.isMuted),
        "soloed": .bool(strip.isSoloed), "followed": .bool(isFollowed(strip.name)),
      ]
    }
    return .done(
      lines.isEmpty ? ["The session has no tracks yet"] : lines, data: ["tracks": .array(data)])
  }

  private func isFollowed(_ name: String) -> Bool {
    followed.values.contains { $0.name == name }
  }

  /// Listens to `names`, MIDI tracks of Ardour or JACK ports ("client:port"), and to no others; to
  /// the tracks selected in Ardour when that alone is said and no track is called so.
  func follow(_ names: [String]) async throws -> Reply {
    if names.count == 1, names[0].lowercased() == "selected",
      await ardour?.state.strip(named: names[0]) == nil
    {
      return try await followSelected()
    }
    return try await follow(names, bySelection: false)
  }

  private func followSelected() async throws -> Reply {
    let state = try await needArdour().state
    followsSelection = true
    await ardourChanged(state, since: nil)
    let reply = followReply()
    return .done(["Going with Ardour's selection"] + reply.lines, data: reply.data)
  }

  func follow(_ names: [String], bySelection: Bool) async throws -> Reply {
    guard names.count <= Self.inputCount else {
      throw CommandFailure(
        .usage, "\(names.count) tracks are more than the \(Self.inputCount) inputs there are")
    }
    try await takeTurn()
    defer { passTurn() }
    guard audition == nil else {
      throw CommandFailure(.failed, "A candidate sounds: say original first, then follow")
    }
    var wanted: [FollowedTrack] = []
    for name in names {
      let track = try await resolve(name)
      if !wanted.contains(where: { $0.port == track.port }) { wanted.append(track) }
    }
    followsSelection = bySelection
    for (number, track) in followed where !wanted.contains(where: { $0.port == track.port }) {
      host.letGo(.init(from: track.port, to: inputName(number)))
      host.setInputTitle(number, "MIDI in \(number)")
      followed[number] = nil
    }
    for track in wanted where !followed.values.contains(where: { $0.port == track.port }) {
      guard let number = (1...Self.inputCount).first(where: { followed[$0] == nil }) else { break }
      try host.keepConnected(.init(from: track.port, to: inputName(number)))
      host.setInputTitle(number, track.name)
      followed[number] = track
    }
    return followReply()
  }

  private func followReply() -> Reply {
    let rows = followed.sorted { $0.key < $1.key }
    let lines = rows.map { "in_\($0.key)  \(TerminalText.clean($0.value.name))" }
    let data = rows.map { number, track -> JSONValue in
      ["input": .int(number), "track": .string(track.name), "port": .string(track.port)]
    }
    return .done(
      lines.isEmpty ? ["Nothing is followed"] : ["Following:"] + lines,
      data: ["followed": .array(data)])
  }

  /// A track of Ardour's, or any MIDI output of JACK's.
  private func resolve(_ name: String) async throws -> FollowedTrack {
    if name.contains(":") {
      let ports = host.midiPorts(.outputs)
      guard ports.contains(name) else {
        throw JackError.noSuchPort(name, near: NearNames.near(name, among: ports))
      }
      return FollowedTrack(name: name, port: name)
    }
    let strip = try await needArdour().midiTrack(named: name)
    return FollowedTrack(
      name: strip.name, port: try ardourPort(ArdourPort.midiOutput(track: strip.name), .outputs))
  }

  /// The JACK port of an Ardour track, whatever Ardour's JACK client is called.
  func ardourPort(
    _ standard: String, _ direction: PortDirection
  ) throws(CommandFailure) -> String {
    let ports = host.midiPorts(direction)
    if ports.contains(standard) { return standard }
    let suffix = standard.dropFirst(ArdourPort.standardClient.count)
    let others = ports.filter { $0.hasSuffix(suffix) }
    guard others.count == 1, let other = others.first else {
      throw CommandFailure(JackError.noSuchPort(standard, near: others))
    }
    return other
  }

  /// Stops listening to the track `name` while a candidate sounds in it: what is captured is the
  /// original, and the other tracks' goes on.
  func pauseFollowing(track name: String) {
    for (number, track) in followed where track.name == name { pause(number, track) }
  }

  private func pause(_ number: Int, _ track: FollowedTrack) {
    host.letGo(.init(from: track.port, to: inputName(number)))
    paused.insert(number)
  }

  /// Stops listening to the tracks of the JACK client that `port` ("client:port") belongs to.
  ///
  /// A client that both feeds us and is fed by us makes a loop, and JACK breaks a loop by
  /// delivering the connection made last a whole period late. A take goes without.
  func pauseFollowing(portsOf port: String) {
    let client = port.prefix { $0 != ":" } + ":"
    for (number, track) in followed where track.port.hasPrefix(client) { pause(number, track) }
  }

  /// Listens again to every track that was paused, as soon as its port is there.
  func resumeFollowing() {
    for number in paused.sorted() {
      guard let track = followed[number] else { continue }
      host.keepConnectedOnceThere(.init(from: track.port, to: inputName(number)))
    }
    paused = []
  }

  func inputName(_ number: Int) -> String { "\(settings.name):in_\(number)" }

  /// The input that listens to `track`.
  func input(of track: String) -> Int? {
    followed.first { $0.value.name.lowercased() == track.lowercased() }?.key
  }
}

extension String {
  /// The text with blanks after it, `width` characters at least.
  func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
