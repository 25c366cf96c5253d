// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoArdour

/// Ardour's stored actions and the file they are in.
@Suite struct UIScriptsTests {
  static let own =
    "scripts = {} scripts[1] = {} scripts[1][\"n\"] = \"My \\\"act\\\"\" "
    + "scripts[1][\"s\"] = \"line\\\ntwo\\0\\13\" scripts[1][\"c\"] = true  scripts[1][\"a\"] = {} "
    + "scripts[1][\"a\"][\"x\"] = 1.5e3  "

  private func settings(_ text: String?) throws -> (TemporaryFolder, EditorScriptFile) {
    let folder = try TemporaryFolder("ui-scripts")
    if let text { try folder.write(text, to: "ui_scripts") }
    return (folder, EditorScriptFile(settings: folder.url, processes: folder.url))
  }

  private func document(_ stored: String) -> String {
    "<?xml version=\"1.0\"?>\n<UIScripts>\n <ActionScript lua=\"Lua 5.3\">"
      + Data(stored.utf8).base64EncodedString()
      + "</ActionScript>\n <ActionHooks><LuaCallback id=\"7\">Zg==</LuaCallback></ActionHooks>\n"
      + "</UIScripts>\n"
  }

  @Test func `what Ardour stores is read, and stays byte for byte round ours`() throws {
    var scripts = try UIScripts(Array(Self.own.utf8))
    #expect(scripts.actions.map(\.name) == ["My \"act\""])
    #expect(scripts.actions.first?.source == Array("line\ntwo\0\r".utf8))
    #expect(scripts.own == nil)
    #expect(scripts.setOwn(source: EditorScriptFile.source, folder: "/a \"b\"\\\n") == 32)
    #expect(String(decoding: scripts.text, as: UTF8.self).hasPrefix(Self.own))
    let again = try UIScripts(scripts.text)
    #expect(again == scripts)
    #expect(again.own?.source == EditorScriptFile.source)
    #expect(again.own?.folder == "/a \"b\"\\\n")
    scripts.removeOwn()
    #expect(scripts.text == Array(Self.own.utf8))
  }

  @Test func `ours takes the last free place, keeps it, and needs one`() throws {
    func full(_ places: ClosedRange<Int>) -> String {
      "scripts = {} " + places.map { "scripts[\($0)] = {} scripts[\($0)][\"n\"] = \"x\" " }.joined()
    }
    var scripts = try UIScripts(Array(full(20...32).utf8))
    #expect(scripts.setOwn(source: EditorScriptFile.source, folder: "/a") == 19)
    #expect(scripts.setOwn(source: EditorScriptFile.source, folder: "/b") == 19)
    #expect(scripts.actions.count == 14 && scripts.own?.folder == "/b")
    var crowded = try UIScripts(Array(full(1...32).utf8))
    #expect(crowded.setOwn(source: EditorScriptFile.source, folder: "/a") == nil)
  }

  @Test(arguments: [
    "", "scripts", "scripts = 1", "x = {}", "scripts[1] = {}", "scripts = {} scripts = {}",
    "scripts = {} os.exit()", "scripts = {} scripts[1] = os.exit()",
    "scripts = {} scripts[f()] = 1",
    "scripts = {} scripts[1] = \"open", "scripts = {} scripts[1] = \"\\999\"",
    "scripts = {} scripts[1] = {1}", "scripts = {} scripts[1] = \"a\" .. \"b\"",
    "scripts = {} scripts[99999999999999999999] = 1", "scripts = {} -- comment",
  ])
  func `anything but Ardour's own assignments is refused`(_ text: String) {
    #expect(throws: LuaAssignments.Malformed.self) { try UIScripts(Array(text.utf8)) }
  }

  @Test func `damaged lists are read or refused, and never do harm`() throws {
    var random = SeededGenerator(seed: 7)
    let whole = Array(Self.own.utf8)
    var refused = 0
    for _ in 0..<5000 {
      var text = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: text.indices, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: text[place] = UInt8.random(in: 0...255, using: &random)
        case 1: text.removeSubrange(place...)
        default: text.insert(UInt8.random(in: 0...255, using: &random), at: place)
        }
        if text.isEmpty { break }
      }
      guard var scripts = try? UIScripts(text) else {
        refused += 1
        continue
      }
      // What can be read can be added to and taken from, and is then as it was.
      let count = scripts.actions.count
      guard scripts.setOwn(source: EditorScriptFile.source, folder: "/a") != nil else { continue }
      #expect(try UIScripts(scripts.text).actions.count == count + 1)
      scripts.removeOwn()
      #expect(scripts.actions.count == count)
    }
    #expect((1000..<5000).contains(refused))
  }

  @Test func `installing merges, copies, does so once, and removing gives the file back`() throws {
    let before = document(Self.own)
    let (folder, file) = try settings(before)
    let first = try file.install()
    #expect(first.before == .missing && first.after == .present(index: 32))
    #expect(first.others == ["My \"act\""] && first.running == [])
    let backup = try #require(first.backup)
    #expect(try String(contentsOf: backup, encoding: .utf8) == before)
    let installed = try String(contentsOf: first.file, encoding: .utf8)
    #expect(installed.contains("<LuaCallback id=\"7\">Zg==</LuaCallback>"))
    let second = try file.install()
    #expect(!second.isChange && second.backup == nil)
    #expect(try String(contentsOf: first.file, encoding: .utf8) == installed)
    let removed = try file.remove()
    #expect(removed.isChange && removed.after == .missing)
    #expect(try String(contentsOf: first.file, encoding: .utf8) == before)
    #expect(!(try file.remove().isChange))
    #expect(!FileManager.default.fileExists(atPath: folder.file("continuo")))
  }

  @Test func `an older action is replaced in its place`() throws {
    var scripts = try UIScripts(Array(Self.own.utf8))
    _ = scripts.setOwn(source: UIScripts.mark + Array("old".utf8), folder: "/elsewhere")
    let (folder, file) = try settings(document(String(decoding: scripts.text, as: UTF8.self)))
    defer { withExtendedLifetime(folder) {} }
    #expect(try file.state() == .outdated(index: 32))
    #expect(try file.install().after == .present(index: 32))
    #expect(try file.state() == .present(index: 32))
  }

  @Test func `without a file one is made, through a link the file it leads to is written`() throws {
    let (folder, file) = try settings(nil)
    #expect(try file.install().backup == nil)
    #expect(try file.state() == .present(index: 32))
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("continuo"))
    #expect(attributes[.posixPermissions] as? Int == 0o700)
    let (linked, other) = try settings(nil)
    try linked.write(document(Self.own), to: "elsewhere")
    try FileManager.default.createSymbolicLink(
      atPath: linked.file("ui_scripts"), withDestinationPath: linked.file("elsewhere"))
    _ = try other.install()
    #expect(try String(contentsOfFile: linked.file("elsewhere"), encoding: .utf8).count > 8000)
    let kind = try FileManager.default.attributesOfItem(atPath: linked.file("ui_scripts"))[.type]
    #expect(kind as? FileAttributeType == .typeSymbolicLink)
  }

  @Test(arguments: [
    "", "<UIScripts/>", "<UIScripts><ActionScript>!!!</ActionScript></UIScripts>",
    "<UIScripts><ActionScript>c2NyaXB0cw==</ActionScript></UIScripts>",
    "<UIScripts><!-- <ActionScript> --></UIScripts>", "<UIScripts><ActionScript>abc",
    "<UIScripts><ActionScript/><ActionScript/></UIScripts>",
  ])
  func `a file that Ardour did not write is left as it is`(_ text: String) throws {
    let (folder, file) = try settings(text)
    #expect(throws: EditorFailure.self) { try file.install() }
    #expect(try String(contentsOfFile: folder.file("ui_scripts"), encoding: .utf8) == text)
  }

  @Test func `an exchange folder that others may use is refused`() throws {
    let (folder, file) = try settings(nil)
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("continuo"), withDestinationPath: folder.path)
    #expect(throws: EditorFailure.self) { try file.install() }
    #expect(!FileManager.default.fileExists(atPath: folder.file("ui_scripts")))
  }
}
