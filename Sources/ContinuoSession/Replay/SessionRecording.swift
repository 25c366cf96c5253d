// SPDX-License-Identifier: MIT
internal import ContinuoOSC
internal import Foundation

/// A log read back: its lines as far as they can be understood.
struct SessionRecording: Sendable {
  /// Larger files are not read, in bytes.
  static let maximumBytes = SessionLog.maximumBytes

  let header: LogHeader
  /// In order; line N of the file is number N - 2.
  let lines: [LogLine]
  /// What is wrong with the first line that cannot be understood; what follows it is not read.
  let fault: String?

  /// Reads the file at `path`.
  /// - Throws: `CommandFailure` when it is no log at all.
  init(path: String) throws(CommandFailure) {
    try self.init(bytes: try InputFile.read(path), name: TerminalText.clean(path))
  }

  /// Reads a log's bytes; `name` is for messages.
  init(bytes: [UInt8], name: String) throws(CommandFailure) {
    struct Form: Decodable { var continuoLog: Int }
    let decoder = JSONDecoder()
    let parts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard let first = parts.first.map({ Data($0) }),
      let form = try? decoder.decode(Form.self, from: first)
    else { throw CommandFailure(.failed, "\(name) is no log of Continuo's: line 1 says nothing") }
    guard form.continuoLog == LogHeader.version else {
      throw CommandFailure(
        .failed,
        "\(name) is a log of form \(form.continuoLog), and this Continuo reads form "
          + "\(LogHeader.version)")
    }
    guard let header = try? decoder.decode(LogHeader.self, from: first) else {
      throw CommandFailure(.failed, "\(name): line 1 lacks a part of the log's head")
    }
    self.header = header
    var lines: [LogLine] = []
    var fault: String?
    var last: UInt64 = 0
    for (index, part) in parts.enumerated().dropFirst() {
      let isLast = index == parts.count - 1
      if isLast, part.isEmpty { break }
      func refuse(_ reason: String) { fault = "line \(index + 1) \(reason)" }
      guard !isLast else {
        refuse("is cut off")
        break
      }
      guard let line = try? decoder.decode(LogLine.self, from: Data(part)) else {
        refuse("is no line of a log")
        break
      }
      guard line.at >= last, line.at < 1 << 60 else {
        refuse("lies before the line above it")
        break
      }
      if let reason = line.event.reasonAgainst {
        refuse(reason)
        break
      }
      last = line.at
      lines.append(line)
    }
    if parts.count == 1 { fault = "line 1 is cut off" }
    self.lines = lines
    self.fault = fault.map { "\(name): \($0); what follows was not replayed" }
  }
}

extension LogEvent {
  /// Why no session can have told this; nil when one can.
  fileprivate var reasonAgainst: String? {
    switch self {
    case .oscReceived(_, _, let bytes):
      let contents = OSCPacket.decode(bytes)
      return contents.messages.count == 1 && contents.malformed == 0
        ? nil : "holds no OSC message"
    case .captured(let events):
      return events.allSatisfy { $0.captured != nil } ? nil : "holds an event that cannot be"
    case .song(_, let place):
      return place.snapshot != nil ? nil : "holds a place in the song that cannot be"
    case .status(_, let status):
      return status.inputs.count == LiveSession.inputCount ? nil : "has other inputs than a session"
    case .command(_, let command):
      return (try? command.validated()) != nil ? nil : "holds a command that cannot be"
    case .followed(let state), .reply(_, _, let state):
      let numbers = state.followed.map(\.input)
      let isSound =
        Set(numbers).count == numbers.count
        && numbers.allSatisfy { (1...LiveSession.inputCount).contains($0) }
      return isSound ? nil : "follows inputs that are not there"
    default: return nil
    }
  }
}
