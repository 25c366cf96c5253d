// SPDX-License-Identifier: MIT

/// Whether what comes in goes out.
@frozen
public enum ThruMode: UInt8, BitwiseCopyable, Sendable, CaseIterable {
  /// Nothing passes.
  case off = 0
  /// Everything passes.
  case always
  /// The original passes, and is replaced while a pattern sounds: A/B by one switch.
  case unlessPlaying
}

/// What the session asks of the process thread.
public struct RealtimeCommand: BitwiseCopyable, Sendable {
  enum Kind: UInt8, BitwiseCopyable {
    case load, clear, start, stop, thru, endThru, silence, runFree, followTransport, timebase
    case songPositions, take, placeTake, playAhead, sentAhead
  }

  var kind: Kind
  /// Whether carrying it out can give a program back.
  var mayRetire: Bool {
    @_noLocks @_noAllocation get {
      switch kind {
      case .load, .clear: true
      default: false
      }
    }
  }
  var slot: Int
  var quantum = Quantum.now
  var flag = false
  var loops = true
  var thru = ThruMode.off
  var timebase = TimebaseKind.unknown
  var mask: UInt64 = 0
  var first = 0.0
  var second = 0.0
  var third = 0.0
  var program: ProgramView?

  init(_ kind: Kind, slot: Int = 0) {
    self.kind = kind
    self.slot = slot
  }

  /// Starts `slot` (0..<8) at `quantum`.
  ///
  /// With `anchor` nil the pattern begins where it starts, else its beginning lies at quarter
  /// `anchor` of the song (±10⁹). An empty slot is silence.
  public static func start(
    slot: Int, at quantum: Quantum, anchor: Double?, loops: Bool
  ) -> RealtimeCommand {
    var command = RealtimeCommand(.start, slot: slot)
    command.quantum = quantum
    command.flag = anchor == nil
    command.first = bounded(anchor ?? 0, -1e9...1e9, otherwise: 0)
    command.loops = loops
    return command
  }

  /// Plays `slot` (0..<8) once by frames of the song: the program's unit is 16 frames, and its
  /// beginning lies at the song's frame `frame` (0...10¹⁰).
  ///
  /// Tempo and ramps play no part. With `byTransport` the song's frames are those of the server's
  /// transport; without, nothing is played before `placeTake` says where they lie. Any other start
  /// or stop ends it.
  public static func take(slot: Int, from frame: Int, byTransport: Bool) -> RealtimeCommand {
    var command = RealtimeCommand(.take, slot: slot)
    command.flag = byTransport
    command.first = bounded(Double(frame), 0...1e10, otherwise: 0) / TakeTiming.framesPerUnit
    return command
  }

  /// Tells at which frame of ours the song's frame 0 lies, for a take that goes on now.
  public static func placeTake(origin: Int64) -> RealtimeCommand {
    var command = RealtimeCommand(.placeTake)
    command.mask = UInt64(bitPattern: origin)
    return command
  }

  /// Plays patterns `frames` ahead of JACK's transport (0...2²⁰; 0 at the start), and a period more
  /// with `andPeriod`.
  ///
  /// For a listener that is heard so much later, or that runs before us in the cycle and hears us a
  /// period late. What is asked for after it was due, as at the transport's start, is played at once.
  public static func playAhead(by frames: Int, andPeriod: Bool) -> RealtimeCommand {
    var command = RealtimeCommand(.playAhead)
    command.mask = UInt64(min(max(frames, 0), 1 << 20))
    command.flag = andPeriod
    return command
  }

  /// What comes in at `ports` (bit 0: port 1) while the song rolls was sent `frames` (0...2²⁰) before
  /// its place in JACK's transport, and is stamped with that place; no port at the start.
  public static func sentAhead(by frames: Int, ports: UInt64) -> RealtimeCommand {
    var command = RealtimeCommand(.sentAhead)
    command.first = Double(min(max(frames, 0), 1 << 20))
    command.mask = ports
    return command
  }

  /// Stops what plays at `quantum`; the original passes again.
  public static func stop(at quantum: Quantum) -> RealtimeCommand {
    var command = RealtimeCommand(.stop)
    command.quantum = quantum
    return command
  }

  /// Passes input ports (bit 0: port 1) to the output.
  public static func thru(_ mode: ThruMode, ports: UInt64) -> RealtimeCommand {
    var command = RealtimeCommand(.thru)
    command.thru = mode
    command.mask = ports
    return command
  }

  /// Ends what came in and still sounds: for when a source was disconnected, whose note-offs will
  /// not come any more.
  public static let endThru = RealtimeCommand(.endThru)

  /// Ends every note, forgets what plays and what is asked for, and shuts the way through.
  public static let silence = RealtimeCommand(.silence)

  /// Runs on a tempo of our own from quarter `start` (±10⁶) at `quartersPerMinute` (1...10,000), in
  /// `beatsPerBar` (1...64) notes of a `beatUnit`-th (1...64).
  ///
  /// What lies outside is brought inside.
  public static func runFree(
    start: Double, quartersPerMinute: Double, beatsPerBar: Int, beatUnit: Int
  ) -> RealtimeCommand {
    var command = RealtimeCommand(.runFree)
    command.first = bounded(start, -1e6...1e6, otherwise: 0)
    command.second = bounded(quartersPerMinute, 1...10_000, otherwise: 120)
    command.third = 4 / Double(min(max(beatUnit, 1), 64))
    command.mask = UInt64(min(max(beatsPerBar, 1), 64))
    return command
  }

  /// Follows the server's transport (as at the start).
  public static let followTransport = RealtimeCommand(.followTransport)

  /// Tells what a song position at the clock port counts: clocks, as Ardour 7 does, or sixteenths, as
  /// MIDI 1.0 has it (as at the start).
  public static func songPositions(countClocks: Bool) -> RealtimeCommand {
    var command = RealtimeCommand(.songPositions)
    command.flag = countClocks
    return command
  }

  /// Tells what is known of the timebase master.
  ///
  /// Where it cannot be learned from the transport, as with Ardour on its own clock, half a tick of
  /// error depends on it.
  public static func timebase(_ kind: TimebaseKind) -> RealtimeCommand {
    var command = RealtimeCommand(.timebase)
    command.timebase = kind
    return command
  }

  private static func bounded(
    _ value: Double, _ range: ClosedRange<Double>, otherwise: Double
  ) -> Double {
    value.isNaN ? otherwise : min(max(value, range.lowerBound), range.upperBound)
  }
}
