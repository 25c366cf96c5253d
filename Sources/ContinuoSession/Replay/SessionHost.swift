// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoJack
internal import ContinuoRealtime

/// What a session needs of JACK and the real-time core; each call as `RealtimeHost` tells it.
///
/// A session that is logged asks through `LoggedHost`, one that is replayed asks a `ReplayHost`.
protocol SessionHost: AnyObject, Sendable {
  var status: HostStatus { get }
  var isConnected: Bool { get }
  var currentOwnTempo: SteadyTempo? { get }
  /// How the log of the session does; nil when none is kept.
  var logFigures: LogFigures? { get }

  func snapshot() -> RealtimeSnapshot
  func wait(
    seconds: Double, until condition: @Sendable (RealtimeSnapshot) -> Bool
  ) async -> Bool
  func catchUp()
  func midiPorts(_ direction: PortDirection) -> [String]
  func wantedListeners(of port: String) -> Set<String>
  /// What passed between us and Ardour: as it is, or as the log tells it.
  func told(_ traffic: ArdourTraffic?) -> ArdourTraffic?

  func keepConnected(_ wire: RealtimeHost.Wire) throws
  func keepConnectedOnceThere(_ wire: RealtimeHost.Wire)
  func letGo(_ wire: RealtimeHost.Wire)
  func noLongerKeep(_ wire: RealtimeHost.Wire)
  func isMade(_ wire: RealtimeHost.Wire) -> Bool
  func setInputTitle(_ number: Int, _ title: String)
  func setOwnTempo(_ tempo: SteadyTempo?) throws
  @discardableResult func withClient<Value: Sendable>(_ body: (JackClient) -> Value) -> Value?
  @discardableResult func send(_ command: RealtimeCommand) -> Bool
  func load(_ program: PatternProgram, into slot: Int) -> Bool
  func makeIdentity() -> UInt64
  func awaitQuiet(seconds: Double) async -> Bool

  func deliver(to sink: (@Sendable ([CapturedEvent]) -> Void)?)
  func observeRenames(_ observer: (@Sendable (String, String) -> Void)?)
  func close()
}

extension RealtimeHost: SessionHost {
  var logFigures: LogFigures? { nil }

  /// The MIDI ports there are; none while the server is gone.
  func midiPorts(_ direction: PortDirection) -> [String] {
    withClient { $0.midiPorts(direction) } ?? []
  }

  func told(_ traffic: ArdourTraffic?) -> ArdourTraffic? { traffic }
}
