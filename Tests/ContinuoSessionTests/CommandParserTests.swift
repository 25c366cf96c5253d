// SPDX-License-Identifier: MIT
import ContinuoSession
import Testing

struct CommandParserTests {
  @Test(
    arguments: [
      ("status", .status), ("  TRACKS  ", .tracks), ("connect", .connect),
      ("follow Bass", .follow(tracks: ["Bass"])),
      ("follow Bass \"Electric Piano\"", .follow(tracks: ["Bass", "Electric Piano"])),
      (
        "enhance make the bassline groovier",
        .enhance(request: EnhanceRequest(request: "make the bassline groovier"))
      ),
      (
        "enhance bass make it groovier",
        .enhance(request: EnhanceRequest(kind: .bass, request: "make it groovier"))
      ),
      (
        "enhance track Bass make it groovier",
        .enhance(request: EnhanceRequest(request: "make it groovier", track: "Bass"))
      ),
      (
        "enhance drums track \"Kit 1\" bars 4 from 9 seed 7 count 2 half time",
        .enhance(
          request: EnhanceRequest(
            kind: .drums, request: "half time", track: "Kit 1", bars: 4, fromBar: 9, seed: 7,
            count: 2))
      ),
      (
        "enhance \"make it groovier\" --track Bass --kind bass",
        .enhance(
          request: EnhanceRequest(kind: .bass, request: "make it groovier", track: "Bass"))
      ),
      (
        "enhance from the third bar on, don't rush",
        .enhance(request: EnhanceRequest(request: "from the third bar on, don't rush"))
      ),
      (
        "enhance 'til the end, don't rush",
        .enhance(request: EnhanceRequest(request: "'til the end, don't rush"))
      ),
      (
        "enhance \"track the kick\"",
        .enhance(request: EnhanceRequest(request: "track the kick"))
      ),
      (
        "enhance fill bars 3-4 --density 2.5 --register C2 --voices 1 --swing 1.5",
        .enhance(
          request: EnhanceRequest(
            request: "fill bars 3-4",
            numbers: RequestNumbers(density: 2.5, register: 36, voices: 1, swing: 1.5)))
      ),
      (
        "enhance bass --provider local --dry-run walk",
        .enhance(
          request: EnhanceRequest(
            kind: .bass, request: "walk", model: ModelChoice(provider: .local, dryRun: true)))
      ),
      ("vary 2", .vary(candidate: 2, request: EnhanceRequest(request: "vary"))),
      (
        "vary 2 count 1 make it busier",
        .vary(candidate: 2, request: EnhanceRequest(request: "make it busier", count: 1))
      ),
      ("diff 2", .diff(candidate: 2, against: nil)), ("diff 3 1", .diff(candidate: 3, against: 1)),
      ("suggest", .suggest(number: nil)), ("suggest 2", .suggest(number: 2)),
      ("lock", .lock(words: nil)),
      ("lock bars 9-10 and the kick", .lock(words: "bars 9-10 and the kick")),
      ("unlock", .unlock),
      ("candidates", .candidates),
      ("audition 2", .audition(candidate: 2, quantise: .bar)),
      ("audition 2 now", .audition(candidate: 2, quantise: .now)),
      ("audition 2 PATTERN", .audition(candidate: 2, quantise: .pattern)),
      ("original", .original), ("stop", .stop), ("keep", .keep(candidate: nil)),
      ("keep 3", .keep(candidate: 3)), ("keep 3 yes", .keep(candidate: 3, agreed: true)),
      ("keep --yes", .keep(candidate: nil, agreed: true)),
      ("keep 2 yes to Bass", .keep(candidate: 2, to: "Bass", agreed: true)),
      ("keep to \"New bass\"", .keep(candidate: nil, to: "New bass")),
      ("keep 2 --to Bass", .keep(candidate: 2, to: "Bass")), ("undo", .undo),
      ("import", .importPattern(request: .init(source: .candidate(nil)))),
      ("import 2 at bar 17", .importPattern(request: .init(source: .candidate(2), atBar: 17))),
      (
        "import line.mid --to \"Lead 2\" --at 5",
        .importPattern(request: .init(source: .file("line.mid"), track: "Lead 2", atBar: 5))
      ), ("discard", .discard),
      ("export 1 line.mid", .export(candidate: 1, file: "line.mid")),
      ("export 1 \"my line.MID\"", .export(candidate: 1, file: "my line.MID")),
      ("export 1 my\\ line.midi", .export(candidate: 1, file: "my line.midi")),
      ("capture start", .capture(action: .start(track: nil))),
      ("capture bars 8 from Bass", .capture(action: .bars(count: 8, track: "Bass"))),
      ("capture stop take.jsonl", .capture(action: .stop(file: "take.jsonl"))),
      ("capture stop", .capture(action: .stop(file: nil))),
      ("play a.mid", .play(request: PlayRequest(file: "a.mid"))),
      (
        "play a.mid loop at bar 17 free",
        .play(request: PlayRequest(file: "a.mid", loop: true, atBar: 17, free: true))
      ),
      ("transport play", .transport(move: .play)), ("transport stop", .transport(move: .stop)),
      ("transport locate 17", .transport(move: .locate(bar: 17))),
      ("doctor", .doctor), ("help", .help(topic: nil)), ("? audition", .help(topic: "audition")),
      ("exit", .quit),
    ] as [(String, Command)])
  func `a line becomes its command`(line: String, command: Command) throws {
    #expect(try CommandParser.parse(line) == command)
  }

  @Test(
    arguments: [
      "enhance walk --density lots", "enhance walk --density 99", "enhance walk --swing 0.5",
      "enhance walk --register H9", "enhance walk --register 200", "enhance walk --voices 0",
      "enhance walk --provider nobody", "enhance walk --denisty 2", "vary", "vary x",
      "vary 1 --track Bass busier", "vary 1 bars 4 busier", "diff", "diff 1 2 3", "diff 0",
      "suggest 9", "suggest x",
      "unlock bars",
    ])
  func `numbers and names that cannot be are refused`(line: String) {
    #expect(throws: CommandError.self) { try CommandParser.parse(line) }
  }

  @Test(
    arguments: [
      ("", .nothing), (" \t ", .nothing),
      ("audtion 2", .unknownCommand(word: "audtion", near: ["audition"])),
      ("xyzzy", .unknownCommand(word: "xyzzy", near: [])),
      ("audition two", .notANumber(what: "a candidate's number", word: "two")),
      ("audition 0", .outOfRange(what: "a candidate's number", given: "0", range: 1...99)),
      (
        "audition 99999999999999999999",
        .notANumber(what: "a candidate's number", word: "99999999999999999999")
      ),
      (
        "audition 2 baar",
        .notOneOf(
          what: "a moment to switch", word: "baar", allowed: ["now", "beat", "bar", "pattern"],
          near: ["bar"])
      ),
      ("export 1 line.txt", .wrongEnding(file: "line.txt", endings: [".mid", ".midi", ".svg"])),
      ("export 1 .mid", .wrongEnding(file: ".mid", endings: [".mid", ".midi", ".svg"])),
      ("enhance bars 65 x", .outOfRange(what: "the number of bars", given: "65", range: 1...64)),
      ("enhance bars 2 bars 3 x", .repeated(option: "bars")),
      ("enhance bass \"  \"", .empty(what: "the request")),
      ("enhance a\u{7}b", .controlCharacter(what: "the request")),
      ("follow \"Bass", .unclosedQuote(column: 8)),
      ("play a.mid loop loop", .repeated(option: "loop")),
      ("status now", .unexpected(word: "now", usage: "status")),
      ("keep 1 2", .unexpected(word: "2", usage: "keep [N] [to TRACK] [yes]")),
      (
        "capture bars 513", .outOfRange(what: "the number of bars", given: "513", range: 1...512)
      ),
    ] as [(String, CommandError)])
  func `a wrong line says what is wrong with it`(line: String, error: CommandError) {
    #expect(throws: error) { try CommandParser.parse(line) }
  }

  @Test func `a missing word is named with the form of the command`() {
    #expect(throws: CommandError.self) { try CommandParser.parse("enhance bass") }
    #expect(
      CommandError.missing(what: "the file's name", usage: "play FILE").description
        == "The file's name is missing: play FILE")
  }

  @Test func `a line without end is refused unread`() {
    let line = "enhance " + String(repeating: "x", count: 20_000)
    #expect(throws: CommandError.tooLong(what: "the line", limit: 16_384)) {
      try CommandParser.parse(line)
    }
    let request = "enhance " + String(repeating: "x", count: 2001)
    #expect(throws: CommandError.tooLong(what: "the request", limit: 2000)) {
      try CommandParser.parse(request)
    }
  }

  @Test(arguments: CommandManual.pages)
  func `every example of the manual parses to its own command`(page: CommandManual.Page) throws {
    for example in page.examples {
      #expect(throws: Never.self) { try CommandParser.parse(example) }
      #expect(example.hasPrefix(page.name.rawValue))
    }
    #expect(page.usage.hasPrefix(page.name.rawValue))
    #expect(try CommandManual.text(about: page.name.rawValue).first == page.usage)
  }

  @Test func `any bytes are a command or an error, never a crash`() {
    var generator = SeededGenerator(state: 7)
    let pieces =
      CommandManual.allWords + ["\"", "'", "\\", "--", "--track", "-1", "9", "é\u{301}", "\u{0}"]
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...6, using: &generator)
      let line = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }
        .joined(separator: Bool.random(using: &generator) ? " " : "")
      guard let command = try? CommandParser.parse(line) else { continue }
      #expect((try? command.validated()) == command, "\(line)")
    }
  }
}

/// SplitMix64: the same sequence for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}
