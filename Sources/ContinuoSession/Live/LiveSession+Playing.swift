// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoJack
internal import ContinuoMusic
internal import ContinuoRealtime

extension LiveSession {
  private static let fileSlot = 6

  func play(_ request: PlayRequest) async throws -> Reply {
    let file = try PlayableFile(path: request.file)
    try await takeTurn()
    defer { passTurn() }
    await endAudition(at: .now)
    await endFile()
    let player = FilePlayer(file: file, request: request)
    try player.start(on: host, slot: Self.fileSlot)
    let host = host
    filePlaying = Task {
      _ = await player.awaitEnd(host)
      host.send(.stop(at: .now))
      if request.free { host.send(.followTransport) }
    }
    let listeners = host.status.output.connections
    return .done(
      [player.announcement]
        + (listeners.isEmpty
          ? ["\(settings.name):out is not connected, so nothing hears it: connect it"] : [])
        + file.repairs.map { "put right: \($0)" },
      data: [
        "file": .string(request.file), "notes": .int(file.pattern.notes.count),
        "connections": .array(listeners.map { .string($0) }),
      ])
  }

  /// Ends the file that plays, if one does, and with it a tempo of our own.
  func endFile() async {
    guard let playing = filePlaying else { return }
    filePlaying = nil
    playing.cancel()
    await playing.value
    _ = await host.awaitQuiet(seconds: 1)
  }

  func transport(_ command: TransportCommand) async throws -> Reply {
    if cancelTake != nil, command != .stop { throw Self.takeUnderWay }
    let client = try await ardourIfAny()
    switch command {
    case .play: return try await roll(client)
    case .stop: return try await halt(client)
    case .locate(let bar): return try await locate(bar, client)
    }
  }

  /// Ardour if one answers; without one JACK's own transport is moved.
  ///
  /// Which of several is meant only the musician knows: that is an error.
  private func ardourIfAny() async throws -> ArdourClient? {
    do {
      return try await needArdour()
    } catch ArdourError.notAnswering {
      return nil
    }
  }

  private func roll(_ client: ArdourClient?) async throws -> Reply {
    if let client { try await client.play() } else { host.withClient { $0.startTransport() } }
    let rolls = await host.wait(seconds: 5) { $0.transportRolling }
    try Task.checkCancellation()
    guard host.isConnected else { throw JackError.closed }
    guard rolls || client != nil else {
      throw CommandFailure(
        .failed, "JACK's transport does not start: another client may not be ready for it")
    }
    return .done(
      [rolls ? "Rolling" : "Ardour rolls on its own clock; JACK's transport does not"],
      data: ["rolling": true, "jack": .bool(rolls)])
  }

  private func halt(_ client: ArdourClient?) async throws -> Reply {
    if let client { try await client.stop() } else { host.withClient { $0.stopTransport() } }
    let stands = await host.wait(seconds: 5) { !$0.transportRolling }
    try Task.checkCancellation()
    guard host.isConnected else { throw JackError.closed }
    guard stands else { throw CommandFailure(.failed, "JACK's transport still rolls") }
    return .done(["Stopped"], data: ["rolling": false])
  }

  private func locate(_ bar: Int, _ client: ArdourClient?) async throws -> Reply {
    let now = host.snapshot()
    let song = now.song
    let place: Double
    if let client, let saved = try? await savedSession(client) {
      place = Double(saved.frame(at: saved.songMap.barStart(bar)))
    } else if song.isKnown, song.quartersPerMinute > 0 {
      let quarters = song.barStart + Double(bar - Int(song.bar)) * song.barLength
      place = (quarters * 60 * now.sampleRate / song.quartersPerMinute).rounded()
    } else {
      throw CommandFailure(
        .failed,
        "The song's tempo is not known, so bar \(bar) cannot be found: let the transport roll once")
    }
    guard let target = UInt32(exactly: place) else {
      throw CommandFailure(.failed, "Bar \(bar) lies beyond what the transport can reach")
    }
    if let client {
      _ = try await client.locate(to: Int(target))
    } else {
      guard host.withClient({ $0.locateTransport(target) }) == true else { throw JackError.closed }
      let arrived = await host.wait(seconds: 2) {
        $0.transportFrame >= target
          && Double($0.transportFrame - target) < 3 * max($0.sampleRate, 1)
      }
      try Task.checkCancellation()
      guard arrived else {
        throw CommandFailure(
          .failed,
          "JACK's transport stands on frame \(host.snapshot().transportFrame), not on "
            + "\(target), where bar \(bar) is: another client may not be ready for it")
      }
    }
    return .done(["At bar \(bar)"], data: ["bar": .int(bar), "frame": .int(Int(target))])
  }
}
