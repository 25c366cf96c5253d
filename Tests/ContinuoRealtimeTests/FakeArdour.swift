// SPDX-License-Identifier: MIT
import ContinuoRealtime

/// Ardour 7 as timebase master: ticks of a quarter, rounded, whatever the beat; tempo and metre as
/// declared are the song's first ones, always.
struct FakeArdour {
  struct Metre {
    var bar: Int
    var beats: Int
    var unit: Int
    var quarter: Double
  }

  let metres: [Metre]
  let rate: Double
  /// The declared tempo: the first one.
  let declared: Double
  /// Quarters at a frame of the song.
  let quarters: (Double) -> Double

  init(
    _ plan: [(bar: Int, beats: Int, unit: Int)], rate: Double = 48000, declared: Double,
    quarters: @escaping (Double) -> Double
  ) {
    var metres: [Metre] = []
    for entry in plan {
      var quarter = 0.0
      if let last = metres.last {
        quarter =
          last.quarter + Double((entry.bar - last.bar) * last.beats) * 4 / Double(last.unit)
      }
      metres.append(Metre(bar: entry.bar, beats: entry.beats, unit: entry.unit, quarter: quarter))
    }
    self.metres = metres
    self.rate = rate
    self.declared = declared
    self.quarters = quarters
  }

  /// One tempo all through.
  init(
    _ plan: [(bar: Int, beats: Int, unit: Int)], bpm: Double, declared: Double? = nil,
    rate: Double = 48000
  ) {
    self.init(plan, rate: rate, declared: declared ?? bpm) { $0 * bpm / (60 * rate) }
  }

  /// Bar, beat and tick, exact, at a place in quarters.
  func place(_ quarters: Double) -> (bar: Int, beat: Int, tick: Double) {
    let metre = metres.last { $0.quarter <= quarters + 1e-9 } ?? metres[0]
    let beatLength = 4 / Double(metre.unit)
    let beats = (quarters - metre.quarter) / beatLength
    let whole = (beats + 1e-9).rounded(.down)
    let bars = (whole / Double(metre.beats)).rounded(.down)
    return (
      metre.bar + Int(bars), Int(whole - bars * Double(metre.beats)) + 1,
      (beats - whole) * beatLength * 1920
    )
  }

  /// What it tells: the transport is at `frame`, the song at `song` (the same, when in step).
  func transport(at frame: UInt32, song: Double? = nil, rolling: Bool = true) -> Transport {
    let exact = quarters(song ?? Double(frame))
    let rounded = place((exact * 1920).rounded() / 1920)
    var transport = Transport()
    transport.rolling = rolling
    transport.frame = frame
    transport.hasBBT = true
    transport.bar = Int32(rounded.bar)
    transport.beat = Int32(rounded.beat)
    transport.tick = Int32(rounded.tick.rounded())
    transport.ticksPerBeat = 1920
    transport.beatsPerBar = Float(metres[0].beats)
    transport.beatType = Float(metres[0].unit)
    transport.beatsPerMinute = declared
    return transport
  }
}
