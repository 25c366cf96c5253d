// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoLLM

@Suite("Keys")
struct KeyTests {
  @Test("a command wins over a file, and a file over the variable")
  func order() throws {
    let folder = try TemporaryFolder("keys")
    let file = try folder.write("from-file\n", to: "key")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
    var source = KeySource(variable: "OPENAI_API_KEY", value: "from-variable")
    #expect(try source.find()?.secret == "from-variable")
    source.file = file
    #expect(try source.find()?.secret == "from-file")
    source.command = "echo from-command; echo more"
    #expect(try source.find()?.secret == "from-command")
    #expect(try KeySource(variable: "X", value: nil).find() == nil)
    #expect(try KeySource(file: "/nowhere/key", variable: "X", value: nil).find() == nil)
  }

  @Test("a key file that others can read, or that is none, is refused")
  func files() throws {
    let folder = try TemporaryFolder("keys")
    let file = try folder.write("hunter2", to: "key")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
    for (path, words) in [
      (file, "can be read by others: chmod 600"), (folder.path, "is no file"),
    ] {
      #expect {
        _ = try KeySource(file: path, variable: "X", value: nil).find()
      } throws: { "\($0)".contains(words) && !"\($0)".contains("hunter2") }
    }
    #expect {
      _ = try KeySource(
        file: "/nowhere/key", fileIsRequired: true, variable: "X", value: nil
      ).find()
    } throws: { "\($0)".contains("cannot be read") }
  }

  @Test("a failing command tells its status and nothing that it printed")
  func command() {
    #expect {
      _ = try KeySource(
        command: "echo hunter2; echo hunter2 >&2; exit 3", variable: "X", value: nil
      ).find()
    } throws: { "\($0)" == "The key command failed with status 3" }
    #expect {
      _ = try KeySource(command: "true", variable: "X", value: nil).find()
    } throws: { "\($0)".contains("from the key command is empty") }
  }

  @Test("no description, dump or mirror shows a key; a header cannot be forged through one")
  func hidden() throws {
    let key = try APIKey("hunter2-hunter2", from: "a test")
    let source = KeySource(variable: "OPENAI_API_KEY", value: "hunter2-hunter2")
    var dumped = ""
    dump(key, to: &dumped)
    dump(source, to: &dumped)
    #expect(!"\(dumped)\(key)\(source)\(String(reflecting: key))".contains("hunter2"))
    #expect(!String(reflecting: source).contains("hunter2"))
    #expect(throws: ModelError.self) { try APIKey("a\r\nX-Evil: 1", from: "a test") }
  }

  @Test("events are cut from a stream byte by byte as from one piece")
  func events() {
    let text = ": hello\r\ndata: one\r\ndata:two\r\n\r\nevent: x\rdata: {}\r\rdata: tail"
    func cut(_ size: Int) -> [String] {
      var parser = ServerSentEvents()
      var found: [String] = []
      let bytes = Array(text.utf8)
      for start in stride(from: 0, to: bytes.count, by: size) {
        bytes[start..<min(start + size, bytes.count)].withUnsafeBytes {
          parser.feed($0) { found.append(String(decoding: $0, as: UTF8.self)) }
        }
      }
      parser.finish { found.append(String(decoding: $0, as: UTF8.self)) }
      return found
    }
    for size in [1, 2, 3, 7, 1000] { #expect(cut(size) == ["one\ntwo", "{}", "tail"]) }
  }
}
