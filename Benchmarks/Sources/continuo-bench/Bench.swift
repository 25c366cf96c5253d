// SPDX-License-Identifier: MIT
import Foundation

/// Measures the real-time core on this machine, as it is now: other programs' load shows.
@main
enum Bench {
  static func main() throws {
    print(machine())
    print("\nRing, two threads, 64-byte events, million a second")
    print(row(["slots", "one by one", "in batches"]))
    for capacity in [64, 1024, 65_536] {
      let single = RingBench.run(capacity: capacity, batch: 1, count: 5_000_000)
      let batched = RingBench.run(capacity: capacity, batch: capacity / 4, count: 5_000_000)
      print(row([String(capacity), tenth(single), tenth(batched)]))
    }
    RingRivals.report()
    print("\nProcess callback, 8 ports captured and passed on, a pattern playing; nanoseconds")
    print(row(["frames", "events", "median", "99 %", "longest", "median, % of cycle"]))
    for frames in [16, 32, 64, 128, 256, 512, 1024, 2048, 4096] {
      for events in [0, 64, 1000] {
        let result = try CallbackBench.run(
          frames: frames, events: events, cycles: events == 1000 ? 5_000 : 20_000)
        let cycle = Double(frames) / 48_000 * 1e9
        print(
          row([
            String(frames), String(events), String(result.median), String(result.nearlyAll),
            String(result.longest), String(format: "%.3f", Double(result.median) / cycle * 100),
          ]))
      }
    }
  }

  private static func machine() -> String {
    let processor =
      (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
      .split(separator: "\n").first { $0.hasPrefix("model name") }?
      .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    let load =
      (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?.prefix(14) ?? "unknown"
    let info = ProcessInfo.processInfo
    return """
      \(Date().formatted(.iso8601))
      \(processor), \(info.activeProcessorCount) processors, load \(load)
      \(info.operatingSystemVersionString)
      \(compiler), release build
      """
  }

  private static var compiler: String {
    #if compiler(>=6.4)
      "Swift 6.4 or later"
    #elseif compiler(>=6.3)
      "Swift 6.3"
    #else
      "Swift 6.2"
    #endif
  }

  private static func tenth(_ value: Double) -> String { String(format: "%.1f", value) }

  private static func row(_ cells: [String]) -> String {
    cells.map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }
      .joined(separator: "  ")
  }
}
