// SPDX-License-Identifier: MIT
internal import ContinuoOSC
internal import ContinuoSession

/// The session's view as OSC messages; docs/hands-free.md has them.
struct SurfaceFeedback {
  private var shelfRevision = 0
  private var candidates = 0
  private var xruns: Int?

  /// The wish for the next look: no notes, and of the rest what is not known yet.
  func wish(includesHealth: Bool) -> ViewWish {
    ViewWish(
      notesFrom: nil, mostNotes: 0, shelfAfter: shelfRevision, includesHealth: includesHealth)
  }

  /// What there is to tell of `view`.
  mutating func messages(_ view: SessionView) -> [OSCMessage] {
    if let shelf = view.shelf {
      shelfRevision = view.shelfRevision
      if case .array(let told)? = shelf["candidates"] {
        candidates = told.count
      } else {
        candidates = 0
      }
    }
    if let health = view.health, case .int(let count)? = health["xruns"] { xruns = count }
    let song = view.song
    let isKnown = song["known"] == .bool(true)
    let playing = view.state["playing"] ?? .null
    var messages = [
      OSCMessage(
        SurfaceAddress.position,
        [
          Self.int(isKnown ? song["bar"] : nil), Self.int(isKnown ? song["beat"] : nil),
        ]),
      OSCMessage(SurfaceAddress.bpm, [.float(isKnown ? Self.float(song["tempo"]) : 0)]),
      OSCMessage(SurfaceAddress.rolling, [Self.truth(song["rolling"])]),
      OSCMessage(
        SurfaceAddress.sounding,
        [
          Self.int(playing["candidate"]), Self.text(playing["track"]),
          Self.truth(playing["sounds"]),
        ]),
      OSCMessage(SurfaceAddress.recording, [Self.truth(view.state["isRecording"])]),
      OSCMessage(SurfaceAddress.shelf, [.int32(Int32(clamping: candidates))]),
    ]
    if let xruns {
      messages.append(OSCMessage(SurfaceAddress.xruns, [.int32(Int32(clamping: xruns))]))
    }
    return messages
  }

  private static func int(_ value: JSONValue?) -> OSCArgument {
    guard case .int(let number)? = value else { return .int32(0) }
    return .int32(Int32(clamping: number))
  }

  private static func float(_ value: JSONValue?) -> Float {
    switch value {
    case .number(let number)? where number.isFinite: Float(number)
    case .int(let number)?: Float(number)
    default: 0
    }
  }

  private static func truth(_ value: JSONValue?) -> OSCArgument {
    .int32(value == .bool(true) ? 1 : 0)
  }

  private static func text(_ value: JSONValue?) -> OSCArgument {
    guard case .string(let text)? = value else { return .string("") }
    return .string(TerminalText.shortened(TerminalText.clean(text), to: 300))
  }
}
