// SPDX-License-Identifier: MIT
import ContinuoAnalysis
import ContinuoMusic
import Foundation

/// Times the live analysis over an hour of eight tracks at 50 events a second, 120 BPM in 4/4.
///
/// The facts are asked for at every bar. Figures of the first ten minutes stand beside the last ten's,
/// so that growth would show.
@main
enum LiveBench {
  static let ticksPerSecond = 1_920
  static let minutes = 60

  static func main() throws {
    let names = ["Kit", "Bass", "Keys", "Pad", "Solo", "Guitar", "Strings", "Voice"]
    var live = LiveAnalysis(names: names)
    print("Event, bar and memory, by ten minutes: microseconds, milliseconds, MB")
    print("minutes   event mean / 99.9 % / longest   bar median / 99 % / longest   notes  resident")
    var events: [Double] = []
    var bars: [Double] = []
    var due = 3_840
    let clock = ContinuousClock()
    for index in 0..<(minutes * 60 * 25) {
      let tick = index * ticksPerSecond / 25
      if tick >= due {
        due += 3_840
        bars.append(milliseconds(clock.measure { _ = live.context() }))
      }
      let (track, pitch) = note(index)
      let channel: UInt8 = track == 0 ? 9 : UInt8(track)
      guard let on = ChannelMessage(0x90 | channel, pitch, UInt8(70 + index % 40)),
        let off = ChannelMessage(0x80 | channel, pitch, 0)
      else { continue }
      events.append(
        1_000 * milliseconds(clock.measure { live.hear(on, track: track, at: tick) }))
      events.append(
        1_000 * milliseconds(clock.measure { live.hear(off, track: track, at: tick + 70) }))
      if (index + 1) % (10 * 60 * 25) == 0 {
        report((index + 1) / (60 * 25), &events, &bars, live.noteCount)
      }
    }
    print("\(live.counts)")
    million()
  }

  /// A chord every bar over its bass, a tune, and a kit, among eight tracks.
  static func note(_ index: Int) -> (track: Int, pitch: UInt8) {
    let bar = index / 50
    let root = [45, 38, 43, 36, 41, 47, 40, 45][(bar + bar / 64) % 8]
    let track = index % 8
    let third = [0, 3, 7, 10][index / 8 % 4]
    switch track {
    case 0: return (0, [36, 42, 38, 42][index / 8 % 4])
    case 1: return (1, UInt8(root - 12))
    case 4: return (4, UInt8(root + 24 + [0, 2, 3, 5, 7, 9, 10][index / 3 % 7]))
    default: return (track, UInt8(root + 12 + third))
    }
  }

  /// A million notes in ten minutes, and then all at once.
  static func million() {
    for (name, spread) in [("in ten minutes", 600 * ticksPerSecond), ("within a beat", 900)] {
      var live = LiveAnalysis(names: ["A", "B", "C", "D"])
      let clock = ContinuousClock()
      let fed = clock.measure {
        for index in 0..<1_000_000 {
          let tick = index / 1_000 * spread / 1_000
          let pitch = UInt8(36 + index % 48)
          guard let on = ChannelMessage(0x90, pitch, 80), let off = ChannelMessage(0x80, pitch, 0)
          else { continue }
          live.hear(on, track: index % 4, at: tick)
          live.hear(off, track: index % 4, at: tick + 1)
        }
      }
      let asked = clock.measure { _ = live.context() }
      print(
        "a million notes \(name): fed in \(fixed(milliseconds(fed) / 1_000)) s, facts in "
          + "\(fixed(milliseconds(asked))) ms, \(live.noteCount) kept, "
          + "\(live.counts.refused) refused")
    }
  }

  static func report(_ minute: Int, _ events: inout [Double], _ bars: inout [Double], _ notes: Int)
  {
    events.sort()
    bars.sort()
    let mean = events.reduce(0, +) / Double(events.count)
    print(
      "\(minute - 10)-\(minute)   "
        + "\(fixed(mean)) / \(fixed(events[events.count * 999 / 1_000])) / "
        + "\(fixed(events[events.count - 1]))   "
        + "\(fixed(bars[bars.count / 2])) / \(fixed(bars[bars.count * 99 / 100])) / "
        + "\(fixed(bars[bars.count - 1]))   \(notes)   \(resident())")
    events.removeAll(keepingCapacity: true)
    bars.removeAll(keepingCapacity: true)
  }

  static func milliseconds(_ duration: Duration) -> Double {
    Double(duration.components.attoseconds) / 1e15 + Double(duration.components.seconds) * 1_000
  }

  static func fixed(_ value: Double) -> String { String(format: "%.2f", value) }

  static func resident() -> String {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return fixed(Double(pages) * 4_096 / 1_000_000)
  }
}
