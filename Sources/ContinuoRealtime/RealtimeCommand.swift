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
    case load, clear, start, stop, thru, silence, runFree, followTransport
  }

  var kind: Kind
  var slot: Int
  var quantum = Quantum.now
  var flag = false
  var loops = true
  var thru = ThruMode.off
  var mask: UInt64 = 0
  var first = 0.0
  var second = 0.0
  var third = 0.0
  var program: ProgramView?

  init(_ kind: Kind, slot: Int = 0) {
    self.kind = kind
    self.slot = slot
  }

  /// Starts `slot` (0..<8) at `quantum`. With `anchor` nil the pattern begins where it starts,
  /// else its beginning lies at quarter `anchor` of the song.
  public static func start(
    slot: Int, at quantum: Quantum, anchor: Double?, loops: Bool
  ) -> RealtimeCommand {
    var command = RealtimeCommand(.start, slot: slot)
    command.quantum = quantum
    command.flag = anchor == nil
    command.first = anchor ?? 0
    command.loops = loops
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

  /// Ends every note, forgets what plays and what is asked for.
  public static let silence = RealtimeCommand(.silence)

  /// Runs on a tempo of our own from quarter `start`: `quartersPerMinute` > 0, and the metre.
  public static func runFree(
    start: Double, quartersPerMinute: Double, beatsPerBar: Int, beatUnit: Int
  ) -> RealtimeCommand {
    var command = RealtimeCommand(.runFree)
    command.first = start
    command.second = quartersPerMinute
    command.third = 4 / Double(max(beatUnit, 1))
    command.mask = UInt64(max(beatsPerBar, 1))
    return command
  }

  /// Follows the server's transport (as at the start).
  public static let followTransport = RealtimeCommand(.followTransport)
}
