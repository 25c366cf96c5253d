// SPDX-License-Identifier: MIT
import ContinuoMusic

/// Some tracks that sound together, and what each of them has to say about the harmony.
struct MusicParts {
  /// How a track's notes are heard.
  enum Kind: Hashable {
    /// They are no pitches.
    case drums
    /// A tune over chords passes through notes that are none of theirs.
    case tune
    /// They make the harmony.
    case harmony
  }

  /// Chords and keys by half beats.
  struct Harmony {
    var chords: [ChordSpan]
    var keys: [KeySpan]
    static let none = Harmony(chords: [], keys: [])
  }

  /// At most `MusicContext.mostTracks`, in the order given.
  let tracks: [Pattern]
  /// What each does.
  let roles: [TrackRole]
  /// How each is heard.
  let kinds: [Kind]
  /// Percussion maps by track name.
  private let drumMaps: [String: DrumMap]

  /// Tells the tracks' roles, but for those that `given` states by a track's name; what has a
  /// percussion map is percussion.
  init(tracks: [Pattern], roles given: [String: Role], drumMaps: [String: DrumMap]) {
    let looked = Array(tracks.prefix(MusicContext.mostTracks))
    let found = looked.map { pattern in
      let said = given[pattern.name] ?? (drumMaps[pattern.name] == nil ? nil : .drums)
      return said.map { TrackRole(role: $0, confidence: 1) }
        ?? TrackRole(
          name: pattern.name, notes: pattern.notes, program: Self.program(of: pattern))
    }
    // Four single lines are counterpoint: each of them counts, whatever its role is called.
    let accompanied = zip(looked, found).contains { pattern, role in
      role.role == .harmony && Self.strikesChords(pattern)
    }
    self.tracks = looked
    roles = found
    self.drumMaps = drumMaps
    kinds = found.map {
      switch $0.role {
      case .drums: .drums
      case .melody where accompanied: .tune
      default: .harmony
      }
    }
  }

  /// The longest track's length; nil without tracks.
  var length: Beats? { tracks.map(\.length).max() }
  /// The drums' notes as they were played.
  var drums: [Note] { notes(where: { $0 == .drums }) }
  /// The drums' notes, on the keys that General MIDI has for them; unknown drums are left out.
  var generalDrums: [Note] {
    var drums: [Note] = []
    for (pattern, kind) in zip(tracks, kinds) where kind == .drums {
      guard let map = drumMaps[pattern.name] else {
        drums += pattern.notes
        continue
      }
      for note in pattern.notes {
        guard let key = map.generalKey(of: note.pitch) else { continue }
        var struck = note
        struck.pitch = key
        drums.append(struck)
      }
    }
    return drums
  }
  var pitched: [Note] { notes(where: { $0 != .drums }) }

  /// Chords and keys by half beats, over all of the music.
  func harmony(length: Beats, meter: Meter) -> Harmony {
    Harmony(
      chords: ContinuoAnalysis.Harmony.spans(
        of: notes(where: { $0 == .harmony }), melody: notes(where: { $0 == .tune }), length: length,
        meter: meter),
      keys: LocalKey.spans(of: pitched, length: length, meter: meter))
  }

  /// The notes of the tracks whose kind is `wanted`, track after track.
  func notes(where wanted: (Kind) -> Bool) -> [Note] {
    zip(tracks, kinds).filter { wanted($1) }.flatMap(\.0.notes)
  }

  /// The program of the first program change, 0...127.
  static func program(of pattern: Pattern) -> Int? {
    let change = pattern.controls.first { $0.bytes.count == 2 && $0.bytes[0] & 0xF0 == 0xC0 }
    return change.map { Int($0.bytes[1] & 0x7F) }
  }

  /// Whether a third of its onsets or more bring three notes or more at once.
  private static func strikesChords(_ pattern: Pattern) -> Bool {
    var sizes: [Int] = []
    var from = -Double.infinity
    for note in UsableNotes.of(pattern.notes) {
      if note.start.quarters - from < 0.11, !sizes.isEmpty {
        sizes[sizes.count - 1] += 1
      } else {
        sizes.append(1)
        from = note.start.quarters
      }
    }
    return 3 * sizes.count { $0 >= 3 } >= sizes.count && !sizes.isEmpty
  }
}
