// SPDX-License-Identifier: MIT
import Foundation
import Testing

struct OneShotTests {
  @Test(
    arguments: [
      (["statsu"], "did you mean status?"), (["--name", "x", "status"], "after the command"),
      (["audition"], "candidate"), (["audition", "two"], "two"),
      (["audition", "0"], "must lie in 1…99"), (["status", "--nonsense"], "--nonsense"),
      (["status", "--name", "../x"], "--name"), (["status", "--ardour-port", "0"], "1…65535"),
      (["enhance"], "request"), (["enhance", "x", "--bars", "65"], "1…64"),
      (["enhance", "x", "--kind", "flute"], "flute"),
      (["capture", "--seconds", "1", "--output", "a.wav"], ".jsonl"),
      (["capture", "--seconds", "0", "--output", "a.mid"], "--seconds"),
      (["capture", "--seconds", "1", "--inputs", "0", "--output", "a.mid"], "1…64"),
      (["play", "a.txt"], ".mid"), (["play", "a.mid", "--at", "0"], "must lie in"),
      (["analyze", "--free"], "file"), (["replay"], "file"), (["prompt", "--log", ""], "--log"),
      (["transport", "locate", "0"], "must lie in"),
      (["export", "1", "a.wav"], ".mid"),
      (["compose", "--context", "a.mid", "--output", "o", "--provider", "x"], "provider"),
    ])
  func `a usage error ends with 2 and says what is wrong`(
    arguments: [String], part: String
  ) async throws {
    let plain = try await ProgramRun.run(arguments)
    #expect(plain.status == 2)
    #expect(plain.output.isEmpty)
    #expect(plain.error.contains(part), "\(plain.error)")
    let json = try await ProgramRun.run(arguments + ["--json"])
    #expect(json.status == 2)
    #expect(json.json["ok"] as? Bool == false)
    #expect(json.json["exit"] as? Int == 2)
    #expect((json.json["error"] as? String)?.isEmpty == false)
    #expect(!json.error.isEmpty)
  }

  @Test func `help and version are no errors`() async throws {
    for arguments in [["--help"], ["help"], ["help", "audition"], ["audition", "--help"]] {
      let outcome = try await ProgramRun.run(arguments)
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("USAGE"))
      #expect(outcome.error.isEmpty)
    }
    let version = try await ProgramRun.run(["--version"])
    #expect(version.status == 0)
    #expect(version.output == "continuo 0.1.0\n")
  }

  @Test(
    arguments: [
      ["candidates"], ["audition", "1"], ["original"], ["keep"], ["keep", "1"], ["stop"],
      ["export", "1", "a.mid"], ["discard"], ["follow", "Bass"], ["transport", "play"], ["quit"],
    ])
  func `what an instance holds cannot be asked where none runs`(arguments: [String]) async throws {
    let outcome = try await ProgramRun.run(arguments + ["--json", "--name", "studio"])
    #expect(outcome.status == 1)
    let error = "No instance named studio is running: start one with continuo --name studio"
    #expect(outcome.json["error"] as? String == error)
    #expect(outcome.error == "continuo: \(error)\n")
  }

  @Test func `without an instance a session of its own is opened and shut down`() async throws {
    for arguments in [["status"], ["tracks"], ["enhance", "groovier", "--track", "Bass"]] {
      let run = try ProgramRun(arguments + ["--json"])
      let outcome = await run.finish()
      #expect(outcome.status == 0)
      #expect(outcome.json["ok"] as? Bool == true)
      #expect(run.events == ["open continuo", "shutdown"])
      run.remove()
    }
  }

  @Test func `no server, no Ardour and no model have exit statuses of their own`() async throws {
    let noJack = try await ProgramRun.run(
      ["status", "--json", "--server", "s"], environment: ["STUB_OPEN": "no-jack"])
    #expect(noJack.status == 3)
    #expect(noJack.json["error"] as? String == "No JACK server named s")
    let doctor = try await ProgramRun.run(["doctor", "--json"])
    #expect(doctor.status == 3)
    #expect((doctor.json["checks"] as? [Any])?.count == 1)
    let noArdour = try await ProgramRun.run([], input: "keep 1\nquit\n")
    #expect(noArdour.status == 4)
    let noModel = try await ProgramRun.run(
      ["compose", "--context", "a.mid", "--output", "o", "--provider", "openai", "--json"])
    #expect(noModel.status == 5)
    #expect(noModel.json["exit"] as? Int == 5)
  }

  @Test func `jobs get their values, and people's lines stay off JSON's standard output`()
    async throws
  {
    let analyze = try await ProgramRun.run(["analyze", "a.mid", "--json"])
    #expect((analyze.json["key"] as? [String: Any])?["mode"] as? String == "major")
    #expect(analyze.error == "working\n")
    let plain = try await ProgramRun.run(["analyze", "a.mid"])
    #expect(plain.output == "C major\n")
    let compose = try await ProgramRun.run(
      ["compose", "--context", "a.mid", "--bars", "8", "--seed", "7", "--output", "o", "--json"])
    #expect(compose.json["bars"] as? Int == 8)
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `a signal ends a job in order`(number: Int32) async throws {
    let run = try ProgramRun(["capture", "--seconds", "60", "--output", "a.mid", "--json"])
    try await run.wait(for: "the job to begin") { run.events == ["working"] }
    run.signal(number)
    let outcome = await run.finish()
    #expect(outcome.status == 1)
    #expect(outcome.json["error"] as? String == "Cancelled")
    run.remove()
  }

  @Test func `names from outside cannot steer the terminal`() async throws {
    let outcome = try await ProgramRun.run(["tracks"])
    #expect(outcome.output == "Bass [31m\nÉlectric Piano\n")
  }

  @Test func `the program itself answers too`() async throws {
    let outcome = try await ProgramRun.run(["--version"], program: "continuo")
    #expect(outcome.status == 0)
    #expect(outcome.output == "continuo 0.1.0\n")
    let usage = try await ProgramRun.run(["audition", "--json"], program: "continuo")
    #expect(usage.status == 2)
    #expect(usage.json["exit"] as? Int == 2)
  }
}
