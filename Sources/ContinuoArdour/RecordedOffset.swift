// SPDX-License-Identifier: MIT

/// By how many frames Ardour records MIDI away from where the transport was when it arrived.
///
/// A negative offset puts notes earlier. Measured with Ardour 7.3 on jackd2's dummy driver for takes
/// that `RecordBack` makes: located, rolled over a pre-roll, with an audio input connected. Other
/// ways to begin a roll were seen to shift it by the playback latency and `resampler`, so it is a
/// first guess: a take measures its own, and `TakeReport.offsetToRemember` makes the next exact.
public enum RecordedOffset {
  /// How Ardour's inputs and outputs lie.
  public enum Latency: Hashable, Sendable {
    /// Ardour is connected to no sound card port, or was started with `-P`: no latency counts.
    case none
    /// Connected to a sound card of this capture and playback latency, in frames.
    case connected(capture: Int, playback: Int)
  }

  /// The share of the resamplers in Ardour's ports, in frames.
  public static let resampler = 16

  /// The offset to expect from an Ardour that follows the JACK transport, in frames.
  ///
  /// `alignment` is the track's alignment choice in the session file.
  public static func expected(alignment: SessionFile.Alignment, latency: Latency) -> Int {
    guard case .connected(let capture, let playback) = latency else { return 0 }
    switch alignment {
    case .automatic, .existingMaterial: return resampler - capture
    case .captureTime: return playback - capture + 2 * resampler
    }
  }
}
