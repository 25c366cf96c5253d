// SPDX-License-Identifier: MIT

/// Where a take is, in frames of the song rather than quarters.
///
/// A take's events are laid on frames by the saved tempo map, whatever tempi and ramps lie in
/// between: only where the song's frame 0 lies is asked of the clock, and JACK's transport tells
/// it in every cycle. Ardour's own clock does not, so there the session works it out.
/// Runs on the JACK process thread.
@safe
struct TakeTiming {
  /// Frames in one unit of a take's program; a power of two, so that a frame is told exactly.
  static var framesPerUnit: Double {
    @_noLocks @_noAllocation get { 16 }
  }

  private(set) var isOn = false
  private var byTransport = true
  private var isPlaced = false
  private var origin: Int64 = 0
  /// The take went on in the last cycle, from this origin.
  private var wasKnown = false
  private var lastOrigin: Int64 = 0

  @_noLocks @_noAllocation
  init() {}

  /// A take begins; without `byTransport` it waits for `place`.
  @_noLocks @_noAllocation
  mutating func begin(byTransport: Bool) {
    isOn = true
    self.byTransport = byTransport
    isPlaced = false
    wasKnown = false
  }

  /// The song's frame 0 lies at `origin`, until the song jumps or stops.
  @_noLocks @_noAllocation
  mutating func place(origin: Int64) {
    self.origin = origin
    isPlaced = true
  }

  @_noLocks @_noAllocation
  mutating func end() { isOn = false }

  /// The cycle at `frame` as the player is to see it: the song in units of `framesPerUnit`.
  @_noLocks @_noAllocation
  mutating func cycle(_ song: SongCycle, frame: Int64, _ transport: Transport) -> SongCycle {
    var timed = song
    timed.placesRecords = false
    if byTransport {
      timed.rolling = transport.rolling
      timed.isKnown = transport.rolling
      origin = frame &- Int64(transport.frame)
    } else {
      if song.jumped || !song.rolling { isPlaced = false }
      timed.isKnown = song.rolling && isPlaced
    }
    timed.jumped = !wasKnown || origin != lastOrigin
    timed.line = SongLine(
      baseFrame: origin, baseQuarters: 0, framesPerQuarter: TakeTiming.framesPerUnit)
    timed.quarters = timed.line.quarters(at: frame)
    timed.seekQuarters = timed.quarters
    wasKnown = timed.isKnown
    lastOrigin = origin
    return timed
  }
}
