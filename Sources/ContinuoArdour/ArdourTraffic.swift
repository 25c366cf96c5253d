// SPDX-License-Identifier: MIT
import ContinuoOSC

/// What has passed between Continuo and one Ardour since they met.
public struct ArdourTraffic: Hashable, Sendable, Codable {
  /// Messages taken in.
  public let received: Int
  /// Messages sent.
  public let sent: Int
  /// Messages of Ardour's that were lost because they came faster than they were read.
  ///
  /// The state is asked for again after each loss.
  public let lost: Int
  /// Messages and bundles that broke the rules of OSC.
  public let malformed: Int
  /// Datagrams that came from other programs than this Ardour; never looked into.
  public let fromStrangers: Int
}

extension ArdourClient {
  /// What has passed so far.
  ///
  /// Callable from any thread.
  public nonisolated var traffic: ArdourTraffic {
    let counters = counters
    return ArdourTraffic(
      received: counters.received, sent: counters.sent,
      lost: counters.dropped + counters.overflowed, malformed: counters.malformed,
      fromStrangers: counters.fromStrangers)
  }
}
