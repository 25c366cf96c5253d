// SPDX-License-Identifier: MIT
public import ContinuoMusic

/// A recorded take compared with what was played, note by note and control by control.
public struct TakeVerification: Hashable, Sendable {
  /// A note that was recorded, but not as it was played.
  public struct Difference: Hashable, Sendable {
    /// As it was played.
    public let played: Note
    /// As it was recorded.
    public let recorded: Note
  }

  /// Ardour writes places to 1/1920 of a quarter, so a true start may lie half of one away; one
  /// whole allows for the frame it was sent on.
  public static let startTolerance = Beats(1.0 / 1920)
  /// Both ends of a note are rounded.
  public static let durationTolerance = Beats(2.0 / 1920)

  /// How many notes were played.
  public let played: Int
  /// How many were recorded.
  public let recorded: Int
  /// Played, and nothing like it recorded.
  public let missing: [Note]
  /// Recorded, and nothing like it played.
  public let extra: [Note]
  /// Recorded at another place, beyond the tolerance.
  public let shifted: [Difference]
  /// Recorded with another velocity.
  public let louderOrSofter: [Difference]
  /// Recorded with another length, beyond the tolerance.
  public let longerOrShorter: [Difference]
  /// How many controls were played.
  public let playedControls: Int
  /// Pedals, wheels, bends, pressure and programs that were played and not recorded.
  public let missingControls: [Pattern.Control]
  /// Recorded, and nothing like them played; without the bank 0 that Ardour puts before a program.
  public let extraControls: [Pattern.Control]
  /// Recorded at another place, beyond the tolerance; as they were played.
  public let shiftedControls: [Pattern.Control]
  /// The median of recorded minus played start over all pairs, in frames; nil without a pair.
  public let medianOffset: Double?
  /// The least and greatest of them, in frames.
  public let offsetRange: ClosedRange<Double>?

  /// Whether every note is there once, in its place, with its length, velocity and channel, and so is
  /// every control.
  public var isExact: Bool {
    missing.isEmpty && extra.isEmpty && shifted.isEmpty && louderOrSofter.isEmpty
      && longerOrShorter.isEmpty && shiftedControls.isEmpty && hasItsControls
  }

  private var hasItsControls: Bool { missingControls.isEmpty && extraControls.isEmpty }

  /// Whether every note is there as it was played but all are off by one constant.
  public var isExactButForOffset: Bool {
    guard let offsetRange, missing.isEmpty, extra.isEmpty, louderOrSofter.isEmpty,
      longerOrShorter.isEmpty, hasItsControls
    else { return false }
    return offsetRange.upperBound - offsetRange.lowerBound <= spread
  }

  private let spread: Double

  /// Compares in song time; `map` and `sampleRate` turn places into frames.
  ///
  /// Notes of one key and channel are paired so that their order is kept and the pairs lie close,
  /// at most `reach` apart.
  public init(
    played: [Note], recorded: [Note],
    controls: (played: [Pattern.Control], recorded: [Pattern.Control]) = ([], []),
    map: SongMap, sampleRate: Int, reach: Beats = Beats(0.25)
  ) {
    func frame(_ beats: Beats) -> Double { map.seconds(at: beats) * Double(sampleRate) }
    let pairing = TakePairing(played: played, recorded: recorded, reach: reach)
    let pairs = pairing.pairs.map { Difference(played: $0.0, recorded: $0.1) }
    self.played = played.count
    self.recorded = recorded.count
    missing = pairing.missing
    extra = pairing.extra
    shifted = pairs.filter {
      abs(($0.recorded.start - $0.played.start).quarters) > Self.startTolerance.quarters
    }
    louderOrSofter = pairs.filter { $0.recorded.velocity != $0.played.velocity }
    longerOrShorter = pairs.filter {
      abs(($0.recorded.duration - $0.played.duration).quarters) > Self.durationTolerance.quarters
    }
    let paired = ControlPairing(controls.played, controls.recorded, reach)
    playedControls = controls.played.count
    missingControls = paired.missing
    extraControls = paired.extra
    shiftedControls = paired.pairs.filter {
      abs(($0.recorded.at - $0.played.at).quarters) > Self.startTolerance.quarters
    }.map(\.played)
    let offsets = pairs.map { frame($0.recorded.start) - frame($0.played.start) }
    // The median: an xrun that shifts part of a take by a period does not bend it.
    medianOffset = offsets.isEmpty ? nil : offsets.sorted()[offsets.count / 2]
    offsetRange = offsets.min().flatMap { least in offsets.max().map { least...$0 } }
    let slowest = map.tempos.map(\.secondsPerQuarter).max() ?? 0.5
    spread = 2 * Self.startTolerance.quarters * slowest * Double(sampleRate)
  }
}

/// Pairs notes by key and channel in the order of their starts.
private struct TakePairing {
  var pairs: [(Note, Note)] = []
  var missing: [Note] = []
  var extra: [Note] = []

  init(played: [Note], recorded: [Note], reach: Beats) {
    let wanted = Dictionary(grouping: played) { Int($0.channel) << 7 | Int($0.pitch) }
    let found = Dictionary(grouping: recorded) { Int($0.channel) << 7 | Int($0.pitch) }
    for key in Set(wanted.keys).union(found.keys).sorted() {
      pair(
        (wanted[key] ?? []).sorted { $0.start < $1.start },
        (found[key] ?? []).sorted { $0.start < $1.start }, reach)
    }
    pairs.sort { $0.0.start < $1.0.start }
    missing.sort { $0.start < $1.start }
    extra.sort { $0.start < $1.start }
  }

  private mutating func pair(_ wanted: [Note], _ found: [Note], _ reach: Beats) {
    var next = 0
    for (index, note) in wanted.enumerated() {
      while next < found.count, found[next].start < note.start - reach {
        extra.append(found[next])
        next += 1
      }
      guard next < found.count, found[next].start <= note.start + reach else {
        missing.append(note)
        continue
      }
      // A recorded note nearer to the next played one belongs to that, if it then has no own.
      let distance = abs((found[next].start - note.start).quarters)
      let following = index + 1 < wanted.count ? wanted[index + 1] : nil
      let isLast = found.count - next < wanted.count - index
      if let following, isLast,
        abs((found[next].start - following.start).quarters) < distance
      {
        missing.append(note)
        continue
      }
      pairs.append((note, found[next]))
      next += 1
    }
    extra += found[next...]
  }
}

/// Pairs equal messages in the order of their places.
private struct ControlPairing {
  var pairs: [(played: Pattern.Control, recorded: Pattern.Control)] = []
  var missing: [Pattern.Control] = []
  var extra: [Pattern.Control] = []

  init(_ played: [Pattern.Control], _ recorded: [Pattern.Control], _ reach: Beats) {
    var found = Dictionary(grouping: recorded.sorted { $0.at < $1.at }, by: \.bytes)
      .mapValues { $0[...] }
    for control in played.sorted(by: { $0.at < $1.at }) {
      var rest = found[control.bytes] ?? []
      while let first = rest.first, first.at < control.at - reach {
        extra.append(rest.removeFirst())
      }
      if let first = rest.first, first.at <= control.at + reach {
        pairs.append((control, rest.removeFirst()))
      } else {
        missing.append(control)
      }
      found[control.bytes] = rest
    }
    extra += found.values.joined()
    let programs = played.filter { ($0.bytes.first ?? 0) & 0xF0 == 0xC0 }
    // Ardour 7.3 writes a bank with each program, 0 when none was played.
    extra.removeAll { control in
      Self.isFirstBank(control.bytes)
        && programs.contains {
          $0.bytes[0] & 0x0F == control.bytes[0] & 0x0F
            && abs(($0.at - control.at).quarters) <= reach.quarters
        }
    }
    extra.sort { $0.at < $1.at }
  }

  private static func isFirstBank(_ bytes: [UInt8]) -> Bool {
    bytes.count == 3 && bytes[0] & 0xF0 == 0xB0 && [0, 32].contains(bytes[1]) && bytes[2] == 0
  }
}
