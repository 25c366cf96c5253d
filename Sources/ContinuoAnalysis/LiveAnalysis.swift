// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// The facts about music that is being played, fed event by event.
///
/// `context()` is what `MusicContext` tells of the same notes in a file: both go through the same
/// code, which here hears each half quarter once. Memory is bounded: the facts are about a window of
/// `keptBars` to 1.5 × `keptBars` whole bars up to the last event; notes that began earlier are
/// forgotten and counted. Places are in song ticks; the first event need not be at 0.
///
/// Differences from a file, all counted in `counts`: a track holds `mostSounding` keys at once, the
/// oldest is ended for the next; all tracks hold `mostNotes` notes, bars are forgotten early for more,
/// and within one bar further ones are refused. A program is the first one heard since the beginning.
///
/// Tracks may be ahead of each other by a beat at no cost. What comes later than a quarter is
/// still put in its place, and the harmony of the window heard anew. A value belongs to one thread.
public struct LiveAnalysis: Sendable {
  /// Bars that are kept at least, unless said otherwise.
  public static let usualBars = 64
  /// Bars are kept up to this many quarters, one bar at least.
  public static let mostQuarters = 2_048.0
  /// Notes kept, of all tracks together.
  public static let mostNotes = 32_768
  /// Keys sounding at once on a track.
  public static let mostSounding = 256
  /// Ticks further from zero than this are not taken.
  public static let furthestTick = 1 << 50

  /// What did not go the usual way; numbers only grow.
  public struct Counts: Hashable, Sendable {
    /// Note-ons taken.
    public var notes = 0
    /// Notes that left the window, or came before its start.
    public var forgotten = 0
    /// Notes beyond `mostNotes` within a bar.
    public var refused = 0
    /// Note-offs without a note.
    public var stray = 0
    /// Notes ended because more than `mostSounding` sounded.
    public var closed = 0
    /// Events that made the harmony of the window be heard anew.
    public var late = 0
    /// Events of no such track, or further away than `furthestTick`.
    public var outOfRange = 0
  }

  /// What sounds now, from what was heard until now; it may be thought better of a quarter later.
  public struct Reading: Hashable, Sendable {
    /// Nil for no chord, or nothing heard yet.
    public let chord: Chord?
    /// How probable the chord is, 0...1.
    public let chordConfidence: Double
    /// Nil when nothing pitched was heard yet.
    public let key: Key?
    /// The key's share among the 24, 0...1.
    public let keyConfidence: Double
  }

  /// Quarters that tracks may lag behind each other at no cost.
  static let lateness = 1

  /// The metre bars are counted in; another one needs another value.
  public let meter: Meter
  /// Nil when it is not known.
  public var tempo: Tempo?
  /// Roles by track name, as the musician said.
  public var roles: [String: Role]
  /// Percussion maps by track name.
  public var drumMaps: [String: DrumMap] = [:]
  /// Bars kept at least.
  public let keptBars: Int
  /// Ticks to a quarter.
  public let ticksPerQuarter: Int
  /// The tick of the bar line that the facts count from.
  public internal(set) var origin: Int
  /// The last tick heard of.
  public internal(set) var now: Int
  /// What did not go the usual way.
  public internal(set) var counts = Counts()
  /// Ticks that the origin moves by: whole bars, as many as make whole ticks.
  let strideTicks: Int
  var tracks: [LiveTrack]
  /// Ended notes, of all tracks together.
  var stored = 0
  /// Nil when it must be heard anew, which the next question does.
  var harmony: LiveHarmony?
  /// Half quarters that were over when they were last looked at.
  var looked = 0
  /// How the tracks are heard; nil until the first question.
  var kinds: [MusicParts.Kind]?

  /// Begins on the bar line at tick `origin` with tracks of these names (`MusicContext.mostTracks`
  /// at most).
  ///
  /// `ticksPerQuarter` is held within 1...32767, `keptBars` within 1 and what `mostQuarters` allow.
  public init(
    names: [String], meter: Meter = .common, tempo: Tempo? = nil, roles: [String: Role] = [:],
    origin: Int = 0, ticksPerQuarter: Int = 960, keptBars: Int = LiveAnalysis.usualBars
  ) {
    let ppq = min(max(ticksPerQuarter, 1), 32_767)
    self.meter = meter
    self.tempo = tempo
    self.roles = roles
    self.ticksPerQuarter = ppq
    let most = max(1, Int(Self.mostQuarters / meter.barLength.quarters))
    self.keptBars = min(max(keptBars, 1), most)
    self.origin = min(max(origin, -Self.furthestTick), Self.furthestTick)
    now = self.origin
    let barTicks = 4 * ppq * meter.beatsPerBar
    var stride = 1
    while stride * barTicks % meter.beatUnit != 0 { stride *= 2 }
    strideTicks = stride * barTicks / meter.beatUnit
    tracks = names.prefix(MusicContext.mostTracks).map(LiveTrack.init)
  }

  /// Notes kept, of all tracks together.
  public var noteCount: Int { tracks.reduce(0) { $0 + $1.count } }

  /// Half quarters heard for good.
  public var settledWindows: Int { harmony?.count ?? 0 }

  /// Takes a message of the track with this index, at `tick`; only notes and programs matter.
  ///
  /// - Complexity: O(keys sounding on the track); where a half quarter ended, it is heard.
  public mutating func hear(_ message: ChannelMessage, track: Int, at tick: Int) {
    guard tracks.indices.contains(track), Self.isNear(tick) else {
      counts.outOfRange += 1
      return
    }
    if message.startsNote {
      begin(message, track, tick)
    } else if message.endsNote {
      if let note = tracks[track].end(message, at: tick) {
        keep(note, track)
        expect(tick)
      } else {
        counts.stray += 1
      }
    } else if message.status & 0xF0 == 0xC0 {
      tracks[track].choose(message)
    }
    advance(to: tick)
  }

  /// Time has come to `tick`, whether anything was played or not.
  public mutating func advance(to tick: Int) {
    guard Self.isNear(tick) else { return }
    if tick > now {
      now = tick
      slide()
    }
    if harmony != nil { settle() }
  }

  /// Ends every sounding note of a track at `tick`: its input went away, or its file ended.
  public mutating func end(track: Int, at tick: Int) {
    guard tracks.indices.contains(track), Self.isNear(tick) else { return }
    while let note = tracks[track].endOldest(at: tick) {
      keep(note, track)
      expect(tick)
    }
    advance(to: tick)
  }

  /// The tracks as patterns from `origin`, whole bars long, what sounds ended now.
  public var patterns: [Pattern] {
    tracks.map { track in
      Pattern(
        name: track.name,
        notes: track.notes(from: origin, endingAt: now, ppq: ticksPerQuarter),
        controls: track.program.isEmpty
          ? [] : [Pattern.Control(at: .zero, bytes: track.program)],
        length: length, meter: meter)
    }
  }

  /// The facts about everything since `origin`, with the tracks as they are now.
  ///
  /// Keys are final up to four quarters before `now`, chords up to one.
  ///
  /// - Complexity: O(n log n) in the notes kept; the harmony costs what is new only, unless a track
  ///   turned out to do something else than before.
  public mutating func context(
    _ resolution: ChordEstimate.Resolution = .halfBeat
  ) -> MusicContext {
    let parts = MusicParts(tracks: patterns, roles: roles, drumMaps: drumMaps)
    var harmony = MusicParts.Harmony.none
    if resolution == .halfBeat {
      take(parts.kinds)
      harmony = finished(parts)
    }
    return MusicContext(
      parts, tempo: tempo, meter: meter, length: length, resolution: resolution, harmony: harmony)
  }

  /// What sounds now, or sounded last, by the roles that the last `context()` found.
  public mutating func reading() -> Reading {
    if kinds == nil { kinds = MusicParts(tracks: patterns, roles: roles, drumMaps: drumMaps).kinds }
    settle()
    guard var ahead = harmony else {
      return Reading(chord: nil, chordConfidence: 0, key: nil, keyConfidence: 0)
    }
    ahead.hear(notes(after: ahead.count, heldTo: now), to: .max, length: length)
    let (chord, key) = ahead.provisional
    return Reading(
      chord: chord?.chord, chordConfidence: chord?.confidence ?? 0, key: key?.key,
      keyConfidence: key?.share ?? 0)
  }

  private static func isNear(_ tick: Int) -> Bool {
    tick >= -furthestTick && tick <= furthestTick
  }

  /// Whole bars from `origin` to `now`, one at least.
  var length: Beats {
    let bar = meter.barLength.quarters
    let heard = Beats(ticks: now - origin, ppq: ticksPerQuarter).quarters
    return Beats(max(1, (heard / bar - 1e-9).rounded(.up)) * bar)
  }
}
