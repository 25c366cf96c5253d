// SPDX-License-Identifier: MIT
public import ContinuoMusic
import Foundation

/// What a track does in the music.
public enum Role: String, Hashable, Sendable, Codable, CaseIterable {
  /// Unpitched percussion.
  case drums
  /// The lowest line.
  case bass
  /// A tune.
  case melody
  /// Chords, pads, arpeggios.
  case harmony
  /// It cannot be told.
  case unknown
}

/// The role a track most probably has, from its channel, its name and its notes.
public struct TrackRole: Hashable, Sendable, Codable {
  /// Fewer notes than this say nothing about a role (a name or channel 10 still does).
  public static let fewestNotes = 4
  /// An answer less probable than this is "unknown".
  public static let leastConfidence = 0.45

  /// The role, or unknown.
  public let role: Role
  /// How probable the role is, 0...1.
  public let confidence: Double

  /// It cannot be told.
  public static let unknown = TrackRole(role: .unknown, confidence: 0)

  /// States a role that is known, or was chosen by the musician.
  public init(role: Role, confidence: Double) {
    self.role = role
    self.confidence = confidence.isFinite ? min(max(confidence, 0), 1) : 0
  }

  /// Estimates the role of a track called `name` from its `notes`.
  ///
  /// Channel 10 decides for drums; the name, the General MIDI `program` (0...127) and the notes are
  /// weighed against each other.
  public init(name: String, notes: [Note], program: Int? = nil) {
    let usable = UsableNotes.of(notes)
    let onDrumChannel = usable.count { $0.channel == UsableNotes.drumChannel }
    if !usable.isEmpty, 2 * onDrumChannel > usable.count {
      self.init(role: .drums, confidence: 0.99)
      return
    }
    let named = Self.named(name)
    guard usable.count >= Self.fewestNotes else {
      self = named.map { TrackRole(role: $0, confidence: 0.7) } ?? .unknown
      return
    }
    var logits = RoleModel.logits(RoleFeatures(usable).values)
    if let named, let index = RoleModel.roles.firstIndex(of: named) { logits[index] += 3 }
    // Nothing but a bass plays the bass programs; the other families are told by their notes.
    if let program, (32...39).contains(program),
      let index = RoleModel.roles.firstIndex(of: .bass)
    {
      logits[index] += 2.5
    }
    let peak = logits.max() ?? 0
    let likely = logits.map { exp($0 - peak) }
    let total = likely.reduce(0, +)
    guard let best = likely.indices.max(by: { likely[$0] < likely[$1] }) else {
      self = .unknown
      return
    }
    let confidence = likely[best] / total
    self.init(
      role: confidence >= Self.leastConfidence ? RoleModel.roles[best] : .unknown,
      confidence: confidence)
  }

  private static let words: [(role: Role, words: [String])] = [
    (.drums, ["drum", "kit", "perc", "kick", "snare", "hat", "cymbal", "conga", "beat"]),
    (.bass, ["bass", "basso", "upright"]),
    (
      .melody,
      ["melod", "lead", "vocal", "vox", "voice", "sax", "flute", "trumpet", "solo", "tune"]
    ),
    (
      .harmony,
      ["chord", "pad", "string", "rhythm", "comp", "organ", "piano", "keys", "guitar", "harmon"]
    ),
  ]

  /// The role a track's name claims; the first that matches, drums before bass ("bass drum").
  static func named(_ name: String) -> Role? {
    let lower = String(name.prefix(64)).lowercased()
    return words.first { entry in entry.words.contains { lower.contains($0) } }?.role
  }
}
