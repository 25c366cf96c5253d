// SPDX-License-Identifier: MIT

/// What each part of `KeyEvidence` is worth, in nats.
///
/// Fitted by maximum likelihood (a conditional logit over the 24 keys, ridge 0.001) on 664 labelled
/// pieces, each whole and as two random excerpts of 8 to 32 quarters. Every weight is the same for
/// all twelve tonics.
enum KeyModel {
  static let count = 2.150
  static let countPerLog = 3.229
  static let duration = 2.136
  static let bass = 1.871
  static let recent = 1.947
  static let lastBassTonic = 0.442
  static let lastBassThird = 0.270
  static let lastBassFifth = 0.677
  static let lastThird = 0.159
  static let lastTonic = 0.998
  static let firstTonic = 1.081
  static let firstFifth = 0.593
  static let minor = 0.273
  static let third = 0.127
  static let logThird = 0.182
  static let bassTonic = -0.445

  private static let major = [
    0.118, 0.019, 0.224, -0.019, 0.824, -0.593, -0.590, 0.278, -0.218, 0.471, -0.390, -0.399,
  ]
  private static let minorProfile = [
    -0.326, -0.012, 0.074, -0.397, 0.319, -0.030, -0.113, 0.085, 0.465, 0.162, -0.174, 0.220,
  ]

  /// What is added to Albrecht and Shanahan's profile, per step above the tonic.
  static func profile(_ mode: Mode) -> [Double] { mode == .major ? major : minorProfile }
}
