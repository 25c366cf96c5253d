// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Synchronization
import Testing

@testable import ContinuoSession

/// Each test has a folder of its own, and ends every server it starts.
final class InstanceSocketTests: Sendable {
  private let folder = RuntimeFolder(path: "/tmp/continuo-test-\(UUID().uuidString.prefix(13))")

  deinit { try? FileManager.default.removeItem(atPath: folder.path) }

  private func withServer(
    _ name: String = "one", _ handler: any CommandHandler = Probe(),
    _ body: (InstanceServer) async throws -> Void
  ) async throws {
    let server = try InstanceServer(name: name, folder: folder)
    server.start(handler)
    do {
      try await body(server)
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }

  @Test func `a command goes in and its progress and reply come back`() async throws {
    try await withServer { server async throws in
      let told = Mutex<[String]>([])
      let reply = try await client("one").send(.keep(candidate: 2)) { line in
        told.withLock { $0.append(line) }
      }
      #expect(reply == .done(["keep(candidate: Optional(2), to: nil, agreed: nil)"]))
      #expect(told.withLock { $0 } == ["first [2J", "second"])
      #expect(server.name == "one")
    }
  }

  @Test func `folder, socket and lock are this user's alone`() async throws {
    try await withServer { _ async throws in
      #expect(mode(folder.path) == 0o700)
      #expect(mode(folder.socketPath(of: "one")) == 0o600)
      #expect(mode(folder.lockPath(of: "one")) == 0o600)
    }
  }

  @Test func `two instances of one name cannot be, of two names they can`() async throws {
    try await withServer { _ async throws in
      #expect(throws: InstanceError.alreadyRunning(name: "one", pid: getpid())) {
        try InstanceServer(name: "one", folder: folder)
      }
      let other = try InstanceServer(name: "two", folder: folder)
      other.start(Probe())
      #expect(try await client("two").send(.status) { _ in } == .done(["status"]))
      await other.stop()
      #expect(try await client("one").send(.status) { _ in } == .done(["status"]))
      await #expect(throws: InstanceError.notRunning(name: "two")) {
        try await client("two").send(.status) { _ in }
      }
    }
  }

  @Test func `the socket of a dead instance is replaced`() async throws {
    try folder.prepare()
    // What a killed instance leaves: a socket nobody listens to, and a lock nobody holds.
    do {
      let dead = try UnixSocket.make(path: "")
      let bound = try UnixSocket.withAddress(folder.socketPath(of: "one")) {
        bind(dead.raw, $0, $1)
      }
      #expect(bound == 0)
    }
    try "4194304\n".write(toFile: folder.lockPath(of: "one"), atomically: false, encoding: .utf8)
    await #expect(throws: InstanceError.notRunning(name: "one")) {
      try await client("one").send(.status) { _ in }
    }
    try await withServer { _ async throws in
      #expect(try await client("one").send(.status) { _ in } == .done(["status"]))
    }
  }

  @Test func `a name is free again after stop, and after a claim that was never started`()
    async throws
  {
    for _ in 0..<3 {
      let claimed = try InstanceServer(name: "one", folder: folder)
      await claimed.stop()
      try await withServer { _ async throws in }
    }
  }

  @Test func `another user is not answered, and not spoken to`() async throws {
    let stranger = geteuid() &+ 1
    let server = try InstanceServer(name: "one", folder: folder, owner: stranger)
    server.start(Probe())
    await #expect(throws: InstanceError.refused(reason: "the instance belongs to another user")) {
      try await client("one").send(.status) { _ in }
    }
    let wary = InstanceClient(name: "one", folder: folder, owner: stranger)
    await #expect(throws: InstanceError.otherUser(name: "one")) {
      try await wary.send(.status) { _ in }
    }
    await server.stop()
  }

  @Test func `links, files and open folders are refused in the folder's place`() throws {
    let target = "/tmp/continuo-test-\(UUID().uuidString.prefix(13))"
    #expect(mkdir(target, 0o700) == 0)
    #expect(symlink(target, folder.path) == 0)
    #expect(throws: InstanceError.self) { try InstanceServer(name: "one", folder: folder) }
    #expect(throws: InstanceError.self) { try folder.exists() }
    unlink(folder.path)
    #expect(chmod(target, 0o755) == 0)
    let open = RuntimeFolder(path: target)
    #expect(throws: InstanceError.self) { try open.exists() }
    try open.prepare()
    #expect(mode(target) == 0o700)
    #expect(throws: InstanceError.folderMissing(path: "/tmp/no-such-folder-here")) {
      try RuntimeFolder(path: "/tmp/no-such-folder-here/continuo").prepare()
    }
    rmdir(target)
  }

  @Test func `a path longer than a socket's is refused`() throws {
    let long = RuntimeFolder(path: folder.path + String(repeating: "x", count: 90))
    #expect(throws: InstanceError.self) { try InstanceServer(name: "one", folder: long) }
    try? FileManager.default.removeItem(atPath: long.path)
  }

  @Test func `many clients are answered at once`() async throws {
    let gate = Gate(expecting: 12)
    try await withServer("one", gate) { _ async throws in
      let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
        for _ in 0..<12 { group.addTask { try await self.client("one").send(.status) { _ in } } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(replies == Array(repeating: .done(["all here"]), count: 12))
    }
  }

  @Test func `a cancelled client takes its request back`() async throws {
    let slow = Slow()
    try await withServer("one", slow) { _ async throws in
      let task = Task { try await self.client("one").send(.status) { _ in } }
      #expect(await slow.next() == "began")
      task.cancel()
      #expect(try await task.value == .cancelled)
      #expect(await slow.next() == "cancelled")
    }
  }

  @Test func `a client that dies takes its request with it`() async throws {
    let slow = Slow()
    try await withServer("one", slow) { _ async throws in
      do {
        let socket = try RawClient(folder.socketPath(of: "one"))
        socket.send(#"{"run":{"id":1,"command":{"status":{}}}}"# + "\n")
        #expect(await slow.next() == "began")
      }
      #expect(await slow.next() == "cancelled")
    }
  }

  @Test func `stopping tells the clients, and later calls return`() async throws {
    let slow = Slow()
    try await withServer("one", slow) { server async throws in
      let task = Task { try await self.client("one").send(.status) { _ in } }
      #expect(await slow.next() == "began")
      await server.stop()
      #expect(try await task.value == .cancelled)
      #expect(access(folder.socketPath(of: "one"), F_OK) != 0)
    }
  }

  @Test(
    arguments: [
      ("nonsense\n", "a line is no request"), ("\n", "a line is no request"),
      ("{\"run\":{\"id\":1}}\n", "a line is no request"),
      ("\u{0}\u{1b}[2J\n", "a line is no request"),
      (String(repeating: "[", count: 60_000) + "\n", "a line is no request"),
      (String(repeating: "x", count: 70_000), "a line is longer than 65536 bytes"),
    ])
  func `hostile lines end their own connection only`(bytes: String, reason: String) async throws {
    try await withServer { _ async throws in
      let socket = try RawClient(folder.socketPath(of: "one"))
      socket.send(bytes)
      let lines = socket.readToEnd()
      #expect(lines.count == 2)
      #expect(lines.first?.contains("\"hello\"") == true)
      #expect(lines.last == "{\"refused\":{\"reason\":\"\(reason)\"}}")
      #expect(try await client("one").send(.status) { _ in } == .done(["status"]))
    }
  }

  @Test func `values out of range are refused as if they had been typed`() async throws {
    try await withServer { _ async throws in
      let reply = try await client("one").send(.audition(candidate: 0, quantise: .now)) { _ in }
      #expect(reply.exit == .usage)
      let path = try await client("one").send(.export(candidate: 1, file: "a\u{0}.mid")) { _ in }
      #expect(path.exit == .usage)
    }
  }

  @Test func `a client may close its writing half and still be answered`() async throws {
    try await withServer { _ async throws in
      let socket = try RawClient(folder.socketPath(of: "one"))
      socket.send(
        #"{"run":{"id":5,"command":{"keep":{}}}}"# + "\n"
          + #"{"run":{"id":6,"command":{"discard":{}}}}"# + "\n")
      socket.finish()
      let lines = socket.readToEnd()
      #expect(lines.filter { $0.contains("\"reply\"") }.count == 2)
      #expect(lines.contains { $0.contains("\"id\":5,\"reply\"") && $0.contains("keep") })
    }
  }

  @Test func `a silent instance is given up after the greeting's limit`() async throws {
    let claimed = try InstanceServer(name: "one", folder: folder)
    await #expect(throws: InstanceError.notAnswering(name: "one")) {
      try await client("one").send(.status, greetingWithin: .milliseconds(100)) { _ in }
    }
    await claimed.stop()
  }

  private func client(_ name: String) -> InstanceClient {
    InstanceClient(name: name, folder: folder)
  }

  private func mode(_ path: String) -> UInt32 {
    var facts = stat()
    return lstat(path, &facts) == 0 ? facts.st_mode & 0o777 : 0
  }
}

struct LineCutterTests {
  @Test func `lines come out whole however the bytes come in`() {
    for size in 1...12 {
      var cutter = LineCutter(limit: 8)
      var lines: [String] = []
      let bytes = Array("one\n\ntwo two\nthree".utf8)
      for start in stride(from: 0, to: bytes.count, by: size) {
        let chunk = Array(bytes[start..<min(bytes.count, start + size)])
        lines += (cutter.lines(adding: chunk) ?? []).map { String(decoding: $0, as: UTF8.self) }
      }
      #expect(lines == ["one", "", "two two"])
      #expect(cutter.remainder() == Array("three".utf8))
    }
  }

  @Test func `a line of the limit passes and one byte more does not`() {
    var cutter = LineCutter(limit: 4)
    #expect(cutter.lines(adding: Array("abcd\n".utf8))?.count == 1)
    #expect(cutter.lines(adding: Array("abcd".utf8))?.count == 0)
    #expect(cutter.lines(adding: Array("e".utf8)) == nil)
    var whole = LineCutter(limit: 4)
    #expect(whole.lines(adding: Array("abcde\n".utf8)) == nil)
  }
}

// MARK: - Handlers

private struct Probe: CommandHandler {
  func handle(_ command: Command, progress: @escaping ProgressSink) async -> Reply {
    progress("first \u{1b}[2J")
    progress("second")
    return .done(["\(command)"])
  }
}

/// Answers nobody before everybody has asked.
private actor Gate: CommandHandler {
  private let expected: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(expecting expected: Int) { self.expected = expected }

  func handle(_ command: Command, progress: @escaping ProgressSink) async -> Reply {
    await withCheckedContinuation { continuation in
      waiting.append(continuation)
      if waiting.count == expected { waiting.forEach { $0.resume() } }
    }
    return .done(["all here"])
  }
}

/// Works until cancelled, and tells what happens to it.
private final class Slow: CommandHandler {
  private let events = AsyncStream.makeStream(of: String.self)

  func next() async -> String? {
    var iterator = events.stream.makeAsyncIterator()
    return await iterator.next()
  }

  func handle(_ command: Command, progress: @escaping ProgressSink) async -> Reply {
    events.continuation.yield("began")
    do {
      try await Task.sleep(for: .seconds(60))
      return .done()
    } catch {
      events.continuation.yield("cancelled")
      return .cancelled
    }
  }
}

/// A client that says what it likes.
///
/// Reads with a time-out, so that no test hangs.
private final class RawClient {
  private let socket: Descriptor

  init(_ path: String) throws {
    let raw = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    socket = Descriptor(raw)
    var limit = timeval(tv_sec: 120, tv_usec: 0)
    setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let connected = try UnixSocket.withAddress(path) { connect(raw, $0, $1) }
    #expect(connected == 0)
  }

  func send(_ text: String) {
    var rest = Array(text.utf8)[...]
    while case .moved(let count) = UnixSocket.write(socket.raw, rest) {
      rest = rest.dropFirst(count)
    }
  }

  func finish() { shutdown(socket.raw, Int32(SHUT_WR)) }

  func readToEnd() -> [String] {
    var bytes: [UInt8] = []
    while case .moved = UnixSocket.read(socket.raw, into: &bytes, limit: 4096) {}
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
