// SPDX-License-Identifier: MIT

/// By how many frames Ardour records MIDI away from where the transport was when it arrived.
///
/// A negative offset puts notes earlier. Measured with Ardour 7.3 and jackd2's dummy driver, whose
/// capture latency is one period and playback latency two: see `expected`.
public struct RecordedOffset: Hashable, Sendable {
  /// How Ardour's inputs and outputs lie.
  public enum Latency: Hashable, Sendable {
    /// Ardour is connected to no sound card port, or was started with `-P`: no latency counts.
    case none
    /// Connected to a sound card of this capture and playback latency, in frames.
    case connected(capture: Int, playback: Int)
  }

  /// The resampler's share, in frames; Ardour runs its outputs through one.
  public static let resampler = 16

  /// The offset to expect, in frames; nil where none was ever measured.
  ///
  /// - `followsJack`: Ardour follows the JACK transport (`external-sync`).
  /// - `alignment`: the track's alignment choice in the session file.
  public static func expected(
    followsJack: Bool, alignment: SessionFile.Alignment, latency: Latency
  ) -> Int? {
    guard case .connected(let capture, let playback) = latency else { return 0 }
    switch (followsJack, alignment) {
    case (true, .automatic), (true, .existingMaterial): return -(capture + playback)
    case (true, .captureTime): return -(capture - resampler)
    case (false, .automatic), (false, .existingMaterial): return -(playback + resampler)
    case (false, .captureTime): return 0
    }
  }
}
