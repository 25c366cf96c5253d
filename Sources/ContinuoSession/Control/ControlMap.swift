// SPDX-License-Identifier: MIT
internal import ContinuoMusic

/// What one presses: a key or pad, a pedal or knob, a program's number.
struct ControlTrigger: Codable, Hashable, Sendable, CustomStringConvertible {
  enum Kind: String, Codable, Sendable { case note, controller, program }

  var kind: Kind
  /// 1...16.
  var channel: Int
  /// Key, controller or program, 0...127.
  var number: Int

  /// In a musician's words: "pedal 64 on channel 1".
  var description: String {
    let what =
      switch kind {
      case .note: "key \(PitchName.name(of: UInt8(clamping: number)))"
      case .controller: "controller \(number)" + (number == 64 ? " (sustain pedal)" : "")
      case .program: "program \(number + 1)"
      }
    return "\(what) on channel \(channel)"
  }

  /// Whether every figure lies in its range.
  var isSound: Bool { (1...16).contains(channel) && (0...127).contains(number) }
}

/// Which press does what, and which press is being waited for.
///
/// A pedal acts when it goes down (64 and above after it was below 32), never when it comes up, and
/// never twice for one press.
struct ControlMap: Hashable, Sendable {
  /// What a message meant.
  enum Heard: Hashable {
    /// The press that was waited for; `from` is the action it was taken from.
    case learned(ControlAction, ControlTrigger, from: ControlAction?)
    case pressed(ControlAction)
  }

  private(set) var bindings: [ControlAction: ControlTrigger] = [:]
  /// The action whose press is waited for.
  var waitsFor: ControlAction?
  private var down: Set<ControlTrigger> = []

  init(_ bindings: [ControlAction: ControlTrigger] = [:]) { self.bindings = bindings }

  /// Hears one whole message; nil when it is no press, or one that means nothing.
  mutating func hear(_ bytes: [UInt8]) -> Heard? {
    guard let trigger = press(bytes) else { return nil }
    if let action = waitsFor {
      waitsFor = nil
      let before = bindings.first { $0.value == trigger && $0.key != action }?.key
      if let before { bindings[before] = nil }
      bindings[action] = trigger
      return .learned(action, trigger, from: before)
    }
    return bindings.first { $0.value == trigger }.map { .pressed($0.key) }
  }

  mutating func clear(_ action: ControlAction) -> ControlTrigger? {
    bindings.removeValue(forKey: action)
  }

  private mutating func press(_ bytes: [UInt8]) -> ControlTrigger? {
    guard let status = bytes.first, bytes.dropFirst().allSatisfy({ $0 < 0x80 }) else { return nil }
    let channel = Int(status & 0x0F) + 1
    switch (status & 0xF0, bytes.count) {
    case (0x90, 3) where bytes[2] > 0:
      return ControlTrigger(kind: .note, channel: channel, number: Int(bytes[1]))
    case (0xB0, 3):
      let trigger = ControlTrigger(kind: .controller, channel: channel, number: Int(bytes[1]))
      if bytes[2] < 32 { down.remove(trigger) }
      guard bytes[2] >= 64, down.insert(trigger).inserted else { return nil }
      return trigger
    case (0xC0, 2):
      return ControlTrigger(kind: .program, channel: channel, number: Int(bytes[1]))
    default: return nil
    }
  }
}
