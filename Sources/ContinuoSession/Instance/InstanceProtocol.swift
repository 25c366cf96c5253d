// SPDX-License-Identifier: MIT
import Foundation

/// What a client sends, one JSON object a line.
enum InstanceRequest: Codable, Hashable, Sendable {
  /// Carry out a command; `id` is the client's own, and comes back with every answer.
  case run(id: Int, command: Command)
  /// Take a request back.
  case cancel(id: Int)
}

/// What an instance sends, one JSON object a line.
enum InstanceMessage: Codable, Hashable, Sendable {
  /// First of all: who this is.
  case hello(version: Int, pid: Int32, name: String)
  /// How a request gets on.
  case progress(id: Int, text: String)
  /// The end of a request.
  case reply(id: Int, reply: Reply)
  /// The connection is no good; it closes after this.
  case refused(reason: String)
}

/// The bounds and the version of the control socket's protocol.
enum InstanceProtocol {
  /// Rises with every change the other end would not understand.
  static let version = 1
  /// The longest line a client may send, in bytes.
  static let requestBytes = 65_536
  /// The longest line an instance may send, in bytes.
  static let messageBytes = 8 << 20
  /// The longest progress line, in characters.
  static let progressCharacters = 1000
  /// Clients at once.
  static let clients = 32
  /// Requests of one client at once.
  static let requests = 8

  /// One line, its end included; nil for what JSON cannot write.
  static func line(_ value: some Encodable) -> [UInt8]? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { return nil }
    return Array(data) + [0x0a]
  }

  /// The value a line holds; nil for any other line.
  static func value<Value: Decodable>(_ type: Value.Type, of line: [UInt8]) -> Value? {
    try? JSONDecoder().decode(type, from: Data(line))
  }
}
