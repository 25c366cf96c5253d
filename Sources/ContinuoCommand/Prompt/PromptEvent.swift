// SPDX-License-Identifier: MIT
import ContinuoSession

/// What can happen at the prompt, in the order it did.
enum PromptEvent: Sendable {
  /// A line was typed or read; the source waits for `LineSource.next()`.
  case line(String)
  /// A line longer than any command; the source reads no more.
  case lineTooLong
  /// There are no more lines.
  case endOfInput
  /// Ctrl-C while the line was empty.
  case leaveAsked
  /// One of the ending signals.
  case signal(Int32)
  /// A command said how it gets on, or the session said something unasked.
  case notice(String)
  /// The command with this number has its reply.
  case finished(Int, Reply)
  /// The command with this number takes its time.
  case takesTime(Int)
  /// Time for the status line to look again.
  case tick
  /// Someone asked the instance to leave.
  case quit
}

/// Where the prompt's lines come from, and where what it says goes.
protocol LineSource: Sendable {
  /// Whether a person types: then the prompt returns while a long command is under way.
  var isInteractive: Bool { get }
  /// Asks for the next line. Any thread.
  func next()
  /// Gives up the line being typed; the event `.leaveAsked` follows when it is empty.
  func interrupt()
  /// Shows lines, without harm to the line being typed. Any thread.
  func show(_ lines: [String])
  /// What a status line tells from now on; nothing where nobody looks. Any thread.
  func tell(_ status: String)
  /// What Tab completes from now on.
  func know(_ names: Completions)
  /// Gives the terminal back as it was; returns when that is done.
  func close() async
}
