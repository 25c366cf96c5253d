// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoJack
internal import ContinuoRealtime
internal import Synchronization

/// A host without JACK: it answers as the log says, and does nothing.
final class ReplayHost: SessionHost {
  private struct State {
    var sink: (@Sendable ([CapturedEvent]) -> Void)?
    /// The first line whose captured events have not been handed on.
    var heard = 0
  }

  private let tape: ReplayTape
  private let lines: [LogLine]
  private let state = Mutex(State())

  init(_ recording: SessionRecording, _ tape: ReplayTape) {
    lines = recording.lines
    self.tape = tape
  }

  /// Hands on what was captured in the lines up to `line`.
  func hear(upTo line: Int) {
    state.withLock { state in
      while state.heard <= line, state.heard < lines.count {
        if case .captured(let events) = lines[state.heard].event {
          state.sink?(events.compactMap(\.captured))
        }
        state.heard += 1
      }
    }
  }

  var status: HostStatus {
    if case .status(_, let status)? = tape.next(.status)?.event { return status }
    return HostStatus.unknown
  }

  var isConnected: Bool {
    if case .present(_, let present)? = tape.next(.present)?.event { return present }
    return false
  }

  var logFigures: LogFigures? {
    if case .figures(_, let figures)? = tape.next(.figures)?.event { return figures }
    return nil
  }

  func snapshot() -> RealtimeSnapshot {
    guard case .song(_, let place)? = tape.next(.song)?.event, let snapshot = place.snapshot else {
      return RealtimeSnapshot()
    }
    return snapshot
  }

  func wait(
    seconds: Double, until condition: @Sendable (RealtimeSnapshot) -> Bool
  ) async -> Bool {
    if case .waited(_, let came)? = await tape.await(.waited) { return came }
    return false
  }

  func catchUp() {
    if let line = tape.next(.caughtUp)?.line { hear(upTo: line) }
  }

  func midiPorts(_ direction: PortDirection) -> [String] {
    if case .ports(_, let names)? = tape.next(.ports)?.event { return names }
    return []
  }

  func told(_ traffic: ArdourTraffic?) -> ArdourTraffic? {
    if case .traffic(_, let traffic)? = tape.next(.traffic)?.event { return traffic }
    return nil
  }

  func keepConnected(_ wire: RealtimeHost.Wire) throws {
    if case .wired(_, let failure?)? = tape.next(.wired)?.event { throw failure.failure }
  }

  func deliver(to sink: (@Sendable ([CapturedEvent]) -> Void)?) {
    state.withLock { $0.sink = sink }
  }

  // What acts outside is not done again.
  var currentOwnTempo: SteadyTempo? { nil }
  func wantedListeners(of port: String) -> Set<String> { [] }
  func keepConnectedOnceThere(_ wire: RealtimeHost.Wire) {}
  func letGo(_ wire: RealtimeHost.Wire) {}
  func noLongerKeep(_ wire: RealtimeHost.Wire) {}
  func isMade(_ wire: RealtimeHost.Wire) -> Bool { false }
  func setInputTitle(_ number: Int, _ title: String) {}
  func setOwnTempo(_ tempo: SteadyTempo?) throws {}
  func withClient<Value: Sendable>(_ body: (JackClient) -> Value) -> Value? { nil }
  func send(_ command: RealtimeCommand) -> Bool { false }
  func load(_ program: PatternProgram, into slot: Int) -> Bool { false }
  func makeIdentity() -> UInt64 { 0 }
  func awaitQuiet(seconds: Double) async -> Bool { true }
  func observeRenames(_ observer: (@Sendable (String, String) -> Void)?) {}
  func close() {}
}

extension HostStatus {
  /// A host of which nothing is known.
  fileprivate static var unknown: HostStatus {
    let port = Port(name: "", connections: [], latency: nil)
    return HostStatus(
      clientName: "", isConnected: false, server: nil,
      inputs: Array(repeating: port, count: LiveSession.inputCount), output: port, counters: [:],
      captureCapacity: 0, callbackMedian: 0, callback99: 0, callbackMaximum: 0, serverXruns: 0,
      serverRestarts: 0, ahead: Ahead(), bufferSizeChanges: 0, sampleRateChanges: 0,
      isFreewheeling: false,
      wantedWires: [], lastWords: nil)
  }
}
