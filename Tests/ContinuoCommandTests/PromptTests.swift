// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing

struct PromptTests {
  @Test func `a script runs line by line and tells the first failure`() async throws {
    let run = try ProgramRun([])
    run.type("status\n# a remark\n\nbogus\nkeep 3\naudition 1 now\nquit\nstatus\n")
    let outcome = await run.finish()
    #expect(outcome.status == 2)
    let heard = outcome.output.split(separator: "\n")
    #expect(
      heard == [
        #"Heard {"status":{}}"#, #"Heard {"audition":{"candidate":1,"quantise":"now"}}"#,
      ])
    #expect(outcome.error.contains("There is no command “bogus”"))
    #expect(outcome.error.contains("Ardour does not answer"))
    #expect(run.events == ["open continuo", "shutdown"])
    run.remove()
  }

  @Test func `a script in JSON answers one object a line`() async throws {
    let outcome = try await ProgramRun.run(["--json"], input: "status\nexprt 1 a.mid\nkeep")
    let lines = outcome.output.split(separator: "\n")
    let statuses = lines.map { line in
      (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
    }.map { $0?["exit"] as? Int ?? 0 }
    #expect(statuses == [0, 2, 4])
    #expect(outcome.status == 2)
  }

  @Test func `a keep that was not agreed to tells what it would do, and nothing is done`()
    async throws
  {
    let asked = try await ProgramRun.run([], input: "keep 7\n")
    #expect(asked.status == 2)
    #expect(
      asked.output == "Candidate 7 goes into Bass\n" && asked.error.contains("say keep 7 yes"))
    let json = try await ProgramRun.run(["--json"], input: "keep 7\n")
    #expect(json.json["asks"] as? String == "Keep it?" && json.json["ok"] as? Bool == false)
    let agreed = try await ProgramRun.run([], input: "keep 7 yes\n")
    #expect(agreed.status == 0 && agreed.output == "Kept 7\n")
  }

  @Test func `a line without end ends the script`() async throws {
    let line = "status\n" + String(repeating: "x", count: 20_000) + "\nstatus\n"
    let outcome = try await ProgramRun.run([], input: line)
    #expect(outcome.status == 2)
    #expect(outcome.output == "Heard {\"status\":{}}\n")
  }

  @Test func `one-shot commands reach the running instance`() async throws {
    let host = try ProgramRun(["--name", "studio"])
    try await started(host, "studio")
    let first = await ask(host, ["status", "--json", "--name", "studio"])
    let second = await ask(host, ["export", "2", "line.mid", "--json", "--name", "studio"])
    #expect(first.json["pid"] as? Int == second.json["pid"] as? Int)
    #expect(first.json["count"] as? Int == 1)
    #expect(second.json["count"] as? Int == 2)
    // The instance may have another current folder: the name comes absolute.
    let file = host.folder.appendingPathComponent("line.mid").path
    #expect(second.output.contains("\"file\":\"\(file)\""))
    #expect(second.error == "hearing\n")
    // The environment finds it too.
    let other = try ProgramRun(
      ["candidates", "--json"], in: host.folder, environment: ["CONTINUO_NAME": "studio"])
    #expect(await other.finish().json["count"] as? Int == 3)
    // No second one of the name, one of another name.
    let twin = try ProgramRun(["--name", "studio"], in: host.folder)
    let refused = await twin.finish()
    #expect(refused.status == 1)
    #expect(refused.error.contains("already running (pid "))
    let quit = await ask(host, ["quit", "--name", "studio"])
    #expect(quit.output == "Leaving\n")
    #expect(await host.finish(closingInput: false).status == 0)
    #expect(host.events == ["open studio", "shutdown"])
    host.remove()
  }

  @Test func `Ctrl-C on a one-shot command cancels it in the instance`() async throws {
    let host = try ProgramRun([])
    try await started(host, "continuo")
    let client = try ProgramRun(["enhance", "take your time", "--json"], in: host.folder)
    try await host.wait(for: "the command to begin") { host.events.contains("began") }
    client.signal(SIGINT)
    let outcome = await client.finish()
    #expect(outcome.status == 1)
    #expect(outcome.json["error"] as? String == "Cancelled")
    try await host.wait(for: "the cancellation") { host.events.contains("cancelled") }
    // The instance goes on.
    #expect(await ask(host, ["status"]).status == 0)
    _ = await host.finish()
    #expect(host.events.last == "shutdown")
    host.remove()
  }

  @Test func `an instance that was killed is replaced`() async throws {
    let host = try ProgramRun([])
    try await started(host, "continuo")
    host.signal(SIGKILL)
    _ = await host.finish()
    let heir = try ProgramRun([], in: host.folder)
    heir.type("status\n")
    #expect(await heir.finish().status == 0)
    host.remove()
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `a signal shuts the session down first`(number: Int32) async throws {
    let host = try ProgramRun([])
    try await started(host, "continuo")
    host.type("enhance take your time\n")
    try await host.wait(for: "the command to begin") { host.events.contains("began") }
    host.signal(number)
    let outcome = await host.finish(closingInput: false)
    #expect(outcome.status == 0)
    try await host.wait(for: "the session's end") { host.events.last == "shutdown" }
    #expect(!FileManager.default.fileExists(atPath: socket(host, "continuo")))
    host.remove()
  }

  private func started(_ host: ProgramRun, _ name: String) async throws {
    try await host.wait(for: "the instance") { host.events.contains("open \(name)") }
  }

  private func socket(_ host: ProgramRun, _ name: String) -> String {
    host.folder.appendingPathComponent("continuo/\(name).sock").path
  }

  private func ask(_ host: ProgramRun, _ arguments: [String]) async -> ProgramRun.Outcome {
    do {
      return try await ProgramRun(arguments, in: host.folder).finish()
    } catch {
      Issue.record(error)
      return ProgramRun.Outcome(status: -1, output: "", error: "")
    }
  }
}
