// SPDX-License-Identifier: MIT

/// What a request asks for, after its own fields and its words have been put together.
///
/// Fields come before words; locks of both hold together.
public struct Asked: Hashable, Sendable {
  /// What is done with the source.
  public var mode: CompositionMode
  /// What must stay as it is.
  public var lock: NoteLock
  /// What is asked for by number.
  public var steering: Steering
  /// The words that are left, for the dials of "groovier", "simpler" and the like.
  public var rest: String
  /// The words that named a way to ask, a lock or a number.
  public var understood: [String]

  /// Reads `request`.
  public init(_ request: CompositionRequest) {
    let words = WayWords(request.text, firstBar: request.firstBar)
    mode = request.mode ?? words.mode ?? .part
    var lock = request.lock
    lock.bars += words.lock.bars
    lock.beats.formUnion(words.lock.beats)
    lock.voices.formUnion(words.lock.voices)
    self.lock = lock
    steering = request.steering.filled(from: words.steering)
    rest = words.rest
    understood = words.understood
  }
}
