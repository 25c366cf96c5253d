// SPDX-License-Identifier: MIT
import Foundation
public import Glibc

/// Starts `command` with its output in files and a socket as its input.
///
/// A socket rather than a pipe, so that writing to a program that has ended is an error and not a
/// signal. Every descriptor is closed on exec, so no program holds another's input open.
func spawn(
  _ command: [String], environment additions: [String: String], output: String, errors: String
) throws -> (pid: pid_t, input: Int32) {
  let program = command[0]
  var ends: [Int32] = [-1, -1]
  let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
  guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
    throw TestSupportError.cannotLaunch(program: program, reason: reason(errno))
  }
  defer { close(ends[1]) }
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  let create = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND
  posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
  posix_spawn_file_actions_addopen(&actions, 1, output, create, 0o600)
  posix_spawn_file_actions_addopen(&actions, 2, errors, create, 0o600)
  var merged = ProcessInfo.processInfo.environment
  // No test may ever start a sound server by accident.
  merged["JACK_NO_START_SERVER"] = "1"
  merged.merge(additions) { _, new in new }
  do {
    return (try start(command, environment: merged, &actions), ends[0])
  } catch {
    close(ends[0])
    throw error
  }
}

/// Starts `command` (a path, or a name looked up in `PATH`) with this environment, less its empty
/// variables, and after `actions`; its process number.
///
/// With `leadsSession` the first terminal that `actions` open becomes its own.
public func start(
  _ command: [String], environment: [String: String],
  _ actions: inout posix_spawn_file_actions_t, leadsSession: Bool = false
) throws -> pid_t {
  // Swift's worker threads block signals, and a program would inherit that and never hear SIGTERM.
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  var signals = sigset_t()
  sigemptyset(&signals)
  posix_spawnattr_setsigmask(&attributes, &signals)
  sigfillset(&signals)
  posix_spawnattr_setsigdefault(&attributes, &signals)
  // POSIX_SPAWN_SETSID, which the C library hides without _GNU_SOURCE.
  let leads: Int16 = leadsSession ? 0x80 : 0
  posix_spawnattr_setflags(
    &attributes, leads | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
  let variables = environment.filter { !$0.value.isEmpty }.map { "\($0.key)=\($0.value)" }
  var pid: pid_t = 0
  let result = withCStrings(command) { arguments in
    withCStrings(variables) { posix_spawnp(&pid, command[0], &actions, &attributes, arguments, $0) }
  }
  guard result == 0 else {
    throw TestSupportError.cannotLaunch(program: command[0], reason: reason(result))
  }
  return pid
}

private func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

private func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = strings.map { strdup($0) }
  defer { copies.forEach { free($0) } }
  return body(copies + [nil])
}
