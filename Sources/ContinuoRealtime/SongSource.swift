// SPDX-License-Identifier: MIT

/// Where the song's place comes from.
@frozen
public enum SongSource: UInt8, BitwiseCopyable, Sendable, CaseIterable {
  /// The server's transport with bar, beat and tick.
  case jack = 0
  /// MIDI Clock at the clock port, as from Ardour on its own clock.
  case midiClock
  /// A tempo of our own.
  case own

  // `==` on an enum of another file is generic code in a debug build, which the checks refuse.
  var isOwn: Bool {
    @_noLocks @_noAllocation get {
      switch self {
      case .own: true
      case .jack, .midiClock: false
      }
    }
  }

  var isJack: Bool {
    @_noLocks @_noAllocation get {
      switch self {
      case .jack: true
      case .midiClock, .own: false
      }
    }
  }

  var isMIDIClock: Bool {
    @_noLocks @_noAllocation get {
      switch self {
      case .midiClock: true
      case .jack, .own: false
      }
    }
  }
}
