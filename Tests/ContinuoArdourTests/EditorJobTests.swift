// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import ContinuoArdour

/// Jobs and answers as lines.
@Suite struct EditorJobTests {
  @Test func `a track's name crosses as hexadecimal text, whatever it holds`() {
    let job = EditorJob.importFile(path: "/a\n", track: "\"]=x\nü", position: 7680)
    #expect(
      job.text(nonce: "ab") == """
        continuo-job 1
        nonce ab
        job import
        track 225d3d780ac3bc
        file 2f610a
        position 7680
        end

        """)
  }

  @Test func `an answer is read whole or not at all`() throws {
    let text = "continuo-answer 1\nnonce ab\nstatus done\nregion 7\ntrack 4261\nend\n"
    let answer = try #require(EditorAnswer(Data(text.utf8)))
    #expect(answer.nonce == "ab" && answer.regions == ["7"] && answer.track == "Ba")
    #expect(answer.reason == nil)
    for length in 0..<text.utf8.count {
      #expect(EditorAnswer(Data(text.utf8.prefix(length))) == nil)
    }
  }

  @Test(arguments: [
    "status done\nregion x", "status done\nbogus 1", "status done\nregion 1 2", "region 1",
    "status failed", "status done\nreason 61", "status maybe", "status done\nregion \u{661}",
    "status done\nregion " + String(repeating: "9", count: 70_000),
  ])
  func `an answer that makes no sense is none`(_ lines: String) {
    let text = "continuo-answer 1\nnonce ab\n\(lines)\nend\n"
    #expect(EditorAnswer(Data(text.utf8)) == nil)
  }

  @Test func `a failed answer tells why, and text that is none stays away`() throws {
    let failed = Data("continuo-answer 1\nnonce ab\nstatus failed\nreason 6e6f\nend\n".utf8)
    #expect(EditorAnswer(failed)?.reason == "no")
    let broken = Data("continuo-answer 1\nnonce ab\nstatus failed\nreason 6\nend\n".utf8)
    #expect(EditorAnswer(broken) == nil)
  }

  @Test func `a presence states process, place and version`() {
    func presence(_ text: String) -> EditorPresence? { EditorPresence(Data(text.utf8)) }
    let whole = "continuo-present 1\nstart 99\nindex 32\nversion 1\nend\n"
    #expect(presence(whole) != nil && presence(whole)?.start == "99")
    #expect(presence(whole.replacingOccurrences(of: "32", with: "33")) == nil)
    #expect(presence(whole.replacingOccurrences(of: "end\n", with: "")) == nil)
    #expect(EditorScript.version == 1)
  }
}
