// SPDX-License-Identifier: MIT
import ContinuoMusic
import ContinuoTestSupport
import Foundation
import Testing

/// The program with a real language model, and with a double that asks for a key.
@Suite(.serialized) struct ModelIntegrationTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let context = root.appendingPathComponent("Examples/keys.mid").path

  /// A run of the program in folders of its own.
  private func run(
    _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:],
    within limit: Duration = .seconds(60)
  ) async throws -> (status: ChildProcess.Status, output: String, errors: String) {
    let own = [
      "XDG_RUNTIME_DIR": folder.path, "XDG_STATE_HOME": folder.file("state"),
      "XDG_CONFIG_HOME": folder.file("config"), "CONTINUO_PROVIDER": "", "CONTINUO_BASE_URL": "",
      "CONTINUO_MODEL": "", "OPENAI_API_KEY": "", "ANTHROPIC_API_KEY": "",
    ]
    let process = try ChildProcess.launch(
      BuiltProducts.path("continuo"), arguments, environment: own.merging(environment) { $1 })
    let status = try await process.waitForExit(within: limit)
    return (status, process.output, process.errors)
  }

  private func json(_ text: String) throws -> [String: Any] {
    let line = text.split(separator: "\n").last ?? ""
    return try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(text)")
  }

  @Test("the real local model is set up, started, composes what can be played, and ends")
  func localModel() async throws {
    let script = Self.root.appendingPathComponent("Scripts/model").path
    let setUp = try ChildProcess.launch(script)
    guard try await setUp.waitForExit(within: .seconds(300)) == .exited(0) else {
      Issue.record("Scripts/model cannot set the model up: \(setUp.output)\(setUp.errors)")
      return
    }
    let folder = try TemporaryFolder("local-model")
    let start = try await run(["model", "start", "--json"], in: folder)
    try #require(start.status == .exited(0), "\(start.output)\(start.errors)")
    do {
      let status = try await run(["model", "status", "--json"], in: folder)
      #expect(try json(status.output)["running"] as? Bool == true)
      for (kind, seed) in [("bass", "7"), ("drums", "8")] {
        let made = try await run(
          [
            "compose", "--context", Self.context, "--kind", kind, "--bars", "2", "--count", "2",
            "--seed", seed, "--provider", "local", "--request", "make it groovier", "--output",
            folder.file(kind), "--json",
          ], in: folder)
        try #require(made.status == .exited(0), "\(made.output)\(made.errors)")
        let reply = try json(made.output)
        let answer = try #require(reply["answer"] as? [String: Any])
        #expect((answer["modelCandidates"] as? Int ?? 0) >= 1, "\(made.output)")
        #expect(answer["fallback"] as? Bool == false)
        let candidates = try #require(reply["candidates"] as? [[String: Any]])
        #expect(candidates.count == 2)
        #expect((candidates[0]["composer"] as? String)?.contains("SmolLM2") == true)
        for candidate in candidates {
          let file = try #require(candidate["file"] as? String)
          let bytes = [UInt8](FileManager.default.contents(atPath: file) ?? Data())
          let pattern = try Pattern(file: StandardMIDIFile(bytes))
          #expect(!pattern.notes.isEmpty)
        }
        let first = try #require(answer["firstPlayableSeconds"] as? Double)
        let requests = try #require(answer["requests"] as? [[String: Any]])
        #expect(first < requests.compactMap { $0["seconds"] as? Double }.reduce(0, +))
      }
    } catch {
      _ = try await run(["model", "stop"], in: folder)
      throw error
    }
    let stop = try await run(["model", "stop", "--json"], in: folder)
    #expect(stop.status == .exited(0))
    let gone = try await run(["model", "status"], in: folder)
    #expect(gone.status == .exited(5))
    let none = try await run(
      ["compose", "--context", Self.context, "--provider", "local", "--output", folder.file("x")],
      in: folder)
    #expect(none.status == .exited(5))
    #expect(none.errors.contains("`continuo model start`"))
  }

  @Test("no key is ever printed or written: right, refused, redirected, shown beforehand")
  func keys() async throws {
    let key = "sk-live-\(UInt64.random(in: .min ... .max))-\(UInt64.random(in: .min ... .max))"
    let notes = (0..<8).map { #"{"pitch":\#(36 + $0),"start":\#(Double($0)),"duration":1}"# }
    let double = try await ModelDouble(replying: "[\(notes.joined(separator: ","))]")
    let folder = try TemporaryFolder("keys")
    var said = ""
    let runs: [(model: String, further: [String], code: Int32)] = [
      ("ok", [], 0), ("401", [], 5), ("redirect", [], 5), ("prose", [], 0), ("reset", [], 5),
      ("ok", ["--dry-run"], 0), ("ok", ["--json"], 0), ("401", ["--json"], 5),
    ]
    for (dialect, variable) in [("openai", "OPENAI_API_KEY"), ("anthropic", "ANTHROPIC_API_KEY")] {
      for one in runs {
        let run = try await run(
          [
            "compose", "--context", Self.context, "--kind", "bass", "--bars", "2", "--provider",
            dialect, "--base-url", double.url, "--model", one.model, "--output",
            folder.file("out"),
          ] + one.further, in: folder, environment: [variable: key])
        if one.model != "reset" {
          #expect(run.status == .exited(one.code), "\(dialect) \(one): \(run.output)\(run.errors)")
        }
        said += run.output + run.errors
      }
    }
    // It was sent indeed, and only there.
    #expect(double.log.contains(key))
    #expect(!said.contains(key))
    #expect(said.contains("(your key)"))
    let files = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []
    #expect(files.contains { $0.hasSuffix(".mid") })
    for file in files {
      let data = FileManager.default.contents(atPath: folder.file(file)) ?? Data()
      #expect(data.range(of: Data(key.utf8)) == nil, "\(file)")
    }
  }
}
