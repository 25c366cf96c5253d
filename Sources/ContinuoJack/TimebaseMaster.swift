// SPDX-License-Identifier: MIT
internal import CJack
internal import CRealtime
internal import Synchronization

/// A tempo and metre that hold from the song's first frame on.
public struct SteadyTempo: Sendable, Equatable, Codable {
  /// Quarter notes a minute, 1...10,000.
  public let quartersPerMinute: Double
  /// Beats in a bar, 1...64.
  public let beatsPerBar: Int
  /// The note value of a beat: 4 is a quarter, 8 an eighth.
  public let beatUnit: Int

  /// Nil when a value lies outside its range.
  public init?(quartersPerMinute: Double, beatsPerBar: Int, beatUnit: Int) {
    guard (1...10_000).contains(quartersPerMinute), (1...64).contains(beatsPerBar),
      [1, 2, 4, 8, 16, 32, 64].contains(beatUnit)
    else { return nil }
    self.quartersPerMinute = quartersPerMinute
    self.beatsPerBar = beatsPerBar
    self.beatUnit = beatUnit
  }
}

/// What the timebase callback reads: plain memory that outlives the client.
///
/// A change of tempo and metre may be seen one cycle apart; both are then right.
@safe
struct TimebaseState: ~Copyable {
  /// Quarter notes a minute, as bits of a Double.
  private let tempo = Atomic<UInt64>((120.0).bitPattern)
  /// Beats in a bar times 256, plus the beat's note value.
  private let metre = Atomic<UInt32>(4 << 8 | 4)

  /// Session thread.
  func set(_ steady: SteadyTempo) {
    tempo.store(steady.quartersPerMinute.bitPattern, ordering: .relaxed)
    metre.store(UInt32(steady.beatsPerBar << 8 | steady.beatUnit), ordering: .relaxed)
  }

  /// Fills in bar, beat and tick of `position.frame`.
  /// - Thread: realtime. Realtime-safe: yes.
  @_noLocks @_noAllocation
  borrowing func fill(_ position: UnsafeMutablePointer<jack_position_t>) {
    let metre = metre.load(ordering: .relaxed)
    let beatsPerBar = Int32(bitPattern: metre >> 8)
    let unit = Double(metre & 0xFF)
    let beatsPerMinute = Double(bitPattern: tempo.load(ordering: .relaxed)) * unit / 4
    let rate = unsafe Double(max(position.pointee.frame_rate, 1))
    let beats = unsafe Double(position.pointee.frame) * beatsPerMinute / (60 * rate)
    let whole = continuo_floor(beats)
    let ticks = (beats - whole) * 1920
    let count = Int32(truncatingIfNeeded: Int64(whole))
    let bar = count / beatsPerBar
    unsafe position.pointee.bar = bar &+ 1
    unsafe position.pointee.beat = count &- bar &* beatsPerBar &+ 1
    unsafe position.pointee.tick = Int32(ticks)
    unsafe position.pointee.bar_start_tick = Double(bar) * Double(beatsPerBar) * 1920
    unsafe position.pointee.beats_per_bar = Float(beatsPerBar)
    unsafe position.pointee.beat_type = Float(unit)
    unsafe position.pointee.ticks_per_beat = 1920
    unsafe position.pointee.beats_per_minute = beatsPerMinute
    unsafe position.pointee.tick_double = ticks
    unsafe position.pointee.valid = jack_position_bits_t(
      rawValue: JackPositionBBT.rawValue | JackTickDouble.rawValue)
  }
}

/// The one function JACK calls for bar, beat and tick; `context` is a `TimebaseState`.
/// - Thread: realtime. Realtime-safe: yes.
@_noLocks @_noAllocation
private func runTimebase(
  _ position: UnsafeMutablePointer<jack_position_t>?, _ context: UnsafeMutableRawPointer?
) {
  // SAFETY: the context is the client's `TimebaseState`, alive until deactivation.
  guard let position = unsafe position,
    let state = unsafe context?.assumingMemoryBound(to: TimebaseState.self)
  else { return }
  unsafe state.pointee.fill(position)
}

extension JackClient {
  /// Tells every client bar, beat and tick from now on; a tempo told before is replaced.
  /// - Throws: `JackError.timebaseTaken` while another client does so, `closed`.
  public func becomeTimebaseMaster(_ tempo: SteadyTempo) throws(JackError) {
    guard !isServerGone else { throw .closed }
    unsafe timebase.pointee.set(tempo)
    let code = unsafe jack_set_timebase_callback(
      handle, 1, { _, _, position, _, context in unsafe runTimebase(position, context) }, timebase)
    guard code == 0 else { throw .timebaseTaken }
  }

  /// Leaves bars and beats to others; nothing happens when they were never told.
  public func releaseTimebase() {
    if !isServerGone { unsafe jack_release_timebase(handle) }
  }
}
