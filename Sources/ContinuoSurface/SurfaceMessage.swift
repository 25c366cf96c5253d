// SPDX-License-Identifier: MIT
internal import ContinuoOSC

/// What a message asks of the surface.
enum SurfaceMessage: Hashable {
  /// A line as the prompt would be given it.
  case line(String)
  /// Feedback to this port; nil for the sender's.
  case subscribe(port: UInt16?)
  /// No more feedback to this port; nil for the sender's.
  case unsubscribe(port: UInt16?)

  /// Why a message asks nothing.
  enum Refusal: Error, Hashable {
    /// Not for this surface; never answered, so that two programs cannot talk in circles.
    case foreign
    /// For this surface, but not to be understood.
    case wrong(String)
  }

  /// What every address begins with.
  static let root = "/continuo/"

  /// Reads a message.
  ///
  /// - Throws: `foreign` for addresses outside `root` and for those the surface itself sends.
  init(_ message: OSCMessage) throws(Refusal) {
    guard message.address.hasPrefix(Self.root) else { throw .foreign }
    let parts = message.address.dropFirst(Self.root.count).split(
      separator: "/", omittingEmptySubsequences: false)
    guard let first = parts.first, !SurfaceAddress.isOwn(message.address) else { throw .foreign }
    guard parts.allSatisfy({ !$0.isEmpty && !$0.contains(where: \.isWhitespace) }) else {
      throw .wrong("An address is \(Self.root) and a command's words, such as /continuo/keep")
    }
    switch (String(first), parts.count) {
    case ("subscribe", 1): self = .subscribe(port: try Self.port(message.arguments))
    case ("unsubscribe", 1): self = .unsubscribe(port: try Self.port(message.arguments))
    case ("command", 1):
      guard message.arguments.count == 1, let line = message.arguments[0].text else {
        throw .wrong("/continuo/command takes one string: the line, as at the prompt")
      }
      self = .line(line)
    default:
      var words = parts.map(String.init)
      for argument in message.arguments {
        if let word = try Self.word(argument) { words.append(word) }
      }
      self = .line(words.joined(separator: " "))
    }
  }

  private static func port(_ arguments: [OSCArgument]) throws(Refusal) -> UInt16? {
    guard let first = arguments.first else { return nil }
    guard arguments.count == 1, let port = first.integer.flatMap(UInt16.init(exactly:)), port > 0
    else { throw .wrong("A port is one whole number, 1…65535") }
    return port
  }

  /// The argument as typed at the prompt; nil for an impulse or null, which say nothing.
  private static func word(_ argument: OSCArgument) throws(Refusal) -> String? {
    switch argument {
    case .string(let text), .symbol(let text): return text
    case .impulse, .null: return nil
    case .int32, .int64, .float, .double:
      guard let number = argument.number else {
        throw .wrong("A number must be finite")
      }
      // Many surfaces send every number as a float: 2.0 means candidate 2.
      if let whole = Int(exactly: number) { return String(whole) }
      if case .float(let value) = argument { return String(value) }
      return String(number)
    default:
      throw .wrong("Arguments are strings and numbers (types s, i, h, f, d)")
    }
  }
}

/// The addresses the surface sends to.
enum SurfaceAddress {
  static let reply = "/continuo/reply"
  static let news = "/continuo/news"
  static let subscribed = "/continuo/subscribed"
  static let position = "/continuo/position"
  static let bpm = "/continuo/bpm"
  static let rolling = "/continuo/rolling"
  static let sounding = "/continuo/sounding"
  static let recording = "/continuo/recording"
  static let shelf = "/continuo/shelf"
  static let xruns = "/continuo/xruns"

  private static let all: Set<String> = [
    reply, news, subscribed, position, bpm, rolling, sounding, recording, shelf, xruns,
  ]

  /// Whether only the surface sends to `address`; no command's word is among them.
  static func isOwn(_ address: String) -> Bool { all.contains(address) }
}
