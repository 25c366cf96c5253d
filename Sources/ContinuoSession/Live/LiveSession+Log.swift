// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoJack
internal import ContinuoMusic
internal import ContinuoOSC
internal import Foundation

/// Finds an Ardour on a port, or the only one there is, within a time.
typealias ArdourSearch = @Sendable (UInt16?, Duration) async throws -> ArdourClient

/// What a session writes into its log, and takes out of one.
extension LiveSession {
  /// A search for the running Ardour that notes all that passes in `log`.
  static func search(noting log: SessionLog?) -> ArdourSearch {
    guard let log else {
      return { try await ArdourClient.connect(port: $0, timeout: $1) }
    }
    return { port, timeout in
      let number = log.nextClient()
      do {
        let client = try await ArdourClient.connect(port: port, timeout: timeout) {
          log.note(LogEvent($0, client: number))
        }
        log.note(.ardourTaken(client: number, command: LogScope.command))
        return client
      } catch {
        if let command = LogScope.command {
          log.note(.ardourMissing(command: command, failure: LoggedFailure(error)))
        }
        throw error
      }
    }
  }

  /// What a replay takes over after a command it does not carry out.
  var loggedState: LoggedState {
    LoggedState(
      followed: followedTracks, followsSelection: followsSelection, sounds: audition != nil)
  }

  private var followedTracks: [ProjectState.Followed] {
    followed.sorted { $0.key < $1.key }.map {
      ProjectState.Followed(input: $0.key, name: $0.value.name, port: $0.value.port)
    }
  }

  /// Notes what is followed, unless the reply of a command will.
  func noteFollowed() {
    guard LogScope.command == nil else { return }
    log?.note(.followed(state: loggedState))
  }

  /// Takes over what is followed from a log.
  func takeOver(_ state: LoggedState) {
    followsSelection = state.followsSelection
    followed = [:]
    for track in state.followed {
      followed[track.input] = FollowedTrack(name: track.name, port: track.port)
    }
  }

  /// What the session knows, for comparison.
  func finalState() async -> FinalState {
    let state = await ardour?.state
    return FinalState(
      session: state?.sessionName,
      strips: (state?.strips ?? []).map {
        FinalState.Strip(
          number: $0.id, name: $0.name, kind: $0.kind.label, isArmed: $0.isArmed,
          isMuted: $0.isMuted, isSoloed: $0.isSoloed)
      },
      followed: followedTracks, captured: store.count, forgotten: store.forgotten,
      heard: heard.map(FinalState.Heard.init))
  }

  /// Writes the log's last lines.
  func endLog() async {
    guard let log else { return }
    log.note(.ended(state: await finalState()))
    await log.finish()
  }
}

extension FinalState.Heard {
  init(_ heard: HeardBars) {
    firstBar = heard.firstBar
    bars = heard.bars
    tracks = heard.tracks.map { name, pattern in
      FinalState.Track(
        name: name,
        notes: pattern.notes.map {
          [
            Double($0.pitch), Double($0.velocity), $0.start.quarters, $0.duration.quarters,
          ]
        })
    }
  }
}

extension LogHeader {
  /// The head of a session's log.
  init(_ settings: Settings, _ status: HostStatus) {
    program = ProgramVersion.current
    date = Date.now.formatted(.iso8601)
    name = settings.name
    sampleRate = status.server?.sampleRate ?? 0
    bufferSize = status.server?.bufferSize ?? 0
  }
}

extension SessionLog {
  /// A sink that notes what it is told, and tells `sink`.
  func noting(_ sink: @escaping ProgressSink) -> ProgressSink {
    { text in
      self.note(.notice(text: text))
      sink(text)
    }
  }
}

extension LogEvent {
  /// What passed between us and Ardour number `client`.
  init(_ happening: ArdourHappening, client: Int) {
    switch happening {
    case .met(let port): self = .ardourMet(client: client, port: port)
    case .lost: self = .ardourLost(client: client)
    case .received(let message), .sent(let message):
      // What came over the wire can go over it again; were it not so, the gap is told.
      guard let bytes = try? OSCPacket.encode(message) else {
        self = .dropped(lines: 1)
        return
      }
      self =
        if case .received = happening {
          .oscReceived(client: client, address: message.address, bytes: Data(bytes))
        } else {
          .oscSent(client: client, address: message.address, bytes: Data(bytes))
        }
    }
  }
}
