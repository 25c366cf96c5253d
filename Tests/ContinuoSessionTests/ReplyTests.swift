// SPDX-License-Identifier: MIT
import ContinuoSession
import Foundation
import Testing

struct ReplyTests {
  @Test func `a done reply is its data with ok`() {
    #expect(
      Reply.done(["x"], data: ["key": ["tonic": 0]]).json.line == #"{"key":{"tonic":0},"ok":true}"#)
    #expect(Reply.done().json.line == #"{"ok":true}"#)
    #expect(Reply.done(data: [1, 2.5, nil]).json.line == #"{"ok":true,"value":[1,2.5,null]}"#)
  }

  @Test func `a failed reply has its error and exit status, and its data all the same`() {
    let reply = Reply.failed(
      CommandFailure(.noJack, "No “JACK”\n"), data: ["ok": true, "checks": []])
    #expect(
      reply.json.line == #"{"checks":[],"error":"No “JACK”\n","exit":3,"ok":false}"#)
    #expect(CommandFailure(.done, "x").exit == .failed)
  }

  @Test(arguments: zip(ExitReason.allCases, [0, 1, 2, 3, 4, 5]))
  func `exit statuses keep their numbers`(status: ExitReason, number: Int) {
    #expect(status.rawValue == number)
  }

  @Test func `numbers that JSON cannot write become null`() {
    let value: JSONValue = .array([.number(.nan), .number(.infinity), .number(-0.5)])
    #expect(value.line == "[null,null,-0.5]")
  }

  @Test func `a reply and every value survive the way through JSON`() throws {
    let reply = Reply.failed(
      CommandFailure(.noArdour, "gone"), lines: ["a", "é"],
      data: ["a": [nil, true, 1, -2.5, "s", ["b": []]]])
    let back = try JSONDecoder().decode(Reply.self, from: JSONEncoder().encode(reply))
    #expect(back == reply)
  }

  @Test func `control characters do not reach the terminal`() {
    #expect(TerminalText.clean("Ba\u{1b}[31mss\u{9b}1m\n\u{202e}x\u{7f}") == "Ba[31mss1m x")
    #expect(TerminalText.clean("Électric 鋼") == "Électric 鋼")
    #expect(TerminalText.shortened("abcdef", to: 4) == "abc…")
    #expect(TerminalText.shortened("abcd", to: 4) == "abcd")
  }

  @Test func `the desk answers help and quit itself`() async {
    let left = AsyncStream.makeStream(of: Bool.self)
    let desk = Desk(Echo()) { left.continuation.yield(true) }
    let help = await desk.handle(.help(topic: "audition")) { _ in }
    #expect(help.lines.first == "audition N [now|beat|bar|pattern]")
    let unknown = await desk.handle(.help(topic: "audtion")) { _ in }
    #expect(unknown.exit == .usage)
    #expect(await desk.handle(.quit) { _ in } == .done(["Leaving"]))
    var iterator = left.stream.makeAsyncIterator()
    #expect(await iterator.next() == true)
    #expect(await desk.handle(.status) { _ in }.lines == ["status"])
  }
}

private struct Echo: CommandHandler {
  func handle(_ command: Command, progress: @escaping ProgressSink) async -> Reply {
    .done(["\(command)"])
  }
}
