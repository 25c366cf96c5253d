// SPDX-License-Identifier: MIT

/// What a client of an OSC program needs of its socket.
public protocol OSCLink: AnyObject, Sendable {
  /// The messages as they arrive, for one reader.
  var messages: AsyncStream<OSCSocket.Received> { get }
  /// What passed through so far.
  var counters: OSCSocket.Counters { get }
  /// Sends `message` to `port` on this machine without waiting.
  ///
  /// Throws `OSCError` when it cannot leave.
  func send(_ message: OSCMessage, to port: UInt16) throws(OSCError)
  /// Ends the stream; repeats do nothing.
  func close()
}

extension OSCSocket: OSCLink {}
