// SPDX-License-Identifier: MIT

/// Stands before a session: answers `help` and `quit` itself and hands on the rest.
///
/// Every face that stays (the prompt, the control socket) speaks to the session through a desk.
public struct Desk: CommandHandler {
  private let session: any CommandHandler
  private let leave: @Sendable () -> Void

  /// A desk before `session`; `leave` is called, from any thread, when someone quits.
  public init(_ session: any CommandHandler, leave: @escaping @Sendable () -> Void) {
    self.session = session
    self.leave = leave
  }

  /// Answers a command.
  public func handle(_ command: Command, progress: @escaping ProgressSink) async -> Reply {
    switch command {
    case .help(let topic):
      do {
        return .done(try CommandManual.text(about: topic))
      } catch {
        return .failed(CommandFailure(error))
      }
    case .quit:
      leave()
      return .done(["Leaving"])
    default:
      return await session.handle(command, progress: progress)
    }
  }
}
