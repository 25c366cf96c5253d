// SPDX-License-Identifier: MIT
import ContinuoSession
import Testing

@testable import ContinuoCommand

struct CompletionTests {
  private let names = Completions(
    tracks: ["Bass", "Brass", "Electric Piano", "a\"b"], candidates: [1, 2, 12])

  @Test(
    arguments: [
      ("au", 2, ["audition"]), ("c", 1, ["connect", "candidates", "capture"]), ("xyz", 3, []),
      ("AU", 2, ["audition"]), ("follow B", 1, ["Bass", "Brass"]),
      ("follow Bass e", 1, ["\"Electric Piano\""]),
      ("follow \"Electric P", 11, ["\"Electric Piano\""]), ("audition ", 0, ["1", "2", "12"]),
      ("audition 1", 1, ["1", "12"]), ("audition 1 b", 1, ["beat", "bar"]),
      ("audition 1 bar ", 0, []), ("enhance track br", 2, ["Brass"]),
      ("enhance dr", 2, ["drums"]), ("keep 2", 1, ["2"]),
      ("capture bars 8 from el", 2, ["\"Electric Piano\""]),
      ("transport l", 1, ["locate"]), ("help sta", 3, ["status", "star"]), ("status ", 0, []),
    ] as [(String, Int, [String])])
  func `Tab offers what fits there`(line: String, replaced: Int, choices: [String]) {
    let offer = Completion.offer(for: line, knowing: names)
    #expect(offer.choices == choices)
    #expect(offer.replaced == replaced)
  }

  @Test func `a name with a quotation mark is offered as it must be typed`() throws {
    let offer = Completion.offer(for: "follow a", knowing: names)
    #expect(offer.choices == ["\"a\\\"b\""])
    let line = "follow " + (offer.insertion(beyond: "a") ?? "")
    #expect(try CommandParser.parse(line) == .follow(tracks: ["a\"b"]))
  }

  @Test func `the only choice comes with a space, several as far as they agree`() {
    let only = Completion.Offer(replaced: 2, choices: ["audition"])
    #expect(only.insertion(beyond: "au") == "audition ")
    let several = Completion.Offer(replaced: 1, choices: ["connect", "continue"])
    #expect(several.insertion(beyond: "c") == "con")
    #expect(several.insertion(beyond: "con") == nil)
    #expect(Completion.Offer(replaced: 0, choices: []).insertion(beyond: "") == nil)
  }
}
