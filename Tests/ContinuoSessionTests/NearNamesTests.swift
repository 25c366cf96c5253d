// SPDX-License-Identifier: MIT
import ContinuoMusic
import ContinuoSession
import Testing

struct NearNamesTests {
  @Test(
    arguments: [
      ("", "", 0), ("", "abc", 3), ("bass", "bass", 0), ("Bass", "bASS", 0), ("bsas", "bass", 1),
      ("bas", "bass", 1), ("basss", "bass", 1), ("cass", "bass", 1), ("kitten", "sitting", 3),
      ("ca", "abc", 3),
    ])
  func `the distance counts changes, and swapped neighbours once`(
    left: String, right: String, distance: Int
  ) {
    #expect(NearNames.distance(left, right) == distance)
    #expect(NearNames.distance(right, left) == distance)
  }

  @Test func `the nearest names come first and the far ones not at all`() {
    let tracks = ["Drums", "Bass", "Brass", "Electric Piano", "Bass"]
    #expect(NearNames.near("bss", among: tracks) == ["Bass"])
    #expect(NearNames.near("brss", among: tracks) == ["Bass", "Brass"])
    #expect(NearNames.near("elec", among: tracks) == ["Electric Piano"])
    #expect(NearNames.near("violin", among: tracks).isEmpty)
    #expect(NearNames.near("", among: tracks).isEmpty)
    #expect(NearNames.near("x", among: ["y", "z"]).isEmpty)
  }

  @Test func `a name without end costs no more than its first characters`() {
    let long = String(repeating: "a", count: 100_000)
    #expect(NearNames.distance(long, long + "b") == 0)
    #expect(NearNames.near(long, among: ["b"]).isEmpty)
  }

  @Test func `the question reads as a sentence's end`() {
    #expect(NearNames.question([]) == "")
    #expect(NearNames.question(["a"]) == "; did you mean a?")
    #expect(NearNames.question(["a", "b", "c"]) == "; did you mean a, b or c?")
    #expect(NearNames.question(["\u{1b}[2Ja"]) == "; did you mean [2Ja?")
  }
}
