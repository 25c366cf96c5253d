// SPDX-License-Identifier: MIT
import ContinuoSession
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoCommand

@Suite(.serialized) struct TerminalTests {
  @Test func `the prompt shows where the song is, and goes on showing it while one types`()
    async throws
  {
    let run = try TerminalRun()
    try await run.sees("continuo> ")
    try await run.sees("17|2  97.3 BPM  Am7  candidate 2")
    run.type("sta")
    // The keys are drawn one by one, with moves between them.
    try await eventually("the keys") { run.drawn.hasSuffix("a") }
    run.type("tus\r")
    try await run.sees("Heard {\"status\":{}}")
    run.type("quit\r")
    #expect(try await run.end() == 0)
    #expect(run.events == ["open continuo", "shutdown"])
  }

  @Test func `Tab completes commands, tracks and candidates`() async throws {
    let run = try TerminalRun()
    try await run.sees("continuo> ")
    run.type("aud\t")
    try await run.sees("audition ")
    run.type("2 n\t\r")
    try await run.sees("\"quantise\":\"now\"")
    run.type("follow El\t\r")
    try await run.sees("Electric Piano\"]")
    run.type("quit\r")
    #expect(try await run.end() == 0)
  }

  @Test func `what was typed comes back with the arrow, in the next session too`() async throws {
    let folder = try TemporaryFolder("terminal")
    let first = try TerminalRun(in: folder)
    try await first.sees("continuo> ")
    first.type("transport locate 33\r")
    try await first.sees("\"bar\":33")
    let before = first.text.count
    first.type("\u{1b}[A\r")
    try await first.sees("\"bar\":33", after: before)
    first.type("quit\r")
    #expect(try await first.end() == 0)
    let second = try TerminalRun(in: folder)
    try await second.sees("continuo> ")
    second.type("\u{1b}[A\u{1b}[A\r")
    try await second.sees("\"bar\":33")
    second.type("quit\r")
    #expect(try await second.end() == 0)
  }

  @Test func `Ctrl-C takes back what is under way, and twice at an empty line leaves in order`()
    async throws
  {
    let run = try TerminalRun()
    try await run.sees("continuo> ")
    run.type("enhance take your time\r")
    try await eventually("the command") { run.events.contains("began") }
    // It takes its time: the prompt is back, and says how long.
    try await run.sees("… 1 s")
    run.type("\u{03}")
    try await run.sees("Cancelled")
    #expect(run.events.contains("cancelled"))
    run.type("half a li")
    try await eventually("the keys", detail: { run.drawn }) {
      run.drawn.hasSuffix("i") || run.text.contains("half a li")
    }
    run.type("\u{03}")
    try await run.sees("^C")
    let before = run.text.count
    run.type("\u{03}")
    try await run.sees("Ctrl-C again within two seconds leaves", after: before)
    run.type("\u{03}")
    #expect(try await run.end() == 0)
    #expect(run.events.last == "shutdown")
  }

  @Test func `drawings are as wide as the window is at the time`() async throws {
    let run = try TerminalRun(columns: 90)
    try await run.sees("continuo> ")
    run.type("show 2\r")
    try await run.sees("\"columns\":90")
    run.resize(to: 60)
    run.type("show 2\r")
    try await run.sees("\"columns\":60")
    // No drawing is narrower than its least, nor wider than its most.
    #expect(Command.show(candidate: 2).drawn(in: 10) == .show(candidate: 2, columns: 24))
    #expect(Command.show(candidate: 2).drawn(in: 5000) == .show(candidate: 2, columns: 1000))
    run.type("quit\r")
    #expect(try await run.end() == 0)
  }

  /// libedit wrote past its line here, which one run in ten did not survive.
  @Test func `a window made narrow while one types harms nothing`() async throws {
    for columns in [UInt16](repeating: 10, count: 50) + [3, 6, 12, 20, 40] {
      let run = try TerminalRun(columns: 60)
      try await run.sees("continuo> ")
      run.resize(to: columns)
      run.type("status\r")
      try await run.sees("Heard")
      run.type("quit\r")
      #expect(try await run.end() == 0)
    }
  }

  @Test func `an error suggests the near command`() async throws {
    let run = try TerminalRun()
    try await run.sees("continuo> ")
    run.type("audtion 2\r")
    try await run.sees("There is no command “audtion”; did you mean audition?")
    run.type("\u{04}")
    #expect(try await run.end() == 0)
  }

  @Test func `a roll is coloured by its signs, and only for a terminal that wants it`() async throws
  {
    #expect(
      TerminalPaint.painted("C2 │█━ ▒─ ░┄│ x")
        == [
          "C2 ", "\u{1b}[0;90m│", "\u{1b}[0;93m█━", "\u{1b}[0m ", "\u{1b}[0;36m▒─", "\u{1b}[0m ",
          "\u{1b}[0;90m░┄│", "\u{1b}[0m x",
        ].joined())
    #expect(TerminalPaint.painted("plain") == "plain")
    let coloured = try TerminalRun()
    coloured.type("show 2\r")
    try await coloured.sees("C2 │█━")
    #expect(coloured.drawn.contains("\u{1b}[0;93m█━"))
    let plain = try TerminalRun(environment: ["NO_COLOR": "1"])
    plain.type("show 2\r")
    try await plain.sees("C2 │█━")
    #expect(!plain.drawn.contains("\u{1b}[0;93m"))
    for run in [coloured, plain] {
      run.type("quit\r")
      #expect(try await run.end() == 0)
    }
    let piped = try await ProgramRun.run([], input: "show 2\n")
    #expect(piped.output.contains("█━"))
    #expect(!piped.output.contains("\u{1b}"))
  }
}
