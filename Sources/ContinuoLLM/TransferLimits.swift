// SPDX-License-Identifier: MIT

/// How long each part of a request may take, and how much may come back.
public struct TransferLimits: Hashable, Sendable {
  /// Seconds until the server is connected to, its name looked up and TLS agreed.
  public var connectSeconds = 10.0
  /// Seconds from a request to the first piece of its reply.
  public var firstTokenSeconds = 60.0
  /// Seconds between two pieces of the reply.
  public var stallSeconds = 20.0
  /// Seconds from the first request to the end of the reply, every try and wait included.
  public var wholeSeconds = 180.0
  /// Bytes that one response may hold.
  public var maximumBytes = 8 << 20
  /// Requests made at most when the server fails or asks to wait.
  public var maximumTries = 3
  /// Seconds before the second try; each further wait is twice as long.
  public var backoffSeconds = 0.5

  /// The usual limits.
  public init() {}
}
