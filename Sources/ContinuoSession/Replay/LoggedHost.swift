// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoJack
internal import ContinuoRealtime

/// A host that writes what it answers to commands into a log.
final class LoggedHost: SessionHost {
  private let host: any SessionHost
  private let log: SessionLog

  init(_ host: any SessionHost, _ log: SessionLog) {
    self.host = host
    self.log = log
  }

  /// Notes an answer; what the session asks for itself, it asks of a replay in vain.
  private func note(_ event: (Int) -> LogEvent) {
    if let command = LogScope.command { log.note(event(command)) }
  }

  var status: HostStatus {
    let status = host.status
    note { .status(command: $0, status: status) }
    return status
  }

  var isConnected: Bool {
    let present = host.isConnected
    note { .present(command: $0, present: present) }
    return present
  }

  var currentOwnTempo: SteadyTempo? { host.currentOwnTempo }

  var logFigures: LogFigures? {
    let figures = log.figures
    note { .figures(command: $0, figures: figures) }
    return figures
  }

  func snapshot() -> RealtimeSnapshot {
    let snapshot = host.snapshot()
    note { .song(command: $0, place: LoggedPlace(snapshot)) }
    return snapshot
  }

  func wait(
    seconds: Double, until condition: @Sendable (RealtimeSnapshot) -> Bool
  ) async -> Bool {
    let came = await host.wait(seconds: seconds, until: condition)
    note { .waited(command: $0, came: came) }
    return came
  }

  func catchUp() {
    host.catchUp()
    note { .caughtUp(command: $0) }
  }

  func midiPorts(_ direction: PortDirection) -> [String] {
    let names = host.midiPorts(direction)
    note { .ports(command: $0, names: names) }
    return names
  }

  func wantedListeners(of port: String) -> Set<String> { host.wantedListeners(of: port) }

  func told(_ traffic: ArdourTraffic?) -> ArdourTraffic? {
    note { .traffic(command: $0, traffic: traffic) }
    return traffic
  }

  func keepConnected(_ wire: RealtimeHost.Wire) throws {
    do {
      try host.keepConnected(wire)
      note { .wired(command: $0, failure: nil) }
    } catch {
      note { .wired(command: $0, failure: LoggedFailure(error)) }
      throw error
    }
  }

  func keepConnectedOnceThere(_ wire: RealtimeHost.Wire) { host.keepConnectedOnceThere(wire) }
  func letGo(_ wire: RealtimeHost.Wire) { host.letGo(wire) }
  func noLongerKeep(_ wire: RealtimeHost.Wire) { host.noLongerKeep(wire) }
  func isMade(_ wire: RealtimeHost.Wire) -> Bool { host.isMade(wire) }
  func setInputTitle(_ number: Int, _ title: String) { host.setInputTitle(number, title) }
  func setOwnTempo(_ tempo: SteadyTempo?) throws { try host.setOwnTempo(tempo) }
  func withClient<Value: Sendable>(_ body: (JackClient) -> Value) -> Value? {
    host.withClient(body)
  }
  func send(_ command: RealtimeCommand) -> Bool { host.send(command) }
  func load(_ program: PatternProgram, into slot: Int) -> Bool { host.load(program, into: slot) }
  func makeIdentity() -> UInt64 { host.makeIdentity() }
  func awaitQuiet(seconds: Double) async -> Bool { await host.awaitQuiet(seconds: seconds) }

  func deliver(to sink: (@Sendable ([CapturedEvent]) -> Void)?) {
    guard let sink else { return host.deliver(to: nil) }
    let log = log
    host.deliver { batch in
      // Lines stay short enough to read, and a flood is dropped in parts.
      for start in stride(from: 0, to: batch.count, by: 256) {
        let part = batch[start..<min(start + 256, batch.count)]
        log.note(.captured(events: part.map { LoggedEvent($0) }))
      }
      sink(batch)
    }
  }

  func observeRenames(_ observer: (@Sendable (String, String) -> Void)?) {
    guard let observer else { return host.observeRenames(nil) }
    let log = log
    host.observeRenames { old, new in
      log.note(.renamed(from: old, to: new))
      observer(old, new)
    }
  }

  func close() { host.close() }
}
