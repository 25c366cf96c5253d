// SPDX-License-Identifier: MIT
internal import ContinuoArdour
internal import ContinuoJack
internal import ContinuoRealtime
internal import Dispatch

/// Programs that both hear us and are heard by us, as Ardour whose tracks are followed while a
/// candidate plays through one of them.
///
/// JACK runs one of the two first in every cycle, so one way of such a loop takes a period longer:
/// the way whose first connection closed the loop, for as long as it has any. Ours should be the way
/// out, where a period is made up for by playing that much ahead, and what is captured stays exact.
struct LoopWatch {
  /// Which way of a loop takes a period longer.
  enum LateWay { case out, back }

  /// Whether connections came or went since the last look.
  var changed = false
  /// What patterns are played, and events stamped, ahead by.
  fileprivate(set) var ahead = Ahead()
  /// When each connection came, counted.
  private var connectedAt: [RealtimeHost.Wire: Int] = [:]
  private var count = 0
  /// Partings of ours that JACK has yet to tell of.
  private var parted: [RealtimeHost.Wire: Int] = [:]
  /// Which way is late to the programs that make a loop with us.
  fileprivate var lateWays: [Substring: LateWay] = [:]
  /// Since when nothing came in, and how much had until then.
  fileprivate var idleSince: DispatchTime?
  fileprivate var idleCaptured: UInt64 = 0
  fileprivate var lastLook: DispatchTime?

  /// Takes note of the order in which connections come and go.
  mutating func remember(_ wire: RealtimeHost.Wire, _ exists: Bool) {
    count += 1
    connectedAt[wire] = exists ? connectedAt[wire] ?? count : nil
    changed = true
  }

  /// Whether JACK tells of a parting that was ours; once for each.
  mutating func expects(_ wire: RealtimeHost.Wire) -> Bool {
    guard let left = parted[wire] else { return false }
    parted[wire] = left > 1 ? left - 1 : nil
    return true
  }

  mutating func rename(_ now: (RealtimeHost.Wire) -> RealtimeHost.Wire) {
    connectedAt = Dictionary(
      connectedAt.map { (now($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  mutating func serverLeft() {
    connectedAt = [:]
    parted = [:]
    lateWays = [:]
    changed = true
  }

  /// When the first of `wires` came, counted.
  fileprivate func first(of wires: [RealtimeHost.Wire]) -> Int {
    wires.compactMap { connectedAt[$0] }.min() ?? 0
  }

  fileprivate mutating func part(_ wire: RealtimeHost.Wire) { parted[wire, default: 0] += 1 }

  fileprivate mutating func close(_ wire: RealtimeHost.Wire) {
    count += 1
    connectedAt[wire] = count
  }
}

/// By how much the song is ahead for those who hear us and those we hear.
///
/// While its outputs are connected to a sound card, Ardour sends what lies at T so much before T that
/// it is heard at T: the card's playback latency and its resampler's delay (measured with 7.3).
struct Ahead: Hashable, Sendable, Codable {
  /// Whether what hears us hears us a period late.
  var period = false
  /// Frames by which Ardour's tracks play what we send after the rest of it.
  var frames = 0
  /// Frames by which Ardour sends before the place in the song.
  var sent = 0
  /// The inputs that Ardour sends to (bit 0: input 1).
  var ports: UInt64 = 0
}

/// On `queue` alone.
extension RealtimeHost {
  /// Finds the loops there are and plays ahead where the way out is late; a loop that delays what
  /// comes in is turned as soon as nothing can be lost by it.
  func faceLoops() {
    // Others' connections, on which Ardour's latency depends, are not told to us.
    let pause = loops.changed ? 0.05 : 1
    if let last = loops.lastLook, .now() < last + pause { return }
    loops.lastLook = .now()
    loops.changed = false
    guard let client else { return }
    let output = client.outputName
    var out: [Substring: [Wire]] = [:]
    for listener in client.connections(of: output) {
      out[Self.program(listener), default: []].append(Wire(from: output, to: listener))
    }
    var back: [Substring: [Wire]] = [:]
    for name in client.inputNames {
      for source in client.connections(of: name) {
        back[Self.program(source), default: []].append(Wire(from: source, to: name))
      }
    }
    for (program, way) in loops.lateWays where (way == .out ? out : back)[program] == nil {
      loops.lateWays[program] = nil
    }
    // Our own output at our own input is no program that runs before us.
    let own = Self.program(output)
    for (program, wires) in out where program != own {
      guard let others = back[program] else { continue }
      if loops.lateWays[program] == nil {
        loops.lateWays[program] =
          loops.first(of: wires) > loops.first(of: others) ? .out : .back
      }
      guard loops.lateWays[program] == .back else { continue }
      guard isIdle else {
        loops.changed = true
        continue
      }
      if turn(out: wires, back: others, client) { loops.lateWays[program] = .out }
    }
    let isLate = out.keys.contains { loops.lateWays[$0] == .out && back[$0] != nil }
    let early = Set(out.keys).union(back.keys).compactMap { program in
      program.hasPrefix(ArdourPort.standardClient)
        ? client.soundCardLatency(of: String(program)).map { (program, $0.playback) } : nil
    }
    reckon(
      with: Ahead(
        period: isLate,
        frames: early.filter { out[$0.0] != nil }.map { $0.1 + RecordedOffset.resampler }.max()
          ?? 0,
        sent: early.map { $0.1 + RecordedOffset.resampler }.max() ?? 0,
        ports: ports(of: Set(early.map(\.0)), client)))
  }

  /// Which inputs the programs are connected to (bit 0: input 1).
  private func ports(of programs: Set<Substring>, _ client: JackClient) -> UInt64 {
    var mask: UInt64 = 0
    for (index, name) in client.inputNames.prefix(64).enumerated()
    where client.connections(of: name).contains(where: { programs.contains(Self.program($0)) }) {
      mask |= 1 << UInt64(index)
    }
    return mask
  }

  private func reckon(with ahead: Ahead) {
    guard ahead != loops.ahead else { return }
    loops.ahead = ahead
    _ = engine.send(.playAhead(by: ahead.frames, andPeriod: ahead.period))
    _ = engine.send(.sentAhead(by: ahead.sent, ports: ahead.ports))
  }

  /// Whether nothing sounds, rolls, or came in during the last second.
  private var isIdle: Bool {
    let captured = engine.counters[.captured]
    if captured != loops.idleCaptured || loops.idleSince == nil {
      loops.idleCaptured = captured
      loops.idleSince = .now()
    }
    let snapshot = engine.snapshot()
    guard !snapshot.song.rolling, !snapshot.transportRolling,
      engine.counters[.sounding] + engine.counters[.pending] == 0, let since = loops.idleSince
    else {
      loops.idleSince = nil
      return false
    }
    return since + 1 <= .now()
  }

  /// Parts a loop and closes it again with the way out; false when a wire could not be parted or
  /// joined, and every one that can be is joined again.
  private func turn(out: [Wire], back: [Wire], _ client: JackClient) -> Bool {
    var fault: JackError?
    for wire in out + back {
      do throws(JackError) {
        try client.disconnect(wire.from, wire.to)
        loops.part(wire)
      } catch {
        fault = error
      }
    }
    for wire in back + out {
      do throws(JackError) {
        try client.connect(wire.from, wire.to)
        loops.close(wire)
      } catch {
        fault = error
      }
    }
    if let fault {
      notice("\(fault)")
      wiresChanged = true
    }
    return fault == nil
  }

  private static func program(_ port: String) -> Substring { port.prefix { $0 != ":" } }
}
