// SPDX-License-Identifier: MIT
import ContinuoRealtime

/// A timebase master as others write them: exact positions from the transport frame, then told as
/// a fraction, truncated, or rounded.
struct FakeTimebase {
  enum Ticks: CaseIterable { case double, truncated, rounded }

  struct Section {
    var bar: Int
    var bpm: Double
    var beats: Int
    var unit: Int
    /// Transport frame and quarter at which it starts; filled in by `init`.
    var frame = 0.0
    var quarter = 0.0
  }

  let sections: [Section]
  let ticks: Ticks
  let rate: Double

  init(_ plan: [(bar: Int, bpm: Double, beats: Int, unit: Int)], ticks: Ticks, rate: Double) {
    var sections: [Section] = []
    for entry in plan {
      var section = Section(bar: entry.bar, bpm: entry.bpm, beats: entry.beats, unit: entry.unit)
      if let last = sections.last {
        let quarters = Double((entry.bar - last.bar) * last.beats) * 4 / Double(last.unit)
        section.quarter = last.quarter + quarters
        section.frame = last.frame + quarters * 60 * rate / last.bpm
      }
      sections.append(section)
    }
    self.sections = sections
    self.ticks = ticks
    self.rate = rate
  }

  /// The exact transport frame of a quarter.
  func frame(of quarter: Double) -> Double {
    let section = sections.last { $0.quarter <= quarter + 1e-12 } ?? sections[0]
    return section.frame + (quarter - section.quarter) * 60 * rate / section.bpm
  }

  /// The frame the rounding rule names.
  func roundedFrame(of quarter: Double) -> Int {
    Int((frame(of: quarter) + 0.5 + 1e-6).rounded(.down))
  }

  func transport(at frame: UInt32, rolling: Bool = true) -> Transport {
    let at = Double(frame)
    let section = sections.last { $0.frame <= at + 1e-9 } ?? sections[0]
    let quarters = (at - section.frame) * section.bpm / (60 * rate)
    let beats = quarters * Double(section.unit) / 4
    var bars = Int((beats / Double(section.beats) + 1e-12).rounded(.down))
    var beat = Int((beats - Double(bars * section.beats) + 1e-12).rounded(.down))
    var tick = (beats - Double(bars * section.beats + beat)) * 1920
    if ticks == .rounded {
      tick = tick.rounded()
      if tick >= 1920 {
        tick = 0
        beat += 1
        if beat >= section.beats {
          beat = 0
          bars += 1
        }
      }
    }
    var transport = Transport()
    transport.rolling = rolling
    transport.frame = frame
    transport.hasBBT = true
    transport.bar = Int32(section.bar + bars)
    transport.beat = Int32(beat + 1)
    transport.tick = Int32(max(0, tick))
    transport.ticksPerBeat = 1920
    transport.beatsPerBar = Float(section.beats)
    transport.beatType = Float(section.unit)
    transport.beatsPerMinute = section.bpm * Double(section.unit) / 4
    if ticks == .double {
      transport.hasTickDouble = true
      transport.tickDouble = max(0, tick)
    }
    return transport
  }
}
