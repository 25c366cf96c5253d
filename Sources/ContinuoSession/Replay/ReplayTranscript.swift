// SPDX-License-Identifier: MIT
internal import Foundation

/// What a replay tells: commands and replies as they came, what differs, and how it ended.
struct ReplayTranscript {
  /// Nanoseconds since the log's beginning.
  var at: UInt64 = 0
  /// Ardour's messages and captured events heard.
  var messages = 0
  var captured = 0
  /// Lines the log says it lacks.
  var dropped = 0
  /// Questions that the log had no answer to.
  var missing = 0

  private let header: LogHeader
  private var lines: [String] = []
  private var commands: [JSONValue] = []
  private var differences: [String] = []
  private var equal = 0
  private var recorded = 0
  /// What the session knew; nil while the log has not ended it.
  private var state: FinalState?
  private var fault: String?

  init(_ header: LogHeader) {
    self.header = header
    lines = [
      "A log of continuo \(TerminalText.clean(header.program)) as “\(TerminalText.clean(header.name))”,"
        + " \(TerminalText.clean(header.date)), \(header.sampleRate) Hz, \(header.bufferSize) frames"
    ]
  }

  private var time: String {
    let milliseconds = at / 1_000_000
    let fraction = String(milliseconds % 1000)
    return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
  }

  mutating func notice(_ text: String) { lines.append("\(time)  ! \(TerminalText.clean(text))") }

  /// A reply that was not made again.
  mutating func tell(_ command: Command?, recorded reply: Reply) {
    recorded += 1
    tell(command, reply, "  (as recorded, not carried out again)")
    note(command, reply, replayed: false, isEqual: nil)
  }

  /// A reply, and the one that was made again.
  mutating func tell(_ command: Command?, recorded reply: Reply, replayed: Reply) {
    tell(command, replayed, "")
    // As text: JSON does not keep whether 34 was a whole number.
    let isEqual =
      replayed.exit == reply.exit && Self.all(replayed) == Self.all(reply)
      && replayed.data.line == reply.data.line
    if isEqual {
      equal += 1
    } else {
      let what = "\(time)  \(Self.words(command))"
      differences.append("\(what): \(Self.difference(reply, replayed))")
      lines.append("  DIFFERS: \(Self.difference(reply, replayed))")
    }
    note(command, replayed, replayed: true, isEqual: isEqual)
  }

  private mutating func tell(_ command: Command?, _ reply: Reply, _ mark: String) {
    lines.append("\(time)  > \(Self.words(command))\(mark)")
    lines += reply.lines.map { "    \(TerminalText.clean($0))" }
    if let error = reply.error { lines.append("    \(TerminalText.clean(error))") }
  }

  private mutating func note(
    _ command: Command?, _ reply: Reply, replayed: Bool, isEqual: Bool?
  ) {
    commands.append([
      "at": .number(Double(at / 1_000_000) / 1000),
      "command": command.flatMap { try? JSONValue(encoding: $0) } ?? .null,
      "reply": reply.json, "replayed": .bool(replayed),
      "equal": isEqual.map { .bool($0) } ?? .null,
    ])
  }

  /// Compares the session's end with the log's.
  mutating func compare(_ recorded: FinalState, _ replayed: FinalState) {
    state = replayed
    for (name, old, new) in Self.parts(recorded, replayed) where old != new {
      differences.append(
        "\(time)  at the end, \(name): recorded \(TerminalText.shortened(old, to: 200)), replayed "
          + TerminalText.shortened(new, to: 200))
    }
  }

  private static func parts(
    _ recorded: FinalState, _ replayed: FinalState
  ) -> [(String, String, String)] {
    guard let old = try? JSONValue(encoding: recorded), let new = try? JSONValue(encoding: replayed)
    else { return [] }
    return ["session", "strips", "followed", "captured", "forgotten", "heard"].map { name in
      (name, old[name]?.line ?? "null", new[name]?.line ?? "null")
    }
  }

  /// The log is over; `fault` says why before its end.
  mutating func end(_ fault: String?) { self.fault = fault }

  /// All of it as a reply: done when everything replayed was equal and the log whole.
  var reply: Reply {
    let total = equal + recorded + differences.count
    var lines = lines
    lines.append(
      "Replayed: \(equal) replies equal; not carried out again: \(recorded); differences: "
        + "\(differences.count); heard: \(messages) messages of Ardour's, \(captured) captured events and records"
    )
    if recorded > 0 {
      lines.append(
        "What composes, sounds, records, moves the transport or touches files is shown as recorded")
    }
    if dropped > 0 { lines.append("The log lacks \(dropped) lines that were dropped") }
    if missing > 0 { lines.append("The log lacks \(missing) answers that commands asked for") }
    if state == nil { lines.append("The log has no end: the state at the end is not compared") }
    if let state { lines += Self.told(state) }
    let data: [String: JSONValue] = [
      "program": .string(header.program), "commands": .array(commands),
      "equal": .int(equal), "recorded": .int(recorded),
      "differences": .array(differences.map { .string($0) }), "dropped": .int(dropped),
      "missing": .int(missing), "messages": .int(messages), "captured": .int(captured),
      "state": state.flatMap { try? JSONValue(encoding: $0) } ?? .null,
    ]
    if let fault {
      return .failed(CommandFailure(.failed, fault), lines: lines, data: .object(data))
    }
    guard differences.isEmpty else {
      lines += ["Differences:"] + differences
      return .failed(
        CommandFailure(
          .failed, "\(differences.count) of \(total) replies and states differ from the recording"),
        lines: lines, data: .object(data))
    }
    return .done(lines, data: .object(data))
  }

  private static func told(_ state: FinalState) -> [String] {
    var lines = ["At the end:"]
    lines.append(
      "  Ardour: \(TerminalText.clean(state.session ?? "none")), \(state.strips.count) strips")
    lines += state.followed.map { "  in_\($0.input): \(TerminalText.clean($0.name))" }
    lines.append("  captured \(state.captured) events, no longer held \(state.forgotten)")
    guard let heard = state.heard else { return lines }
    lines.append("  bars \(heard.firstBar)-\(heard.firstBar + heard.bars - 1) were taken last:")
    return lines
      + heard.tracks.map { "    \(TerminalText.clean($0.name)): \($0.notes.count) notes" }
  }

  /// A command in words: its name, and what was said with it.
  private static func words(_ command: Command?) -> String {
    guard let command, case .object(let members)? = try? JSONValue(encoding: command),
      let (name, value) = members.first
    else { return "?" }
    let line = value.line
    return TerminalText.shortened(line == "{}" ? name : "\(name) \(line)", to: 400)
  }

  private static func difference(_ old: Reply, _ new: Reply) -> String {
    let (before, after) = (all(old), all(new))
    let index = zip(before, after).prefix { $0 == $1 }.count
    guard index < before.count || index < after.count else {
      let place = Self.place(old.data, new.data)
      return "the data alone, \(place.name): recorded "
        + "\(TerminalText.shortened(place.old.line, to: 200)), replayed "
        + TerminalText.shortened(place.new.line, to: 200)
    }
    let was = before.indices.contains(index) ? before[index] : "nothing"
    let now = after.indices.contains(index) ? after[index] : "nothing"
    return "recorded “\(TerminalText.clean(was))”, replayed “\(TerminalText.clean(now))”"
  }

  /// The innermost member in which two values differ.
  private static func place(
    _ old: JSONValue, _ new: JSONValue
  ) -> (name: String, old: JSONValue, new: JSONValue) {
    var found = (name: "", old: old, new: new)
    while case .object(let before) = found.old, case .object(let after) = found.new {
      let names = Set(before.keys).union(after.keys).sorted()
      let differing = names.first { before[$0]?.line != after[$0]?.line }
      guard let name = differing else { break }
      found = (
        found.name.isEmpty ? name : "\(found.name).\(name)", before[name] ?? .null,
        after[name] ?? .null
      )
    }
    return found
  }

  private static func all(_ reply: Reply) -> [String] {
    reply.lines + (reply.error.map { [$0] } ?? [])
  }
}
