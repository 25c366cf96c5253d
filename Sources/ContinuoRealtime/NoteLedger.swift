// SPDX-License-Identifier: MIT
internal import ContinuoRings

/// Counts what sounds, 16 channels × 128 keys, and which pedals and bends are away from rest.
///
/// A note-off is due for exactly as many note-ons as were counted; one that has none is nobody's.
/// Runs on the JACK process thread.
@safe
struct NoteLedger {
  private let counts: FixedBuffer<UInt8>
  /// Sustain (64), sostenuto (66), hold 2 (69): the value last sent, per channel.
  private let pedals: FixedBuffer<UInt8>
  /// Pitch bend last sent, 0...16383, per channel.
  private let bends: FixedBuffer<UInt16>
  /// Notes that sound, over all keys.
  private(set) var sounding = 0
  private var displaced = false

  static var centre: UInt16 {
    @_noLocks @_noAllocation get { 0x2000 }
  }

  /// Set-up thread.
  init() {
    counts = FixedBuffer(count: 16 * 128, repeating: 0)
    pedals = FixedBuffer(count: 16 * 3, repeating: 0)
    bends = FixedBuffer(count: 16, repeating: 0x2000)
  }

  func deallocate() {
    counts.deallocate()
    pedals.deallocate()
    bends.deallocate()
  }

  /// How often `key` sounds: channel × 128 + note.
  @_noLocks @_noAllocation
  func count(_ key: Int) -> UInt8 { counts[key] }

  /// Counts a note-on; false when the key already sounds 255 times.
  @_noLocks @_noAllocation
  mutating func noteOn(_ key: Int) -> Bool {
    guard counts[key] < 255 else { return false }
    counts[key] &+= 1
    sounding &+= 1
    return true
  }

  /// Counts a note-off; false when the key does not sound, so nothing is to be sent.
  @_noLocks @_noAllocation
  mutating func noteOff(_ key: Int) -> Bool {
    guard counts[key] > 0 else { return false }
    counts[key] &-= 1
    sounding &-= 1
    return true
  }

  /// Notes pedals and pitch bend.
  @_noLocks @_noAllocation
  mutating func note(_ message: ShortMessage) {
    let channel = message.channel
    if message.isPitchBend {
      bends[channel] = UInt16(message.data1) | UInt16(message.data2) << 7
      displaced = displaced || bends[channel] != NoteLedger.centre
    } else if message.isController, let pedal = NoteLedger.pedal(message.data1) {
      pedals[channel &* 3 &+ pedal] = message.data2
      displaced = displaced || message.data2 > 0
    }
  }

  /// Whether any pedal or bend may be away from rest.
  var isDisplaced: Bool {
    @_noLocks @_noAllocation get { displaced }
  }

  @_noLocks @_noAllocation
  mutating func restControllers() {
    for index in 0..<48 { pedals[index] = 0 }
    for channel in 0..<16 { bends[channel] = NoteLedger.centre }
    displaced = false
  }

  @_noLocks @_noAllocation
  func pedalValue(_ channel: Int, _ pedal: Int) -> UInt8 { pedals[channel &* 3 &+ pedal] }

  @_noLocks @_noAllocation
  func bend(_ channel: Int) -> UInt16 { bends[channel] }

  /// The controller number of pedal 0, 1 or 2.
  @_noLocks @_noAllocation
  static func controller(_ pedal: Int) -> UInt8 {
    pedal == 0 ? 64 : pedal == 1 ? 66 : 69
  }

  /// Which pedal a controller number is.
  @_noLocks @_noAllocation
  static func pedal(_ controller: UInt8) -> Int? {
    switch controller {
    case 64: return 0
    case 66: return 1
    case 69: return 2
    default: return nil
    }
  }
}
