// SPDX-License-Identifier: MIT

/// What of a session a take must leave as it found it.
struct SessionMirror: Hashable, Sendable {
  private let strips: [String: ArdourStrip]
  private let loops: Bool?
  private let punchesIn: Bool?
  private let punchesOut: Bool?

  /// The session as it is now.
  init(_ state: ArdourState) {
    strips = Dictionary(state.strips.map { ($0.name, $0) }) { first, _ in first }
    (loops, punchesIn, punchesOut) = (state.loops, state.punchesIn, state.punchesOut)
  }

  /// What is otherwise in `state`, each in words; empty when nothing is.
  ///
  /// What Ardour had not told of before, or does not now, is not compared.
  func differences(to state: ArdourState) -> [String] {
    let now = SessionMirror(state)
    var found: [String] = []
    func compare<Value: Equatable>(_ what: String, _ before: Value?, _ after: Value?) {
      guard let before, let after, before != after else { return }
      found.append("\(what) was \(Self.words(before)) and is \(Self.words(after))")
    }
    compare("loop", loops, now.loops)
    compare("punch in", punchesIn, now.punchesIn)
    compare("punch out", punchesOut, now.punchesOut)
    for (name, before) in strips.sorted(by: { $0.key < $1.key }) {
      guard let after = now.strips[name] else {
        found.append("\"\(name)\" is gone")
        continue
      }
      let of = "\"\(name)\""
      compare("arming of \(of)", before.isArmed, after.isArmed)
      compare("mute of \(of)", before.isMuted, after.isMuted)
      compare("solo of \(of)", before.isSoloed, after.isSoloed)
      compare("In of \(of)", before.details.monitorsInput, after.details.monitorsInput)
      compare("Disk of \(of)", before.details.monitorsDisk, after.details.monitorsDisk)
      compare("gain of \(of)", before.details.gain, after.details.gain)
      compare("selection of \(of)", before.details.isSelected, after.details.isSelected)
      compare("hiding of \(of)", before.details.isHidden, after.details.isHidden)
      compare("group of \(of)", before.details.group, after.details.group)
    }
    for name in now.strips.keys.sorted() where strips[name] == nil {
      found.append("\"\(name)\" is new")
    }
    return found
  }

  private static func words<Value>(_ value: Value) -> String {
    switch value {
    case let on as Bool: on ? "on" : "off"
    case let text as String: text.isEmpty ? "none" : "\"\(text)\""
    default: "\(value)"
    }
  }
}
