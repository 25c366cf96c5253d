// SPDX-License-Identifier: MIT
internal import ContinuoRings

/// The newest value of each pedal and pitch bend that is still to be sent: these are never lost.
///
/// Runs on the JACK process thread.
@safe
struct ControlDebt {
  /// Three pedals and a bend for each of 16 channels.
  static var places: Int {
    @_noLocks @_noAllocation get { 64 }
  }

  /// 14 bits, or `none`.
  private let values: FixedBuffer<UInt16>
  private(set) var count = 0

  private static var none: UInt16 {
    @_noLocks @_noAllocation get { .max }
  }

  /// Set-up thread.
  init() { values = FixedBuffer(count: 64, repeating: .max) }

  func deallocate() { values.deallocate() }

  /// What is owed at `place`, 0..<64; nil when nothing is.
  @_noLocks @_noAllocation
  func message(_ place: Int) -> ShortMessage? {
    let value = values[place]
    guard value != Self.none else { return nil }
    let channel = UInt8(truncatingIfNeeded: place >> 2)
    let low = UInt8(truncatingIfNeeded: value & 0x7F)
    let high = UInt8(truncatingIfNeeded: value >> 7)
    return place & 3 == 3
      ? ShortMessage(0xE0 | channel, low, high)
      : ShortMessage(0xB0 | channel, NoteLedger.controller(place & 3), low)
  }

  /// Owes `message` in place of an older value; false when it is neither pedal nor bend.
  @_noLocks @_noAllocation
  mutating func owe(_ message: ShortMessage) -> Bool {
    guard let place = Self.place(message) else { return false }
    if values[place] == Self.none { count &+= 1 }
    values[place] =
      message.isPitchBend
      ? UInt16(message.data1) | UInt16(message.data2) << 7 : UInt16(message.data2)
    return true
  }

  /// Forgets what is owed of the same pedal or bend: a newer value was sent or queued.
  @_noLocks @_noAllocation
  mutating func settle(_ message: ShortMessage) {
    guard count > 0, let place = Self.place(message), values[place] != Self.none else { return }
    values[place] = Self.none
    count &-= 1
  }

  @_noLocks @_noAllocation
  private static func place(_ message: ShortMessage) -> Int? {
    if message.isPitchBend { return message.channel &* 4 &+ 3 }
    guard message.isController, let pedal = NoteLedger.pedal(message.data1) else { return nil }
    return message.channel &* 4 &+ pedal
  }
}
