// SPDX-License-Identifier: MIT

/// A song map's tempo changes as a piecewise straight line through ticks, quarters and seconds.
struct TempoLine {
  let division: StandardMIDIFile.Division
  let tempos: [SongMap.TempoChange]

  func beats(atTick tick: Int) -> Beats {
    switch division {
    case .ticksPerQuarter(let ppq): Beats(ticks: tick, ppq: ppq)
    case .timeCode: beats(atSeconds: seconds(atTick: tick))
    }
  }

  func tick(at beats: Beats) -> Int {
    switch division {
    case .ticksPerQuarter(let ppq): beats.ticks(ppq: ppq)
    case .timeCode: clampedInt((seconds(at: beats) * division.ticksPerSecond).rounded())
    }
  }

  func seconds(at beats: Beats) -> Double {
    let change = change(at: beats.quarters)
    return change.seconds + change.seconds(after: beats.quarters - change.at.quarters)
  }

  func seconds(atTick tick: Int) -> Double {
    switch division {
    case .ticksPerQuarter: seconds(at: beats(atTick: tick))
    case .timeCode: Double(tick) / division.ticksPerSecond
    }
  }

  func beats(atSeconds seconds: Double) -> Beats {
    let change = tempos[tempos.lastIndex { $0.seconds <= seconds }]
    return change.at + Beats(change.quarters(after: seconds - change.seconds))
  }

  func tempo(at quarters: Double) -> Tempo {
    let change = change(at: quarters)
    return change.tempo(after: quarters - change.at.quarters)
  }

  func change(at quarters: Double) -> SongMap.TempoChange {
    tempos[tempos.lastIndex { $0.at.quarters <= quarters }]
  }
}

extension StandardMIDIFile.Division {
  /// Ticks a second under time code; 1 for quarters, which have none.
  var ticksPerSecond: Double {
    switch self {
    case .ticksPerQuarter: 1
    case .timeCode(let rate, let ticks): rate.framesPerSecond * Double(ticks)
    }
  }
}

extension SongMap.TempoChange {
  /// A change at `tick`, which is not before this one and has none between.
  fileprivate func next(
    _ mark: SongMapBuilder.Mark, _ division: StandardMIDIFile.Division
  ) -> SongMap.TempoChange {
    let (tick, secondsPerQuarter, growth) = mark
    switch division {
    case .ticksPerQuarter(let ppq):
      let place = Beats(ticks: tick, ppq: ppq)
      return SongMap.TempoChange(
        at: place, secondsPerQuarter: secondsPerQuarter, growth: growth, tick: tick,
        seconds: seconds + self.seconds(after: (place - at).quarters))
    case .timeCode:
      let seconds = Double(tick) / division.ticksPerSecond
      return SongMap.TempoChange(
        at: at + Beats(self.quarters(after: seconds - self.seconds)),
        secondsPerQuarter: secondsPerQuarter, growth: growth, tick: tick, seconds: seconds)
    }
  }
}

extension Array {
  /// The last element that `isReached`, which holds for a first part of the array; 0 if none is.
  package func lastIndex(isReached: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = low + (high - low) / 2
      if isReached(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return Swift.max(0, low - 1)
  }
}

/// Gathers a file's tempo and metre events and turns them into changes in order.
struct SongMapBuilder {
  /// A tempo, its place and its growth a quarter.
  typealias Mark = (tick: Int, secondsPerQuarter: Double, growth: Double)

  private(set) var tempos: [Mark] = []
  private(set) var meters: [(tick: Int, meter: Meter)] = []
  private(set) var repairs: [Repair] = []

  mutating func add(_ event: StandardMIDIFile.Event) {
    guard case .meta(let meta) = event.payload else { return }
    if meta.type == 0x51 {
      if let micros = meta.microsecondsPerQuarter {
        tempos.append((event.tick, Double(micros) / 1e6, 0))
      } else {
        repairs.append(.unusableTempo(tick: event.tick))
      }
    } else if meta.type == 0x58 {
      if let meter = meta.meter {
        meters.append((event.tick, meter))
      } else {
        repairs.append(.unusableMeter(tick: event.tick))
      }
    }
  }

  /// Sorted changes from tick 0 on, with their quarters and seconds.
  static func tempoChanges(
    _ tempos: [Mark], _ division: StandardMIDIFile.Division
  ) -> [SongMap.TempoChange] {
    let standard = 60 / Tempo.standard.quartersPerMinute
    var changes = [
      SongMap.TempoChange(
        at: .zero, secondsPerQuarter: standard, growth: 0, tick: 0, seconds: 0)
    ]
    for mark in inOrder(tempos, by: \.tick) {
      guard let last = changes.last else { break }
      let change = last.next(mark, division)
      if last.tick == mark.tick { changes.removeLast() }
      let isSame =
        changes.last?.secondsPerQuarter == mark.secondsPerQuarter && mark.growth == 0
        && changes.last?.growth == 0
      if !isSame { changes.append(change) }
    }
    return changes
  }

  /// Sorted changes of metre from bar 1 on; a metre said again is no change.
  static func meterChanges(
    _ meters: [(tick: Int, meter: Meter)], quarters: (Int) -> Double
  ) -> [SongMap.MeterChange] {
    var changes = [SongMap.MeterChange(at: .zero, bar: 1, meter: .common)]
    var lastTick = 0
    for (tick, meter) in inOrder(meters, by: \.tick) {
      if tick == lastTick, let last = changes.popLast() {
        if changes.last?.meter != meter {
          changes.append(SongMap.MeterChange(at: last.at, bar: last.bar, meter: meter))
        }
        continue
      }
      guard let last = changes.last, last.meter != meter else { continue }
      let place = quarters(tick)
      let bars = (place - last.at.quarters) / last.meter.barLength.quarters
      let bar = last.bar + max(1, clampedInt((bars - 1e-9).rounded(.up)))
      changes.append(SongMap.MeterChange(at: Beats(place), bar: bar, meter: meter))
      lastTick = tick
    }
    return changes
  }

  private static func inOrder<Element>(
    _ elements: [Element], by tick: KeyPath<Element, Int>
  ) -> [Element] {
    elements.enumerated()
      .sorted { ($0.element[keyPath: tick], $0.offset) < ($1.element[keyPath: tick], $1.offset) }
      .map(\.element)
  }
}
