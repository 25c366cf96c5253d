// SPDX-License-Identifier: MIT
internal import ContinuoRealtime

/// One way of the song from a start, a jump or a loop's beginning to the next stop or jump.
struct SongPass: Equatable, Sendable {
  /// Its number over the whole session, from 1.
  var number: Int
  /// Absolute frames it lasted; the end belongs to the next one.
  var frames: Range<UInt64>
  /// Quarter notes from bar 1 at its beginning.
  var start: Double
  /// Quarter notes from bar 1 where it ended, or stands now.
  var end: Double

  /// The passes that `marks` tell of, oldest first; the last one goes on to `frame` and `quarters`
  /// when the song rolls there.
  ///
  /// A pass without a known place tells nothing of bars and is left out; so is one that a new server
  /// finds open, and one in which a take was recorded: nothing is listened to meanwhile.
  static func all(
    _ marks: [TakeStore.Mark], rollingTo now: (frame: UInt64, quarters: Double)?
  ) -> [SongPass] {
    var passes: [SongPass] = []
    var open: (frame: UInt64, quarters: Double)?
    var number = 0
    var rolls = false
    var holdsTake = false
    func close(_ frame: UInt64, _ quarters: Double) {
      if let begun = open, !holdsTake, frame > begun.frame, quarters > begun.quarters {
        passes.append(
          SongPass(
            number: number, frames: begun.frame..<frame, start: begun.quarters, end: quarters))
      }
      open = nil
    }
    func begin(_ mark: TakeStore.Mark) {
      guard let quarters = mark.quarters else { return }
      number += 1
      holdsTake = false
      open = (mark.frame, quarters)
    }
    for mark in marks {
      switch mark.kind {
      case .transportStarted:
        rolls = true
        begin(mark)
      case .transportStopped:
        rolls = false
        if let quarters = mark.quarters { close(mark.frame, quarters) } else { open = nil }
      case .located, .loopWrapped:
        // A song may roll off before its place is known, as on MIDI Clock.
        guard rolls else { continue }
        close(mark.frame, mark.value)
        begin(mark)
      case .patternStarted where mark.value == Double(HostPerformer.slot): holdsTake = true
      case .serverRestarted:
        rolls = false
        open = nil
      default: continue
      }
    }
    if let now { close(now.frame, now.quarters) }
    return passes
  }
}

extension SongPass {
  /// What of the pass lies after `mark`; nil when it was over by then.
  func part(from mark: TakeStore.Mark) -> SongPass? {
    guard frames.upperBound > mark.frame else { return nil }
    guard frames.contains(mark.frame), let quarters = mark.quarters else { return self }
    var part = self
    part.start = max(start, quarters)
    return part
  }
}

/// Which bars of which pass make up "the last N bars".
struct LastBars: Equatable, Sendable {
  /// A run of bars from one pass.
  struct Piece: Equatable, Sendable {
    var pass: SongPass
    /// Bars counted from the grid's own bar 0.
    var bars: Range<Int>
  }

  /// In the order of the timeline; together without a gap.
  var pieces: [Piece]

  /// The first bar and the one after the last.
  var bars: Range<Int> {
    (pieces.first?.bars.lowerBound ?? 0)..<(pieces.last?.bars.upperBound ?? 0)
  }

  /// The last `count` bars of `passes` on a grid of `barLength` quarters through `barStart`.
  ///
  /// Each bar comes from the newest pass that held all of it. The bars end with the newest one and
  /// go back in the timeline; where that was not played, as at a loop's beginning, what older
  /// passes hold behind it is taken. With
  /// `isStopped`, a bar of which half was played before the song stopped counts as whole. Nil when no bar is whole.
  init?(
    _ count: Int, of passes: [SongPass], barStart: Double, barLength: Double, isStopped: Bool
  ) {
    guard barLength > 0, count > 0 else { return nil }
    let hair = 1e-3
    var holder: [Int: SongPass] = [:]
    var newest: Int?
    for (age, pass) in passes.reversed().enumerated() {
      let first = Int(((pass.start - barStart) / barLength - hair).rounded(.up))
      let reach = (pass.end - barStart) / barLength
      let last = Int((reach + (age == 0 && isStopped ? 0.5 : hair)).rounded(.down))
      guard last > first else { continue }
      // A place that a time base gets wrong may be millions of bars away.
      for bar in max(first, last - 100_000)..<last where holder[bar] == nil { holder[bar] = pass }
      newest = newest ?? last - 1
      // Older passes can only matter next to these; the dictionary stays as small as the song.
      if holder.count > 100_000 { break }
    }
    guard let end = newest else { return nil }
    var low = end
    while end - low + 1 < count, holder[low - 1] != nil { low -= 1 }
    var high = end
    while high - low + 1 < count, holder[high + 1] != nil { high += 1 }
    pieces = []
    for bar in low...high {
      guard let pass = holder[bar] else { continue }
      if let last = pieces.last, last.pass == pass {
        pieces[pieces.count - 1].bars = last.bars.lowerBound..<bar + 1
      } else {
        pieces.append(Piece(pass: pass, bars: bar..<bar + 1))
      }
    }
  }
}
