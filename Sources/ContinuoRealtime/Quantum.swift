// SPDX-License-Identifier: MIT

/// When a start, stop or switch takes effect.
@frozen
public enum Quantum: UInt8, BitwiseCopyable, Sendable, CaseIterable {
  /// At once.
  case now = 0
  /// At the next beat.
  case beat
  /// At the next bar line.
  case bar
  /// When the playing pattern comes round; at the next bar line when none plays.
  case patternEnd

  // `==` on an enum of another file is generic code in a debug build, which the checks refuse.
  var isNow: Bool {
    @_noLocks @_noAllocation get {
      switch self {
      case .now: true
      case .beat, .bar, .patternEnd: false
      }
    }
  }
}
