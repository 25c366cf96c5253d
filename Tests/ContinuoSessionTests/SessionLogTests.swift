// SPDX-License-Identifier: MIT
import ContinuoArdour
import ContinuoOSC
import ContinuoRealtime
import ContinuoTestSupport
import Foundation
import Synchronization
import Testing

@testable import ContinuoSession

struct SessionLogTests {
  private static let header = LogHeader(
    program: "0.1.0", date: "now", name: "n", sampleRate: 48_000, bufferSize: 64)

  @Test func `a log is new, its owner's alone, in order, and read back as it was noted`()
    async throws
  {
    let folder = try TemporaryFolder("log")
    let path = "\(folder.path)/a.log"
    let told = Told()
    let log = try SessionLog(path, secrets: [], notice: told.sink)
    log.open(Self.header)
    for number in 0..<500 { log.note(.notice(text: "\(number) ∆ \"")) }
    let message = OSCMessage("/strip/name", [.int32(1), .string("Baß"), .float(0.1)])
    log.note(LogEvent(.received(message), client: 3))
    await log.finish()
    log.note(.notice(text: "too late"))
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let recording = try SessionRecording(path: path)
    #expect(recording.fault == nil && recording.header == Self.header)
    #expect(recording.lines.count == 501 && log.figures.lines == 501 && told.all.isEmpty)
    let texts = recording.lines.compactMap { line -> String? in
      if case .notice(let text) = line.event { text } else { nil }
    }
    #expect(texts == (0..<500).map { "\($0) ∆ \"" })
    guard case .oscReceived(3, "/strip/name", let bytes)? = recording.lines.last?.event else {
      Issue.record("no message")
      return
    }
    #expect(OSCPacket.decode(bytes).messages == [message])
    #expect {
      try SessionLog(path, secrets: [], notice: told.sink)
    } throws: {
      "\($0)".contains("is there already")
    }
  }

  @Test func `keys of the settings and what looks like one are not written`() async throws {
    let folder = try TemporaryFolder("log")
    let path = "\(folder.path)/a.log"
    let environment = [
      "ANTHROPIC_API_KEY": "plain/looking\"key", "CONTINUO_MODEL_HEADERS": "X: hidden-header",
    ]
    let settings = try Settings(flags: .init(), environment: environment)
    let log = try SessionLog(path, secrets: settings.model.secrets, notice: { _ in })
    log.open(Self.header)
    var request = EnhanceRequest(request: "my key is plain/looking\"key or sk-abcdefghij")
    request.model = ModelChoice(
      provider: .openai, baseURL: "https://me:password@host/v1", model: "m")
    log.note(.command(number: 1, command: .enhance(request: request)))
    log.note(.notice(text: "hidden-header, Bearer abcdefg"))
    await log.finish()
    let text = try String(contentsOfFile: path, encoding: .utf8)
    for secret in ["plain", "looking", "abcdef", "password", "hidden"] {
      #expect(!text.contains(secret), "\(secret) in \(text)")
    }
    #expect(try SessionRecording(path: path).lines.count == 2)
  }

  @Test func `what does not fit is counted, told once, and stands in the log as a gap`()
    async throws
  {
    let folder = try TemporaryFolder("log")
    let path = "\(folder.path)/a.log"
    let told = Told()
    let log = try SessionLog(path, secrets: [], notice: told.sink)
    log.open(Self.header)
    let event = LoggedEvent(
      CapturedEvent(event: RealtimeEvent(kind: .xrun, frame: 1, value: 1), bytes: []))
    let flood = [LoggedEvent](repeating: event, count: SessionLog.maximumWaiting + 1)
    log.note(.captured(events: flood))
    log.note(.captured(events: flood))
    log.note(.notice(text: "after"))
    #expect(log.figures == LogFigures(lines: 1, dropped: 2))
    await log.finish()
    #expect(
      told.all == [
        "The log cannot keep up: lines are dropped, and counted in it",
        "The log lacks 2 lines that came too fast",
      ])
    let lines = try SessionRecording(path: path).lines
    guard lines.count == 2, case .dropped(2) = lines[0].event else {
      Issue.record("no gap: \(lines)")
      return
    }
  }

  @Test func `a log that is full says so once, and what is in it can be replayed`() async throws {
    let folder = try TemporaryFolder("log")
    let path = "\(folder.path)/a.log"
    let told = Told()
    let log = try SessionLog(path, secrets: [], limit: 2000, notice: told.sink)
    log.open(Self.header)
    for number in 0..<100 { log.note(.notice(text: "\(number)")) }
    await log.finish()
    #expect(
      told.all == [
        "The log ends here: it has reached its 2000 bytes. The session goes on without it"
      ])
    let recording = try SessionRecording(path: path)
    #expect(recording.fault == nil && (20..<100).contains(recording.lines.count))
    #expect(log.figures.fault == "it has reached its 2000 bytes")
  }
}
