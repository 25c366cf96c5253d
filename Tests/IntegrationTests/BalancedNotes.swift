// SPDX-License-Identifier: MIT
import ContinuoTestSupport

/// Each note-on in `events` is followed by one note-off of its pitch before the next one.
func isBalanced(_ events: [WitnessedEvent]) -> Bool {
  var sounding: [UInt8: Int] = [:]
  for event in events where event.bytes.count == 3 {
    switch event.bytes[0] & 0xF0 {
    case 0x90 where event.bytes[2] > 0:
      guard sounding[event.bytes[1], default: 0] == 0 else { return false }
      sounding[event.bytes[1]] = 1
    case 0x80, 0x90:
      // A note-off too many is harmless; one too few is a stuck note.
      sounding[event.bytes[1]] = 0
    default: break
    }
  }
  return sounding.values.allSatisfy { $0 == 0 }
}
