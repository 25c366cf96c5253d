// SPDX-License-Identifier: MIT

/// Everything a musician can ask of a session: the one vocabulary of every face.
///
/// The prompt, the one-shot command line and the control socket only parse to a `Command` and
/// render a `Reply`. A command that came from outside is trusted after `validated()`, not before.
public enum Command: Codable, Hashable, Sendable {
  /// Where the song is, what is connected, how the real-time thread does.
  case status
  /// Ardour's tracks, and whether each is followed.
  case tracks
  /// What lies on the tracks, as the session was saved last.
  case regions(request: RegionsRequest)
  /// Have Ardour save the session and read it again; told why not unless allowed.
  case refresh(isAllowed: Bool)
  /// Listen to these tracks, and to no others.
  case follow(tracks: [String])
  /// Look for JACK and Ardour again and restore the connections.
  case connect
  /// Make candidates for a request in words.
  case enhance(request: EnhanceRequest)
  /// What the music is doing, as it was heard up to now.
  case analyze
  /// What could be done otherwise, each with its evidence; with a number, that one is asked for.
  case suggest(number: Int?)
  /// Make variations of a candidate.
  case vary(candidate: Int, request: EnhanceRequest)
  /// What changed in a candidate, note by note, against the original or another candidate.
  case diff(candidate: Int, against: Int?)
  /// What must stay as it is in the requests to come; nil words tell what is locked.
  case lock(words: String?)
  /// Lock nothing any more.
  case unlock
  /// What the last requests made, with their scores.
  case candidates
  /// Draw a candidate over the original; the one that sounds, or the original, when nil.
  case show(candidate: Int?, columns: Int? = nil)
  /// Play a candidate in place of the original.
  case audition(candidate: Int, quantise: Quantise)
  /// Play the candidate after the one that sounds, or the one before it; round at the ends.
  case step(isForward: Bool)
  /// Let the original sound again.
  case original
  /// Silence whatever Continuo plays.
  case stop
  /// Record a candidate into its track: the one that sounds when nil; `to` names another track.
  ///
  /// Without agreement it is only told what would be done, and asked.
  case keep(candidate: Int?, to: String? = nil, agreed: Bool? = nil)
  /// Put a candidate or a file on a track's timeline without recording.
  case importPattern(request: ImportRequest)
  /// Take the last keep or import back.
  case undo
  /// Take the last keep back, or forget every candidate.
  case discard
  /// Write a candidate to a Standard MIDI File.
  case export(candidate: Int, file: String)
  /// Capture into memory, and out to a file.
  case capture(action: CaptureCommand)
  /// Take the last bars as they lay on the timeline, whenever they were played.
  case take(request: TakeRequest)
  /// Give JACK bars and beats at a tempo of Continuo's own, or leave that to others.
  case tempo(setting: TempoSetting)
  /// Play a Standard MIDI File along with the transport.
  case play(request: PlayRequest)
  /// Put the session away in a file, the project's when nil.
  case saveState(file: String?)
  /// Take a session up again from a file, the project's when nil.
  case loadState(file: String?)
  /// Move the transport.
  case transport(move: TransportCommand)
  /// Ask the memory: history, library, stars.
  case memory(request: MemoryCommand)
  /// Bind pedals and pads of the control port to actions.
  case learn(request: LearnRequest)
  /// Bring a candidate back from the library, fitted to what sounds now.
  case recall(request: RecallRequest)
  /// Check everything Continuo depends on.
  case doctor
  /// Explain a command, or list them all.
  case help(topic: String?)
  /// Leave, after the last note-off.
  case quit
}

extension Command {
  /// The same command with the musician's agreement; nil for one that never asks.
  public var agreed: Command? {
    switch self {
    case .keep(let candidate, let track, _):
      .keep(candidate: candidate, to: track, agreed: true)
    case .memory(.forget(let id, _)): .memory(request: .forget(id: id, agreed: true))
    default: nil
    }
  }
}

/// When a switch between patterns takes effect.
public enum Quantise: String, Codable, Hashable, Sendable, CaseIterable {
  /// At once.
  case now
  /// On the next beat.
  case beat
  /// On the next bar line.
  case bar
  /// When the playing pattern comes round.
  case pattern
}

/// What sort of part is asked for.
public enum PartKind: String, Codable, Hashable, Sendable, CaseIterable {
  /// A bass line.
  case bass
  /// A drum part.
  case drums
  /// A single line above the rest.
  case melody
  /// Chords.
  case harmony
  /// Whatever the track holds.
  case general
}

/// A request for candidates, in the musician's words.
public struct EnhanceRequest: Codable, Hashable, Sendable {
  /// The sort of part; nil when it is to be worked out from the track and the words.
  public var kind: PartKind?
  /// The musician's words, 1...2000 characters.
  public var request: String
  /// The track to start from; nil for the followed one.
  public var track: String?
  /// How many bars to make, 1...64; nil for as many as the source has.
  public var bars: Int?
  /// The first bar of the source, from 1; nil for the latest bars heard.
  public var fromBar: Int?
  /// Makes the built-in composer repeat itself; nil for a new one each time.
  public var seed: UInt64?
  /// How many candidates to make, 1...8; nil for the usual number.
  public var count: Int?
  /// Who composes; nil for what the session's settings say.
  public var model: ModelChoice?
  /// What is asked for by number.
  public var numbers: RequestNumbers?

  /// Makes a request; `Command.validated()` holds the ranges.
  public init(
    kind: PartKind? = nil, request: String, track: String? = nil, bars: Int? = nil,
    fromBar: Int? = nil, seed: UInt64? = nil, count: Int? = nil, model: ModelChoice? = nil,
    numbers: RequestNumbers? = nil
  ) {
    self.model = model
    self.numbers = numbers
    self.kind = kind
    self.request = request
    self.track = track
    self.bars = bars
    self.fromBar = fromBar
    self.seed = seed
    self.count = count
  }
}

/// What goes on a track's timeline without being recorded.
public struct ImportRequest: Codable, Hashable, Sendable {
  /// Where the notes come from.
  public enum Source: Codable, Hashable, Sendable {
    /// A candidate; the one that sounds when nil.
    case candidate(Int?)
    /// A file ending in .mid or .midi.
    case file(String)
  }

  /// Where the notes come from.
  public var source: Source
  /// The MIDI track; nil for the candidate's own.
  public var track: String?
  /// The bar they begin in, from 1; nil for the candidate's own, or bar 1 for a file.
  public var atBar: Int?

  /// Makes a request; `Command.validated()` holds the ranges.
  public init(source: Source, track: String? = nil, atBar: Int? = nil) {
    self.source = source
    self.track = track
    self.atBar = atBar
  }
}

/// What to tell of the session's file.
public struct RegionsRequest: Codable, Hashable, Sendable {
  /// The track, 1...256 bytes; nil for every MIDI track.
  public var track: String?
  /// Whether the notes are told and drawn too.
  public var showsNotes: Bool

  /// Makes a request; `Command.validated()` holds the ranges.
  public init(track: String? = nil, showsNotes: Bool = false) {
    self.track = track
    self.showsNotes = showsNotes
  }
}

/// What to do with the captured music.
public enum CaptureCommand: Codable, Hashable, Sendable {
  /// Capture from now on; from every followed track when `track` is nil.
  case start(track: String?)
  /// Capture whole bars, 1...512, from the next bar line, then stop.
  case bars(count: Int, track: String?)
  /// Stop, and write what was captured when a file (.mid or .jsonl) is given.
  case stop(file: String?)
}

/// Which of the last bars to take.
public struct TakeRequest: Codable, Hashable, Sendable {
  /// How many bars, 1...512.
  public var bars: Int
  /// The pass to take them from, as an earlier take numbered it; nil for the newest of each bar.
  public var pass: Int?
  /// A file to write them to, ending in .mid; nil for none.
  public var file: String?

  /// Makes a request; `Command.validated()` holds the ranges.
  public init(bars: Int, pass: Int? = nil, file: String? = nil) {
    self.bars = bars
    self.pass = pass
    self.file = file
  }
}

/// Who gives JACK bars and beats.
public enum TempoSetting: Codable, Hashable, Sendable {
  /// Continuo, from the song's first frame on: quarter notes a minute (10...400), beats in a bar
  /// (1...64), and the note value of a beat (1, 2, 4, 8, 16, 32 or 64).
  case steady(quartersPerMinute: Double, beatsPerBar: Int, beatUnit: Int)
  /// Whoever else does.
  case others
}

/// A Standard MIDI File to play.
public struct PlayRequest: Codable, Hashable, Sendable {
  /// A file ending in .mid or .midi.
  public var file: String
  /// Whether it starts again at its end.
  public var loop: Bool
  /// The bar of the song where its bar 1 falls, from 1; nil for bar 1.
  public var atBar: Int?
  /// Whether to ignore the transport and start at once.
  public var free: Bool

  /// Makes a request; `Command.validated()` holds the ranges.
  public init(file: String, loop: Bool = false, atBar: Int? = nil, free: Bool = false) {
    self.file = file
    self.loop = loop
    self.atBar = atBar
    self.free = free
  }
}

/// What to do with the transport.
public enum TransportCommand: Codable, Hashable, Sendable {
  /// Start rolling.
  case play
  /// Stop rolling.
  case stop
  /// Go to the start of a bar, from 1.
  case locate(bar: Int)
}
