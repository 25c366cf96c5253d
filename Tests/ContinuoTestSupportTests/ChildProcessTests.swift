// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation
import Testing

@Suite struct ChildProcessTests {
  @Test func `lines come in order, once each, and an exit code comes through`() async throws {
    let shell = try ChildProcess.launch("sh", ["-c", "echo one; echo two; echo three; exit 7"])
    #expect(try await shell.nextLine() == "one")
    #expect(try await shell.line { $0.hasPrefix("th") } == "three")
    #expect(try await shell.waitForExit() == .exited(7))
    await #expect { try await shell.nextLine() } throws: { "\($0)".contains("exit code 7") }
  }

  @Test func `a program reads the lines it is told and the end of them`() async throws {
    let cat = try ChildProcess.launch("cat")
    try cat.write(line: "hello")
    #expect(try await cat.nextLine() == "hello")
    cat.closeInput()
    #expect(try await cat.waitForExit() == .exited(0))
    #expect(throws: TestSupportError.self) { try cat.write(line: "nobody reads this") }
  }

  @Test func `writing to a program that has ended is an error and no signal`() async throws {
    let ended = try ChildProcess.launch("true")
    try await ended.waitForExit()
    #expect(throws: TestSupportError.self) { try ended.write(line: "hello") }
  }

  @Test func `a program that ignores a polite end is ended by force`() async throws {
    let deaf = try ChildProcess.launch(
      "sh", ["-c", "trap '' TERM; echo ready; while :; do read line; done"])
    try await deaf.nextLine()
    #expect(try await deaf.stop(grace: .milliseconds(100)) == .signalled(SIGKILL))
  }

  @Test func `a program that does not exist says so`() async throws {
    let nothing = try ChildProcess.launch("no-such-program-here")
    #expect(try await nothing.waitForExit() == .exited(127))
    #expect(nothing.errors.contains("cannot run no-such-program-here"))
  }

  @Test func `the environment is added to, and taken from`() async throws {
    let shell = try ChildProcess.launch(
      "sh", ["-c", "echo \"$ADDED,${HOME-none},$JACK_NO_START_SERVER\""],
      environment: ["ADDED": "yes", "HOME": ""])
    #expect(try await shell.nextLine() == "yes,none,1")
  }

  @Test func `a program does not outlive the process that started it`() async throws {
    // A shell in the tests' place starts a program, names its process, and is killed outright.
    let witness = try BuiltProducts.path("witness")
    let parent = try ChildProcess.launch(
      "sh", ["-c", "\"$0\" run sleep 1000 & echo $!; wait", witness])
    let pid = try #require(pid_t(try await parent.nextLine()))
    try await eventually("the sleep") {
      (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8)) == "sleep\n"
    }
    parent.signal(SIGKILL)
    try await parent.waitForExit()
    try await eventually("the end of the sleep") {
      let state = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
      // Whoever inherits the ended process may be slow to reap it.
      return state.map { $0.contains(") Z ") } ?? true
    }
  }

  @Test func `a program hears a signal that the thread that started it blocks`() async throws {
    let sleeper = try ChildProcess.launch("sleep", ["1000"])
    sleeper.signal(SIGTERM)
    #expect(try await sleeper.waitForExit(within: .seconds(5)) == .signalled(SIGTERM))
  }

  @Test func `a handle that is dropped ends its program`() async throws {
    var sleeper: ChildProcess? = try ChildProcess.launch("sleep", ["1000"])
    let pid = try #require(sleeper?.pid)
    sleeper = nil
    #expect(kill(pid, 0) == -1)
  }
}
