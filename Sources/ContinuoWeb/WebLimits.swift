// SPDX-License-Identifier: MIT
import NIOCore

/// The bounds of what anyone on this machine can make the web server hold or wait for.
enum WebLimits {
  /// Connections at once; one more takes the place of the oldest that has shown no token.
  static let connections = 64
  /// Bytes of a request before its body.
  static let headBytes = 16_384
  /// Bytes of a body, as on the control socket.
  static let bodyBytes = 65_536
  /// Commands under way at once.
  static let commands = 8
  /// Clients of the events at once.
  static let listeners = 8
  /// Bytes of one WebSocket frame from a client, which has nothing to tell but that it leaves.
  static let frameBytes = 1024
  /// Time for one whole request, from the connection or the last answer on.
  static let requestTime = TimeAmount.seconds(10)
  /// Time for a client to take an answer or to read its events again.
  static let readingTime = TimeAmount.seconds(20)
  /// Between two frames of events.
  static let framePeriod = Duration.milliseconds(33)
  /// Captured messages in one frame at most; older ones are skipped and counted.
  static let frameNotes = 4000
}
