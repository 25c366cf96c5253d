// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import ContinuoWeb

struct WebTokenTests {
  @Test func `a token has 32 bytes, is never the same, and matches itself alone`() {
    let token = WebToken()
    #expect(token.text.count == 64 && token.text.allSatisfy(\.isHexDigit))
    #expect(WebToken().text != token.text)
    #expect(token.matches(token.text))
    for other in [
      "", token.text + "0", String(token.text.dropLast()), token.text.uppercased() + "x",
    ] {
      #expect(!token.matches(other))
    }
    for index in token.text.indices {
      var changed = token.text
      changed.replaceSubrange(index...index, with: token.text[index] == "0" ? "1" : "0")
      #expect(!token.matches(changed))
    }
  }
}
