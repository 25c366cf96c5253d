// SPDX-License-Identifier: MIT
import ContinuoTestSupport

/// MIDI traffic that leaves nothing easy: every port, every offset in a cycle, floods in one frame,
/// messages of every length up to a SysEx of 64 KiB.
struct DenseTraffic {
  static let ports = 8

  /// At least `count` events over `seconds`, the same for the same numbers.
  static func script(
    count: Int, rate: Int, period: Int, seconds: Double, seed: UInt64
  ) -> [ScriptEvent] {
    var traffic = DenseTraffic(random: SeededGenerator(seed: seed))
    let span = Int(Double(rate) * seconds)
    // One at every frame of two cycles, so that every offset in a cycle is met, its edges too.
    let lane = span / 2
    for offset in 0..<2 * period { traffic.add(at: lane + offset) }
    // Floods: a chord of 64 on one frame, 64 on neighbouring frames, all ports on one frame.
    for burst in 0..<24 {
      let frame = span * (burst + 1) / 26
      for step in 0..<64 {
        let port = burst % 3 == 2 ? step % ports + 1 : burst % ports + 1
        traffic.add(at: frame + (burst % 3 == 1 ? step : 0), port: port)
      }
    }
    for port in 1...ports {
      // Of 64 KiB on every port, and of every size that some store might stumble over.
      traffic.addSysEx(at: span * port / (ports + 2), port: port, size: 65_536)
      for size in [3, 16, 17, 64, 65, 128, 129, 4096, 32_720, 32_721] {
        let frame = Int.random(in: 0..<span, using: &traffic.random)
        traffic.addSysEx(at: frame, port: port, size: size)
      }
    }
    while traffic.events.count < count {
      traffic.add(at: Int.random(in: 0..<span, using: &traffic.random))
    }
    return traffic.events
  }

  private(set) var events: [ScriptEvent] = []
  private var random: SeededGenerator
  private var serial = 0

  private init(random: SeededGenerator) {
    self.random = random
  }

  private mutating func add(at frame: Int, port: Int? = nil) {
    let port = port ?? Int.random(in: 1...Self.ports, using: &random)
    events.append(ScriptEvent(frame, port: port, message()))
  }

  private mutating func addSysEx(at frame: Int, port: Int, size: Int) {
    let body = (0..<size - 2).map { UInt8(($0 &* 7 &+ serial) & 0x7F) }
    serial += 1
    events.append(ScriptEvent(frame, port: port, [0xF0] + body + [0xF7]))
  }

  /// Mostly notes, no two alike; among them every other kind of message.
  private mutating func message() -> [UInt8] {
    serial += 1
    let low = UInt8(serial & 0x7F)
    let middle = UInt8(serial >> 7 & 0x7F)
    let channel = UInt8(serial >> 14 & 0x0F)
    guard serial.isMultiple(of: 8) else {
      return [(serial.isMultiple(of: 2) ? 0x90 : 0x80) | channel, middle, max(low, 1)]
    }
    switch serial / 8 % 9 {
    case 0: return [0xA0 | channel, middle, low]
    case 1: return [0xB0 | channel, middle, low]
    case 2: return [0xC0 | channel, low]
    case 3: return [0xD0 | channel, low]
    case 4: return [0xE0 | channel, low, middle]
    case 5: return [0xF8]
    case 6: return [0xF1, low]
    case 7: return [0xF2, low, middle]
    default: return [0xFE]
    }
  }
}
