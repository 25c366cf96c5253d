// SPDX-License-Identifier: MIT

/// Judges everything that leaves a port: what an instrument behind it would be left with.
struct PortWatch {
  private var counts = [UInt8](repeating: 0, count: 16 * 128)
  private(set) var sounding = 0
  private var pedals = [UInt8](repeating: 0, count: 16 * 3)
  private var bends = [UInt16](repeating: 0x2000, count: 16)
  private var lastFrame: UInt64 = 0
  private(set) var noteOns = 0
  /// What was wrong first; nil while nothing is.
  private(set) var fault: String?

  /// Takes one cycle's output, which began at `frame`.
  mutating func take(_ port: FakePort, at frame: UInt64) {
    let memory = port.memory.pointee
    for index in 0..<memory.count {
      let slot = memory.slots[index]
      let at = frame + UInt64(slot.time)
      if at < lastFrame { blame("time went back from \(lastFrame) to \(at)") }
      lastFrame = at
      if slot.size == 3 { note(memory.bytes + slot.start, at) }
    }
    if memory.offences > 0 { blame("the server would have refused \(memory.offences) times") }
  }

  private mutating func note(_ bytes: UnsafeMutablePointer<UInt8>, _ at: UInt64) {
    let channel = Int(bytes[0] & 15)
    let key = channel * 128 + Int(bytes[1])
    switch (bytes[0] & 0xF0, bytes[2]) {
    case (0x90, 1...):
      counts[key] += 1
      sounding += 1
      noteOns += 1
    case (0x80, _), (0x90, 0):
      if counts[key] == 0 {
        blame("a note-off at \(at) for key \(key & 127) of channel \(channel), which is silent")
      } else {
        counts[key] -= 1
        sounding -= 1
      }
    case (0xB0, let value):
      if let pedal = [64: 0, 66: 1, 69: 2][Int(bytes[1])] { pedals[channel * 3 + pedal] = value }
    case (0xE0, let high): bends[channel] = UInt16(bytes[1]) | UInt16(high) << 7
    default: break
    }
  }

  private mutating func blame(_ words: String) { if fault == nil { fault = words } }

  /// Nothing sounds and nothing is held; else what does.
  mutating func expectRest() {
    for key in counts.indices where counts[key] > 0 {
      blame("key \(key & 127) of channel \(key >> 7) hangs, \(counts[key])-fold")
    }
    for index in pedals.indices where pedals[index] > 0 {
      blame("pedal \(index % 3) of channel \(index / 3) is held at \(pedals[index])")
    }
    for channel in bends.indices where bends[channel] != 0x2000 {
      blame("channel \(channel) is bent to \(bends[channel])")
    }
  }
}
