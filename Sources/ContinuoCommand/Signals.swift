// SPDX-License-Identifier: MIT
import Dispatch
import Glibc

/// Turns the signals that end or resize a program into calls on an ordinary thread.
final class Signals: Sendable {
  /// The signals that ask a program to end.
  static let ending = [SIGINT, SIGTERM, SIGHUP]

  // SAFETY: never changed after init, and a source may be cancelled from any thread.
  nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

  /// Calls `heard` with each of `signals`, on a queue of its own, until this is released.
  ///
  /// Their usual effect is turned off, and so is SIGPIPE's: a reader that leaves must not end a
  /// program whose notes still sound.
  init(_ signals: [Int32], _ heard: @escaping @Sendable (Int32) -> Void) {
    signal(SIGPIPE, SIG_IGN)
    let queue = DispatchQueue(label: "continuo.signals")
    sources = signals.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { heard(number) }
      source.resume()
      return source
    }
  }

  deinit {
    for source in sources { source.cancel() }
  }
}
