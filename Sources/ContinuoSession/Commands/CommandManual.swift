// SPDX-License-Identifier: MIT
import ContinuoMusic

/// The first word of each command.
public enum CommandName: String, Codable, Hashable, Sendable, CaseIterable {
  // In the order a session goes, which is the order `help` lists them.
  case status, tracks, regions, refresh, follow, connect
  case analyze, suggest, enhance, candidates, show, audition, next, previous
  case original, diff, vary, lock, unlock
  case keep, importing = "import", undo, discard, export
  case take, capture, play, stop, transport, tempo
  case history, library, recall, star, unstar, forget, remember, story
  case learn
  case saveState = "save-state"
  case loadState = "load-state"
  case doctor, help, quit
}

/// What `help` says, and the forms that error messages quote.
public enum CommandManual {
  /// One command's page.
  public struct Page: Hashable, Sendable {
    /// The command.
    public let name: CommandName
    /// Other words for it.
    public let aliases: [String]
    /// Its form: "audition N [now|beat|bar|pattern]".
    public let usage: String
    /// What it does, in one line.
    public let summary: String
    /// More, for whoever asks; may be empty.
    public let details: [String]
    /// Lines that can be typed as they stand; each parses.
    public let examples: [String]
  }

  /// Every page, in the order of `CommandName`.
  public static let pages: [Page] = CommandName.allCases.map(page(for:))

  /// Every word that begins a command.
  public static let allWords: [String] = pages.map(\.name.rawValue) + pages.flatMap(\.aliases)

  /// The page of the command that `word` begins, case ignored; nil for any other word.
  public static func page(for word: String) -> Page? {
    let word = word.lowercased()
    return pages.first { $0.name.rawValue == word || $0.aliases.contains(word) }
  }

  /// What `help` answers: the list of commands, or one command's page.
  ///
  /// - Throws: `CommandError.unknownCommand` for a topic that is no command.
  public static func text(about topic: String?) throws(CommandError) -> [String] {
    guard let topic else { return overview }
    guard let page = page(for: topic) else {
      throw .unknownCommand(word: topic, near: NearNames.near(topic, among: allWords))
    }
    var lines = [page.usage, "  \(page.summary)"]
    if !page.aliases.isEmpty { lines.append("  Also: \(page.aliases.joined(separator: ", "))") }
    lines += page.details.map { "  \($0)" }
    if !page.examples.isEmpty {
      lines += ["Examples:"] + page.examples.map { "  \($0)" }
    }
    return lines
  }

  private static var overview: [String] {
    let width = pages.map(\.name.rawValue.count).max() ?? 0
    return pages.map { page in
      let name = page.name.rawValue
      return name + String(repeating: " ", count: width + 2 - name.count) + page.summary
    } + ["help COMMAND says more, with examples."]
  }

  private static func page(for name: CommandName) -> Page {
    let (usage, summary, details, examples) = text(of: name)
    let aliases: [String] =
      switch name {
      case .quit: ["exit", "leave"]
      case .help: ["?"]
      case .stop: ["panic"]
      default: []
      }
    return Page(
      name: name, aliases: aliases, usage: usage, summary: summary, details: details,
      examples: examples)
  }

  typealias Text = (
    usage: String, summary: String, details: [String], examples: [String]
  )

  private static func text(of name: CommandName) -> Text {
    switch name {
    case .status:
      ("status", "Where the song is, what is connected, and how the real-time thread does.", [], [])
    case .tracks:
      ("tracks", "Lists Ardour's tracks and which of them Continuo listens to.", [], [])
    case .regions:
      (
        "regions [TRACK] [notes]", "Tells what lies on the tracks, as the session was saved last.",
        [
          "notes   draws each region's notes too; a track called notes goes between quotation marks",
          "Ardour tells regions only by its file: what was changed since the save is not in it.",
        ], ["regions", "regions Bass", "regions \"Electric Piano\" notes"]
      )
    case .refresh:
      (
        "refresh [yes]", "Lets Ardour save the session, and reads it again.",
        ["Without yes it only says what would be saved over."], ["refresh", "refresh yes"]
      )
    case .follow:
      (
        "follow TRACK [TRACK …] | follow selected", "Listens to these tracks, and to no others.",
        [
          "A name with a space goes between quotation marks.",
          "selected   goes with the MIDI tracks selected in Ardour",
        ],
        ["follow Bass", "follow Bass \"Electric Piano\"", "follow selected"]
      )
    case .connect:
      ("connect", "Looks for JACK and Ardour again and restores the connections.", [], [])
    case .enhance: enhanceText
    case .analyze:
      (
        "analyze", "Tells key, chords, groove and roles of what the followed tracks play.",
        [
          "It goes on while the song plays: 64 to 96 bars back, and loops as they were heard.",
          "While the song stands: what was played since, with the beats found from the notes.",
          "A file is analysed by `continuo analyze FILE`, outside the prompt.",
        ], ["analyze"]
      )
    case .suggest:
      (
        "suggest [N]", "Tells what could be done otherwise, each with what was counted.",
        ["With a number: asks a composer for that one."], ["suggest", "suggest 1"]
      )
    case .vary:
      (
        "vary N [count N] [seed N] [REQUEST]",
        "Makes variations of candidate N and adds them to the candidates.",
        [
          "Without words: as many notes as before, some of them moved, repitched or left out.",
          "What is locked stays; options are those of enhance but for track, bars and from.",
        ],
        ["vary 2", "vary 1 count 2 make it busier", "vary 3 keep the rhythm"]
      )
    case .diff:
      (
        "diff N [M]", "Shows note by note what candidate N changes.",
        ["Against the original, or against candidate M."], ["diff 2", "diff 3 1"]
      )
    case .lock:
      (
        "lock [WHAT]", "Keeps notes as they are in the requests to come.",
        [
          "WHAT is bars, beats, drums or notes: bars 9-10, beat 1, the kick, C2.",
          "Locks add up; without words it tells them. Nothing may be added to locked bars and notes.",
        ],
        ["lock bars 9-10", "lock the kick and beat 1", "lock C2", "lock"]
      )
    case .unlock: ("unlock", "Locks nothing any more.", [], [])
    case .candidates:
      ("candidates", "Lists what the last requests made, with what was measured.", [], [])
    case .show:
      (
        "show [N]", "Draws candidate N over the original, as a piano roll.",
        ["Without a number: what sounds, the candidate or the original."], ["show 2", "show"]
      )
    case .audition:
      (
        "audition N [now|beat|bar|pattern]", "Plays candidate N in place of the original.",
        ["It begins on the next bar line, or when the last word says."],
        ["audition 2", "audition 2 now"]
      )
    case .next:
      (
        "next", "Plays the candidate after the one that sounds, from the next bar.",
        ["After the last comes the first; with the original sounding, the first."], []
      )
    case .previous:
      (
        "previous", "Plays the candidate before the one that sounds, from the next bar.",
        ["Before the first comes the last; with the original sounding, the last."], []
      )
    case .original:
      ("original", "Lets the original sound again from the next bar line.", [], [])
    case .keep:
      (
        "keep [N] [to TRACK] [yes]", "Records a candidate into its Ardour track and verifies it.",
        [
          "Without a number: the candidate that sounds.",
          "It tells what it will do and asks; yes agrees beforehand.",
          "to TRACK   into another track, which is made when it is not there (needs Ardour's window)",
        ], ["keep", "keep 2", "keep 2 yes", "keep 2 to \"New bass\""]
      )
    case .importing:
      (
        "import [N|FILE] [to TRACK] [at BAR]",
        "Puts a candidate or a file on a track's timeline, without recording it.",
        [
          "Works while the song rolls; needs Ardour's window and `continuo install-ardour-script`.",
          "Without a number: the candidate that sounds. FILE ends in .mid or .midi.",
        ],
        ["import 2", "import 1 to \"Lead 2\" at 17", "import line.mid to Bass at bar 5"]
      )
    case .undo:
      (
        "undo", "Takes the last keep or import back, and nothing else.",
        [
          "A take that you have edited since is left to you; undo again takes back the one before.",
          "Needs Ardour's window.",
        ], []
      )
    case .discard:
      ("discard", "Takes the last keep back; when there is none, forgets every candidate.", [], [])
    case .export:
      (
        "export N FILE",
        "Writes candidate N to a Standard MIDI File, or draws it over the original.",
        ["FILE ends in .mid or .midi, or in .svg for a drawing."],
        ["export 1 line.mid", "export 2 \"~/My lines/two.mid\""]
      )
    case .capture: captureText
    case .take:
      (
        "take N [pass P] [FILE]",
        "Takes the last N bars as they lay on the timeline, whenever they were played.",
        [
          "Of a loop, each bar's newest pass; pass P takes another one, as an earlier take said.",
          "FILE ends in .mid or .midi.",
        ],
        ["take 8", "take 4 pass 3", "take 8 idea.mid"]
      )
    case .tempo:
      (
        "tempo BPM [METRE] | tempo off",
        "Gives JACK bars and beats at a tempo of Continuo's own.",
        ["For when no other program does; bar 1 is the transport's first frame."],
        ["tempo 97.3", "tempo 140 7/8", "tempo off"]
      )
    case .play: playText
    case .stop:
      ("stop", "Silences whatever Continuo plays; the transport rolls on.", [], [])
    case .transport:
      (
        "transport play|stop|locate BAR", "Moves the transport.", [],
        ["transport play", "transport stop", "transport locate 17"]
      )
    case .history, .library, .recall, .star, .unstar, .forget, .remember, .story:
      memoryText(of: name)
    case .learn:
      (
        "learn [ACTION|clear ACTION|cancel]", "Binds a pedal, pad or key of the control port.",
        [
          "Then press it, within 30 seconds. Without words: tells what is bound.",
          "ACTION is \(ControlAction.allCases.map(\.rawValue).joined(separator: ", ")).",
          "keep acts on the second press within three seconds. Needs --control.",
        ], ["learn keep", "learn", "learn clear keep", "learn cancel"]
      )
    case .saveState:
      (
        "save-state [FILE]", "Puts away what is followed, connected and made.",
        ["FILE ends in .json; without it the project's own, which leaving saves by itself."],
        ["save-state", "save-state tuesday.json"]
      )
    case .loadState:
      (
        "load-state [FILE]", "Takes up again what save-state put away.",
        ["It takes the place of what is followed and of the candidates there are."],
        ["load-state", "load-state tuesday.json"]
      )
    case .doctor:
      ("doctor", "Checks everything Continuo depends on and says what to do.", [], [])
    case .help:
      ("help [COMMAND]", "Lists the commands, or explains one.", [], ["help", "help enhance"])
    case .quit:
      ("quit", "Leaves, after the last note has been released.", [], [])
    }
  }

  private static let enhanceText: Text = (
    "enhance [bass|drums|melody|harmony|general] [track TRACK] [bars N] [from BAR] [seed N]"
      + " [count N] [--density X] [--register NOTE] [--voices N] [--swing X] [--provider P] REQUEST",
    "Makes candidates from a request in your own words.",
    [
      "track TRACK   start from this track instead of the followed one",
      "bars N        how many bars to make, 1…64",
      "from BAR      the first bar of the source; the latest bars heard when left out",
      "seed N        makes the built-in composer repeat itself",
      "count N       how many candidates, 1…8",
      "--density X   notes a quarter; --register NOTE the note it lies about; --voices N at once",
      "--swing X     the first eighth over the second: 1 is even, 2 a triplet",
      "--provider builtin|openai|anthropic|local, --model M, --base-url U   who composes",
      "--dry-run     shows exactly what a model would be sent, and sends nothing",
      "Ways to ask: fill bars 3-4, continue, answer, vary, keep the rhythm, keep the pitches,",
      "lock bars 1-2 and the kick; half as dense, swing 62 %, around C3, two voices.",
      "Bars are the song's own.",
      "Options come before the request; written as --track, --bars … they may follow it too.",
      "A request that begins like an option goes between quotation marks.",
    ],
    [
      "enhance make the bassline groovier", "enhance bass make it groovier",
      "enhance track \"Electric Piano\" bars 4 thin it out",
      "enhance drums count 2 seed 7 half-time feel",
      "enhance fill bars 3-4 --density 2 --register C2", "enhance \"track the kick more closely\"",
    ]
  )

  private static let captureText: Text = (
    "capture start [from TRACK] | capture bars N [from TRACK] | capture stop [FILE]",
    "Captures what is played, and writes it to a file.",
    [
      "start   captures until capture stop", "bars N  captures N whole bars, then stops",
      "stop    stops, and writes to FILE (.mid or .jsonl) when one is given",
    ],
    ["capture start", "capture bars 8 from Bass", "capture stop take.mid"]
  )

  private static let playText: Text = (
    "play FILE [loop] [at BAR] [free]", "Plays a Standard MIDI File along with the transport.",
    [
      "loop    starts again at its end", "at BAR  puts the file's first bar there; bar 1 otherwise",
      "free    ignores the transport and starts at once",
    ],
    ["play line.mid", "play line.mid loop at 17", "play line.mid free"]
  )
}
