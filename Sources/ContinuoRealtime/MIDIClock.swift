// SPDX-License-Identifier: MIT
internal import CRealtime
internal import ContinuoRings

/// Follows MIDI Clock (24 a quarter note, start, continue, stop, song position) to the frame.
///
/// Each clock bounds the song's place to one frame; the bounds' intersection is the line, as for
/// JACK's ticks. MIDI 1.0 counts song positions in sixteenths, six clocks each; Ardour 7 counts
/// them in clocks (`clocksPerPosition` 1). The bytes do not show which.
/// Runs on the JACK process thread.
@safe
struct MIDIClock {
  /// Clocks in one song position.
  var clocksPerPosition = 6
  /// Whether the sender rolls.
  private(set) var isRunning = false
  /// Whether the song's place is known: a sender joined while it rolls has not told it.
  private(set) var isPlaced = false
  /// Clocks that came in so far, whether or not they count.
  private(set) var heard: UInt64 = 0
  /// Started, or moved, in this cycle.
  private(set) var jumped = false
  /// When the sender rolled off last.
  private(set) var startedAt: Int64 = 0
  /// From frames to quarters; holds while `hasLine`.
  private(set) var phase = PhaseEstimator()
  /// The number in the song of the clock that comes next.
  private var next = 0
  private var isFresh = true
  private var lastFrame: Int64 = 0
  private var expectedFrame: Int64 = 0
  /// Cycles were missed since the last clock, and clocks with them.
  private var hasGap = false
  /// The tempo last heard, for a start before its second clock; 0 when none was.
  private var framesPerQuarter = 0.0

  /// Clocks in a quarter note.
  static var perQuarter: Double {
    @_noLocks @_noAllocation get { 24 }
  }

  /// Set-up thread.
  init() { phase.setRounding(.nearest) }

  func deallocate() { phase.deallocate() }

  /// Whether `phase.line` tells where the song is.
  var hasLine: Bool {
    @_noLocks @_noAllocation get { isRunning && isPlaced && phase.count > 0 }
  }

  /// Where a stopped song stands, in quarters.
  var quarters: Double {
    @_noLocks @_noAllocation get { Double(next) / MIDIClock.perQuarter }
  }

  /// One frame, in quarters.
  var width: Double {
    @_noLocks @_noAllocation get { 1.01 / max(phase.line.framesPerQuarter, 1) }
  }

  /// Forgets the song and the sender, but not how it counts positions.
  @_noLocks @_noAllocation
  mutating func reset() {
    isRunning = false
    isPlaced = false
    phase.reset()
    framesPerQuarter = 0
    isFresh = true
  }

  /// Takes in the clock port's `buffer` for the cycle [`frame`, `frame + frames`).
  @_noLocks @_noAllocation
  mutating func read(
    _ buffer: UnsafeMutableRawPointer, _ api: UnsafePointer<continuo_port_api>, frame: Int64,
    frames: UInt32, sampleRate: Double
  ) {
    jumped = false
    if frame != expectedFrame { hasGap = true }
    expectedFrame = frame &+ Int64(frames)
    let count = unsafe continuo_port_count(api, buffer)
    var index: UInt32 = 0
    while index < count {
      var event = unsafe continuo_midi_event(time: 0, size: 0, bytes: nil)
      let code = unsafe continuo_port_get(api, &event, buffer, index)
      index &+= 1
      guard code == 0, unsafe event.size > 0, let bytes = unsafe event.bytes else { continue }
      let at = unsafe frame &+ Int64(min(event.time, frames &- 1))
      switch unsafe bytes[0] {
      case 0xF8:
        heard &+= 1
        tick(at, Int64(frames), sampleRate)
      case 0xFA:
        next = 0
        isPlaced = true
        start(at)
      case 0xFB: start(at)
      case 0xFC: isRunning = false
      case 0xF2 where unsafe event.size >= 3:
        // SAFETY: three bytes are there.
        unsafe locate(Int(bytes[1] & 0x7F) | Int(bytes[2] & 0x7F) &<< 7)
      default: break
      }
    }
    let longest = max(8 / MIDIClock.perQuarter * framesPerQuarter, sampleRate / 4)
    // A sender that went without a stop.
    if isRunning, Double(expectedFrame &- lastFrame) > longest { isRunning = false }
  }

  @_noLocks @_noAllocation
  private mutating func start(_ at: Int64) {
    isRunning = true
    isFresh = true
    jumped = true
    startedAt = at
    lastFrame = at
    phase.reset()
  }

  @_noLocks @_noAllocation
  private mutating func locate(_ position: Int) {
    next = position &* clocksPerPosition
    isPlaced = true
    guard isRunning else { return }
    isFresh = true
    jumped = true
    phase.reset()
  }

  @_noLocks @_noAllocation
  private mutating func tick(_ at: Int64, _ period: Int64, _ sampleRate: Double) {
    guard isRunning else { return }
    let elapsed = Double(at &- lastFrame)
    if hasGap, !isFresh, framesPerQuarter > 0 {
      let lost = continuo_floor(elapsed * MIDIClock.perQuarter / framesPerQuarter - 0.5)
      next &+= max(0, Int(min(lost, 1e6)))
    }
    hasGap = false
    let place = quarters
    if isFresh {
      isFresh = false
      if framesPerQuarter > 0 { begin(at, place, framesPerQuarter) }
    } else if phase.count == 0 {
      begin(at, place, elapsed * MIDIClock.perQuarter)
    } else {
      let seen = Observation(frame: at, quarters: place, width: width)
      let most = Int64(sampleRate / 4)
      if !phase.observe(seen), !phase.observeSlipped(seen, period: period, most: most),
        !phase.refit(seen, declared: 0, sampleRate: sampleRate)
      {
        begin(at, place, elapsed * MIDIClock.perQuarter)
      }
    }
    if phase.count > 1 { framesPerQuarter = phase.line.framesPerQuarter }
    lastFrame = at
    next &+= 1
  }

  /// A new line through the clock at `at`.
  @_noLocks @_noAllocation
  private mutating func begin(_ at: Int64, _ place: Double, _ framesPerQuarter: Double) {
    guard framesPerQuarter >= 1 else { return }
    self.framesPerQuarter = framesPerQuarter
    let line = SongLine(
      baseFrame: at, baseQuarters: place, framesPerQuarter: framesPerQuarter)
    phase.begin(
      line, Observation(frame: at, quarters: place, width: 1.01 / framesPerQuarter),
      trusted: false)
  }
}
