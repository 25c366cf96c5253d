// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoJack
internal import Foundation

/// The first line of a log: whose it is.
struct LogHeader: Codable, Hashable, Sendable {
  /// The form's version; another one is refused.
  static let version = 1

  /// The form's version.
  var continuoLog = Self.version
  /// The program's version.
  var program: String
  /// When the session was opened, ISO 8601.
  var date: String
  /// The instance's name.
  var name: String
  /// Frames a second; 0 when the server was gone.
  var sampleRate: Int
  /// Frames in a cycle.
  var bufferSize: Int
}

/// One line of a log.
struct LogLine: Codable, Sendable {
  /// Nanoseconds since the session was opened.
  var at: UInt64
  /// What happened.
  var event: LogEvent
}

/// What a log tells, in the order in which it happened.
///
/// `command` is the number of the command that asked; nil is the session itself.
enum LogEvent: Codable, Sendable {
  /// An Ardour was found, and is called `client` from here on.
  case ardourMet(client: Int, port: UInt16)
  /// A message of Ardour's, taken in: the bytes of its datagram, the address for people.
  case oscReceived(client: Int, address: String, bytes: Data)
  /// A message to Ardour.
  case oscSent(client: Int, address: String, bytes: Data)
  /// Ardour counts as gone.
  case ardourLost(client: Int)
  /// The session found its Ardour.
  case ardourTaken(client: Int, command: Int?)
  /// No Ardour was found.
  case ardourMissing(command: Int, failure: LoggedFailure)

  /// What came out of the capture ring.
  case captured(events: [LoggedEvent])
  /// All that was captured until here had been handed on.
  case caughtUp(command: Int)
  /// Where the song was.
  case song(command: Int, place: LoggedPlace)
  /// JACK's MIDI ports.
  case ports(command: Int, names: [String])
  /// JACK and the core.
  case status(command: Int, status: HostStatus)
  /// What had passed between us and Ardour.
  case traffic(command: Int, traffic: ArdourTraffic?)
  /// How the log did.
  case figures(command: Int, figures: LogFigures)
  /// Whether the server was there.
  case present(command: Int, present: Bool)
  /// A connection was made, or was not.
  case wired(command: Int, failure: LoggedFailure?)
  /// Something was waited for, and came or did not.
  case waited(command: Int, came: Bool)

  /// A port has another name.
  case renamed(from: String, to: String)
  /// What is followed changed by itself.
  case followed(state: LoggedState)
  /// A command, with the number by which the other lines name it.
  case command(number: Int, command: Command)
  /// Its reply, and what the session was like after it.
  case reply(command: Int, reply: Reply, after: LoggedState)
  /// What the session told unasked.
  case notice(text: String)
  /// Lines that did not fit in the log's memory.
  case dropped(lines: Int)
  /// The session ended in this state.
  case ended(state: FinalState)
}

/// How a log does.
struct LogFigures: Codable, Hashable, Sendable {
  /// Lines written or waiting.
  var lines: Int
  /// Lines that did not fit in its memory.
  var dropped: Int
  /// Why nothing is written any more; nil while it is.
  var fault: String?
}

/// A failure as it was answered.
struct LoggedFailure: Codable, Hashable, Sendable {
  var exit: ExitReason
  var message: String

  init(_ error: any Error) {
    let failure: CommandFailure
    switch error {
    case let known as CommandFailure: failure = known
    case let known as ArdourError: failure = CommandFailure(known)
    case let known as JackError: failure = CommandFailure(known)
    default: failure = CommandFailure(.failed, "\(error)")
    }
    (exit, message) = (failure.exit, failure.message)
  }

  /// The failure to throw again.
  var failure: CommandFailure { CommandFailure(exit, message) }
}

/// What commands that act outside can change of a session, as it was after a command.
struct LoggedState: Codable, Hashable, Sendable {
  /// By input number.
  var followed: [ProjectState.Followed]
  var followsSelection: Bool
  /// Whether a candidate sounded.
  var sounds: Bool
}

/// What a session knew at its end.
struct FinalState: Codable, Hashable, Sendable {
  /// A track of the bars heard last.
  struct Track: Codable, Hashable, Sendable {
    var name: String
    /// Key, velocity, start and duration in quarters from the first bar.
    var notes: [[Double]]
  }

  /// The bars heard last.
  struct Heard: Codable, Hashable, Sendable {
    var firstBar: Int
    var bars: Int
    var tracks: [Track]
  }

  /// One of Ardour's strips.
  struct Strip: Codable, Hashable, Sendable {
    var number: Int
    var name: String
    var kind: String
    var isArmed: Bool
    var isMuted: Bool
    var isSoloed: Bool
  }

  /// The session's name in Ardour; nil when none was told.
  var session: String?
  var strips: [Strip]
  var followed: [ProjectState.Followed]
  /// Events captured, and how many of them were no longer held.
  var captured: Int
  var forgotten: Int
  var heard: Heard?
}
