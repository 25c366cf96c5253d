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
    /// The channel most of its notes are on, 1...16; nil without notes.
    public let channel: Int?
    /// The General MIDI program it first asks for, 1...128; nil when it asks for none.
    public let program: Int?
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
  /// The keys that all pitched tracks together pass through; empty without notes, and
  /// where chords are wanted by bars or pulses.
  public let localKeys: [KeySpan]
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
  /// file): nil says that they are not known. `roles`, by track name, are what the musician said;
  /// tracks with a map in `drumMaps`, by name, are drums on the keys it says.
  public init(
    tracks: [Pattern], tempo: Tempo? = nil, meter: Meter? = nil, length: Beats? = nil,
    resolution: ChordEstimate.Resolution = .bar, roles: [String: Role] = [:],
    drumMaps: [String: DrumMap] = [:]
  ) {
    let parts = MusicParts(tracks: tracks, roles: roles, drumMaps: drumMaps)
    let span = length ?? parts.length ?? (meter ?? .common).barLength
    let harmony =
      resolution == .halfBeat
      ? parts.harmony(length: span, meter: meter ?? .common) : .none
    self.init(
      parts, tempo: tempo, meter: meter, length: span, resolution: resolution, harmony: harmony)
  }

  /// Measures `parts`; `harmony` is what half beats are told by, `.none` for other resolutions.
  init(
    _ parts: MusicParts, tempo: Tempo?, meter: Meter?, length: Beats,
    resolution: ChordEstimate.Resolution, harmony: MusicParts.Harmony
  ) {
    let counted = meter ?? .common
    let swing = Self.swing(drums: parts.drums, tracks: parts.tracks, meter: counted)
    let key = KeyEstimate(of: parts.pitched)
    version = Self.currentVersion
    self.length = length.quarters.isFinite ? min(length.quarters, UsableNotes.horizon) : 0
    self.tempo = tempo
    self.meter = meter
    self.key = key
    localKeys = harmony.keys
    chords =
      resolution == .halfBeat
      ? harmony.chords
      : ChordEstimate.spans(
        of: parts.pitched, length: length, meter: counted, resolution: resolution, key: key)
    self.swing = swing
    self.tracks = zip(parts.tracks, parts.roles).map { pattern, role in
      let usable = UsableNotes.of(pattern.notes)
      return Track(
        name: String(pattern.name.prefix(64)), channel: Self.channel(of: usable),
        program: MusicParts.program(of: pattern).map { $0 + 1 }, role: role,
        groove: Groove(of: usable, meter: counted, length: length, swing: swing),
        lowest: usable.map { Int($0.pitch) }.min(), highest: usable.map { Int($0.pitch) }.max())
    }
    kit = parts.kinds.contains(.drums) ? Self.kit(UsableNotes.of(parts.generalDrums)) : nil
  }

  private static func channel(of notes: [Note]) -> Int? {
    var counts = [Int](repeating: 0, count: 16)
    for note in notes { counts[Int(note.channel)] += 1 }
    let most = counts.max() ?? 0
    return most > 0 ? counts.firstIndex(of: most).map { $0 + 1 } : nil
  }

  /// `chord` against the key in force where it starts; nil without either.
  public func romanNumeral(of span: ChordSpan) -> String? {
    guard let chord = span.chord else { return nil }
    let place = span.start.quarters
    let local = localKeys.last { $0.start <= place && place < $0.end }
    return local.map { chord.romanNumeral(in: Key(tonic: $0.tonic, mode: $0.mode)) }
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
