// SPDX-License-Identifier: MIT
import ContinuoMemory
import ContinuoMusic
import ContinuoTestSupport
import Foundation
import Testing

@testable import ContinuoSession

@Suite struct MemoryCommandTests {
  private func query(_ change: (inout LibraryQuery) -> Void) -> Command {
    var query = LibraryQuery()
    change(&query)
    return .memory(request: .library(query: query))
  }

  @Test func `what is asked of the memory is written as help says`() throws {
    let lines: [(String, Command)] = [
      ("history", .memory(request: .history(count: nil))),
      ("history 30", .memory(request: .history(count: 30))),
      ("library", query { _ in }),
      ("library 12", .memory(request: .show(id: 12))),
      ("library #12", .memory(request: .show(id: 12))),
      ("library \"12\"", query { $0.words = "12" }),
      (
        "library octaves key A minor low notes",
        query {
          $0.words = "octaves low notes"
          $0.tonic = 9
          $0.mode = "minor"
        }
      ),
      ("library key Bb", query { $0.tonic = 10 }),
      (
        "library --key F#m --best",
        query {
          $0.tonic = 6
          $0.mode = "minor"
          $0.isByScore = true
        }
      ),
      (
        "library kind bass tempo 90-110 metre 7/8 score 0.8 starred kept count 5",
        query {
          $0.kind = "bass"
          $0.tempo = 90...110
          $0.meter = Meter(7, 8)
          $0.score = 0.8
          $0.isStarred = true
          $0.isKept = true
          $0.limit = 5
        }
      ),
      ("library tempo 120", query { $0.tempo = 119...121 }),
      ("star #3", .memory(request: .star(id: 3, isStarred: true))),
      ("unstar 3", .memory(request: .star(id: 3, isStarred: false))),
      ("forget 3", .memory(request: .forget(id: 3))),
      ("forget 3 yes", .memory(request: .forget(id: 3, agreed: true))),
      ("remember a.mid", .memory(request: .remember(file: "a.mid", words: nil))),
      (
        "remember a.mid slow blues", .memory(request: .remember(file: "a.mid", words: "slow blues"))
      ),
      ("story", .memory(request: .story(file: nil))),
      ("story a.md", .memory(request: .story(file: "a.md"))),
      ("recall 4", .recall(request: RecallRequest(id: 4))),
      (
        "recall #4 as-it-was track Bass from 9 bars 2",
        .recall(
          request: RecallRequest(id: 4, track: "Bass", fromBar: 9, bars: 2, asItWas: true))
      ),
    ]
    for (line, command) in lines { #expect(try CommandParser.parse(line) == command, "\(line)") }
  }

  @Test(arguments: [
    "history 0", "history many", "library key H", "library metre 7", "library metre 7/3",
    "library tempo fast", "library tempo 110-90", "library score 2", "library kind trumpet",
    "library count 0", "star", "star x", "star 0", "forget 1 no", "recall", "recall 1 sideways",
    "recall 1 bars 65", "remember a.txt", "story a.txt",
  ])
  func `what cannot be is refused`(line: String) {
    #expect(throws: CommandError.self) { _ = try CommandParser.parse(line) }
  }

  private func desk() throws -> (TemporaryFolder, MemoryDesk) {
    let folder = try TemporaryFolder("desk")
    return (folder, MemoryDesk(store: try MemoryStore(folder: folder.url)))
  }

  @Test func `an empty memory says so`() async throws {
    let (_, desk) = try desk()
    #expect(await desk.answer(.history(count: nil)).lines == ["Nothing has been asked for yet"])
    let library = await desk.answer(.library(query: LibraryQuery()))
    #expect(library.lines == ["The library is empty: what requests make goes into it by itself"])
    #expect(library.data["entries"] == .array([]))
    #expect(await desk.answer(.story(file: nil)).exit == .failed)
    let unknown = await desk.answer(.show(id: 4))
    #expect(unknown.error == "There is no #4 in the library: `library` lists what there is")
  }

  @Test func `a file's voices go in, are found, starred, drawn and forgotten`() async throws {
    let (folder, desk) = try desk()
    let notes = [45, 48, 52, 57, 45, 48, 52, 56].enumerated().compactMap { index, pitch in
      Note(pitch: pitch, velocity: 90, start: Beats(Double(index)), duration: Beats(0.5))
    }
    let file = folder.file("my line.mid")
    _ = try PatternFile.write(
      Pattern(name: "Bass", notes: notes, length: Beats(8)), tempo: try #require(Tempo(92)),
      to: file)
    let put = await desk.answer(.remember(file: file, words: "slow blues"))
    #expect(put.exit == .done && put.data["ids"] == [1])
    var query = LibraryQuery()
    query.words = "blu"
    query.tempo = 91...93
    let found = await desk.answer(.library(query: query))
    #expect(found.lines.first == "#1  Bass  (score 0)")
    #expect(found.data["entries"] != .array([]))
    #expect(await desk.answer(.star(id: 1, isStarred: true)).lines == ["#1 has a star"])
    let shown = await desk.answer(.show(id: 1))
    #expect(shown.lines.contains { $0.contains("█") })
    let read = try JSONDecoder().decode(
      Pattern.self, from: Data((shown.data["pattern"] ?? .null).line.utf8))
    #expect(read.notes.map(\.pitch) == notes.map(\.pitch))

    let asked = await desk.answer(.forget(id: 1))
    #expect(asked.question == "Forget it?")
    #expect(await desk.answer(.show(id: 1)).isDone)
    let agreed = try #require(Command.memory(request: .forget(id: 1)).agreed)
    guard case .memory(let request) = agreed else {
      Issue.record("no agreement")
      return
    }
    #expect(await desk.answer(request).isDone)
    #expect(await desk.answer(.show(id: 1)).exit == .failed)
  }

  @Test
  func `a session's story tells requests, candidates and keeps, drawn, with names made harmless`()
    async throws
  {
    let (folder, desk) = try desk()
    let store = desk.store
    let note = try #require(
      Note(pitch: 40, velocity: 90, start: .zero, duration: Beats(1)))
    let pattern = Pattern(name: "````\n# <b>", notes: [note], length: Beats(4))
    let session = try await store.begin(session: "My <script> song", program: "1")
    let request = try await store.begin(
      RequestToRemember(
        words: "make it *groovier*\n# no heading", kind: "bass", track: "Bass", firstBar: 5,
        tempo: 97.3, tonic: 9, mode: "minor", source: "what was captured", context: "{}",
        original: pattern), in: session)
    let mark = CandidateMark(mark: "m", seed: 1)
    try await store.add(
      [
        CandidateToRemember(
          mark: mark, number: 1, name: "Octaves", summary: "roots | octaves", composer: "builtin",
          score: 0.84, figures: "{}", pattern: pattern)
      ], to: request)
    try await store.note(.kept(track: "Bass", bar: 5, isVerified: true, way: .recorded), of: mark)
    let path = folder.file("story.md")
    #expect(await desk.answer(.story(file: path)).isDone)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let headings = text.split(separator: "\n").filter { $0.hasPrefix("#") }
    #expect(
      headings == [
        "# My \\<script\\> song", "## make it \\*groovier\\* \\# no heading",
        "### \\#1  Octaves  (score 0.84)  kept in Bass bar 5, verified",
      ])
    #expect(text.contains("Bass, bars 5-5, 4/4, A minor, 97.3 BPM; from what was captured."))
    #expect(text.components(separatedBy: "````").count == 5)
    #expect(text.contains("█"))
    let unwritable = await desk.answer(.story(file: "/proc/none/story.md"))
    #expect(unwritable.exit == .failed && unwritable.error?.contains("/proc/none") == true)
  }

  @Test func `a session whose memory cannot be opened says so once and goes on`() async throws {
    let folder = try TemporaryFolder("memory")
    let file = try folder.write("", to: "in the way")
    let told = Told()
    let keeper = MemoryKeeper(folder: URL(fileURLWithPath: file), notice: told.sink)
    let pattern = Pattern(name: "p", notes: [], length: Beats(4))
    let request = RequestToRemember(
      words: "w", kind: "bass", track: "Bass", firstBar: 1, source: "s", context: "{}",
      original: pattern)
    for _ in 0..<3 {
      let entry = await keeper.begin(request, session: nil)
      #expect(entry == nil)
      await keeper.note(.auditioned, of: CandidateMark(mark: "m", seed: 1))
    }
    #expect(await keeper.lost == 6)
    #expect(told.all.count == 1 && told.all[0].hasPrefix("Not remembered: The memory in "))
    // Mended while the session goes on: it is tried again.
    try FileManager.default.removeItem(atPath: file)
    async let one = keeper.begin(request, session: nil)
    async let two = keeper.begin(request, session: nil)
    let both = await [one, two]
    #expect(!both.contains(nil))
    let requests = try await keeper.store().history(10)
    #expect(requests.count == 2 && Set(requests.map(\.session)).count == 1)
  }
}
