// SPDX-License-Identifier: MIT
import ContinuoOSC
import ContinuoSession
import Foundation
import Testing

/// The same command through the prompt, the command line, the page's API and OSC.
@Suite(.serialized) struct FacesTests {
  /// A line of the prompt, and the same on the command line; nil where that is a job of its own.
  private static let table: [(line: String, arguments: [String]?)] = [
    ("status", ["status"]), ("tracks", ["tracks"]),
    ("regions Bass notes", ["regions", "Bass", "--notes"]), ("refresh yes", ["refresh", "--yes"]),
    ("follow Bass \"Electric Piano\"", ["follow", "Bass", "Electric Piano"]),
    ("connect", ["connect"]), ("analyze", ["analyze"]), ("suggest 2", ["suggest", "2"]),
    (
      "enhance bass track Bass bars 2 seed 3 make it groovier",
      [
        "enhance", "--kind", "bass", "--track", "Bass", "--bars", "2", "--seed", "3", "make", "it",
        "groovier",
      ]
    ),
    ("candidates", ["candidates"]), ("show 2", ["show", "2"]),
    ("audition 2 now", ["audition", "2", "now"]), ("next", ["next"]), ("previous", ["previous"]),
    ("original", ["original"]), ("panic", ["stop"]),
    ("diff 2 1", ["diff", "2", "1"]),
    ("vary 2 count 1 busier", ["vary", "2", "busier", "--count", "1"]),
    ("lock bars 9-10", ["lock", "bars", "9-10"]), ("unlock", ["unlock"]),
    ("keep 7 yes", ["keep", "7", "--yes"]),
    ("import 2 to Bass at 5", ["import", "2", "--to", "Bass", "--at", "5"]), ("undo", ["undo"]),
    ("discard", ["discard"]), ("export 1 a.mid", ["export", "1", "a.mid"]),
    ("take 4 pass 2 a.mid", ["take", "4", "a.mid", "--pass", "2"]),
    ("capture bars 8 from Bass", nil), ("play a.mid loop", nil), ("stop", ["stop"]),
    ("transport locate 17", ["transport", "locate", "17"]),
    ("learn keep", ["learn", "keep"]), ("learn clear take", ["learn", "--clear", "take"]),
    ("tempo 97.3 7/8", ["tempo", "97.3", "7/8"]), ("history 3", ["history", "3"]),
    (
      "library octaves key A minor tempo 90-110 best",
      ["library", "octaves", "--key", "A minor", "--tempo", "90-110", "--best"]
    ),
    ("recall 4 as-it-was from 9", ["recall", "4", "--as-it-was", "--from", "9"]),
    ("star 4", ["star", "#4"]), ("unstar 4", ["unstar", "4"]),
    ("forget 4 yes", ["forget", "4", "--yes"]),
    ("remember a.mid slow blues", ["remember", "a.mid", "slow", "blues"]),
    ("story a.md", ["story", "a.md"]), ("save-state a.json", ["save-state", "a.json"]),
    ("load-state a.json", ["load-state", "a.json"]), ("doctor", nil), ("help enhance", nil),
  ]

  @Test func `every command is in the table`() {
    let named = Set(Self.table.compactMap { $0.line.split(separator: " ").first.map(String.init) })
    // quit ends what the others are asked of; PromptTests has it through each.
    #expect(
      named.subtracting(["panic"])
        == Set(CommandName.allCases.map(\.rawValue)).subtracting(["quit"]))
  }

  @Test(.timeLimit(.minutes(2)))
  func `every command gives the same reply through every face`() async throws {
    let served = try await WebServerTests.Served(options: ["--osc-surface", "0"])
    let folder = served.run.folder
    let script = try ProgramRun(["--name", "script"], in: folder)
    let client = try OSCSocket()
    let surface = try await served.surfacePort()
    var replies = client.messages.makeAsyncIterator()
    for (line, arguments) in Self.table {
      let command = try CommandParser.parse(line).locatingFiles(in: folder.path)
      let body = String(decoding: try JSONEncoder().encode(command), as: UTF8.self)
      let visitor = try Visitor(port: served.port)
      visitor.send(served.post(body))
      let answer = visitor.answer().body
      let reply = try #require(
        try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any], "\(line)")
      let byPage = try #require(reply["lines"] as? [String], "\(line): \(answer)")
        .map { TerminalText.clean($0) }.joined(separator: "\n")
      #expect(!byPage.isEmpty)
      if let arguments {
        let byLine = try await ProgramRun(arguments, in: folder).finish()
        #expect(byLine.output == byPage + "\n", "\(line)")
      }
      try client.send(OSCMessage("/continuo/command", [.string(line)]), to: surface)
      var byOSC: String?
      while byOSC == nil, let message = await replies.next()?.message {
        if message.address == "/continuo/reply" { byOSC = message.arguments[1].text }
      }
      let told = try #require(byOSC)
      // The surface counts its messages: of `status` the session's own line is compared.
      let compared = line == "status" ? String(byPage.prefix { $0 != "\n" }) : byPage
      #expect(line == "status" ? told.hasPrefix(compared) : told == compared, "\(line)")
      script.type(line + "\n")
    }
    script.type("quit\n")
    let scripted = await script.finish().output
    for (line, _) in Self.table where line != "help enhance" {
      let command = try CommandParser.parse(line).locatingFiles(in: folder.path)
      let echo = try JSONValue(encoding: command).line
      let isEchoed = !["tracks", "keep 7 yes"].contains(line)
      #expect(!isEchoed || scripted.contains("Heard \(echo)"), "\(line)")
    }
    await served.end()
  }
}
