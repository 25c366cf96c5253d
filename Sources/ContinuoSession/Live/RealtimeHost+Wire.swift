// SPDX-License-Identifier: MIT

extension RealtimeHost {
  /// One connection to make and remake.
  public struct Wire: Hashable, Sendable, Codable {
    /// The output port, "client:port".
    public let from: String
    /// The input port, "client:port".
    public let to: String

    /// A wire from an output port to an input port.
    public init(from: String, to: String) {
      self.from = from
      self.to = to
    }
  }
}
