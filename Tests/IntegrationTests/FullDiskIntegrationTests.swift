// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation
import Glibc
import Synchronization
import Testing

@testable import ContinuoSession

/// `continuo capture` onto a disk that fills up: a file system in memory of a few pages, which only
/// root can make.
@Suite(.serialized, .enabled(if: getuid() == 0, "only root can mount a small file system"))
struct FullDiskIntegrationTests {
  @Test(arguments: ["take.jsonl", "take.mid"])
  func `once there is room again nothing is missing`(name: String) async throws {
    try await withSmallDisk { disk in
      try await withJackServer(period: 256) { server in
        // All but a few pages are taken already.
        let ballast = disk + "/ballast"
        try Data(count: 960 << 10).write(to: URL(fileURLWithPath: ballast))
        let (program, sent) = try await fill(disk + "/" + name, server)
        try FileManager.default.removeItem(atPath: ballast)
        try await program.says("nothing of it is missing")
        program.process.signal(SIGINT)
        let reply = try await program.reply()
        #expect(reply.events == sent.count && reply.dropped == 0)
        guard name.hasSuffix(".jsonl") else { return }
        let lines = try CapturedLine.read(disk + "/" + name)
        #expect(lines.map(FramedEvent.init) == sent.map(FramedEvent.init))
      }
    }
  }

  @Test func `a take that stays too large is kept up to its last whole line, and says where`()
    async throws
  {
    try await withSmallDisk { disk in
      try await withJackServer(period: 256) { server in
        try Data(count: 960 << 10).write(to: URL(fileURLWithPath: disk + "/ballast"))
        let (program, sent) = try await fill(disk + "/take.jsonl", server)
        program.process.signal(SIGINT)
        let reply = try await program.reply(code: 1)
        let partial = disk + "/take.jsonl.partial"
        #expect(reply.error?.contains("No space left on device") == true)
        #expect(reply.error?.contains(partial) == true)
        let lines = try CapturedLine.read(partial)
        #expect(lines.count > 100)
        #expect(lines.map(FramedEvent.init) == sent.prefix(lines.count).map(FramedEvent.init))
        #expect(
          reply.error?.contains("\(sent.count - lines.count) events") == true,
          "\(reply.error ?? "")")
        #expect(!FileManager.default.fileExists(atPath: disk + "/take.jsonl"))
      }
    }
  }

  @Test func `a log that fills the disk says so once and ends with a whole line`() async throws {
    try await withSmallDisk { disk in
      try Data(count: 960 << 10).write(to: URL(fileURLWithPath: disk + "/ballast"))
      let told = Mutex<[String]>([])
      let log = try SessionLog(disk + "/session.log", secrets: []) { line in
        told.withLock { $0.append(line) }
      }
      log.open(
        LogHeader(
          program: "0", date: "now", name: "n", sampleRate: 48_000, bufferSize: 64))
      for number in 0..<20_000 { log.note(.notice(text: "\(number)")) }
      await log.finish()
      #expect(
        told.withLock { $0 } == [
          "The log ends here: \(disk)/session.log cannot be written (No space left on device). "
            + "The session goes on without it"
        ])
      let recording = try SessionRecording(path: disk + "/session.log")
      #expect(recording.fault == nil && (100..<20_000).contains(recording.lines.count))
    }
  }

  /// Captures three times what fits and returns once the program has said so.
  private func fill(
    _ path: String, _ server: JackServer
  ) async throws -> (program: ContinuoProgram, sent: [WitnessedEvent]) {
    let program = try ContinuoProgram.launch(
      "capture", ["--seconds", "600", "--output", path], on: server.name)
    let sent = try await Witness(server: server).send(
      noteScript(3000), as: "sender", to: ["continuo:in_1"]
    ).events()
    try await program.says("No space left on device")
    return (program, sent)
  }

  /// Mounts a megabyte for `body`.
  private func withSmallDisk(_ body: (String) async throws -> Void) async throws {
    let folder = try TemporaryFolder("disk")
    let mount = try ChildProcess.launch(
      "mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.path])
    try #require(try await mount.waitForExit() == .exited(0), "\(mount.errors)")
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(folder.path))
    } catch {
      result = .failure(error)
    }
    let unmount = try ChildProcess.launch("umount", ["-l", folder.path])
    #expect(try await unmount.waitForExit() == .exited(0), "\(unmount.errors)")
    try result.get()
  }
}
