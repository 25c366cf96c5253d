// SPDX-License-Identifier: MIT
public import ContinuoJack

/// JACK and the real-time core at one moment, as `status` tells it.
public struct HostStatus: Sendable, Codable, Equatable {
  /// One of our ports.
  public struct Port: Sendable, Codable, Equatable {
    /// "client:port".
    public let name: String
    /// What it is connected to.
    public let connections: [String]
    /// Its latency in frames; nil while the server is gone.
    public let latency: LatencyRange?
  }

  /// Our client's name.
  public let clientName: String
  /// Whether the server is there; after the end, whether it was until then.
  public internal(set) var isConnected: Bool
  /// The server's figures; nil while it is gone.
  public let server: ServerState?
  /// Input ports, in order.
  public let inputs: [Port]
  /// The output port.
  public let output: Port
  /// `Counters.Name` → value.
  public let counters: [String: UInt64]
  /// Slots of the capture ring.
  public let captureCapacity: Int
  /// Median time of the process callback, nanoseconds.
  public let callbackMedian: UInt64
  /// 99 of 100 callbacks took at most this, nanoseconds.
  public let callback99: UInt64
  /// The longest callback, nanoseconds.
  public let callbackMaximum: UInt64
  /// Xruns the server told of.
  public let serverXruns: Int
  /// How often the server went and came back.
  public let serverRestarts: Int
  /// What patterns are played, and events stamped, ahead by.
  let ahead: Ahead
  /// How often the buffer size was set (once at the start).
  public let bufferSizeChanges: Int
  /// How often the sample rate was set.
  public let sampleRateChanges: Int
  /// Whether the server freewheels.
  public let isFreewheeling: Bool
  /// Connections kept up.
  public let wantedWires: [RealtimeHost.Wire]
  /// What the server said when it went last.
  public let lastWords: String?
}
