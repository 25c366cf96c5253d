// SPDX-License-Identifier: MIT

/// Pages about what is remembered.
extension CommandManual {
  /// The text of a command about the memory; of any other nothing.
  static func memoryText(of name: CommandName) -> Text {
    switch name {
    case .history:
      (
        "history [N]", "Tells the last requests and what became of each candidate.",
        ["The last ten without a number; the newest stands last."], ["history", "history 30"]
      )
    case .library:
      (
        "library [WORDS] [kind K] [key K] [metre M] [tempo T] [score S] [starred] [kept] [best]",
        "Finds candidates of every session; library N draws one.",
        [
          "WORDS       must all occur, each as the beginning of a word",
          "key A minor, metre 7/8, tempo 120 or 90-110, score 0.8 and better",
          "starred, kept   only those; best: the best first; count N: so many of them",
        ],
        [
          "library", "library octaves key A minor", "library kind bass tempo 90-110 best",
          "library 12",
        ]
      )
    case .recall:
      (
        "recall N [as-it-was] [track TRACK] [from BAR] [bars N]",
        "Brings a candidate back from the library, fitted to the key, chords and metre here.",
        [
          "It lies beside the candidates there are; audition, vary and keep it like any other.",
          "as-it-was   note for note, not fitted",
          "track, from, bars   where it goes, as in enhance",
        ], ["recall 12", "recall #12 as-it-was", "recall 12 track Bass from 9"]
      )
    case .star:
      ("star N", "Marks a candidate of the library.", [], ["star 12"])
    case .unstar:
      ("unstar N", "Takes the mark away.", [], ["unstar 12"])
    case .forget:
      (
        "forget N [yes]", "Takes a candidate out of the library for good.",
        ["What was kept of it in Ardour stays there."], ["forget 12", "forget 12 yes"]
      )
    case .remember:
      (
        "remember FILE [WORDS]", "Puts a Standard MIDI File's voices into the library.",
        ["FILE ends in .mid or .midi; WORDS are what to find it by."],
        ["remember line.mid", "remember riff.mid slow blues in A"]
      )
    case .story:
      (
        "story [FILE]", "Tells the last session as Markdown, with piano rolls.",
        ["FILE ends in .md; without one it is shown."], ["story", "story tuesday.md"]
      )
    default: ("", "", [], [])
    }
  }
}
