// SPDX-License-Identifier: MIT
import ContinuoOSC
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoArdour
@testable import ContinuoSession

struct ReplayTests {
  private let settings: Settings

  init() throws { settings = try Settings(flags: .init(), environment: [:]) }

  private func replay(_ bytes: [UInt8]) async throws -> Reply {
    await ReplayRunner.replay(try SessionRecording(bytes: bytes, name: "log"), settings)
  }

  private func replay(_ log: HandMadeLog) async throws -> Reply { try await replay(log.bytes) }

  @Test func `commands are carried out again on Ardour's messages and the captured music`()
    async throws
  {
    let reply = try await replay(.whole())
    #expect(reply.exit == .done, "\(reply.error ?? "")")
    #expect(
      reply.lines == [
        "A log of continuo 0.1.0 as “hand”, 2026-11-23T18:00:00Z, 48000 Hz, 256 frames",
        "0.009  > tracks", "    1  Bass  MIDI track",
        "0.015  > follow {\"tracks\":[\"Bass\"]}", "    Following:", "    in_1  Bass",
        "0.029  > take {\"request\":{\"bars\":2}}", "    Took bars 1-2", "    Bass: 8 notes",
        "Replayed: 3 replies equal; not carried out again: 0; differences: 0; heard: 7 messages of "
          + "Ardour's, 18 captured events and records",
        "At the end:", "  Ardour: Song, 1 strips", "  in_1: Bass",
        "  captured 16 events, no longer held 0", "  bars 1-2 were taken last:",
        "    Bass: 8 notes",
      ])
    #expect(reply.data["missing"] == .int(0))
    #expect(try await replay(.whole()).json.line == reply.json.line)
  }

  @Test func `a reply and an end that differ are told, and the status is a failure`() async throws {
    var log = HandMadeLog()
    log.meetArdour()
    log.askTracks(1, name: "Keys")
    log.follow(2)
    log.play()
    log.take(3, notes: 9)
    log.end(captured: 17)
    let reply = try await replay(log)
    #expect(reply.exit == .failed)
    #expect(
      reply.data["differences"] == [
        "0.009  tracks: recorded “1  Keys  MIDI track”, replayed “1  Bass  MIDI track”",
        "0.029  take {\"request\":{\"bars\":2}}: recorded “Bass: 9 notes”, replayed “Bass: 8 notes”",
        "0.030  at the end, captured: recorded 17, replayed 16",
      ])
    #expect(reply.error == "3 of 4 replies and states differ from the recording")
  }

  @Test func `an answer that never came fails as it did, in no time`() async throws {
    var log = HandMadeLog()
    log.meetArdour()
    log.add(.command(number: 1, command: .tracks))
    let error = ArdourError.unconfirmed(step: "list its strips", milliseconds: 2000, seen: "")
    log.add(
      .reply(command: 1, reply: .failed(.failed, "\(error)"), after: HandMadeLog.state()),
      later: 2_010_000_000)
    log.askTracks(2)
    let begin = ContinuousClock.now
    let reply = try await replay(log)
    #expect(ContinuousClock.now - begin < .seconds(1))
    #expect(reply.exit == .done && reply.data["equal"] == .int(2), "\(reply.lines)")
    #expect(reply.lines.contains("The log has no end: the state at the end is not compared"))
  }

  @Test func `what acts outside is shown as recorded, and what it changed is taken over`()
    async throws
  {
    var log = HandMadeLog()
    log.meetArdour()
    log.add(.command(number: 1, command: .loadState(file: nil)))
    log.reply(1, ["Took up it"], .null, followed: [HandMadeLog.bass])
    log.play()
    log.add(.notice(text: "Ardour is gone"))
    log.add(.dropped(lines: 4))
    log.take(2)
    let reply = try await replay(log)
    #expect(reply.exit == .done, "\(reply.lines)")
    #expect(reply.data["equal"] == .int(1) && reply.data["recorded"] == .int(1))
    #expect(
      reply.lines.contains(
        "0.007  > loadState  (as recorded, not carried out again)"), "\(reply.lines)")
    #expect(reply.lines.contains("0.017  ! Ardour is gone"))
    #expect(reply.lines.contains("The log lacks 4 lines that were dropped"))
  }

  @Test func `a log cut anywhere is heard up to the cut, and the line is named`() async throws {
    let bytes = HandMadeLog.whole().bytes
    let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
    for (index, end) in ends.enumerated().dropFirst() {
      for cut in [ends[index - 1] + 2, end] {
        let recording = try SessionRecording(bytes: Array(bytes[..<cut]), name: "log")
        #expect(
          recording.fault == "log: line \(index + 1) is cut off; what follows was not replayed")
        #expect(recording.lines.count == index - 1)
      }
    }
    let reply = try await replay(Array(bytes[..<(ends[ends.count - 2] - 5)]))
    #expect(reply.exit == .failed && reply.data["equal"] == .int(2))
    #expect(reply.error?.contains("line \(ends.count - 1) is cut off") == true)
    #expect(throws: CommandFailure.self) { try SessionRecording(bytes: [], name: "log") }
  }

  @Test(arguments: [
    ("{\"at\":1}", "is no line of a log"), ("[]", "is no line of a log"),
    ("{\"at\":0,\"event\":{\"notice\":{\"text\":\"x\"}}}", "lies before the line above it"),
    (
      "{\"at\":99000000,\"event\":{\"oscReceived\":{\"client\":1,\"address\":\"/x\",\"bytes\":\"AAAA\"}}}",
      "holds no OSC message"
    ),
    (
      "{\"at\":99000000,\"event\":{\"captured\":{\"events\":[{\"frame\":1,\"kind\":99,\"rolling\":true}]}}}",
      "holds an event that cannot be"
    ),
    (
      "{\"at\":99000000,\"event\":{\"command\":{\"number\":9,\"command\":{\"take\":{\"request\":{\"bars\":0}}}}}}",
      "holds a command that cannot be"
    ),
  ])
  func `a line that cannot be is refused by its number`(line: String, reason: String) throws {
    var text = HandMadeLog.whole().lines
    text.insert(line, at: 10)
    let bytes = [UInt8]((text.joined(separator: "\n") + "\n").utf8)
    let recording = try SessionRecording(bytes: bytes, name: "log")
    #expect(recording.fault == "log: line 11 \(reason); what follows was not replayed")
    #expect(recording.lines.count == 9)
  }

  @Test func `a log of another form and no log at all are refused`() throws {
    #expect {
      try SessionRecording(bytes: Array("{\"continuoLog\":2}\n".utf8), name: "log")
    } throws: {
      "\($0)".contains("a log of form 2")
    }
    #expect {
      try SessionRecording(bytes: Array("MThd".utf8), name: "log")
    } throws: {
      "\($0)".contains("line 1 says nothing")
    }
  }

  @Test(.timeLimit(.minutes(2)))
  func `a mutated log is refused or replayed, twice the same`() async throws {
    let original = HandMadeLog.whole().bytes
    var generator = SeededGenerator(state: 7)
    var heard = 0
    for round in 0..<600 {
      var bytes = original
      for _ in 0...Int.random(in: 0...3, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        if round.isMultiple(of: 2), let digit = "0123456789".utf8.randomElement(using: &generator),
          (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place])
        {
          bytes[place] = digit
        } else {
          bytes[place] = UInt8.random(in: 0...255, using: &generator)
        }
      }
      guard let recording = try? SessionRecording(bytes: bytes, name: "log") else { continue }
      heard += 1
      let first = await ReplayRunner.replay(recording, settings)
      let second = await ReplayRunner.replay(recording, settings)
      #expect(first.json.line == second.json.line)
    }
    #expect(heard > 300)
  }
}
