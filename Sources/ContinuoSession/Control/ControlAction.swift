// SPDX-License-Identifier: MIT

/// What a pedal, a pad or a key on the control port can do.
public enum ControlAction: String, Codable, Hashable, Sendable, CaseIterable {
  /// Go to the next candidate.
  case next
  /// Go to the candidate before.
  case previous
  /// Let the original sound again.
  case original
  /// Keep what sounds: pressed once it tells what it would do, pressed again it does it.
  case keep
  /// Take the last keep back, or forget the candidates.
  case discard
  /// Take the last eight bars.
  case take
  /// Silence whatever Continuo plays.
  case panic
  /// Start the transport.
  case play
  /// Stop the transport.
  case halt

  /// Bars that `take` takes.
  static let bars = 8

  /// The command it stands for.
  var command: Command {
    switch self {
    case .next: .step(isForward: true)
    case .previous: .step(isForward: false)
    case .original: .original
    case .keep: .keep(candidate: nil)
    case .discard: .discard
    case .take: .take(request: TakeRequest(bars: Self.bars))
    case .panic: .stop
    case .play: .transport(move: .play)
    case .halt: .transport(move: .stop)
    }
  }
}

/// What to do with the map of the control port.
public enum LearnRequest: Codable, Hashable, Sendable {
  /// Tell what is learned.
  case list
  /// Bind what is pressed next to an action.
  case learn(ControlAction)
  /// Bind nothing to an action any more.
  case clear(ControlAction)
  /// Wait for nothing any more.
  case cancel
}
