// SPDX-License-Identifier: MIT
public import ContinuoMusic
import Foundation

/// The key that a set of notes most probably is in, or that it cannot be told.
///
/// Each of the 24 keys is scored by how often, how long, how lately and how low each pitch class
/// sounds, against Albrecht and Shanahan's (2013) profiles and a learned correction of them, and by
/// how the notes begin and end; a last sound counts only as far as it is longer than the others. The
/// weights were fitted together; `Calibration` turns the winner's share into how often it is right.
///
/// Refuses to answer (`key` is nil) below `fewestNotes` pitched notes, below `fewestClasses`
/// different pitch classes, and below `leastShare`. Channel 10 is never counted.
public struct KeyEstimate: Hashable, Sendable {
  /// Fewer pitched notes than this are no evidence of a key.
  public static let fewestNotes = 8
  /// Fewer different pitch classes than this are no evidence of a key.
  public static let fewestClasses = 3
  /// An answer with a smaller share of the 24 keys' belief is "unknown".
  public static let leastShare = 0.3

  /// The best key; nil for "unknown".
  public let key: Key?
  /// How often an answer with this evidence is right, 0...1; 0 when there was too little evidence.
  public let confidence: Double
  /// The second best key; nil when there was too little evidence.
  public let runnerUp: Key?
  /// Pitched notes counted.
  public let noteCount: Int

  /// The answer "unknown" for want of notes.
  public static let unknown = KeyEstimate(key: nil, confidence: 0, runnerUp: nil, noteCount: 0)

  /// States a key that is known from elsewhere, or read from JSON.
  public init(key: Key?, confidence: Double, runnerUp: Key?, noteCount: Int) {
    self.key = key
    self.confidence = confidence.isFinite ? min(max(confidence, 0), 1) : 0
    self.runnerUp = runnerUp
    self.noteCount = max(0, noteCount)
  }

  /// Estimates the key of all `notes` together, leaving out channel 10.
  ///
  /// - Complexity: O(notes).
  public init(of notes: [Note]) {
    let evidence = KeyEvidence(UsableNotes.of(notes, pitched: true))
    guard evidence.noteCount >= Self.fewestNotes, evidence.classCount >= Self.fewestClasses else {
      self.init(key: nil, confidence: 0, runnerUp: nil, noteCount: evidence.noteCount)
      return
    }
    let ranked = evidence.scores().sorted { $0.score > $1.score }
    let total = ranked.reduce(0.0) { $0 + exp($1.score - ranked[0].score) }
    let share = 1 / total
    self.init(
      key: share >= Self.leastShare ? ranked[0].key : nil,
      confidence: Calibration.key.confidence(share),
      runnerUp: ranked[1].key, noteCount: evidence.noteCount)
  }
}

extension KeyEstimate: Codable {
  private enum CodingKeys: String, CodingKey { case tonic, mode, confidence, runnerUp, noteCount }

  /// Reads what `encode(to:)` wrote; a tonic outside 0...11 is an error.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let tonic = try values.decodeIfPresent(Int.self, forKey: .tonic)
    if let tonic, !(0...11).contains(tonic) {
      throw DecodingError.dataCorruptedError(
        forKey: .tonic, in: values, debugDescription: "A tonic is 0 to 11, not \(tonic)")
    }
    let mode = try values.decode(String.self, forKey: .mode)
    self.init(
      key: tonic.flatMap { tonic in Mode(rawValue: mode).map { Key(tonic: tonic, mode: $0) } },
      confidence: try values.decode(Double.self, forKey: .confidence),
      runnerUp: try values.decodeIfPresent(Key.self, forKey: .runnerUp),
      noteCount: try values.decode(Int.self, forKey: .noteCount))
  }

  /// Writes {tonic 0-11 or null, mode "major"/"minor"/"unknown", confidence, runnerUp, noteCount}.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(key?.tonic, forKey: .tonic)
    try values.encode(key?.mode.rawValue ?? "unknown", forKey: .mode)
    try values.encode(confidence, forKey: .confidence)
    try values.encode(runnerUp, forKey: .runnerUp)
    try values.encode(noteCount, forKey: .noteCount)
  }
}
