// SPDX-License-Identifier: MIT

/// Something JACK told the client, in the order it was told.
public enum JackNotice: Sendable, Equatable {
  /// The server missed a cycle.
  case xrun
  /// Frames in a cycle from now on.
  case bufferSize(Int)
  /// Frames a second from now on.
  case sampleRate(Int)
  /// Freewheeling began or ended.
  case freewheel(Bool)
  /// A port came (true) or went.
  case port(String, exists: Bool)
  /// A port has another full name now; its connections stand.
  case renamed(from: String, to: String)
  /// Two ports were connected (true) or parted.
  case connection(from: String, to: String, exists: Bool)
  /// The server is gone; its last words.
  case shutdown(String)
}
