// SPDX-License-Identifier: MIT
import ContinuoTestSupport
import Foundation
import Testing

@Suite struct SupportTests {
  @Test func `a condition that never holds is a named failure`() async {
    await #expect {
      try await eventually("rain", within: .milliseconds(20)) { false }
    } throws: { "\($0)".contains("in vain for rain") }
  }

  @Test func `a condition is looked at until it holds`() async throws {
    var looks = 0
    try await eventually {
      looks += 1
      return looks == 5
    }
    #expect(looks == 5)
  }

  @Test func `a seed always gives the same numbers`() {
    var generator = SeededGenerator(seed: 1_234_567)
    // The reference values of SplitMix64 for this seed.
    #expect(generator.next() == 6_457_827_717_110_365_317)
    #expect(generator.next() == 3_203_168_211_198_807_973)
  }

  @Test func `a temporary folder goes with its last reference`() throws {
    var folder: TemporaryFolder? = try TemporaryFolder()
    let path = try #require(try folder?.write("text", to: "file"))
    #expect(FileManager.default.fileExists(atPath: path))
    folder = nil
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `hex is read as it was written and nothing else is`() {
    let all = (0...255).map(UInt8.init)
    #expect(bytes(hex: hex(all)) == all)
    #expect(bytes(hex: "9") == nil)
    #expect(bytes(hex: "9g") == nil)
    #expect(bytes(hex: "+9") == nil)
  }
}
