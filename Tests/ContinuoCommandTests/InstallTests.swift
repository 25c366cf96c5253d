// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoSession

/// `Scripts/install` with the built program, into a folder of the test's own.
struct InstallTests {
  private static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Scripts")

  private func run(_ program: String, _ arguments: [String], code: Int32 = 0) async throws -> String
  {
    let process = try ChildProcess.launch(program, arguments)
    let status = try await process.waitForExit(within: .seconds(60))
    #expect(status == .exited(code), "\(process.output)\(process.errors)")
    return process.output + process.errors
  }

  private func files(in folder: TemporaryFolder) -> [String] {
    let all = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []
    return all.filter { !$0.hasSuffix("/") && isFile(folder.file($0)) }.sorted()
  }

  private func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && !isFolder.boolValue
  }

  @Test func `what is installed runs, tells every command, and is taken away whole`() async throws {
    let folder = try TemporaryFolder("install")
    let script = Self.scripts.appendingPathComponent("install").path
    let said = try await run(script, [BuiltProducts.path("continuo"), folder.path])
    #expect(said.contains("Continuo is in \(folder.file("bin/continuo"))"))
    let manual = folder.file("share/man/man1/continuo.1")
    let installed = files(in: folder)
    #expect(
      installed == [
        "bin/continuo", "share/applications/continuo.desktop",
        "share/bash-completion/completions/continuo",
        "share/fish/vendor_completions.d/continuo.fish", "share/man/man1/continuo.1",
        "share/systemd/user/continuo.service", "share/zsh/site-functions/_continuo",
      ])
    let unit = try String(
      contentsOfFile: folder.file("share/systemd/user/continuo.service"), encoding: .utf8)
    #expect(unit.contains("ExecStart=\"\(folder.file("bin/continuo"))\" serve\n"))
    let version = try await run(folder.file("bin/continuo"), ["--version"])
    #expect(version == "continuo \(ProgramVersion.current)\n")
    // Every warning that the formatter has.
    let shown = try await run("/usr/bin/env", ["groff", "-man", "-Tutf8", "-P-c", "-ww", manual])
    #expect(!shown.contains("warning"))
    let completion = folder.file("share/bash-completion/completions/continuo")
    _ = try await run("/usr/bin/env", ["bash", "-n", completion])
    let source = try String(contentsOfFile: manual, encoding: .utf8)
    let words = try String(contentsOfFile: completion, encoding: .utf8)
    for name in CommandName.allCases.map(\.rawValue) where name != "help" {
      let typed = name.replacingOccurrences(of: "-", with: "\\-")
      #expect(source.contains("\n.SS \(typed)"), "\(name) has no entry")
      #expect(words.contains(name), "\(name) is not completed")
    }
    #expect(source.contains("\n.B \\-\\-server SERVER\n"))
    #expect(source.components(separatedBy: "\n.B \\-\\-server").count == 2, "told once")

    _ = try await run(script, ["--remove", folder.path])
    #expect(files(in: folder).isEmpty)
  }

  @Test func `a folder that is none, and a program that is not there, change nothing`() async throws
  {
    let folder = try TemporaryFolder("install")
    let script = Self.scripts.appendingPathComponent("install").path
    let nowhere = try await run(script, ["/nowhere/continuo", folder.path], code: 1)
    #expect(nowhere.contains("make release"))
    let relative = try await run(script, [BuiltProducts.path("continuo"), "relative"], code: 1)
    #expect(relative.contains("begin with /"))
    #expect(files(in: folder).isEmpty)
  }
}
