// SPDX-License-Identifier: MIT
import ContinuoRings

/// 64 bytes, every one of them from the serial number: a torn element cannot look whole.
struct Payload: BitwiseCopyable, Equatable {
  var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

  init(_ serial: UInt64, seed: UInt64) {
    func mix(_ lane: UInt64) -> UInt64 {
      var z = (serial &+ seed) &* 0x9E37_79B9_7F4A_7C15 &+ lane &* 0xD1B5_4A32_D192_ED03
      z = (z ^ (z >> 32)) &* 0xBF58_476D_1CE4_E5B9
      return z ^ (z >> 29)
    }
    words = (serial, mix(1), mix(2), mix(3), mix(4), mix(5), mix(6), mix(7))
  }

  static func == (left: Payload, right: Payload) -> Bool {
    let low =
      left.words.0 == right.words.0 && left.words.1 == right.words.1
      && left.words.2 == right.words.2 && left.words.3 == right.words.3
    let high =
      left.words.4 == right.words.4 && left.words.5 == right.words.5
      && left.words.6 == right.words.6 && left.words.7 == right.words.7
    return low && high
  }
}
