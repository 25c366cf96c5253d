// SPDX-License-Identifier: MIT
import ContinuoSession
import Foundation
import Glibc
import Synchronization

/// The prompt's one loop: lines become commands, events become lines.
///
/// Nothing here runs twice at
/// once, so what is under way needs no lock.
struct PromptLoop {
  private let desk: Desk
  private let session: any OpenSession
  private let source: any LineSource
  private let console: Console
  private let emit: @Sendable (PromptEvent) -> Void
  private var running: [Int: Task<Void, Never>] = [:]
  /// When what is under way began.
  private var begun: [Int: ContinuousClock.Instant] = [:]
  private var nextNumber = 1
  /// The command the next line waits for.
  private var awaited: Int?
  /// Commands under way that may ask, with the musician's agreement.
  private var agreements: [Int: Command] = [:]
  /// What the next line agrees to, or not.
  private var asked: Command?
  private var lastLeaveAsked: ContinuousClock.Instant?
  /// How the program ends: by the first command of a script that failed.
  private var exit = ExitReason.done
  private let status = StatusLine()

  /// A quick command's reply comes before the next prompt; a slower one's when it comes.
  private static let patience = Duration.milliseconds(300)
  /// A second Ctrl-C within this leaves.
  private static let leavingWindow = Duration.seconds(2)

  init(
    desk: Desk, session: any OpenSession, source: any LineSource, console: Console,
    emit: @escaping @Sendable (PromptEvent) -> Void
  ) {
    self.desk = desk
    self.session = session
    self.source = source
    self.console = console
    self.emit = emit
  }

  /// Serves until someone leaves; the terminal is given back and what was under way has ended.
  consuming func run(_ events: AsyncStream<PromptEvent>) async -> ExitReason {
    refreshNames()
    source.next()
    let ticking = tick()
    for await event in events where leaves(on: event) { break }
    ticking?.cancel()
    for task in running.values { task.cancel() }
    await source.close()
    return exit
  }

  /// Whether the program ends with this event.
  private mutating func leaves(on event: PromptEvent) -> Bool {
    switch event {
    case .line(let line): return begin(line)
    case .lineTooLong:
      fail(CommandError.tooLong(what: "a line", limit: 16_384))
      return true
    case .endOfInput, .quit: return true
    case .leaveAsked: return isLeaving()
    case .signal(SIGINT): return interrupted()
    case .signal: return true
    case .notice(let text):
      say([text])
      refreshNames()
    case .finished(let number, let reply): finished(number, reply)
    case .takesTime(let number): if awaited == number { goOn() }
    case .tick: tellStatus()
    }
    return false
  }

  // MARK: - The status line

  /// How often the status line looks at the song: an eighth at 120 is told in time.
  private static let period = Duration.milliseconds(250)

  private func tick() -> Task<Void, any Error>? {
    guard source.isInteractive else { return nil }
    let emit = emit
    return Task {
      while true {
        try await Task.sleep(for: Self.period)
        emit(.tick)
      }
    }
  }

  /// Tells where the song is and how long the oldest command has been under way.
  private mutating func tellStatus() {
    // A session that is slow to answer is asked once at a time.
    guard !status.isAsking.exchange(true, ordering: .relaxed) else { return }
    let waiting = begun.values.min().map { (ContinuousClock.now - $0).components.seconds } ?? 0
    let (session, source, status) = (session, source, status)
    Task {
      let pulse = await session.pulse()
      let parts = [waiting > 0 ? "… \(waiting) s" : "", pulse?.words ?? ""]
      status.tell(parts.filter { !$0.isEmpty }.joined(separator: "  "), to: source)
      status.isAsking.store(false, ordering: .relaxed)
    }
  }

  // MARK: - Commands

  /// Sets a command going; true when it is the one that leaves.
  private mutating func begin(_ line: String) -> Bool {
    if let agreed = asked {
      asked = nil
      let answer = line.trimmingCharacters(in: .whitespaces).lowercased()
      if ["y", "yes"].contains(answer) {
        start(agreed)
        return false
      }
      if ["", "n", "no"].contains(answer) {
        source.show(["Left as it is"])
        source.next()
        return false
      }
      // Anything else is a command, and no agreement.
    }
    let command: Command
    do throws(CommandError) {
      // A line of a script may be a remark.
      let isRemark = line.drop(while: \.isWhitespace).starts(with: "#")
      command = try CommandParser.parse(isRemark ? "" : line)
        .locatingFiles(in: FileManager.default.currentDirectoryPath)
        .drawn(in: source.isInteractive ? TerminalPaint.columns : nil).validated()
    } catch {
      if error != .nothing { fail(error) }
      source.next()
      return false
    }
    if command == .quit {
      if console.isJSON { console.show(.done()) }
      return true
    }
    start(command)
    return false
  }

  private mutating func start(_ command: Command) {
    let number = nextNumber
    nextNumber += 1
    awaited = number
    begun[number] = .now
    agreements[number] = command.agreed
    let (desk, emit) = (desk, emit)
    running[number] = Task {
      let reply = await desk.handle(command) { emit(.notice($0)) }
      emit(.finished(number, reply))
    }
    guard source.isInteractive else { return }
    Task {
      try await Task.sleep(for: Self.patience)
      emit(.takesTime(number))
    }
  }

  private mutating func finished(_ number: Int, _ reply: Reply) {
    running[number] = nil
    begun[number] = nil
    let agreement = agreements.removeValue(forKey: number)
    if source.isInteractive, let question = reply.question, let agreement {
      // The next line answers, also when it was not waited for.
      asked = agreement
      source.show(reply.lines + ["\(question) y/n"])
    } else if source.isInteractive {
      source.show(reply.lines + (reply.error.map { [$0] } ?? []))
    } else {
      console.show(reply)
    }
    record(reply.exit)
    refreshNames()
    if awaited == number { goOn() }
  }

  /// Asks the session what Tab may offer; the loop does not wait for the answer.
  private func refreshNames() {
    guard source.isInteractive else { return }
    let (source, session) = (source, session)
    Task { source.know(await session.completions()) }
  }

  private mutating func goOn() {
    awaited = nil
    source.next()
  }

  // MARK: - Leaving

  /// Ctrl-C: takes back what is under way; where nothing is, it is the line's matter.
  private mutating func interrupted() -> Bool {
    guard running.isEmpty else {
      for task in running.values { task.cancel() }
      return !source.isInteractive
    }
    source.interrupt()
    return false
  }

  /// Ctrl-C at an empty line: asks, and leaves the second time.
  private mutating func isLeaving() -> Bool {
    guard source.isInteractive else { return true }
    let now = ContinuousClock.now
    if let last = lastLeaveAsked, now - last <= Self.leavingWindow { return true }
    lastLeaveAsked = now
    source.show(["Ctrl-C again within two seconds leaves; so does quit"])
    return false
  }

  // MARK: - Telling

  private func say(_ lines: [String]) {
    if source.isInteractive { source.show(lines) } else { lines.forEach(console.tell) }
  }

  private mutating func fail(_ error: CommandError) {
    if source.isInteractive {
      source.show([error.description])
    } else {
      console.show(.failed(CommandFailure(error)))
    }
    record(.usage)
  }

  /// A person sees each failure and goes on; a script tells the first one when it ends.
  private mutating func record(_ exit: ExitReason) {
    if !source.isInteractive, self.exit == .done { self.exit = exit }
  }
}
