// SPDX-License-Identifier: MIT
internal import CJack

/// The server as a whole, for `status`.
public struct ServerState: Sendable, Equatable, Codable {
  /// Frames a second.
  public let sampleRate: Int
  /// Frames in a cycle.
  public let bufferSize: Int
  /// Whether it has real-time scheduling.
  public let isRealtime: Bool
  /// How busy it is, 0...100.
  public let cpuLoad: Double
}

extension JackClient {
  /// The server's figures; nil when it is gone.
  public var server: ServerState? {
    guard !isServerGone else { return nil }
    return unsafe ServerState(
      sampleRate: Int(jack_get_sample_rate(handle)),
      bufferSize: Int(jack_get_buffer_size(handle)), isRealtime: jack_is_realtime(handle) != 0,
      cpuLoad: Double(jack_cpu_load(handle)))
  }

  /// Starts the server's transport.
  public func startTransport() {
    if !isServerGone { unsafe jack_transport_start(handle) }
  }

  /// Stops the server's transport.
  public func stopTransport() {
    if !isServerGone { unsafe jack_transport_stop(handle) }
  }

  /// Asks the transport to go to `frame`; true when the request was taken.
  public func locateTransport(_ frame: UInt32) -> Bool {
    unsafe !isServerGone && jack_transport_locate(handle, frame) == 0
  }

  /// The transport's frame and whether it rolls, as estimated now.
  public var transport: (frame: UInt32, rolling: Bool) {
    guard !isServerGone else { return (0, false) }
    var position = jack_position_t()
    let state = unsafe jack_transport_query(handle, &position)
    return (position.frame, state == JackTransportRolling)
  }
}
