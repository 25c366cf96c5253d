// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation
import Testing

@Suite(.serialized) struct ConfigTests {
  private func run(_ arguments: [String], in folder: URL) async throws -> ProgramRun.Outcome {
    try await ProgramRun(arguments, in: folder).finish()
  }

  @Test func `config tells, sets and refuses, and a broken file starts nothing`() async throws {
    let first = try ProgramRun(["config", "--json"])
    let folder = first.folder
    let none = await first.finish()
    #expect(none.status == 0 && none.json["isThere"] as? Bool == false)
    #expect(try await run(["config", "init"], in: folder).status == 0)
    #expect(try await run(["config", "set", "name", "studio"], in: folder).status == 0)
    let shown = try await run(["config"], in: folder)
    #expect(shown.output.contains("studio  (the file)"))
    let refused = try await run(["config", "set", "nmae", "x"], in: folder)
    #expect(refused.status == 2 && refused.error.contains("did you mean name?"))
    // The instance goes by the file's name, and a flag outdoes that.
    let host = try ProgramRun([], in: folder)
    try await host.wait(for: "the instance") { host.events.contains("open studio") }
    _ = await host.finish()
    let other = try ProgramRun(["--name", "flag"], in: folder)
    try await other.wait(for: "the instance") { other.events.contains("open flag") }
    _ = await other.finish()
    let file = folder.appendingPathComponent(".config/continuo/config.toml")
    try Data("ardour-port = 99999\n".utf8).write(to: file)
    let before = other.events.count
    // What only the whole program can refuse is told with its line as well.
    try Data("web = true\nname = \"!\"\n".utf8).write(to: file)
    let unnamed = try await run(["status"], in: folder)
    #expect(unnamed.status == 2 && unnamed.error.contains("Line 2 of \(file.path)"))
    try Data("ardour-port = 99999\n".utf8).write(to: file)
    let broken = try await run(["status"], in: folder)
    #expect(broken.status == 2)
    #expect(broken.error.contains("Line 1 of \(file.path)"))
    #expect(other.events.count == before)
    host.remove()
  }

  @Test func `a first run tells of the three questions, which Enter answers`() async throws {
    let run = try TerminalRun()
    try await run.sees("`continuo config init` asks three questions")
    run.type("quit\r")
    #expect(try await run.end() == 0)
    let asked = try TerminalRun(["config", "init"], in: run.folder)
    try await asked.sees("Who composes?")
    asked.type("locl\r")
    try await asked.sees("did you mean local?")
    asked.type("local\r")
    try await asked.sees("Open the page")
    asked.type("\r")
    try await asked.sees("Ardour's OSC port?")
    asked.type("3822\r")
    #expect(try await asked.end() == 0)
    let file = run.folder.file(".config/continuo/config.toml")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let set = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    #expect(set == ["ardour-port = 3822", "provider = \"local\""])
    let again = try TerminalRun(in: run.folder)
    try await again.sees("continuo> ")
    #expect(!again.text.contains("three questions"))
    again.type("quit\r")
    #expect(try await again.end() == 0)
  }
}
