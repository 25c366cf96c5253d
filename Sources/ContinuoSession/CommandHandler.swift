// SPDX-License-Identifier: MIT

/// Told, in one line each, how a command gets on.
///
/// Any thread; returns at once.
public typealias ProgressSink = @Sendable (String) -> Void

/// Whoever carries commands out.
public protocol CommandHandler: Sendable {
  /// Carries out one command and answers it; every failure is a reply.
  ///
  /// Several may be under way at once. When the surrounding task is cancelled the handler ends
  /// the command early, leaves nothing sounding that the command began, and answers
  /// `Reply.cancelled` or what it has. `help` and `quit` are answered before they come here.
  func handle(_ command: Command, progress: @escaping ProgressSink) async -> Reply
}

/// The names a face can complete while a musician types.
public struct Completions: Codable, Hashable, Sendable {
  /// Track names as Ardour or JACK gives them.
  public var tracks: [String]
  /// The numbers of the candidates there are.
  public var candidates: [Int]

  /// Makes a list; both parts may be empty.
  public init(tracks: [String] = [], candidates: [Int] = []) {
    self.tracks = tracks
    self.candidates = candidates
  }
}

/// A session as its faces see it.
public protocol OpenSession: CommandHandler {
  /// What can be completed now; answers at once from what is known.
  func completions() async -> Completions

  /// What a session manager is told of what is not put away yet; nil when there is no project.
  func projectNews() async -> ProjectNews?

  /// The session as a face draws it; nil for one that nothing can be drawn of.
  func view(_ wish: ViewWish) async -> SessionView?

  /// What a status line tells, several times a second; nil for a session without a song.
  func pulse() async -> Pulse?

  /// Releases every sounding note, closes every connection, and writes what must not be lost.
  ///
  /// Called once, at the end, whatever ends the program; returns only when the last note-off has
  /// been handed to JACK. Commands under way have been cancelled before.
  func shutdown() async
}

extension OpenSession {
  /// No song.
  public func pulse() async -> Pulse? { nil }

  /// Nothing to draw.
  public func view(_ wish: ViewWish) async -> SessionView? { nil }

  /// No project.
  public func projectNews() async -> ProjectNews? { nil }
}

/// How a project stands.
public struct ProjectNews: Hashable, Sendable {
  /// Whether something differs from what was put away.
  public let isDirty: Bool
  /// What it is about: the followed tracks' names.
  public let label: String
}

/// Opens sessions, and does the jobs that need none.
///
/// The program plugs the real one in.
public protocol SessionFactory: Sendable {
  /// Opens a session.
  ///
  /// - Parameters:
  ///   - settings: which JACK server, which name, which Ardour.
  ///   - purpose: whether it stays or serves one command.
  ///   - notice: told what happens unasked: JACK gone, Ardour back. Any thread.
  /// - Throws: `CommandFailure` with the exit status the program ends with.
  func open(
    _ settings: Settings, for purpose: SessionPurpose, notice: @escaping ProgressSink
  ) async throws(CommandFailure) -> any OpenSession

  /// Does a job in this process, without a session, and answers it.
  ///
  /// When the surrounding task is cancelled (Ctrl-C, SIGTERM) the job ends early and in order:
  /// note-offs sent, the file written.
  func run(_ job: Job, _ settings: Settings, progress: @escaping ProgressSink) async -> Reply
}

/// What a session is opened for.
public enum SessionPurpose: Hashable, Sendable {
  /// The prompt: it stays, and tries again what is not there yet.
  case staying
  /// One command, after which it is shut down.
  case oneCommand
}
