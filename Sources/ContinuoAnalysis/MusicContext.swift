// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// Everything measured about some tracks that sound together, in one value.
///
/// It is what a composer, a person and a language model are told about the music. Places are in
/// quarters from the start of what was analysed, which is a bar line.
public struct MusicContext: Hashable, Sendable, Codable {
  /// The version of this layout, in its JSON.
  public static let currentVersion = 1
  /// More tracks than this are not looked at.
  public static let mostTracks = 64

  /// One track's facts.
  public struct Track: Hashable, Sendable, Codable {
    /// Its name, at most 64 characters.
    public let name: String
    /// What it does.
    public let role: TrackRole
    /// How it moves.
    public let groove: Groove
    /// Its lowest pitch; nil without notes.
    public let lowest: Int?
    /// Its highest pitch; nil without notes.
    public let highest: Int?
  }

  /// Where a kit's kick and snare fall.
  public struct Kit: Hashable, Sendable, Codable {
    /// Kick onsets, in quarters, sorted.
    public let kick: [Double]
    /// Snare and clap onsets, in quarters, sorted.
    public let snare: [Double]
  }

  /// The layout's version.
  public let version: Int
  /// How much was analysed, in quarters.
  public let length: Double
  /// Nil when it was not known.
  public let tempo: Tempo?
  /// Nil when it was not known; bars are then counted in 4/4.
  public let meter: Meter?
  /// The key of all pitched tracks together.
  public let key: KeyEstimate
  /// Chords of all pitched tracks together.
  public let chords: [ChordSpan]
  /// The eighths' feel, from the drums if they tell it, else from all tracks.
  public let swing: Swing
  /// The tracks, in the order given.
  public let tracks: [Track]
  /// The drums' kick and snare; nil without a drum track.
  public let kit: Kit?

  /// The metre bars are counted in: the measured one, or 4/4.
  public var countedMeter: Meter { meter ?? .common }

  /// Measures `tracks`, which share an origin on a bar line and are `length` long.
  ///
  /// `length` nil takes the longest pattern. `tempo` and `meter` are facts from outside (transport,
  /// file): nil says that they are not known. `roles`, by track name, are what the musician said.
  public init(
    tracks: [Pattern], tempo: Tempo? = nil, meter: Meter? = nil, length: Beats? = nil,
    resolution: ChordEstimate.Resolution = .bar, roles: [String: Role] = [:]
  ) {
    let looked = Array(tracks.prefix(Self.mostTracks))
    let counted = meter ?? .common
    let longest = length ?? looked.map(\.length).max() ?? counted.barLength
    let found = looked.map { pattern in
      roles[pattern.name].map { TrackRole(role: $0, confidence: 1) }
        ?? TrackRole(name: pattern.name, notes: pattern.notes)
    }
    let isDrums = found.map { $0.role == .drums }
    let drums = zip(looked, isDrums).filter(\.1).flatMap(\.0.notes)
    let pitched = zip(looked, isDrums).filter { !$0.1 }.flatMap(\.0.notes)
    let swing = Self.swing(drums: drums, tracks: looked, meter: counted)
    version = Self.currentVersion
    self.length = longest.quarters.isFinite ? min(longest.quarters, UsableNotes.horizon) : 0
    self.tempo = tempo
    self.meter = meter
    key = KeyEstimate(of: pitched)
    chords = ChordEstimate.spans(
      of: pitched, length: longest, meter: counted, resolution: resolution, key: key)
    self.swing = swing
    self.tracks = zip(looked, found).map { pattern, role in
      let usable = UsableNotes.of(pattern.notes)
      return Track(
        name: String(pattern.name.prefix(64)), role: role,
        groove: Groove(of: usable, meter: counted, length: longest, swing: swing),
        lowest: usable.map { Int($0.pitch) }.min(), highest: usable.map { Int($0.pitch) }.max())
    }
    kit = isDrums.contains(true) ? Self.kit(UsableNotes.of(drums)) : nil
  }

  private static func swing(drums: [Note], tracks: [Pattern], meter: Meter) -> Swing {
    let kit = Swing(of: drums, meter: meter)
    guard kit.feel == .unknown else { return kit }
    // Together, two tracks fill each other's beats: the track with the most evidence speaks.
    return tracks.map { Swing(of: $0.notes, meter: meter) }
      .max { $0.evidence < $1.evidence } ?? .unknown
  }

  private static func kit(_ notes: [Note]) -> Kit {
    func places(_ keys: Set<UInt8>) -> [Double] {
      notes.filter { keys.contains($0.pitch) }.map(\.start.quarters)
    }
    return Kit(kick: places([35, 36]), snare: places([37, 38, 39, 40]))
  }
}
