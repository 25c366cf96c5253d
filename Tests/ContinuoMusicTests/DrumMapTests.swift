// SPDX-License-Identifier: MIT
import ContinuoMusic
import Testing

@Suite struct DrumMapTests {
  @Test func `a map names keys and what lies on them`() throws {
    let map = try DrumMap(
      "# My kit\r\n\r\n60 = Kick, 22 inch\n  C#4=snare\n62 = Hat open\n63 = thunder sheet\n",
      file: "kit.txt")
    #expect(
      (60...63).map { map.name(of: $0) } == ["Kick, 22 inch", "snare", "Hat open", "thunder sheet"])
    #expect((60...63).map { map.generalKey(of: $0) } == [36, 38, 46, nil])
    #expect(map.name(of: 36) == "Kick")
    #expect(map.generalKey(of: 36) == 36)
  }

  @Test func `without a map the kit is General MIDI's`() {
    #expect(DrumMap.standard.name(of: 38) == "Snare")
    #expect(DrumMap.standard.name(of: 0) == nil)
    #expect(DrumMap.standard.generalKey(of: 99) == 99)
  }

  @Test(arguments: [
    ("36 = kick\n\nsnare 38", "kit.txt, line 3: there is no = in it; write 36 = kick"),
    ("128 = kick", "kit.txt, line 1: \"128\" is no key; write 0 to 127, or C-1 to G9"),
    ("# a\nH4 = kick", "kit.txt, line 2: \"H4\" is no key; write 0 to 127, or C-1 to G9"),
    ("36 =  ", "kit.txt, line 1: a name has 1 to 40 characters, not 0"),
    ("36 = kick\nC2 = boom", "kit.txt, line 2: key 36 has a name already: remove one of them"),
  ])
  func `what is no map is told with its file and line`(_ text: String, _ words: String) {
    let error = #expect(throws: MusicError.self) { try DrumMap(text, file: "kit.txt") }
    #expect(error?.description == words)
  }

  @Test func `a text beyond the bound is no map`() {
    let text = String(repeating: "#\n", count: DrumMap.mostBytes)
    #expect(throws: MusicError.self) { try DrumMap(text, file: "kit.txt") }
  }

  @Test func `a piano roll names the drums of a map`() throws {
    let map = try DrumMap("60 = tabla", file: "kit.txt")
    let note = try #require(
      Note(pitch: 60, velocity: 90, start: .zero, duration: Beats(0.5)))
    let pattern = Pattern(name: "Kit", notes: [note], length: Beats(4))
    #expect(PianoRoll(pattern, drums: map).text().contains("C4  tabla"))
    #expect(!PianoRoll(pattern).text().contains("tabla"))
  }
}
