// SPDX-License-Identifier: MIT

/// How a command ended, as the shell sees it.
public enum ExitReason: Int, Codable, Hashable, Sendable, CaseIterable {
  /// It was done.
  case done = 0
  /// It could not be done.
  case failed = 1
  /// It was not a command, or its values cannot be.
  case usage = 2
  /// No JACK server.
  case noJack = 3
  /// No Ardour.
  case noArdour = 4
  /// No language model.
  case noModel = 5
}

/// A failure that ends a command: how it ends, and one sentence why.
public struct CommandFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// How the command ends; never `.done`.
  public let exit: ExitReason
  /// What is wrong, where, and what to do.
  public let message: String

  /// Makes a failure; `.done`, which is none, becomes `.failed`.
  public init(_ exit: ExitReason, _ message: String) {
    self.exit = exit == .done ? .failed : exit
    self.message = message
  }

  /// A usage failure.
  public init(_ error: CommandError) { self.init(.usage, error.description) }

  /// The message.
  public var description: String { message }
}

/// What a command answers: for a person, and for a program.
public struct Reply: Codable, Hashable, Sendable {
  /// How the command ended.
  public let exit: ExitReason
  /// What a person reads; a failure may have lines too, such as what was found.
  public let lines: [String]
  /// The same for a program: an object, or null.
  public let data: JSONValue
  /// Why it failed, in one sentence; nil when it did not.
  public let error: String?

  private init(exit: ExitReason, lines: [String], data: JSONValue, error: String?) {
    self.exit = exit
    self.lines = lines
    self.data = data
    self.error = error
  }

  /// The command was done.
  public static func done(_ lines: [String] = [], data: JSONValue = .null) -> Reply {
    Reply(exit: .done, lines: lines, data: data, error: nil)
  }

  /// The command was not done; `lines` and `data` tell what is known all the same.
  public static func failed(
    _ failure: CommandFailure, lines: [String] = [], data: JSONValue = .null
  ) -> Reply {
    Reply(exit: failure.exit, lines: lines, data: data, error: failure.message)
  }

  /// The command was not done.
  public static func failed(_ exit: ExitReason, _ message: String) -> Reply {
    failed(CommandFailure(exit, message))
  }

  /// The answer to whoever took the command back.
  public static let cancelled = Reply.failed(.failed, "Cancelled")

  /// The command waits for the musician's agreement to what `lines` tell.
  ///
  /// `question` is what to answer with yes or no; `how` says how to agree beforehand.
  public static func asks(
    _ question: String, how: String, lines: [String], data: [String: JSONValue]
  ) -> Reply {
    var data = data
    data["asks"] = .string(question)
    return failed(CommandFailure(.usage, how), lines: lines, data: .object(data))
  }

  /// What the command asks before it does anything; nil when it asks nothing.
  public var question: String? {
    guard case .object(let members) = data, case .string(let question) = members["asks"] else {
      return nil
    }
    return question
  }

  /// Whether the command was done.
  public var isDone: Bool { exit == .done }

  /// What `--json` prints: the data's own members, and beside them `ok`.
  ///
  /// A failure has `error` and `exit` too. Data that is no object becomes the member `value`.
  /// The reply's own members win over members of the data with the same name.
  public var json: JSONValue {
    var members: [String: JSONValue] =
      switch data {
      case .object(let members): members
      case .null: [:]
      default: ["value": data]
      }
    members["ok"] = .bool(isDone)
    if !isDone {
      members["error"] = .string(error ?? "")
      members["exit"] = .int(exit.rawValue)
    }
    return .object(members)
  }
}
